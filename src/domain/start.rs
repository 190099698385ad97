//! What a run takes over from an earlier one, and what becomes of what that one knew.
//!
//! A run that goes on from an earlier model does not have to have its labels, or its columns: those
//! of the same name are carried over, new ones start fresh, gone ones are dropped. All of it is told.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::evaluation::{Bootstrap, compare};
use super::features::ColumnMatch;
use super::metric::{
    Accuracy, Classes, LabelMicroF1, LabelSets, Metric, Numbers, Rmse, Scored, ScoresError,
};
use super::recipe::Recipe;
use super::words::short_number;

/// The earlier run that a recipe goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Names its model: the key of a run on this device, or the SHA-256 of a model file.
    pub model: String,
    /// What a person calls it.
    pub name: String,
}

/// An earlier run as a person chooses it, with what the next one has to know to go on from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// How the next run names it.
    pub start: Start,
    /// How it was made, but for the steps that prepared its rows.
    pub recipe: Box<Recipe>,
    /// Whether its rows are at hand, to be learned from again.
    pub has_rows: bool,
}

impl Origin {
    /// An earlier run of this recipe.
    pub fn new(start: Start, recipe: &Recipe, has_rows: bool) -> Self {
        // Steps may name thousands of rows, and tell nothing of how to go on.
        let recipe = Box::new(Recipe {
            steps: Vec::new(),
            ..recipe.clone()
        });
        Self {
            start,
            recipe,
            has_rows,
        }
    }
}

/// Why a run cannot go on from an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// That one learned from columns, this one from texts alone.
    OfColumns,
    /// That one learned from texts alone, this one from columns.
    OfTexts,
    /// They read texts by different base models.
    OtherBase,
}

impl Misfit {
    /// What keeps a run from going on from an earlier one; none where nothing does.
    ///
    /// Networks for columns read texts anew where the base model is another one.
    pub fn of(earlier: &Recipe, now: &Recipe) -> Option<Self> {
        match (earlier.table.is_some(), now.table.is_some()) {
            (true, false) => Some(Self::OfColumns),
            (false, true) => Some(Self::OfTexts),
            (true, true) => None,
            (false, false) => (earlier.base_model != now.base_model).then_some(Self::OtherBase),
        }
    }

    /// The same in words, after the earlier run's name.
    pub fn what(self) -> &'static str {
        match self {
            Self::OfColumns => "learned from columns, and this run learns from texts alone.",
            Self::OfTexts => "learned from texts alone, and this run learns from columns.",
            Self::OtherBase => "was tuned on another base model.",
        }
    }

    /// What to do about it, as the first half of a sentence.
    pub fn fix(self) -> &'static str {
        match self {
            Self::OfColumns => "Choose a network for columns under \"How\"",
            Self::OfTexts => "Choose a way to learn from the texts alone under \"How\"",
            Self::OtherBase => "Choose the same one under \"Base model\"",
        }
    }

    /// The other half.
    pub const OR: &str = "or start from the base model instead.";
}

/// Which labels of a run an earlier one had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelMatch {
    /// For each label of the new run, by index, the index of the same one of the earlier run.
    pub earlier: Vec<Option<usize>>,
    /// Labels that the earlier run had under another spelling: theirs, ours.
    pub respelled: Vec<(String, String)>,
    /// Labels that the earlier run did not have.
    pub fresh: Vec<String>,
    /// Labels that only the earlier run had.
    pub dropped: Vec<String>,
}

