//! What a run on columns takes over from an earlier one, and what became of what that one knew.
//!
//! Columns are read as the earlier run read them, see [`crate::domain::features::CarriedPlan`], so
//! that its networks mean the same by them. They go on where both have one shape; a column, a
//! category or a label that is new starts from the numbers that a fresh network would have.

use std::collections::HashSet;

use rand::seq::SliceRandom;

use super::joined::OwnReader;
use super::model::{Answers, NumberScale, TunedTable};
use super::net::{NetMatch, TableNet};
use super::run::TextReader;
use crate::domain::features::{CarriedPlan, EntryMatch, FeaturePlan, TableExamples};
use crate::domain::recipe::Recipe;
use crate::domain::start::{Carried, Forgetting, LabelMatch};
use crate::domain::table::{Column, ColumnBuilder, RowId, Table};
use crate::domain::task::{Labels, SetsOfLabels, Target};
use crate::engine::error::EngineError;
use crate::engine::train::{Watcher, rng_for};

/// Purpose of random numbers, see [`rng_for`].
const PURPOSE_REHEARSAL: u64 = 25;

/// The earlier run on columns that a run goes on from.
pub struct EarlierTable<'a> {
    /// Its model.
    pub tuned: &'a TunedTable,
    /// How it was made.
    pub recipe: &'a Recipe,
    /// What a person calls it.
    pub name: &'a str,
    /// Its rows, where they are at hand: to be learned from again, and to see what is forgotten.
    pub rows: Option<&'a mut TableExamples>,
}

/// Length of a text's vector, and how many numbers each of the linear models says of the text.
type TextParts = (usize, [usize; 2]);

/// What a run's own training begins at.
pub(super) struct Footing<'a> {
    /// Those that read texts first.
    nets: Vec<&'a TableNet>,
    /// How cells become numbers.
    pub plan: FeaturePlan,
    entries: EntryMatch,
    columns_of_codes: usize,
    flags: usize,
    /// What it reads of texts; nothing where these are new or are read otherwise.
    text: TextParts,
    outputs: Vec<Option<usize>>,
    scale: Option<NumberScale>,
    is_reshaped: bool,
    /// What reads texts, where that is not the base model as it is.
    pub reader: Option<OwnReader>,
    /// What there is to tell.
    pub carried: Carried,
}

impl<'a> Footing<'a> {
    /// An earlier model, made ready for a recipe and its rows.
    pub fn of(earlier: &EarlierTable<'a>, examples: &TableExamples, recipe: &Recipe) -> Self {
        let theirs = earlier.tuned.plan();
        let (table, train) = (&examples.table, &examples.split.train);
        let carried = (examples.plan).carried(theirs, table, &examples.sources, train);
        let entries = carried.entries(theirs);
        let widths = theirs.widths();
        let CarriedPlan { plan, columns, .. } = carried;

        let has_same_texts = !recipe.text.is_empty()
            && !earlier.recipe.text.is_empty()
            && recipe.base_model == earlier.recipe.base_model
            && recipe.compares() == earlier.recipe.compares();
        let facts = earlier.tuned.facts();
        let answers = &facts.answers;
        let labels = LabelMatch::of(answers.names(), examples.target.names());
        let (outputs, is_of_kind) = outputs(answers, &examples.target, &labels, recipe);
        let told = match is_of_kind {
            true => "Its networks go on.",
            false => "Its networks go on; what they tell is of another kind, and starts fresh.",
        };
        Self {
            nets: earlier.tuned.nets_by_kind(),
            plan,
            entries,
            columns_of_codes: widths.codes.len(),
            flags: widths.flags,
            text: match has_same_texts {
                true => (facts.text_width, facts.told()),
                false => (0, [0, 0]),
            },
            outputs,
            scale: earlier.tuned.scale(),
            is_reshaped: false,
            reader: (earlier.tuned.reader())
                .filter(|_| has_same_texts)
                .map(|own| own.made_ready(recipe)),
            carried: Carried {
                from: earlier.name.to_owned(),
                labels,
                columns: Some(columns),
                encoder: told.to_owned(),
                is_head_solved: false,
                rehearsed: 0,
                known_test_rows: 0,
                forgetting: None,
            },
        }
    }

