//! A number for each row.

use super::{Target, Task};
use crate::domain::column::NumberFormat;
use crate::domain::column::number::read as read_number;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::metric::{Mae, MedianAbsoluteError, Metric, Pearson, R2, Rmse, Spearman};
use crate::domain::missing::is_missing;
use crate::domain::table::{Column, Table};

/// A number.
#[derive(Debug, Clone, Copy)]
pub struct Regress;

/// Fewer rows than this cannot be learned from and judged by both.
const LEAST_ROWS: usize = 10;

/// Above this skewness a few large numbers make most of a squared error.
const MOST_SKEW: f64 = 2.0;

/// So many cells that are no numbers are named in a sentence.
const NAMED_CELLS: usize = 3;

impl Task for Regress {
    fn id(&self) -> &'static str {
        "regress"
    }

    fn name(&self) -> &'static str {
        "Predict a number"
    }

    fn about(&self) -> &'static str {
        "Learns to predict a number for each row, with a range that it lies in."
    }

    fn metrics(&self) -> &'static [&'static dyn Metric] {
        &[&Rmse, &Mae, &R2, &MedianAbsoluteError, &Pearson, &Spearman]
    }

    fn target(&self, column: &Column) -> Target {
        let read = reader(column);
        let numbers: Vec<Option<f64>> = column.distinct().iter().map(read).collect();
        Target::Numbers(
            column
                .codes()
                .iter()
                .map(|&code| numbers[code as usize])
                .collect(),
        )
    }

    fn check(&self, _table: &Table, _text: &[&Column], target: &Column) -> Vec<Issue> {
        let at = || Position::Column {
            column: target.name().to_owned(),
        };
        let Target::Numbers(numbers) = self.target(target) else {
            unreachable!("this task reads numbers")
        };
        let known: Vec<f64> = numbers.iter().flatten().copied().collect();
        let mut issues = Vec::new();
        if known.len() < LEAST_ROWS {
            issues.push(Issue::new(
                "no_numbers",
                Severity::Blocks,
                at(),
                format!(
                    "\"{}\" has {} numbers; learning takes {LEAST_ROWS} at the least.",
                    target.name(),
                    known.len()
                ),
                "Choose a column of numbers, or choose a label instead of predicting a number.",
            ));
        } else if known.iter().all(|number| *number == known[0]) {
            issues.push(Issue::new(
                "one_number",
                Severity::Blocks,
                at(),
                format!("Every number in \"{}\" is {}.", target.name(), known[0]),
                "Choose a column whose numbers differ.",
            ));
        }
        issues.extend(skewed(&known).then(|| {
            Issue::new(
                "skewed_numbers",
                Severity::Note,
                at(),
                format!(
                    "A few numbers of \"{}\" are far larger than the others, and their errors will weigh most.",
                    target.name()
                ),
                "If being off by so many percent is what matters, switch on \"Learn the logarithm\" among the settings of Tune.",
            )
        }));
        let read = reader(target);
        let strange: Vec<&str> =
            column_cells_that(target, |cell| !is_missing(cell) && read(cell).is_none());
        if !strange.is_empty() {
            let named: Vec<String> = strange
                .iter()
                .take(NAMED_CELLS)
                .map(|cell| format!("\"{cell}\""))
                .collect();
            issues.push(Issue::new(
                "not_numbers",
                Severity::Warning,
                at(),
                format!(
                    "{} different cells of \"{}\" are no numbers: {}{}.",
                    strange.len(),
                    target.name(),
                    named.join(", "),
                    if strange.len() > NAMED_CELLS {
                        ", …"
                    } else {
                        ""
                    }
                ),
                "Nothing to do if they mean that nothing is known: these rows are left out.",
            ));
        }
        let missing = numbers.len() - known.len();
        if missing > 0 && strange.is_empty() {
            issues.push(Issue::new(
                "unlabeled_rows",
                Severity::Note,
                at(),
                format!("{missing} rows have no number to learn."),
                "Nothing to do: rows without a number are left out.",
            ));
        }
        issues
    }
}

