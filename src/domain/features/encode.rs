//! Rows as a plan encodes them.

use super::{CategoryPlan, ColumnPlan, FeaturePlan, Widths};
use crate::domain::table::{Column, RowId, Table};

/// Encoded rows: three arrays, because they go three ways into a network.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureRows {
    /// How many.
    pub rows: usize,
    /// Scaled numbers, shape `[rows, numbers]`.
    pub numbers: Vec<f32>,
    /// Flags, shape `[rows, flags]`.
    pub flags: Vec<f32>,
    /// Codes, shape `[rows, codes]`, each from 0 within its own column.
    pub codes: Vec<u32>,
}

/// What cells of one column become.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    pub numbers: Vec<f32>,
    pub flags: Vec<f32>,
    pub codes: Vec<u32>,
}

impl FeaturePlan {
    /// Encodes rows of a table that has the plan's columns. A column that is gone reads as empty.
    pub fn encode(&self, table: &Table, rows: &[RowId]) -> FeatureRows {
        let widths = self.widths();
        let mut encoded = FeatureRows {
            rows: rows.len(),
            numbers: vec![0.0; rows.len() * widths.numbers],
            flags: vec![0.0; rows.len() * widths.flags],
            codes: vec![0; rows.len() * widths.codes.len()],
        };
        let mut at = [0; 3];
        for feature in &self.features {
            let own = feature.plan.widths();
            let own = [own.numbers, own.flags, own.codes.len()];
            let column = table.column(&feature.column);
            let (cells, cell_of_row) = feature.plan.encode_column(column, rows);
            let strides = [widths.numbers, widths.flags, widths.codes.len()];
            scatter(
                &cells.numbers,
                &mut encoded.numbers,
                &cell_of_row,
                own[0],
                strides[0],
                at[0],
            );
            scatter(
                &cells.flags,
                &mut encoded.flags,
                &cell_of_row,
                own[1],
                strides[1],
                at[1],
            );
            scatter(
                &cells.codes,
                &mut encoded.codes,
                &cell_of_row,
                own[2],
                strides[2],
                at[2],
            );
            for (at, own) in at.iter_mut().zip(own) {
                *at += own;
            }
        }
        encoded
    }

    /// Encodes one row of cells that somebody typed, in the order of the plan's columns.
    pub fn encode_cells<'a>(&self, cell_of: impl Fn(&str) -> &'a str) -> FeatureRows {
        let mut cells = Cells::default();
        for feature in &self.features {
            feature
                .plan
                .encode_cell(cell_of(&feature.column), &mut cells);
        }
        FeatureRows {
            rows: 1,
            numbers: cells.numbers,
            flags: cells.flags,
            codes: cells.codes,
        }
    }
}

impl FeatureRows {
    /// Width of a row.
    pub fn fits(&self, widths: &Widths) -> bool {
        self.numbers.len() == self.rows * widths.numbers
            && self.flags.len() == self.rows * widths.flags
            && self.codes.len() == self.rows * widths.codes.len()
    }
}

impl ColumnPlan {
    /// Every distinct cell of the rows once, and for each row which of them it has.
    fn encode_column(&self, column: Option<&Column>, rows: &[RowId]) -> (Cells, Vec<usize>) {
        let mut cells = Cells::default();
        let Some(column) = column else {
            self.encode_cell("", &mut cells);
            return (cells, vec![0; rows.len()]);
        };
        let lookup = match self {
            Self::Category(plan) => plan.lookup(),
            _ => Default::default(),
        };
        let mut place_of_code: Vec<Option<usize>> = vec![None; column.distinct().len()];
        let mut places = 0;
        let mut cell_of_row = Vec::with_capacity(rows.len());
        for row in rows {
            let code = column.codes()[row.index()] as usize;
            let place = *place_of_code[code].get_or_insert_with(|| {
                let cell = &column.distinct()[code];
                match self {
                    Self::Category(_) => CategoryPlan::encode(&lookup, cell, &mut cells),
                    _ => self.encode_cell(cell, &mut cells),
                }
                places += 1;
                places - 1
            });
            cell_of_row.push(place);
        }
        (cells, cell_of_row)
    }

    fn encode_cell(&self, cell: &str, out: &mut Cells) {
        match self {
            Self::Number(plan) => plan.encode(cell, out),
            Self::Category(plan) => CategoryPlan::encode(&plan.lookup(), cell, out),
            Self::Boolean(plan) => plan.encode(cell, out),
            Self::Date(plan) => plan.encode(cell, out),
            Self::Tokens(plan) => plan.encode(cell, out),
        }
    }
}

/// Copies the entries of each row's cell into the rows.
fn scatter<T: Copy>(
    cells: &[T],
    rows: &mut [T],
    cell_of_row: &[usize],
    width: usize,
    stride: usize,
    at: usize,
) {
    if width == 0 {
        return;
    }
    for (row, &cell) in cell_of_row.iter().enumerate() {
        rows[row * stride + at..][..width].copy_from_slice(&cells[cell * width..][..width]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FeatureOptions, FeatureSource};
    use super::*;
    use crate::domain::table::ColumnBuilder;

    #[test]
    fn rows_of_a_table_and_typed_cells_agree() {
        let mut columns = ["size", "colour", "sold"].map(ColumnBuilder::new);
        for row in 0..30 {
            let cells = [
                if row % 7 == 0 {
                    String::new()
                } else {
                    format!("{}.5", row % 11)
                },
                ["red", "green", ""][row % 3].to_owned(),
                ["yes", "no"][row % 2].to_owned(),
            ];
            for (column, cell) in columns.iter_mut().zip(&cells) {
                column.push(cell);
            }
        }
        let table = Table::new("t.csv", columns.map(ColumnBuilder::finish).into());
        let sources: Vec<FeatureSource> = table
            .columns()
            .iter()
            .map(|column| FeatureSource {
                column: column.name().to_owned(),
                kind: None,
            })
            .collect();
        let train: Vec<RowId> = (0..20).map(RowId).collect();
        let plan = FeaturePlan::fit(&table, &sources, &train, &FeatureOptions::default());
        assert_eq!(plan.features.len(), 3, "{:?}", plan.left_out);
        let rows: Vec<RowId> = (0..30).rev().map(RowId).collect();
        let encoded = plan.encode(&table, &rows);
        assert!(encoded.fits(&plan.widths()));
        for (at, &row) in rows.iter().enumerate() {
            let one = plan.encode_cells(|name| table.column(name).unwrap().cell(row));
            assert_eq!(one.numbers, encoded.numbers[at..=at]);
            assert_eq!(one.flags, encoded.flags[at * 2..][..2]);
            assert_eq!(one.codes, encoded.codes[at..=at]);
        }
    }
}
