//! Encoded rows taken apart by column, and put together from the columns of several.

use std::ops::Range;

use super::{FeaturePlan, FeatureRows};

/// Where a column's entries lie in an encoded row: among the numbers, the flags and the codes.
pub type Span = [Range<usize>; 3];

impl FeaturePlan {
    /// Where the entries of every column lie, in the order of [`FeaturePlan::features`].
    pub fn spans(&self) -> Vec<Span> {
        let mut at = [0; 3];
        let own = self.features.iter().map(|feature| {
            let own = feature.plan.widths();
            let widths = [own.numbers, own.flags, own.codes.len()];
            let start = at;
            at = [0, 1, 2].map(|sort| at[sort] + widths[sort]);
            [0, 1, 2].map(|sort| start[sort]..at[sort])
        });
        own.collect()
    }
}

impl FeatureRows {
    /// Some of the rows, in this order, each as often as it is named.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let [numbers, flags, codes] = self.strides();
        let pick = |values: &[f32], width: usize| {
            let own = rows.iter().flat_map(|&row| &values[row * width..][..width]);
            own.copied().collect()
        };
        Self {
            rows: rows.len(),
            numbers: pick(&self.numbers, numbers),
            flags: pick(&self.flags, flags),
            codes: rows
                .iter()
                .flat_map(|&row| &self.codes[row * codes..][..codes])
                .copied()
                .collect(),
        }
    }

    /// Puts a column's entries of a row of another list, encoded by the same plan, into a row.
    pub fn put(&mut self, row: usize, from: &Self, from_row: usize, span: &Span) {
        let (own, theirs) = (self.strides(), from.strides());
        let places = |sort: usize| {
            let shift = |stride: usize, row: usize| {
                span[sort].start + row * stride..span[sort].end + row * stride
            };
            (shift(own[sort], row), shift(theirs[sort], from_row))
        };
        let (to, at) = places(0);
        self.numbers[to].copy_from_slice(&from.numbers[at]);
        let (to, at) = places(1);
        self.flags[to].copy_from_slice(&from.flags[at]);
        let (to, at) = places(2);
        self.codes[to].copy_from_slice(&from.codes[at]);
    }

    /// Puts the rows of another list below these.
    pub fn extend(&mut self, other: &Self) {
        self.rows += other.rows;
        self.numbers.extend(&other.numbers);
        self.flags.extend(&other.flags);
        self.codes.extend(&other.codes);
    }

    /// Entries of a row: numbers, flags and codes.
    fn strides(&self) -> [usize; 3] {
        let rows = self.rows.max(1);
        [&self.numbers.len(), &self.flags.len(), &self.codes.len()].map(|entries| entries / rows)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FeatureOptions, FeatureSource};
    use super::*;
    use crate::domain::table::{ColumnBuilder, RowId, Table};

    #[test]
    fn a_row_with_another_rows_cell_is_encoded_like_that() {
        let mut columns = ["size", "colour", "sold", "tags"].map(ColumnBuilder::new);
        for row in 0..40 {
            let cells = [
                if row % 7 == 3 {
                    String::new()
                } else {
                    format!("{}.5", row % 11)
                },
                ["red", "green", "blue"][row % 3].to_owned(),
                ["yes", "no"][row % 2].to_owned(),
                ["a;b", "b;c", "c"][row % 3].to_owned(),
            ];
            for (column, cell) in columns.iter_mut().zip(&cells) {
                column.push(cell);
            }
        }
        let table = Table::new("t.csv", columns.map(ColumnBuilder::finish).into());
        let source = |column: &str| FeatureSource {
            column: column.to_owned(),
            kind: (column == "tags").then(|| "multi_value".to_owned()),
        };
        let sources = ["size", "colour", "sold", "tags"].map(source);
        let rows: Vec<RowId> = (0..40).map(RowId).collect();
        let plan = FeaturePlan::fit(&table, &sources, &rows, &FeatureOptions::default());
        assert_eq!(plan.features.len(), 4, "{:?}", plan.left_out);
        let encoded = plan.encode(&table, &rows);
        assert_eq!(encoded.select(&(0..40).collect::<Vec<_>>()), encoded);

        // Row 3, whose size is missing, takes each cell of row 8 in turn.
        for (at, span) in plan.spans().iter().enumerate() {
            let mut mixed = encoded.select(&[8, 3]);
            mixed.put(1, &encoded, 8, span);
            let taken = &plan.features[at].column;
            let expected = plan.encode_cells(|name| {
                let row = RowId(if name == taken { 8 } else { 3 });
                table.column(name).unwrap().cell(row)
            });
            assert_eq!(mixed.select(&[1]), expected, "{taken}");
            assert_eq!(mixed.select(&[0]), encoded.select(&[8]));
        }
    }
}
