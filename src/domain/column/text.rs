//! Columns that people wrote for people: what the encoder reads.

use super::{ColumnKind, ColumnStats, percent};

/// Natural language.
#[derive(Debug, Clone, Copy)]
pub struct Text;

impl ColumnKind for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn name(&self) -> &'static str {
        "Text"
    }

    fn about(&self) -> &'static str {
        "Words and sentences, hardly any twice."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        let by_words = (stats.mean_words - 1.5) / 3.5;
        // Some scripts put no spaces between words.
        let by_chars = (stats.mean_chars * (1.0 - stats.codes) - 20.0) / 40.0;
        let prose = by_words.max(by_chars).clamp(0.0, 1.0);
        prose * (0.25 + 0.75 * stats.unique()) * (1.0 - stats.numbers)
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        format!(
            "Cells have {:.1} words on average, and {} of them are different.",
            stats.mean_words,
            percent(stats.unique())
        )
    }
}
