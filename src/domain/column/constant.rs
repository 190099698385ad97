//! Columns that say the same of every row, or nothing at all.

use super::{ColumnKind, ColumnStats};

/// At most one value.
#[derive(Debug, Clone, Copy)]
pub struct Constant;

impl ColumnKind for Constant {
    fn id(&self) -> &'static str {
        "constant"
    }

    fn name(&self) -> &'static str {
        "Constant"
    }

    fn about(&self) -> &'static str {
        "The same value in every row, or none."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        f32::from(u8::from(stats.distinct <= 1))
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        match &stats.most_frequent[..] {
            [] => "No row has a value.".to_owned(),
            [(cell, _)] if stats.missing == 0 => {
                format!("Every cell is \"{}\".", super::shortened(cell))
            }
            [(cell, _)] => format!(
                "Every cell that is not missing is \"{}\".",
                super::shortened(cell)
            ),
            _ => "It was chosen.".to_owned(),
        }
    }
}
