//! Which rows become part of the table, and how much memory they may take.
//!
//! A reader offers every row it meets; only those that are kept cost more than being looked at.
//! Rows at random are drawn in one pass over a file whose length nobody knows (reservoir sampling:
//! Vitter 1985, algorithm R): the `n`-th row takes the place of one of those kept with probability
//! `rows / n`. Columns only grow, so a row that lost its place stays until so many have that
//! clearing them away pays.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Sample;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::{Column, ColumnBuilder};

/// Memory for the cells of a table. A tab has 4 GB in all, of which the columns' growing takes up
/// to half as much again, and training the rest.
pub const CELL_BYTES: usize = 1_500_000_000;

/// The memory is measured after so many rows or so many bytes of cells, whichever comes first.
const ROWS_BETWEEN: usize = 4096;
const BYTES_BETWEEN: usize = 16 << 20;

/// Rows beyond twice the sample that have lost their place before they are cleared away.
const STALE_ROWS: usize = 65_536;

/// The columns of a table that is being read.
#[derive(Debug)]
pub struct Rows {
    columns: Vec<ColumnBuilder>,
    draw: Draw,
    /// Rows offered.
    seen: u64,
    /// Rows in the columns.
    pushed: usize,
    budget: usize,
    /// Rows and bytes since the memory was measured.
    since: (usize, usize),
    is_over_budget: bool,
}

#[derive(Debug)]
enum Draw {
    All,
    First(u32),
    Random {
        rng: Box<ChaCha8Rng>,
        rows: u32,
        /// Where each of the rows kept is in the columns.
        kept: Vec<u32>,
    },
}

impl Rows {
    /// No columns yet, and room for so many bytes of cells.
    pub fn new(sample: Sample, budget: usize) -> Self {
        Self {
            columns: Vec::new(),
            draw: match sample {
                Sample::All => Draw::All,
                Sample::First { rows } => Draw::First(rows),
                Sample::Random { rows, seed } => Draw::Random {
                    rng: Box::new(ChaCha8Rng::seed_from_u64(seed.into())),
                    rows,
                    kept: Vec::new(),
                },
            },
            seen: 0,
            pushed: 0,
            budget,
            since: (0, 0),
            is_over_budget: false,
        }
    }

    /// The columns so far.
    pub fn columns(&self) -> &[ColumnBuilder] {
        &self.columns
    }

