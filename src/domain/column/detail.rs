//! All that the page shows of one column. Everything is counted on the distinct cells, so that a
//! million rows of three labels cost no more than three.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stats::count_chars;
use super::{ColumnStats, ListFormat, date, histogram, kind_of, number, shortened};
use crate::domain::missing::Spellings;
use crate::domain::table::{Column, RowId};

/// What is read in a column, and how. Part of the recipe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// Ids of kinds by column name, where a person chose another than the inferred one.
    pub kinds: std::collections::BTreeMap<String, String>,
    /// Spellings of a missing value in every column; none means the usual ones.
    pub missing: Option<Vec<String>>,
    /// Ranks by column name, the lowest first, where a person put them in another order than they were
    /// found in. Left out of the schema's form where there are none, as in schemas from before it.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub orders: std::collections::BTreeMap<String, Vec<String>>,
}

/// One bar of a histogram or of a list of cells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// What it stands for, as people read it.
    pub label: String,
    /// Lower and upper bound, where it stands for a range of numbers or of Unix seconds.
    pub range: Option<[f64; 2]>,
    /// Rows.
    pub rows: u32,
}

/// Figures of a column of numbers or dates (Unix seconds).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NumberFigures {
    /// Minimum, lower quartile, median, upper quartile, maximum.
    pub quantiles: [f64; 5],
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the rows.
    pub deviation: f64,
}

/// All that the page shows of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDetail {
    /// Its name.
    pub name: String,
    /// Id of its kind.
    pub kind: String,
    /// Why this kind, as a sentence.
    pub reason: String,
    /// How its numbers or dates are written, e.g. `1.234,56 €` or `day/month/year`.
    pub format: Option<String>,
    /// Cells of that kind's columns that could not be read as it, with their rows.
    pub unread: Vec<(String, u32)>,
    /// Rows with a missing value.
    pub missing: u32,
    /// How the missing values are spelled, with their rows.
    pub missing_spellings: Vec<(String, u32)>,
    /// Numbers that stand far from all others and repeat, as -200 or 999 do where they mean that
    /// nothing was measured, with their rows. They count as numbers unless a person says otherwise.
    #[serde(default)]
    pub suspected_missing: Vec<(String, u32)>,
    /// The order of an ordered column's cells, lowest first; empty for other columns.
    #[serde(default)]
    pub order: Vec<String>,
    /// Different cells, missing ones aside.
    pub distinct: u32,
    /// Histogram of numbers, dates or lengths, or the most frequent cells.
    pub bars: Vec<Bar>,
    /// Figures of numbers and dates.
    pub numbers: Option<NumberFigures>,
    /// Length in characters: minimum, median, 95th percentile, maximum.
    pub chars: [u32; 4],
    /// A few different cells, spread over the table.
    pub examples: Vec<String>,
}

/// So many cells that could not be read, and spellings of missing values, are listed.
const MOST_UNREAD: usize = 20;

/// So many bars of cells are listed.
const MOST_CELL_BARS: usize = 20;

/// So many examples.
const EXAMPLES: usize = 6;

/// A suspected spelling of a missing value stands in this share of the rows at the least.
const LEAST_SUSPECT_SHARE: f64 = 0.01;