impl LabelMatch {
    /// Matches labels by their names, then by their names without regard to case and to anything
    /// but letters and digits, where that leaves one of each.
    pub fn of(earlier: &[String], now: &[String]) -> Self {
        let exact: HashMap<&str, usize> = earlier
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), at))
            .collect();
        let mut found: Vec<Option<usize>> = now
            .iter()
            .map(|name| exact.get(name.as_str()).copied())
            .collect();
        let is_taken = |at: usize, found: &[Option<usize>]| found.contains(&Some(at));
        let mut respelled = Vec::new();
        for (at, name) in now.iter().enumerate() {
            let wanted = folded(name);
            let rivals = now.iter().filter(|name| folded(name) == wanted).count();
            let of_theirs: Vec<usize> = (0..earlier.len())
                .filter(|&at| folded(&earlier[at]) == wanted && !is_taken(at, &found))
                .collect();
            if let (None, 1, [theirs]) = (found[at], rivals, &of_theirs[..])
                && !wanted.is_empty()
            {
                found[at] = Some(*theirs);
                respelled.push((earlier[*theirs].clone(), name.clone()));
            }
        }
        let fresh = now.iter().zip(&found);
        let fresh = fresh.filter(|(_, found)| found.is_none());
        Self {
            fresh: fresh.map(|(name, _)| name.clone()).collect(),
            dropped: (0..earlier.len())
                .filter(|&at| !is_taken(at, &found))
                .map(|at| earlier[at].clone())
                .collect(),
            earlier: found,
            respelled,
        }
    }

    /// Whether every label is carried over.
    pub fn is_complete(&self) -> bool {
        self.fresh.is_empty()
    }

    /// For each label of the earlier run, by index, the index of the same one of the new run.
    pub fn backwards(&self) -> Vec<Option<u32>> {
        // Each of them is either carried over or dropped.
        let mut now = vec![None; self.earlier.iter().flatten().count() + self.dropped.len()];
        for (at, earlier) in self.earlier.iter().enumerate() {
            if let Some(earlier) = earlier {
                now[*earlier] = Some(at as u32);
            }
        }
        now
    }
}

/// A name without case, white space and punctuation.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What is measured of an earlier run's test rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Share of rows whose label is right, 0 to 1.
    #[default]
    Right,
    /// F1 over all pairs of a row and a label, 0 to 1.
    F1,
    /// Root of the mean squared error, in the target's unit.
    Error,
}

impl Measured {
    fn metric(self) -> &'static dyn Metric {
        match self {
            Self::Right => &Accuracy,
            Self::F1 => &LabelMicroF1,
            Self::Error => &Rmse,
        }
    }
}

/// How well an earlier run's test rows are still told apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forgetting {
    /// What is measured. Reports from before columns could be gone on from have the share right.
    #[serde(default)]
    pub measured: Measured,
    /// Test rows of the earlier run whose label the new one has, too.
    pub rows: u32,
    /// The earlier model's figure on them.
    pub before: f64,
    /// The new model's figure on them.
    pub after: f64,
    /// How the new one compares, such as "worse by 2.1 points (0.8 to 3.5)".
    pub sentence: String,
}

impl Forgetting {
    /// Judges both models on the same rows of the earlier run.
    ///
    /// `truth` holds the rows' labels by their index in the new run; `before` the earlier model's
    /// probabilities, shape `[rows, earlier labels]`, `after` the new one's, `[rows, new labels]`.
    /// `None` without rows.
    ///
    /// # Errors
    /// When something is no probability.
    pub fn of(
        labels: &LabelMatch,
        truth: &[u32],
        before: &[f32],
        after: &[f32],
        seed: u64,
    ) -> Result<Option<Self>, ScoresError> {
        if truth.is_empty() {
            return Ok(None);
        }
        // One label space for both: the new labels, then those that only the earlier model has.
        let now = labels.earlier.len();
        let classes = now + labels.dropped.len();
        let mut next = now;
        let place: Vec<usize> = labels
            .backwards()
            .into_iter()
            .map(|known| match known {
                Some(label) => label as usize,
                None => {
                    next += 1;
                    next - 1
                }
            })
            .collect();
        let spread = |probabilities: &[f32], place: &[usize]| {
            let mut spread = vec![0.0; truth.len() * classes];
            let rows = probabilities.chunks_exact(place.len().max(1));
            for (row, into) in rows.zip(spread.chunks_exact_mut(classes)) {
                for (&probability, &at) in row.iter().zip(place) {
                    into[at] = probability;
                }
            }
            spread
        };
        let before = spread(before, &place);
        let after = spread(after, &(0..now).collect::<Vec<_>>());
        let before = Classes::new(classes, truth, &before)?;
        let after = Classes::new(classes, truth, &after)?;
        Ok(Self::measured(
            Measured::Right,
            &before.into(),
            &after.into(),
            seed,
        ))
    }

