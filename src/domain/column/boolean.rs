//! Columns of a yes and a no, however they are spelled.

use super::{ColumnKind, ColumnStats};

/// Two values that mean yes and no.
#[derive(Debug, Clone, Copy)]
pub struct Boolean;

/// Spellings, in any case.
const PAIRS: [(&str, &str); 7] = [
    ("no", "yes"),
    ("false", "true"),
    ("0", "1"),
    ("0.0", "1.0"),
    ("n", "y"),
    ("f", "t"),
    ("off", "on"),
];

impl ColumnKind for Boolean {
    fn id(&self) -> &'static str {
        "boolean"
    }

    fn name(&self) -> &'static str {
        "Yes or no"
    }

    fn about(&self) -> &'static str {
        "One of two values that mean yes and no."
    }

    fn score(&self, stats: &ColumnStats) -> f32 {
        let [(a, _), (b, _)] = &stats.most_frequent[..] else {
            return 0.0;
        };
        let is_pair = |no: &str, yes: &str| {
            let (a, b) = (a.trim(), b.trim());
            (a.eq_ignore_ascii_case(no) && b.eq_ignore_ascii_case(yes))
                || (a.eq_ignore_ascii_case(yes) && b.eq_ignore_ascii_case(no))
        };
        if PAIRS.iter().any(|(no, yes)| is_pair(no, yes)) {
            0.95
        } else {
            0.0
        }
    }

    fn reason(&self, stats: &ColumnStats) -> String {
        match &stats.most_frequent[..] {
            [(a, _), (b, _)] => format!("Every cell is \"{a}\" or \"{b}\"."),
            _ => "It was chosen.".to_owned(),
        }
    }
}