    /// A fresh network with what the earlier one of its place among them learned.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn under(
        &self,
        fresh: TableNet,
        network: usize,
        text: TextParts,
        scale: Option<NumberScale>,
    ) -> Result<TableNet, EngineError> {
        let earlier = self.nets[network % self.nets.len()];
        let rescale = match (self.scale, scale) {
            (Some(theirs), Some(own)) => [
                theirs.deviation / own.deviation,
                (theirs.mean - own.mean) / own.deviation,
            ],
            _ => [1.0, 0.0],
        };
        let at = NetMatch {
            entries: self.entries.clone(),
            columns_of_codes: self.columns_of_codes,
            flags: self.flags,
            text: text_entries(text, self.text, &self.outputs),
            outputs: self.outputs.clone(),
            rescale: rescale.map(|number| number as f32),
        };
        fresh.carried(earlier, &at).await
    }

    /// Whether the networks tell what they told before, all of it: then they are judged as they are,
    /// too, and what they say is brought to the level of the new rows.
    pub fn tells_the_same(&self) -> bool {
        !self.is_reshaped && self.outputs.iter().all(Option::is_some)
    }

    /// Says so where hidden layers have another shape, so that only the columns' vectors go on.
    pub fn look_at(&mut self, fresh: &TableNet) {
        self.is_reshaped = !fresh.has_shape_of(self.nets[0]);
        if self.is_reshaped {
            "Its columns' vectors go on; the layers above have another shape, and start fresh."
                .clone_into(&mut self.carried.encoder);
        }
    }

    /// Says what became of the networks that were tried from nothing beside those that go on: so many of
    /// all that predict.
    pub fn tell_of_fresh(&mut self, fresh: usize, all: usize) {
        let told = match fresh {
            0 => "Networks from nothing were tried beside them; rows held out need none.",
            some if some == all => {
                "Networks from nothing were tried beside them and alone predict: rows held out are told better without what was learned before."
            }
            _ => {
                "Networks from nothing predict beside them: rows held out are told better by both."
            }
        };
        self.carried.encoder = format!("{} {told}", self.carried.encoder);
    }

    /// Rows of the new run with some of the earlier one's to be learned from again, if the recipe
    /// wants that. Test rows that the earlier run learned from are counted.
    ///
    /// A row is learned from again when the new run has its label and no row like it. The seal is
    /// copied: what is counted and avoided here judges nothing.
    pub fn recall(
        &mut self,
        earlier: &EarlierTable,
        examples: &TableExamples,
        recipe: &Recipe,
    ) -> Option<TableExamples> {
        let theirs = earlier.rows.as_deref()?;
        let table = self.in_our_names(&theirs.table);
        let names = self.shared_columns(&table, &examples.table, recipe);
        if names.is_empty() {
            return None;
        }
        let own_keys: Vec<String> = keys(&table, &names, &theirs.split.train).collect();
        let learned: HashSet<&String> = own_keys.iter().collect();
        let mut sealed = examples.split.test.clone();
        let test: Vec<String> = keys(&examples.table, &names, sealed.open()).collect();
        let known = test.iter().filter(|key| learned.contains(key)).count();
        self.carried.known_test_rows = known as u32;

        let split = &examples.split;
        let wanted = (recipe.training.transfer.rehearsal * split.train.len() as f64).ceil();
        if wanted < 1.0 {
            return None;
        }
        let seen: Vec<RowId> = split.train.iter().chain(&split.valid).copied().collect();
        let mut taken: HashSet<String> = keys(&examples.table, &names, &seen).collect();
        taken.extend(test);
        let answers = Answer::of(&theirs.target, &examples.target, &self.carried.labels);
        let mut again: Vec<(RowId, Answer)> = Vec::new();
        for (&row, key) in theirs.split.train.iter().zip(own_keys) {
            if let Some(answer) = answers(row)
                && taken.insert(key)
            {
                again.push((row, answer));
            }
        }
        again.shuffle(&mut rng_for(recipe.seed, PURPOSE_REHEARSAL));
        again.truncate(wanted as usize);
        self.carried.rehearsed = again.len() as u32;
        Some(below(examples, &table, again))
    }

    /// An earlier table with the columns' names of the new one.
    fn in_our_names(&self, table: &Table) -> Table {
        let columns = self.carried.columns.iter();
        let respelled: Vec<&(String, String)> = columns
            .flat_map(|columns| &columns.names.respelled)
            .collect();
        let renamed = |column: &Column| {
            let new = respelled.iter().find(|(theirs, _)| theirs == column.name());
            match new {
                Some((_, ours)) => Some(column.renamed(ours)),
                // A column that was not learned from makes way.
                None => (respelled.iter().all(|(_, ours)| ours != column.name()))
                    .then(|| column.clone()),
            }
        };
        table.with_columns(table.columns().iter().filter_map(renamed).collect())
    }

    /// What a row is known by: columns that both runs learn from, texts and target included.
    fn shared_columns(&self, theirs: &Table, ours: &Table, recipe: &Recipe) -> Vec<String> {
        let learned = self.plan.features.iter().map(|feature| &feature.column);
        let mut names: Vec<String> = learned
            .chain(&recipe.text)
            .filter(|name| theirs.column(name).is_some() && ours.column(name).is_some())
            .cloned()
            .collect();
        if !names.is_empty() && theirs.column(&recipe.target).is_some() {
            names.push(recipe.target.clone());
        }
        names
    }
}