    /// The same of numbers, each of shape `[rows]` in the target's unit.
    ///
    /// # Errors
    /// When something is not finite.
    pub fn of_numbers(
        truth: &[f64],
        before: &[f64],
        after: &[f64],
        seed: u64,
    ) -> Result<Option<Self>, ScoresError> {
        if truth.is_empty() {
            return Ok(None);
        }
        let before = Numbers::new(truth, before)?;
        let after = Numbers::new(truth, after)?;
        Ok(Self::measured(
            Measured::Error,
            &before.into(),
            &after.into(),
            seed,
        ))
    }

    /// The same of any number of labels a row, of those that both runs have.
    ///
    /// `truth` says whether each row has each label of the earlier run, and `before` holds the
    /// earlier model's probabilities, both of shape `[rows, earlier labels]`; `after` the new one's,
    /// `[rows, new labels]`.
    ///
    /// # Errors
    /// When something is no probability.
    pub fn of_sets(
        labels: &LabelMatch,
        truth: &[bool],
        before: &[f32],
        after: &[f32],
        seed: u64,
    ) -> Result<Option<Self>, ScoresError> {
        let backwards = labels.backwards();
        let shared: Vec<(usize, usize)> = backwards
            .iter()
            .enumerate()
            .filter_map(|(theirs, ours)| Some((theirs, (*ours)? as usize)))
            .collect();
        let rows = truth.len() / backwards.len().max(1);
        if rows == 0 || shared.is_empty() {
            return Ok(None);
        }
        let cells = || (0..rows).flat_map(|row| shared.iter().map(move |pair| (row, pair)));
        let [then, now] = [backwards.len(), labels.earlier.len()];
        let truth: Vec<bool> = cells()
            .map(|(row, (at, _))| truth[row * then + at])
            .collect();
        let before: Vec<f32> = cells()
            .map(|(row, (at, _))| before[row * then + at])
            .collect();
        let after: Vec<f32> = cells()
            .map(|(row, (_, at))| after[row * now + at])
            .collect();
        let before = LabelSets::new(shared.len(), &truth, &before)?;
        let after = LabelSets::new(shared.len(), &truth, &after)?;
        Ok(Self::measured(
            Measured::F1,
            &before.into(),
            &after.into(),
            seed,
        ))
    }

    /// `None` where the figure has no value.
    fn measured(measured: Measured, before: &Scored, after: &Scored, seed: u64) -> Option<Self> {
        let metric = measured.metric();
        let found = compare(metric, after, before, "before", &Bootstrap::new(seed)).ok()?;
        Some(Self {
            measured,
            rows: after.len() as u32,
            before: metric.of(before).ok()?,
            after: metric.of(after).ok()?,
            sentence: found.sentence,
        })
    }

    /// What there is to tell.
    fn told(&self) -> String {
        let Self {
            rows,
            before,
            after,
            sentence,
            ..
        } = self;
        let share = |share: &f64| format!("{:.1} %", 100.0 * share);
        match self.measured {
            Measured::Right => format!(
                "On {rows} test rows of the earlier run {} are right now, {} were before: {sentence}.",
                share(after),
                share(before)
            ),
            Measured::F1 => format!(
                "On {rows} test rows of the earlier run F1 is {} now, {} before: {sentence}.",
                share(after),
                share(before)
            ),
            Measured::Error => format!(
                "On {rows} test rows of the earlier run the typical error is {} now, {} before: {sentence}.",
                short_number(*after),
                short_number(*before)
            ),
        }
    }
}

/// What a run took over from an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// What the earlier run is called.
    pub from: String,
    /// Which labels it had.
    pub labels: LabelMatch,
    /// Which columns it had, where it learned from columns.
    #[serde(default)]
    pub columns: Option<ColumnMatch>,
    /// What became of its encoder or its networks, as a sentence.
    pub encoder: String,
    /// Whether the head was solved anew on the earlier encoder, as labels are new.
    pub is_head_solved: bool,
    /// Rows of the earlier run that were learned from again.
    pub rehearsed: u32,
    /// Test rows whose text the earlier run learned from: their figures flatter.
    pub known_test_rows: u32,
    /// How well the earlier run's test rows are still told apart, where they are at hand.
    pub forgetting: Option<Forgetting>,
}

/// So many labels are named in a sentence.
const NAMED: usize = 5;

