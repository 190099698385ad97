//! Numbers far from the others.

use super::fill_missing::TrainNumbers;
use super::fitted::Bound;
use super::offer::Proposal;
use super::{Fitted, Outliers, Stage, Step, StepPlan, StepReport, Work, counted};

pub(super) struct FarNumbers<'a> {
    pub column: &'a str,
    pub how: Outliers,
}

/// Numbers further from the quartiles than so many times the distance between the quartiles are
/// "far out" (Tukey 1977, "Exploratory Data Analysis", section 2D: the outer fences).
const FENCE: f64 = 3.0;

/// Where half of the numbers are the same, the quartiles say nothing about the others, and these
/// quantiles are the bounds.
const QUANTILES: [f64; 2] = [0.01, 0.99];

impl Step for FarNumbers<'_> {
    fn name(&self) -> &'static str {
        "Bound outliers"
    }

    fn about(&self) -> &'static str {
        "Clips or flags numbers far from the others: further from the quartiles than three times their distance."
    }

    fn stage(&self) -> Stage {
        Stage::Fitted
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let name = self.column;
        if name == work.recipe.target && self.how == Outliers::Clip {
            return Err(format!(
                "\"{name}\" is the column to learn: what happened is not to be altered."
            ));
        }
        let train = TrainNumbers::of(work, name)?;
        let fences = Fences::of(&train);
        let inside = train.within(fences.low, fences.high);
        let [low, high] = inside.ok_or_else(|| format!("No number of \"{name}\" is left."))?;
        let bound = |fence: f64, (nearest, cell): (f64, &str)| match train.numbers.write(fence) {
            Some(written) => Bound {
                number: train.numbers.read(&written).unwrap_or(fence),
                cell: written,
            },
            None => Bound {
                number: nearest,
                cell: cell.to_owned(),
            },
        };
        let (low, high) = (bound(fences.low, low), bound(fences.high, high));
        let said = format!("{}, {} to {}", fences.rule, low.cell, high.cell);
        let column = name.to_owned();
        let step = match self.how {
            Outliers::Clip => Fitted::Clip {
                column,
                numbers: train.numbers,
                low,
                high,
            },
            Outliers::Flag => {
                let flag = format!("{name} is far out");
                if work.table.column(&flag).is_some() {
                    return Err(format!("There is a column called \"{flag}\" already."));
                }
                Fitted::Flag {
                    column,
                    flag,
                    numbers: train.numbers,
                    low: low.number,
                    high: high.number,
                }
            }
        };
        let report = work.change(step);
        let verb = match self.how {
            Outliers::Clip => "Clips",
            Outliers::Flag => "Flags",
        };
        let what = format!(
            "{verb} {} of \"{name}\" outside of {said}.",
            counted(report.cells as usize, "number")
        );
        Ok(report.saying(what))
    }
}

/// Between which numbers a number is not far out.
struct Fences {
    low: f64,
    high: f64,
    rule: &'static str,
}

impl Fences {
    fn of(train: &TrainNumbers) -> Self {
        let [lower, upper] = [train.quantile(0.25), train.quantile(0.75)];
        let reach = FENCE * (upper - lower);
        if reach > 0.0 && reach.is_finite() {
            Self {
                low: lower - reach,
                high: upper + reach,
                rule: "Tukey's outer fences",
            }
        } else {
            Self {
                low: train.quantile(QUANTILES[0]),
                high: train.quantile(QUANTILES[1]),
                rule: "the 1st and 99th percentile",
            }
        }
    }
}

/// A number is flagrant when it is further from the median than so many times the distance of the
/// fence that it is beyond: slips of a decimal point, `999999` for a gap, infinities.
const FLAGRANT: f64 = 10.0;

/// For columns of numbers in use with flagrant ones.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    for column in work.number_features() {
        let Some(train) = TrainNumbers::of(work, &column).ok() else {
            continue;
        };
        let fences = Fences::of(&train);
        let middle = train.quantile(0.5);
        let is_flagrant = |number: f64| {
            let reach = if number < middle {
                middle - fences.low
            } else {
                fences.high - middle
            };
            (number - middle).abs() > FLAGRANT * reach.max(f64::MIN_POSITIVE)
        };
        let cells = work.table.column(&column).expect("features are there");
        let counts = Work::counts(cells, work.rows());
        let flagrant: Vec<(&str, u32)> = cells
            .distinct()
            .iter()
            .zip(counts)
            .filter(|(cell, rows)| *rows > 0 && train.numbers.read(cell).is_some_and(is_flagrant))
            .collect();
        let Some((first, _)) = flagrant.first() else {
            continue;
        };
        let rows: u32 = flagrant.iter().map(|(_, rows)| rows).sum();
        proposals.push(Proposal {
            why: format!(
                "{} of \"{column}\" far beyond all others, such as {first}.",
                match rows {
                    1 => "1 number is".to_owned(),
                    rows => format!("{rows} numbers are"),
                }
            ),
            step: StepPlan::Outliers {
                column,
                how: Outliers::Clip,
            },
        });
    }
    proposals
}
