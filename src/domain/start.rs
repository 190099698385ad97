//! What a run takes over from an earlier one, and what becomes of what that one knew.
//!
//! A run that goes on from an earlier model does not have to have its labels: those of the same
//! name are carried over, new ones start fresh, gone ones are dropped. All of it is told.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::evaluation::{Bootstrap, compare};
use super::metric::{Accuracy, Classes, Metric as _, Scored, ScoresError};

/// The earlier run that a recipe goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// Names its model: the key of a run on this device, or the SHA-256 of a model file.
    pub model: String,
    /// What a person calls it.
    pub name: String,
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

/// How well an earlier run's test rows are still told apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forgetting {
    /// Test rows of the earlier run whose label the new one has, too.
    pub rows: u32,
    /// Share of them that the earlier model has right.
    pub before: f64,
    /// Share of them that the new model has right.
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
        let before = Scored::from(Classes::new(classes, truth, &before)?);
        let after = Scored::from(Classes::new(classes, truth, &after)?);
        let plan = Bootstrap::new(seed);
        let found = compare(&Accuracy, &after, &before, "before", &plan);
        let share = |scored: &Scored| Accuracy.of(scored).unwrap_or(f64::NAN);
        Ok(found.ok().map(|found| Self {
            rows: truth.len() as u32,
            before: share(&before),
            after: share(&after),
            sentence: found.sentence,
        }))
    }
}

/// What a run took over from an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// What the earlier run is called.
    pub from: String,
    /// Which labels it had.
    pub labels: LabelMatch,
    /// What became of its encoder, as a sentence.
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
        if let Some(Forgetting {
            rows,
            before,
            after,
            sentence,
        }) = &self.forgetting
        {
            told.push(format!(
                "On {rows} test rows of the earlier run {:.1} % are right now, {:.1} % were before: {sentence}.",
                100.0 * after,
                100.0 * before
            ));
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

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
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
    fn it_is_told_in_words() {
        let labels = LabelMatch::of(&names(&["a", "b"]), &names(&["b", "c"]));
        let carried = Carried {
            from: "LoRA of Monday".to_owned(),
            labels,
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