impl Carried {
    /// What there is to tell, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let labels = &self.labels;
        let kept = labels.earlier.iter().flatten().count();
        let mut told = vec![format!(
            "This run went on from {}. {}",
            self.from, self.encoder
        )];
        told.extend(self.columns_told());
        if kept > 0 {
            told.push(format!(
                "{} carried over.",
                counted(kept, "label was", "labels were")
            ));
        }
        for (theirs, ours) in &labels.respelled {
            told.push(format!("“{ours}” was called “{theirs}” before."));
        }
        if !labels.fresh.is_empty() {
            told.push(format!("New: {}.", listed(&labels.fresh)));
        }
        if !labels.dropped.is_empty() {
            told.push(format!("No longer there: {}.", listed(&labels.dropped)));
        }
        if self.is_head_solved {
            told.push(
                "As labels are new, the head was solved on the earlier encoder first.".to_owned(),
            );
        }
        if self.rehearsed > 0 {
            told.push(format!(
                "{} learned from again.",
                counted(self.rehearsed as usize, "old row was", "old rows were")
            ));
        }
        if self.known_test_rows > 0 {
            told.push(format!(
                "The earlier run learned from {} of the test rows, so the figures may flatter.",
                self.known_test_rows
            ));
        }
        told.extend(self.forgetting.iter().map(Forgetting::told));
        told
    }

    fn columns_told(&self) -> Vec<String> {
        let Some(columns) = &self.columns else {
            return Vec::new();
        };
        let names = &columns.names;
        let kept = names.earlier.iter().flatten().count() - columns.reread.len();
        let mut told = Vec::new();
        if kept > 0 {
            told.push(format!(
                "{} carried over.",
                counted(kept, "column was", "columns were")
            ));
        }
        for (theirs, ours) in &names.respelled {
            told.push(format!("Column “{ours}” was called “{theirs}” before."));
        }
        let lists = [
            (&names.fresh, "New columns, which start fresh"),
            (&names.dropped, "Columns that are no longer learned from"),
            (&columns.reread, "Of another kind now, and so fresh"),
            (
                &columns.widened,
                "Beyond what was seen before, so the scale reaches further",
            ),
        ];
        for (list, words) in lists {
            if !list.is_empty() {
                told.push(format!("{words}: {}.", listed(list)));
            }
        }
        told
    }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {several}"),
    }
}