/// Looks at a column closely, as a person wants it read.
pub fn detail(column: &Column, schema: &Schema) -> ColumnDetail {
    let spellings = Spellings::of_column(column, schema);
    let stats = ColumnStats::of(column, &spellings);
    let kind = kind_of(&stats, schema).id();
    let is_missing = spellings.codes(column);
    let cells: Vec<(&str, u32)> = column.distinct().iter().zip(column.counts()).collect();
    let here: Vec<(&str, u32)> = cells
        .iter()
        .zip(&is_missing)
        .filter(|((_, rows), is_missing)| !**is_missing && *rows > 0)
        .map(|(cell, _)| *cell)
        .collect();

    let value = |cell: &str| match kind {
        "number" => number::read(cell, stats.number_format),
        "date" => date::read(cell, stats.date_format).map(|seconds| seconds as f64),
        _ => None,
    };
    let mut values: Vec<(f64, u32)> = Vec::new();
    let mut unread = Vec::new();
    if matches!(kind, "number" | "date") {
        for &(cell, rows) in &here {
            match value(cell) {
                Some(value) => values.push((value, rows)),
                None => unread.push((shortened(cell), rows)),
            }
        }
    }
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    most_frequent_first(&mut unread);
    unread.truncate(MOST_UNREAD);

    let mut lengths: Vec<(f64, u32)> = here
        .iter()
        .map(|(cell, rows)| (count_chars(cell) as f64, *rows))
        .collect();
    lengths.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let chars = [0.0, 0.5, 0.95, 1.0].map(|share| histogram::quantile(&lengths, share) as u32);

    let mut missing_spellings: Vec<(String, u32)> = cells
        .iter()
        .zip(&is_missing)
        .filter(|((_, rows), is_missing)| **is_missing && *rows > 0)
        .map(|((cell, rows), _)| ((*cell).to_owned(), *rows))
        .collect();
    most_frequent_first(&mut missing_spellings);
    missing_spellings.truncate(MOST_UNREAD);

    let bars = match kind {
        "number" => histogram::of_numbers(&values),
        "date" if stats.date_format.shape == date::Shape::TimeOnly => histogram::of_times(&values),
        "date" => histogram::of_dates(&values),
        "text" | "identifier" => histogram::of_numbers(&lengths),
        "multi_value" => value_bars(&here, stats.lists),
        _ => cell_bars(&here),
    };
    ColumnDetail {
        name: stats.name.clone(),
        kind: kind.to_owned(),
        reason: reason(&stats, schema),
        format: match kind {
            "number" => Some(stats.number_format.describe()),
            "date" => Some(stats.date_format.describe()),
            _ => None,
        },
        unread,
        missing: stats.missing,
        missing_spellings,
        suspected_missing: match kind {
            "number" => suspects(&values, &here, &stats),
            _ => Vec::new(),
        },
        order: match kind {
            "ordered" => super::ordered::order_of_stats(&stats).unwrap_or_default(),
            _ => Vec::new(),
        },
        distinct: stats.distinct,
        bars,
        numbers: (!values.is_empty()).then(|| histogram::figures(&values)),
        chars,
        examples: examples(column, &is_missing),
    }
}

fn reason(stats: &ColumnStats, schema: &Schema) -> String {
    let kind = kind_of(stats, schema);
    if schema.kinds.contains_key(&stats.name) {
        format!("You chose this. {}", kind.about())
    } else {
        kind.reason(stats)
    }
}

/// Most rows first, then by the cell.
fn most_frequent_first(cells: &mut [(String, u32)]) {
    cells.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
}

/// The most frequent cells, and one bar for all others.
fn cell_bars(cells: &[(&str, u32)]) -> Vec<Bar> {
    let mut order: Vec<usize> = (0..cells.len()).collect();
    let key = |&at: &usize| (std::cmp::Reverse(cells[at].1), at);
    if order.len() > MOST_CELL_BARS {
        order.select_nth_unstable_by_key(MOST_CELL_BARS, key);
        order.truncate(MOST_CELL_BARS);
    }
    order.sort_unstable_by_key(key);
    let mut bars: Vec<Bar> = order
        .iter()
        .map(|&at| Bar {
            label: shortened(cells[at].0),
            range: None,
            rows: cells[at].1,
        })
        .collect();
    let others = cells.len() - bars.len();
    if others > 0 {
        let all: u32 = cells.iter().map(|(_, rows)| rows).sum();
        let shown: u32 = bars.iter().map(|bar| bar.rows).sum();
        bars.push(Bar {
            label: format!("{others} others"),
            range: None,
            rows: all - shown,
        });
    }
    bars
}

