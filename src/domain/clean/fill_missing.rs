//! What stands in for a missing value.

use super::numbers::Numbers;
use super::offer::Proposal;
use super::{Fill, Fitted, Stage, Step, StepPlan, StepReport, Work, counted};
use crate::domain::table::RowId;

pub(super) struct FillMissing<'a> {
    pub column: &'a str,
    pub with: &'a Fill,
}

/// The name of the category that stands for nothing.
const CATEGORY: &str = "(missing)";

impl Step for FillMissing<'_> {
    fn name(&self) -> &'static str {
        "Fill missing values"
    }

    fn about(&self) -> &'static str {
        "Puts the median, the most frequent cell, a category or a value where there is none, or leaves the row out."
    }

    fn stage(&self) -> Stage {
        match self.with {
            Fill::Median | Fill::MostFrequent => Stage::Fitted,
            Fill::Category | Fill::Value(_) | Fill::DropRow => Stage::BeforeSplit,
        }
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let column = work.column(self.column)?;
        let name = self.column;
        if name == work.recipe.target {
            return Err(format!(
                "\"{name}\" is the column to learn: a value that nobody knows cannot be made up. Leave these rows out instead."
            ));
        }
        let missing = match self.with {
            Fill::DropRow => return self.drop_rows(work),
            Fill::Median | Fill::MostFrequent => work.learn(column)?.1,
            Fill::Category | Fill::Value(_) => work.missing(column),
        };
        let (with, said) = match self.with {
            Fill::DropRow => unreachable!("those rows are left out already"),
            Fill::Category => (CATEGORY.to_owned(), "a category of its own"),
            Fill::Value(value) if missing.is_missing(value) => {
                return Err(format!("\"{value}\" spells a missing value itself."));
            }
            Fill::Value(value) => (value.clone(), "the value"),
            Fill::MostFrequent => {
                let (cells, _) = work.learn(column)?;
                let most = cells.iter().map(|(_, rows)| *rows).max();
                let cell = cells.into_iter().find(|(_, rows)| Some(*rows) == most);
                let (cell, _) = cell.ok_or_else(|| nothing_to_learn(name))?;
                (cell, "the most frequent cell")
            }
            Fill::Median => (median(work, name)?, "the median"),
        };
        let report = work.change(Fitted::Fill {
            column: name.to_owned(),
            with: with.clone(),
            missing,
        });
        let what = format!(
            "Fills {} of \"{name}\" with {said}, \"{with}\".",
            counted(report.cells as usize, "cell")
        );
        Ok(report.saying(what))
    }
}

impl FillMissing<'_> {
    fn drop_rows(&self, work: &mut Work) -> Result<StepReport, String> {
        let rows = gaps(work, self.column)?;
        let report = work.drop_rows(&rows, self.column);
        let what = format!(
            "Leaves {} without a value in \"{}\" out.",
            counted(rows.len(), "row"),
            self.column
        );
        Ok(report.saying(what))
    }
}

fn nothing_to_learn(column: &str) -> String {
    format!("No training row has a value in \"{column}\".")
}

/// Rows without a value in a column.
fn gaps(work: &Work, column: &str) -> Result<Vec<RowId>, String> {
    let column = work.column(column)?;
    let is_gap = work.missing(column).codes(column);
    let codes = column.codes();
    let rows = work.rows();
    Ok(rows
        .filter(|row| is_gap[codes[row.index()] as usize])
        .collect())
}

/// The median of the training rows; where the column's way to write it is not known, the cell
/// nearest below it.
fn median(work: &Work, name: &str) -> Result<String, String> {
    let train = TrainNumbers::of(work, name)?;
    let below = train.at(train.rows.saturating_sub(1) / 2);
    let median = train.quantile(0.5);
    Ok(if median == below.0 {
        below.1.to_owned()
    } else {
        let written = train.numbers.write(median);
        written.unwrap_or_else(|| below.1.to_owned())
    })
}

/// The numbers of the training rows in one column.
pub(super) struct TrainNumbers {
    /// How they are spelled.
    pub numbers: Numbers,
    /// Finite numbers, their cells and rows, smallest first.
    sorted: Vec<(f64, String, u32)>,
    /// Rows with a finite number.
    pub rows: u32,
}

impl TrainNumbers {
    /// # Errors
    /// A sentence, when fewer than half of the training rows' values are numbers.
    pub fn of(work: &Work, name: &str) -> Result<Self, String> {
        let column = work.column(name)?;
        let (cells, missing) = work.learn(column)?;
        let numbers = Numbers::of(&cells, missing, column.decimal());
        let all: u32 = cells.iter().map(|(_, rows)| rows).sum();
        if all == 0 {
            return Err(nothing_to_learn(name));
        }
        let read = |(cell, rows): (String, u32)| Some((numbers.read(&cell)?, cell, rows));
        let mut sorted: Vec<_> = cells.into_iter().filter_map(read).collect();
        sorted.retain(|(number, ..)| number.is_finite());
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rows = sorted.iter().map(|(.., rows)| rows).sum();
        if rows < all.div_ceil(2) {
            return Err(format!(
                "\"{name}\" holds no numbers: {rows} of {all} training rows have one."
            ));
        }
        Ok(Self {
            numbers,
            sorted,
            rows,
        })
    }

    /// The number and the cell of the row in this place, smallest first.
    pub fn at(&self, place: u32) -> (f64, &str) {
        let mut rest = place;
        for (number, cell, rows) in &self.sorted {
            if rest < *rows {
                return (*number, cell);
            }
            rest -= rows;
        }
        let last = self.sorted.last().expect("there is a number");
        (last.0, &last.1)
    }

    /// A quantile, linear between two rows (Hyndman and Fan 1996, definition 7).
    pub fn quantile(&self, share: f64) -> f64 {
        let place = share * f64::from(self.rows.saturating_sub(1));
        let low = self.at(place.floor() as u32).0;
        let high = self.at(place.ceil() as u32).0;
        low + (high - low) * place.fract()
    }

    /// Smallest and largest cell within two bounds, if there is one.
    pub fn within(&self, low: f64, high: f64) -> Option<[(f64, &str); 2]> {
        let mut inside = self
            .sorted
            .iter()
            .filter(|(number, ..)| (low..=high).contains(number))
            .map(|(number, cell, _)| (*number, cell.as_str()));
        let first = inside.next()?;
        Some([first, inside.next_back().unwrap_or(first)])
    }
}

/// For columns of numbers in use that have gaps, and not only gaps.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for column in work.number_features() {
        let gaps = gaps(work, &column).map_or(0, |rows| rows.len());
        if gaps == 0 || TrainNumbers::of(work, &column).is_err() {
            continue;
        }
        let verb = if gaps == 1 { "has" } else { "have" };
        proposals.push(Proposal {
            why: format!("{} {verb} no number in \"{column}\".", counted(gaps, "row")),
            step: StepPlan::FillMissing {
                column,
                with: Fill::Median,
            },
        });
    }
    proposals
}