fn listed(names: &[String]) -> String {
    let quoted = names.iter().take(NAMED).map(|name| format!("“{name}”"));
    let quoted = quoted.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => quoted,
        more => format!("{quoted} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clean::StepPlan;
    use crate::domain::recipe::{DataProfile, Method};
    use crate::domain::suggest::with_columns;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn only_runs_of_one_kind_go_on_from_each_other() {
        let texts = Recipe::suggest(names(&["text"]), "y".to_owned(), &DataProfile::empty());
        let full = texts
            .clone()
            .with_method(Method::Full, &DataProfile::empty());
        let mut other = texts.clone();
        other.base_model = "sha256:0".to_owned();
        let columns = with_columns(texts.clone(), names(&["a"]));
        let mut other_columns = columns.clone();
        other_columns.base_model.clone_from(&other.base_model);
        for (earlier, now, found) in [
            (&texts, &full, None),
            (&texts, &other, Some(Misfit::OtherBase)),
            (&texts, &columns, Some(Misfit::OfTexts)),
            (&columns, &texts, Some(Misfit::OfColumns)),
            (&columns, &other_columns, None),
        ] {
            assert_eq!(Misfit::of(earlier, now), found);
        }
    }

    #[test]
    fn an_origin_leaves_the_rows_at_home() {
        let mut recipe = Recipe::suggest(names(&["text"]), "y".to_owned(), &DataProfile::empty());
        recipe.steps.push(StepPlan::DropDuplicates {
            columns: Vec::new(),
            near: false,
        });
        let start = Start {
            model: "k".to_owned(),
            name: "LoRA".to_owned(),
        };
        let origin = Origin::new(start, &recipe, true);
        assert!(origin.recipe.steps.is_empty());
        assert_eq!(origin.recipe.way(), recipe.way());
    }

    #[test]
    fn labels_find_each_other_by_name() {
        let earlier = names(&["card_lost", "Refund", "spam", "other"]);
        let now = names(&["refund", "Card lost", "other", "praise"]);
        let found = LabelMatch::of(&earlier, &now);
        assert_eq!(found.earlier, [Some(1), Some(0), Some(3), None]);
        assert_eq!(found.fresh, ["praise"]);
        assert_eq!(found.dropped, ["spam"]);
        assert_eq!(found.respelled.len(), 2);
        assert_eq!(found.backwards(), [Some(1), Some(0), None, Some(2)]);
    }

    #[test]
    fn spellings_that_leave_a_choice_are_not_guessed() {
        let found = LabelMatch::of(&names(&["a-b", "a b"]), &names(&["AB"]));
        assert_eq!(found.earlier, [None]);
        let found = LabelMatch::of(&names(&["+", "-"]), &names(&["-", "*"]));
        assert_eq!(found.earlier, [Some(1), None]);
    }

    #[test]
    fn forgetting_is_judged_in_one_label_space() {
        // Before: gone, b. Now: b, new. Both rows are b; the earlier model calls the second "gone".
        let labels = LabelMatch::of(&names(&["gone", "b"]), &names(&["b", "new"]));
        let found = Forgetting::of(
            &labels,
            &[0, 0],
            &[0.1, 0.9, 0.8, 0.2],
            &[0.7, 0.3, 0.6, 0.4],
            1,
        );
        let found = found.unwrap().unwrap();
        assert_eq!((found.rows, found.before, found.after), (2, 0.5, 1.0));
        assert_eq!(Forgetting::of(&labels, &[], &[], &[], 1), Ok(None));
    }

    #[test]
    fn forgetting_of_numbers_and_of_sets_has_its_own_measure() {
        let found = Forgetting::of_numbers(&[1.0, 3.0], &[1.0, 5.0], &[2.0, 3.0], 1);
        let found = found.unwrap().unwrap();
        assert_eq!(found.measured, Measured::Error);
        let half = f64::sqrt(0.5);
        assert_eq!((found.before, found.after), (f64::sqrt(2.0), half));
        assert!(
            found
                .told()
                .contains("typical error is 0.707 now, 1.41 before")
        );

        // Before: gone, b. Now: b, new. Only b counts: both rows have it.
        let labels = LabelMatch::of(&names(&["gone", "b"]), &names(&["b", "new"]));
        let truth = [true, true, false, true];
        let before = [0.1, 0.9, 0.8, 0.2];
        let after = [0.7, 0.3, 0.6, 0.4];
        let found = Forgetting::of_sets(&labels, &truth, &before, &after, 1);
        let found = found.unwrap().unwrap();
        assert_eq!((found.measured, found.rows), (Measured::F1, 2));
        assert!((found.before - 2.0 / 3.0).abs() < 1e-9 && found.after == 1.0);
    }

    #[test]
    fn columns_are_told_in_words() {
        let carried = Carried {
            from: "TabM of Monday".to_owned(),
            labels: LabelMatch::default(),
            columns: Some(ColumnMatch {
                names: LabelMatch::of(&names(&["Age", "b", "size"]), &names(&["age", "c", "size"])),
                reread: names(&["size"]),
                widened: names(&["age"]),
            }),
            encoder: "Its networks go on.".to_owned(),
            is_head_solved: false,
            rehearsed: 0,
            known_test_rows: 0,
            forgetting: None,
        };
        assert_eq!(
            carried.sentences(),
            [
                "This run went on from TabM of Monday. Its networks go on.",
                "1 column was carried over.",
                "Column “age” was called “Age” before.",
                "New columns, which start fresh: “c”.",
                "Columns that are no longer learned from: “b”.",
                "Of another kind now, and so fresh: “size”.",
                "Beyond what was seen before, so the scale reaches further: “age”.",
            ]
        );
    }

    #[test]
    fn it_is_told_in_words() {
        let labels = LabelMatch::of(&names(&["a", "b"]), &names(&["b", "c"]));
        let carried = Carried {
            from: "LoRA of Monday".to_owned(),
            labels,
            columns: None,
            encoder: "Its adapters go on.".to_owned(),
            is_head_solved: false,
            rehearsed: 1,
            known_test_rows: 0,
            forgetting: None,
        };
        assert_eq!(
            carried.sentences(),
            [
                "This run went on from LoRA of Monday. Its adapters go on.",
                "1 label was carried over.",
                "New: “c”.",
                "No longer there: “a”.",
                "1 old row was learned from again.",
            ]
        );
    }
}