/// Rows of each value of lists.
fn value_bars(cells: &[(&str, u32)], format: Option<ListFormat>) -> Vec<Bar> {
    let format = format.unwrap_or(ListFormat::Mark(','));
    let mut rows_of: BTreeMap<&str, u32> = BTreeMap::new();
    for (cell, rows) in cells {
        let mut values = format.split(cell);
        values.sort_unstable();
        values.dedup();
        for value in values {
            *rows_of.entry(value).or_default() += rows;
        }
    }
    let values: Vec<(&str, u32)> = rows_of.into_iter().collect();
    let mut bars = cell_bars(&values);
    // A row has several values, so rows of "others" would be counted more than once.
    if values.len() > MOST_CELL_BARS {
        bars.pop();
    }
    bars
}

/// The smallest or largest number where it repeats and the others are nowhere near.
fn suspects(
    values: &[(f64, u32)],
    cells: &[(&str, u32)],
    stats: &ColumnStats,
) -> Vec<(String, u32)> {
    let rows: u32 = values.iter().map(|(_, rows)| rows).sum();
    let least = (f64::from(rows) * LEAST_SUSPECT_SHARE).max(2.0);
    let is_frequent = |at: usize| f64::from(values[at].1) >= least;
    let last = values.len().saturating_sub(1);
    if last < 5 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let is_far = |gap: f64, low: usize, high: usize| gap > values[high].0 - values[low].0;
    if is_frequent(0) && is_far(values[1].0 - values[0].0, 1, last) {
        found.push(values[0]);
    }
    if is_frequent(last) && is_far(values[last].0 - values[last - 1].0, 0, last - 1) {
        found.push(values[last]);
    }
    found
        .into_iter()
        .filter_map(|(value, rows)| {
            let cell = cells
                .iter()
                .find(|(cell, _)| number::read(cell, stats.number_format) == Some(value))?;
            Some((cell.0.to_owned(), rows))
        })
        .collect()
}

/// A few different cells, spread over the table.
fn examples(column: &Column, is_missing: &[bool]) -> Vec<String> {
    /// Rows that are tried for each example, where cells are missing or repeat.
    const TRIES: usize = 8;
    let rows = column.codes().len();
    let tries = (EXAMPLES * TRIES).min(rows);
    let mut codes: Vec<u32> = Vec::new();
    let mut examples = Vec::new();
    for at in 0..tries {
        // Strides of a third, so that early and late rows come before their neighbours.
        let at = (at * (tries / 3 * 2 + 1)) % tries.max(1);
        let row = at * rows / tries;
        let code = column.codes()[row];
        if !is_missing[code as usize] && !codes.contains(&code) && examples.len() < EXAMPLES {
            codes.push(code);
            examples.push(shortened(column.cell(RowId(row as u32))));
        }
    }
    examples
}

#[cfg(test)]
mod tests {
    use super::super::tests::column;
    use super::*;

    fn of(cells: impl IntoIterator<Item = impl AsRef<str>>) -> ColumnDetail {
        detail(&column("c", cells), &Schema::default())
    }

    #[test]
    fn numbers_are_told_in_full() {
        let cells = (0..100).map(|row| match row {
            7 => "?".to_owned(),
            8 => String::new(),
            9 => "many".to_owned(),
            _ => format!("${row}.50"),
        });
        let detail = of(cells);
        assert_eq!(detail.kind, "number");
        assert_eq!(detail.format.as_deref(), Some("$1234.56"));
        assert_eq!(detail.unread, [("many".to_owned(), 1)]);
        assert_eq!(detail.missing, 2);
        assert_eq!(
            detail.missing_spellings,
            [(String::new(), 1), ("?".to_owned(), 1)]
        );
        assert_eq!(detail.distinct, 98);
        let figures = detail.numbers.unwrap();
        assert_eq!(figures.quantiles[0], 0.5);
        assert_eq!(figures.quantiles[4], 99.5);
        assert_eq!(detail.bars.iter().map(|bar| bar.rows).sum::<u32>(), 97);
        assert_eq!(detail.chars, [4, 6, 6, 6]);
        assert_eq!(detail.examples.len(), EXAMPLES);
    }