/// Of each entry of what is read of texts its place in the earlier run's. A linear model is fitted anew,
/// and tells the same of a label or a number that was there before.
fn text_entries(
    (width, told): TextParts,
    (their_width, their_told): TextParts,
    outputs: &[Option<usize>],
) -> Vec<Option<usize>> {
    let vector = (0..width).map(|entry| (width == their_width).then_some(entry));
    let mut entries: Vec<Option<usize>> = vector.collect();
    let mut first = their_width;
    for (told, theirs) in told.into_iter().zip(their_told) {
        entries.extend((0..told).map(|output| {
            let output = (*outputs.get(output)?)?;
            (output < theirs).then_some(first + output)
        }));
        first += theirs;
    }
    entries
}

/// Of each output of the new networks its place among the earlier ones, and whether both tell
/// answers of one kind.
fn outputs(
    answers: &Answers,
    target: &Target,
    labels: &LabelMatch,
    recipe: &Recipe,
) -> (Vec<Option<usize>>, bool) {
    let is_log = recipe.table.as_ref().is_some_and(|plan| plan.is_log);
    match (answers, target) {
        (Answers::Number { scale, .. }, Target::Numbers(_)) if scale.is_log == is_log => {
            (vec![Some(0)], true)
        }
        (Answers::Labels(_), Target::Labels(_)) | (Answers::LabelSets(_), Target::LabelSets(_)) => {
            (labels.earlier.clone(), true)
        }
        // Their outputs are the borders between neighbours: with other ranks they mean something else.
        (Answers::Ranks(theirs), Target::Ranks(ours)) if *theirs == ours.names => {
            ((0..ours.names.len() - 1).map(Some).collect(), true)
        }
        (_, Target::Numbers(_)) => (vec![None], false),
        (_, target) => (vec![None; target.names().len()], false),
    }
}

/// The cells of each row in some columns, as one text.
fn keys<'a>(
    table: &'a Table,
    names: &[String],
    rows: &'a [RowId],
) -> impl Iterator<Item = String> + 'a {
    let columns: Vec<&Column> = names.iter().filter_map(|name| table.column(name)).collect();
    rows.iter().map(move |&row| {
        let cells: Vec<&str> = columns
            .iter()
            .map(|column| column.cell(row).trim())
            .collect();
        cells.join("\u{1f}")
    })
}

/// What an earlier row should be in the new run.
enum Answer {
    Label(u32),
    Number(f64),
    Set(Vec<u32>),
}

impl Answer {
    /// From rows of an earlier target to answers of the new one; none where it has no such label.
    fn of<'a>(
        theirs: &'a Target,
        ours: &Target,
        labels: &LabelMatch,
    ) -> Box<dyn Fn(RowId) -> Option<Self> + 'a> {
        let now = labels.backwards();
        let label = move |label: u32| now.get(label as usize).copied().flatten();
        match (theirs, ours) {
            (Target::Labels(theirs), Target::Labels(_))
            | (Target::Ranks(theirs), Target::Ranks(_)) => {
                Box::new(move |row| theirs.of_row[row.index()].and_then(&label).map(Self::Label))
            }
            (Target::Numbers(theirs), Target::Numbers(_)) => {
                Box::new(move |row| theirs[row.index()].map(Self::Number))
            }
            (Target::LabelSets(theirs), Target::LabelSets(_)) => Box::new(move |row| {
                let set = theirs.of_row[row.index()].as_ref()?;
                let mut set = set
                    .iter()
                    .map(|&own| label(own))
                    .collect::<Option<Vec<u32>>>()?;
                set.sort_unstable();
                Some(Self::Set(set))
            }),
            _ => Box::new(|_| None),
        }
    }
}

