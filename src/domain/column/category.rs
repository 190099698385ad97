//! Columns of a few values that repeat: what most labels are.

use super::{ColumnKind, ColumnStats};

/// Values that repeat.
#[derive(Debug, Clone, Copy)]
pub struct Category;

/// Below this share of different cells they are values, whatever their length.
const RARELY_UNIQUE: f32 = 0.1;

/// Cells of this mean length are rather texts of which some repeat.
const LONG_CHARS: f32 = 60.0;

impl ColumnKind for Category {
    fn id(&self) -> &'static str {
        "category"
    }

    fn name(&self) -> &'static str {
        "Category"
    }

    fn about(&self) -> &'static str {
        "A few values that repeat."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        // Whatever no other kind explains is a category of sorts.
        const LAST_RESORT: f32 = 0.05;
        let unique = stats.unique();
        let shortness = if unique < RARELY_UNIQUE {
            1.0
        } else {
            (1.5 - stats.mean_chars / LONG_CHARS).clamp(0.0, 1.0)
        };
        (0.8 * (1.0 - unique) * shortness).max(LAST_RESORT)
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        format!(
            "{} different values, and a value stands in {:.1} rows on average.",
            stats.distinct,
            f64::from(stats.filled()) / f64::from(stats.distinct.max(1))
        )
    }
}