/// Whether a few numbers are far larger than the others, in a way that logarithms mend.
fn skewed(numbers: &[f64]) -> bool {
    let of = |numbers: &[f64]| skewness(numbers).unwrap_or(0.0);
    let logarithms: Vec<f64> = numbers.iter().map(|number| number.ln_1p()).collect();
    let is_positive = numbers.iter().all(|number| *number >= 0.0);
    is_positive && of(numbers) > MOST_SKEW && of(&logarithms).abs() < of(numbers) / 2.0
}

/// Third standardized moment; none where all numbers are the same.
///
/// Source: Joanes and Gill 1998, "Comparing measures of sample skewness and kurtosis", g1.
fn skewness(numbers: &[f64]) -> Option<f64> {
    let rows = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / rows;
    let moment = |power: i32| {
        let each = numbers.iter().map(|number| (number - mean).powi(power));
        each.sum::<f64>() / rows
    };
    let variance = moment(2);
    (variance > 0.0).then(|| moment(3) / variance.powf(1.5))
}

/// Reads numbers as the column writes them, which only the column as a whole can tell.
fn reader(column: &Column) -> impl Fn(&str) -> Option<f64> {
    let format = NumberFormat::detect(column.distinct());
    move |cell| read_number(cell.trim(), format)
}

fn column_cells_that(column: &Column, is_so: impl Fn(&str) -> bool) -> Vec<&str> {
    column
        .distinct()
        .iter()
        .filter(|cell| is_so(cell))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cells: impl IntoIterator<Item = String>) -> Column {
        Column::of("price", cells)
    }

    fn ids(column: &Column) -> Vec<String> {
        let table = Table::new("t.csv", vec![column.clone()]);
        let issues = Regress.check(&table, &[], column);
        issues.into_iter().map(|issue| issue.id).collect()
    }

    #[test]
    fn a_few_large_numbers_are_told() {
        let of = |number: &dyn Fn(f64) -> f64| {
            let cells = (0..200).map(|row| format!("{:.3}", number(f64::from(row) / 200.0)));
            ids(&column(cells))
        };
        assert_eq!(of(&|x| (x * 8.0).exp()), ["skewed_numbers"]);
        assert!(of(&|x| x * 8.0).is_empty());
        // No logarithm of what is below 0.
        assert!(of(&|x| (x * 8.0).exp() - 5.0).is_empty());
        // What logarithms do not mend.
        assert!(of(&|x| if x > 0.98 { 1.0 } else { 0.0 }).is_empty());
    }

    #[test]
    fn numbers_are_read_and_gaps_are_kept() {
        let column = column(["1.5", "", "-2", "x", "1.5"].map(str::to_owned));
        let expected = [Some(1.5), None, Some(-2.0), None, Some(1.5)];
        assert_eq!(Regress.target(&column), Target::Numbers(expected.into()));
    }

    /// A German price list was learned as if 1.234,56 were no number and 99.000 were 99.
    #[test]
    fn numbers_are_read_as_the_column_writes_them() {
        let column = column(["1.234,56 €", "99.000 €", "0,50 €", "7,25 €"].map(str::to_owned));
        let expected = [Some(1234.56), Some(99_000.0), Some(0.5), Some(7.25)];
        assert_eq!(Regress.target(&column), Target::Numbers(expected.into()));
    }

    #[test]
    fn what_cannot_be_learned_is_refused() {
        assert_eq!(ids(&column((0..9).map(|x| x.to_string()))), ["no_numbers"]);
        assert_eq!(ids(&column((0..20).map(|_| "7".into()))), ["one_number"]);
        assert!(ids(&column((0..20).map(|x| x.to_string()))).is_empty());
    }

    #[test]
    fn cells_that_are_no_numbers_are_named() {
        let column = column((0..20).map(|x| if x == 3 { "ten".into() } else { x.to_string() }));
        let table = Table::new("t.csv", vec![column.clone()]);
        let issues = Regress.check(&table, &[], &column);
        assert_eq!(issues[0].id, "not_numbers");
        assert!(issues[0].what.contains("\"ten\""), "{}", issues[0].what);
    }
}