/// Rows with others below, which are learned from as well.
fn below(examples: &TableExamples, theirs: &Table, rows: Vec<(RowId, Answer)>) -> TableExamples {
    let table = &examples.table;
    let first = table.rows();
    let columns = table.columns().iter().map(|column| {
        let mut builder = ColumnBuilder::new(column.name());
        builder.extend(column, 0..first);
        match theirs.column(column.name()) {
            Some(other) => builder.extend(other, rows.iter().map(|(row, _)| row.index())),
            None => rows.iter().for_each(|_| builder.push("")),
        }
        builder.finish().with_decimal(column.decimal())
    });
    let mut all = examples.clone();
    all.table = Table::new(table.name(), columns.collect());
    let added = (first..first + rows.len()).map(|row| RowId(row as u32));
    all.split.train.extend(added);
    for (_, answer) in rows {
        match (&mut all.target, answer) {
            (
                Target::Labels(Labels { of_row, .. }) | Target::Ranks(Labels { of_row, .. }),
                Answer::Label(label),
            ) => of_row.push(Some(label)),
            (Target::Numbers(numbers), Answer::Number(number)) => numbers.push(Some(number)),
            (Target::LabelSets(SetsOfLabels { of_row, .. }), Answer::Set(set)) => {
                of_row.push(Some(set));
            }
            _ => unreachable!("answers are of the new target's kind"),
        }
    }
    all
}

/// Judges both models on the earlier run's test rows whose label the new one has. That is a look at
/// them more.
pub(super) async fn forgotten<W: Watcher>(
    earlier: &mut EarlierTable<'_>,
    footing: &Footing<'_>,
    tuned: &TunedTable,
    target: &Target,
    recipe: &Recipe,
    text: &mut Option<TextReader<'_>>,
    watcher: &mut W,
) -> Result<Option<Forgetting>, EngineError> {
    let Some(examples) = earlier.rows.as_deref_mut() else {
        return Ok(None);
    };
    if !earlier.recipe.text.is_empty() && text.is_none() {
        return Ok(None);
    }
    let labels = &footing.carried.labels;
    let known = labels.backwards();
    let theirs = examples.target.clone();
    let mut rows = examples.split.test.open().to_vec();
    rows.retain(|row| match (&theirs, target) {
        (Target::Labels(own), Target::Labels(_)) | (Target::Ranks(own), Target::Ranks(_)) => {
            own.of_row[row.index()].is_some_and(|label| known[label as usize].is_some())
        }
        (Target::Numbers(_), Target::Numbers(_)) | (Target::LabelSets(_), Target::LabelSets(_)) => {
            true
        }
        _ => false,
    });
    if rows.is_empty() {
        return Ok(None);
    }
    let (own, recipe_then) = (earlier.tuned, earlier.recipe);
    let input = own
        .read(&rows, examples, recipe_then, text, watcher)
        .await?;
    let before = own.answers(&input, watcher).await?.concat();
    let renamed = TableExamples {
        table: footing.in_our_names(&examples.table),
        ..examples.clone()
    };
    let input = tuned.read(&rows, &renamed, recipe, text, watcher).await?;
    let after = tuned.answers(&input, watcher).await?.concat();
    let seed = recipe.seed.into();
    let numbers = |found: &[f32]| -> Vec<f64> { found.iter().map(|&x| x.into()).collect() };
    Ok(match &theirs {
        Target::Labels(own) | Target::Ranks(own) => {
            let label = |row: &RowId| known[own.of_row[row.index()]? as usize];
            let truth: Vec<u32> = rows.iter().filter_map(label).collect();
            Forgetting::of(labels, &truth, &before, &after, seed)?
        }
        Target::Numbers(own) => {
            let truth = super::judge::numbers_of(own, &rows);
            Forgetting::of_numbers(&truth, &numbers(&before), &numbers(&after), seed)?
        }
        Target::LabelSets(own) => {
            let truth = super::judge::has_labels(own, &rows);
            Forgetting::of_sets(labels, &truth, &before, &after, seed)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_texts_stands_where_its_output_stood() {
        let swapped = [Some(1), Some(0)];
        let entries = |own, theirs| text_entries(own, theirs, &swapped);
        let both = (2, [2, 2]);
        assert_eq!(entries(both, both), [0, 1, 3, 2, 5, 4].map(Some));
        let of_tokens = entries(both, (2, [0, 2]));
        assert_eq!(of_tokens[..2], [0, 1].map(Some));
        assert_eq!(
            of_tokens[2..4],
            [None, None],
            "of the vector nothing was told"
        );
        assert_eq!(of_tokens[4..], [3, 2].map(Some));
        assert_eq!(entries((2, [0, 2]), both), [0, 1, 5, 4].map(Some));
        assert_eq!(entries((2, [0, 2]), (0, [0, 0])), [None; 4]);
        let of_fewer = text_entries(both, (2, [1, 1]), &[Some(0), None]);
        let wanted = [Some(0), Some(1), Some(2), None, Some(3), None];
        assert_eq!(of_fewer, wanted, "a label is new");
    }
}