    /// Adds a column, which is empty in the rows above, and gives its place.
    pub fn add_column(&mut self, name: impl Into<String>) -> usize {
        let mut column = ColumnBuilder::new(name);
        for _ in 0..self.pushed {
            column.push("");
        }
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// Rows offered so far.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Whether no later row can become part of the table, so that the rest of the file need not be
    /// read.
    pub fn is_enough(&self) -> bool {
        self.is_over_budget || matches!(self.draw, Draw::First(rows) if self.seen >= rows.into())
    }

    /// Counts a row that was met. Whether it is kept; then it has to be pushed.
    pub fn offer(&mut self) -> bool {
        if self.is_enough() {
            return false;
        }
        let at = self.seen;
        self.seen += 1;
        let Draw::Random { rng, rows, kept } = &mut self.draw else {
            return true;
        };
        let place = if at < u64::from(*rows) {
            kept.push(0);
            at
        } else {
            rng.random_range(0..=at)
        };
        let Some(place) = kept.get_mut(place as usize) else {
            return false;
        };
        *place = self.pushed as u32;
        true
    }

    /// Appends a row that is kept: one cell a column, the last ones empty where there are fewer.
    pub fn push<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            let cell = cells.next().unwrap_or_default();
            column.push(cell);
            self.since.1 += cell.len();
        }
        self.pushed += 1;
        self.since.0 += 1;
        if self.since.0 >= ROWS_BETWEEN || self.since.1 >= BYTES_BETWEEN {
            self.since = (0, 0);
            self.clear_stale();
            let bytes: usize = self.columns.iter().map(ColumnBuilder::bytes).sum();
            self.is_over_budget = bytes > self.budget || self.pushed >= (u32::MAX / 2) as usize;
        }
    }

    /// The rows so far, which are forgotten here: for who looks at a file's rows and keeps none.
    /// None of a sample at random, whose rows are known at the end.
    pub fn take(&mut self) -> Vec<Column> {
        if matches!(self.draw, Draw::Random { .. }) {
            return Vec::new();
        }
        (self.pushed, self.since) = (0, (0, 0));
        let fresh = |column: &mut ColumnBuilder| {
            let next = ColumnBuilder::new(column.name());
            std::mem::replace(column, next).finish()
        };
        self.columns.iter_mut().map(fresh).collect()
    }

    /// The columns, and what should be known of them.
    pub fn finish(mut self) -> (Vec<Column>, Option<Issue>) {
        let issue = self.issue();
        self.keep_only_drawn();
        let columns = self.columns.into_iter().map(ColumnBuilder::finish);
        (columns.collect(), issue)
    }

    fn issue(&self) -> Option<Issue> {
        self.is_over_budget.then(|| {
            Issue::new(
                "memory_full",
                Severity::Warning,
                Position::Table,
                format!(
                    "The first {} rows fill the memory that a tab has for a table; the file was read no further.",
                    self.pushed
                ),
                "Read a sample: the first rows, or rows at random from the whole file.",
            )
        })
    }

    fn clear_stale(&mut self) {
        if let Draw::Random { rows, .. } = self.draw
            && self.pushed > 2 * rows as usize + STALE_ROWS
        {
            self.keep_only_drawn();
        }
    }

    /// Leaves the rows that were drawn and have not lost their place, in the file's order.
    fn keep_only_drawn(&mut self) {
        let Draw::Random { kept, .. } = &mut self.draw else {
            return;
        };
        if kept.len() == self.pushed {
            return;
        }
        let mut order: Vec<u32> = (0..kept.len() as u32).collect();
        order.sort_unstable_by_key(|&place| kept[place as usize]);
        let rows: Vec<u32> = order.iter().map(|&place| kept[place as usize]).collect();
        // One column after the other, so that only one is there twice.
        for column in &mut self.columns {
            let all = std::mem::take(column).finish();
            let mut drawn = ColumnBuilder::new(all.name());
            drawn.extend(&all, rows.iter().map(|&row| row as usize));
            *column = drawn;
        }
        for (row, &place) in order.iter().enumerate() {
            kept[place as usize] = row as u32;
        }
        self.pushed = kept.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cells kept of a file of numbered rows, and the rows that were looked at.
    fn kept(sample: Sample, rows: u32) -> (Vec<u32>, u64) {
        let mut keeper = Rows::new(sample, CELL_BYTES);
        keeper.add_column("n");
        for row in 0..rows {
            if keeper.offer() {
                keeper.push([row.to_string().as_str()]);
            }
        }
        let seen = keeper.seen();
        let (columns, issue) = keeper.finish();
        assert_eq!(issue, None);
        let cells = columns[0].cells().map(|cell| cell.parse().unwrap());
        (cells.collect(), seen)
    }

    #[test]
    fn samples_are_as_large_as_asked() {
        let all: Vec<u32> = (0..10).collect();
        assert_eq!(kept(Sample::All, 10), (all.clone(), 10));
        assert_eq!(kept(Sample::First { rows: 4 }, 10), (vec![0, 1, 2, 3], 4));
        assert_eq!(kept(Sample::First { rows: 40 }, 10), (all.clone(), 10));
        assert_eq!(kept(Sample::First { rows: 0 }, 10), (vec![], 0));
        let random = |rows, seed| kept(Sample::Random { rows, seed }, 10);
        assert_eq!(random(10, 1), (all.clone(), 10));
        assert_eq!(random(20, 1), (all, 10));
        assert_eq!(random(0, 1), (vec![], 10));
    }

    #[test]
    fn rows_at_random_keep_their_order_and_follow_the_seed() {
        let draw = |seed| kept(Sample::Random { rows: 100, seed }, 1000).0;
        let drawn = draw(1);
        assert_eq!(drawn.len(), 100);
        assert!(drawn.is_sorted_by(|a, b| a < b));
        assert_eq!(drawn, draw(1));
        assert_ne!(drawn, draw(2));
    }

    #[test]
    fn every_row_is_drawn_equally_often() {
        let mut counts = [0_u32; 50];
        for seed in 0..4000 {
            for row in kept(Sample::Random { rows: 5, seed }, 50).0 {
                counts[row as usize] += 1;
            }
        }
        // 400 expected each, with a standard deviation of 19.
        assert!(
            counts.iter().all(|count| (310..490).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn rows_that_lost_their_place_are_cleared_away() {
        let mut rows = Rows::new(
            Sample::Random {
                rows: 20_000,
                seed: 3,
            },
            CELL_BYTES,
        );
        rows.add_column("n");
        let mut most = 0;
        for row in 0..3_000_000 {
            if rows.offer() {
                rows.push([row.to_string().as_str()]);
            }
            most = most.max(rows.pushed);
        }
        assert!(most < 2 * 20_000 + STALE_ROWS + 2 * ROWS_BETWEEN, "{most}");
        let (columns, _) = rows.finish();
        let cells: Vec<u32> = columns[0]
            .cells()
            .map(|cell| cell.parse().unwrap())
            .collect();
        assert_eq!(cells.len(), 20_000);
        assert!(cells.is_sorted_by(|a, b| a < b));
        assert_eq!(columns[0].distinct().len(), 20_000);
        let mean = cells.iter().map(|&n| f64::from(n)).sum::<f64>() / 20_000.0;
        assert!((mean - 1_500_000.0).abs() < 30_000.0, "{mean}");
    }

    #[test]
    fn full_memory_ends_the_reading() {
        let mut rows = Rows::new(Sample::All, 1 << 20);
        rows.add_column("text");
        let mut offered = 0;
        while !rows.is_enough() {
            assert!(rows.offer());
            rows.push([format!("a text that is like no other: {offered}").as_str()]);
            offered += 1;
        }
        assert!(!rows.offer() && offered < 50_000);
        let (columns, issue) = rows.finish();
        assert_eq!(columns[0].rows(), offered);
        let issue = issue.unwrap();
        assert_eq!(issue.id, "memory_full");
        assert!(issue.what.contains(&offered.to_string()));
    }

    #[test]
    fn rows_that_were_taken_are_not_there_again() {
        let mut rows = Rows::new(Sample::All, CELL_BYTES);
        rows.add_column("a");
        let mut pieces = Vec::new();
        for row in 0..10 {
            assert!(rows.offer());
            rows.push([row.to_string().as_str()]);
            if row % 4 == 3 {
                pieces.extend(rows.take());
                assert_eq!(rows.take()[0].rows(), 0);
            }
        }
        assert_eq!(rows.add_column("b"), 1);
        assert_eq!(rows.seen(), 10);
        let (columns, _) = rows.finish();
        assert!(columns[0].cells().eq(["8", "9"]) && columns[1].cells().eq(["", ""]));
        let cells: Vec<&str> = pieces.iter().flat_map(Column::cells).collect();
        assert_eq!(cells, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }

    #[test]
    fn late_columns_are_empty_above() {
        let mut rows = Rows::new(Sample::All, CELL_BYTES);
        rows.add_column("a");
        assert!(rows.offer());
        rows.push(["1"]);
        assert_eq!(rows.add_column("b"), 1);
        assert!(rows.offer());
        rows.push(["2", "x"]);
        let (columns, _) = rows.finish();
        assert!(columns[1].cells().eq(["", "x"]));
    }
}
