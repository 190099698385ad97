//! A yes and a no as one flag.

use serde::{Deserialize, Serialize};

use super::Widths;
use super::encode::Cells;
use crate::domain::missing::is_missing;
use crate::domain::table::Column;

/// Which cell counts as a yes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BooleanPlan {
    /// The two values in lower case: that of -1, and that of 1.
    pub values: [String; 2],
    /// Whether training rows have gaps, which then are a flag of their own.
    pub has_gaps: bool,
}

impl BooleanPlan {
    /// `None` without two different values.
    pub(super) fn fit(column: &Column) -> Option<Self> {
        let mut values: Vec<String> = column
            .distinct()
            .iter()
            .filter(|cell| !is_missing(cell))
            .map(|cell| cell.trim().to_lowercase())
            .collect();
        // Of every usual pair (no and yes, false and true, 0 and 1) the alphabet puts no first;
        // off and on is the exception, and a flag is a flag either way round.
        values.sort_unstable();
        values.dedup();
        let [no, yes] = <[String; 2]>::try_from(values).ok()?;
        Some(Self {
            values: [no, yes],
            has_gaps: column.distinct().iter().any(is_missing),
        })
    }

    pub(super) fn widths(&self) -> Widths {
        Widths {
            flags: 1 + usize::from(self.has_gaps),
            ..Widths::default()
        }
    }

    pub(super) fn encode(&self, cell: &str, out: &mut Cells) {
        let cell = cell.trim().to_lowercase();
        let at = self.values.iter().position(|value| *value == cell);
        out.flags.push(match at {
            Some(0) => -1.0,
            Some(_) => 1.0,
            None => 0.0,
        });
        if self.has_gaps {
            out.flags.push(f32::from(at.is_none()));
        }
    }
}
