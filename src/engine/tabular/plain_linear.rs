//! A linear model on a table's columns and the counted words of its texts: the floor that networks must beat.

use super::judge::{has_labels, labels_of, numbers_of};
use super::model::NumberScale;
use crate::domain::baseline::{Fitting, MOST_WEIGHTS, Sparse, TfIdf};
use crate::domain::features::{FeatureRows, TableExamples, Widths, texts};
use crate::domain::recipe::Recipe;
use crate::domain::report::BaselineOutputs;
use crate::domain::table::RowId;
use crate::domain::task::Target;
use crate::engine::train::Watcher;

/// Rows that are learned from at the most, evenly taken: more change a linear model little.
const MOST_ROWS: usize = 50_000;

/// Rows times outputs at the most, so that one pass over them takes a fraction of a second.
const MOST_COUNTED: usize = 1_000_000;

/// Rows times numbers of a row that are encoded at once at the most: 80 MB beside what the network reads.
const MOST_NUMBERS: usize = 20_000_000;

/// How freely the weights may fit: scikit-learn's defaults.
const C: f64 = 1.0;
const ALPHA: f64 = 1.0;

/// Columns as networks read them, and counted words.
struct Reader<'a> {
    examples: &'a TableExamples,
    recipe: &'a Recipe,
    widths: Widths,
    words: Option<TfIdf>,
}

/// What a linear model that learned from the training rows says of `rows`, row-major: one probability a label,
/// or one number in the target's unit. Nothing where it would have too many weights.
///
/// Numbers are learned on the scale on which a network learns them, labels by softmax regression, sets of labels
/// by logistic regression for each label. Breathes, and goes on whatever the watcher says.
pub(super) async fn plain_linear<W: Watcher>(
    examples: &TableExamples,
    recipe: &Recipe,
    rows: &[RowId],
    watcher: &mut W,
) -> Option<BaselineOutputs> {
    let train = &examples.split.train;
    let outputs = examples.target.names().len().max(1);
    let at_once = (MOST_NUMBERS / width(&examples.plan.widths()).max(1)).clamp(1, MOST_ROWS);
    let most = at_once.min(MOST_COUNTED / outputs).max(1);
    let train: Vec<RowId> = (train.iter().copied())
        .step_by(train.len().div_ceil(most).max(1))
        .collect();
    let reader = Reader::fit(examples, recipe, &train, outputs)?;
    let learned = reader.read(&train);
    let mut fit = async |mut fitting: Fitting| {
        while fitting.step() {
            watcher.breathe().await;
        }
        let linear = fitting.finish();
        let mut found = Vec::new();
        for rows in rows.chunks(at_once) {
            found.extend(linear.predict(&reader.read(rows)));
            watcher.breathe().await;
        }
        found
    };
    let found = match &examples.target {
        Target::Labels(labels) | Target::Ranks(labels) => {
            let of_row = labels_of(labels, &train);
            fit(Fitting::labels(&learned, of_row, outputs, C)).await
        }
        Target::Numbers(numbers) => {
            let of_row = numbers_of(numbers, &train);
            let is_log = recipe.table.as_ref().is_some_and(|plan| plan.is_log);
            let scale = NumberScale::fit(of_row.iter().copied(), is_log);
            let of_row = of_row.iter().map(|&number| scale.forward(number));
            let found = fit(Fitting::numbers(&learned, of_row.collect(), ALPHA)).await;
            let back = |x: f32| scale.backward(x.into()) as f32;
            found.into_iter().map(back).collect()
        }
        Target::LabelSets(sets) => {
            let has = has_labels(sets, &train);
            let mut found = vec![0.0; rows.len() * outputs];
            for label in 0..outputs {
                let of_row = has.iter().skip(label).step_by(outputs);
                let of_row = of_row.map(|&has| u32::from(has)).collect();
                let own = fit(Fitting::labels(&learned, of_row, 2, C)).await;
                for (row, probabilities) in own.chunks(2).enumerate() {
                    found[row * outputs + label] = probabilities[1];
                }
            }
            found
        }
    };
    // A logarithm's way back can leave what numbers can hold.
    (found.iter().all(|x| x.is_finite())).then(|| BaselineOutputs {
        id: "linear".to_owned(),
        outputs: found,
    })
}

impl<'a> Reader<'a> {
    /// Learns which words there are. Nothing where the columns alone have too many weights.
    fn fit(
        examples: &'a TableExamples,
        recipe: &'a Recipe,
        train: &[RowId],
        outputs: usize,
    ) -> Option<Self> {
        let widths = examples.plan.widths();
        let most_words = (MOST_WEIGHTS / outputs).checked_sub(width(&widths) + 1)?;
        let words = (!recipe.text.is_empty()).then(|| {
            let read = joined(examples, recipe, train);
            TfIdf::fit(read.iter().map(String::as_str), most_words)
        });
        Some(Self {
            examples,
            recipe,
            widths,
            words,
        })
    }

    fn read(&self, rows: &[RowId]) -> Sparse {
        let encoded = self.examples.plan.encode(&self.examples.table, rows);
        let words = self.words.as_ref().map(|words| {
            let read = joined(self.examples, self.recipe, rows);
            words.encode(read.iter().map(String::as_str))
        });
        let of_columns = width(&self.widths);
        let of_words = words.as_ref().map_or(0, |words| words.width);
        let mut sparse = Sparse::new(of_columns + of_words);
        for row in 0..rows.len() {
            let columns = entries(&encoded, &self.widths, row);
            let words = words.iter().flat_map(|words| words.row(row));
            let words = words.map(|(place, value)| ((of_columns + place) as u32, value as f32));
            sparse.push(columns.chain(words));
        }
        sparse
    }
}

/// How many numbers a row's columns are, each code a flag of its own.
fn width(widths: &Widths) -> usize {
    widths.numbers + widths.flags + widths.codes.iter().sum::<u32>() as usize
}

/// A row's numbers, flags and codes, with their places.
fn entries(encoded: &FeatureRows, widths: &Widths, row: usize) -> impl Iterator<Item = (u32, f32)> {
    let numbers = encoded.numbers[row * widths.numbers..][..widths.numbers].iter();
    let flags = encoded.flags[row * widths.flags..][..widths.flags].iter();
    let plain = numbers.chain(flags).copied().zip(0_u32..);
    let plain = plain.filter(|(value, _)| *value != 0.0);
    let first = (widths.numbers + widths.flags) as u32;
    let begins = widths.codes.iter().scan(first, |at, &codes| {
        let begin = *at;
        *at += codes;
        Some(begin)
    });
    let own = encoded.codes[row * widths.codes.len()..][..widths.codes.len()].iter();
    let flagged = begins.zip(own).map(|(begin, code)| (begin + code, 1.0));
    plain.map(|(value, place)| (place, value)).chain(flagged)
}

/// The texts of each row as one.
fn joined(examples: &TableExamples, recipe: &Recipe, rows: &[RowId]) -> Vec<String> {
    let read = texts(&examples.table, recipe, rows);
    read.into_iter().map(|texts| texts.join("\n")).collect()
}