    #[test]
    fn a_number_far_off_is_suspected_and_not_assumed() {
        let cells = (0..200).map(|row| {
            if row % 10 == 0 {
                "-200".to_owned()
            } else {
                format!("{}.5", row % 17)
            }
        });
        let detail = of(cells);
        assert_eq!(detail.suspected_missing, [("-200".to_owned(), 20)]);
        assert_eq!(
            (detail.missing, detail.numbers.unwrap().quantiles[0]),
            (0, -200.0)
        );
        assert!(
            of((0..200).map(|row| format!("{}", row % 17)))
                .suspected_missing
                .is_empty()
        );
    }

    #[test]
    fn dates_and_times_have_bars_with_round_bounds() {
        let detail =
            of((0..400)
                .map(|row| format!("{}/{}/{}", 1 + row % 28, 1 + row % 12, 2000 + row / 40)));
        assert_eq!(detail.kind, "date");
        assert_eq!(detail.format.as_deref(), Some("day/month/year"));
        assert_eq!(detail.bars[0].label, "2000");
        assert_eq!(detail.bars.len(), 10);
        assert!(detail.bars.iter().all(|bar| bar.rows == 40));
        let detail = of((0..240).map(|row| format!("{:02}:{:02}", row % 24, row % 60)));
        assert_eq!(detail.bars.len(), 24);
        assert_eq!(detail.bars[13].label, "13:00");
    }

    #[test]
    fn categories_show_their_cells_and_the_rest() {
        let detail = of((0..3000).map(|row| format!("c{}", row % 30)));
        assert_eq!(detail.kind, "category");
        assert_eq!(detail.bars.len(), MOST_CELL_BARS + 1);
        assert_eq!(detail.bars[MOST_CELL_BARS].label, "10 others");
        assert_eq!(detail.bars[MOST_CELL_BARS].rows, 1000);
        assert!(detail.numbers.is_none());
    }

    #[test]
    fn lists_show_their_values() {
        let detail = of((0..90).map(|row| ["a|b", "a", "b|c|a"][row % 3]));
        assert_eq!(detail.kind, "multi_value");
        let bars: Vec<(&str, u32)> = detail
            .bars
            .iter()
            .map(|bar| (bar.label.as_str(), bar.rows))
            .collect();
        assert_eq!(bars, [("a", 90), ("b", 60), ("c", 30)]);
    }

    #[test]
    fn a_person_has_the_last_word() {
        let schema = Schema {
            kinds: [("c".to_owned(), "category".to_owned())].into(),
            ..Schema::default()
        };
        let detail = super::detail(&column("c", ["1", "2", "2"]), &schema);
        assert_eq!(detail.kind, "category");
        assert!(detail.reason.starts_with("You chose this."));
        assert_eq!(detail.bars[0].label, "2");
    }

    #[test]
    fn ordered_ones_come_with_their_order() {
        let detail = of((0..30).map(|row| ["high", "low", "medium"][row % 3]));
        assert_eq!(detail.kind, "ordered");
        assert_eq!(detail.order, ["low", "medium", "high"]);
    }

    #[test]
    fn nothing_is_no_problem() {
        let empty = of(Vec::<String>::new());
        assert!(empty.bars.is_empty() && empty.examples.is_empty());
        assert_eq!(empty.chars, [0; 4]);
        assert_eq!(of(["", "NA"]).missing, 2);
        let figures = of(["1e308", "-1e308", "5"]).numbers.unwrap();
        assert!(figures.mean.is_finite());
    }
}
