//! Columns that name each row: a model that learns them learns nothing.

use super::{ColumnKind, ColumnStats, percent};

/// A name for each row.
#[derive(Debug, Clone, Copy)]
pub struct Identifier;

/// Names that such columns go by.
const NAMES: [&str; 6] = ["id", "ids", "uuid", "guid", "key", "index"];

/// In fewer rows than this anything can be different by chance.
const FEW_ROWS: u32 = 20;

impl ColumnKind for Identifier {
    fn id(&self) -> &'static str {
        "identifier"
    }

    fn name(&self) -> &'static str {
        "Identifier"
    }

    fn about(&self) -> &'static str {
        "A different code or number in every row; nothing to learn from."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        if stats.unique() < 0.98 || stats.distinct < 2 {
            return 0.0;
        }
        let is_named_so = stats
            .name_words()
            .iter()
            .any(|word| NAMES.contains(&word.as_str()));
        if stats.rows < FEW_ROWS && !is_named_so {
            return 0.0;
        }
        let spread = stats.range[1] - stats.range[0];
        let is_dense = spread < 3.0 * f64::from(stats.distinct);
        if stats.whole_numbers == 1.0 && (is_dense || is_named_so) {
            0.92
        } else {
            0.85 * stats.codes * (1.0 - stats.numbers)
        }
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        let what = if stats.numbers > 0.5 {
            "numbers"
        } else {
            "codes"
        };
        format!(
            "{} of the cells are different, and they look like {what} that only name rows.",
            percent(stats.unique())
        )
    }
}
