//! Numbers as a column spells them.

use serde::{Deserialize, Serialize};

use crate::domain::missing::is_missing;

/// Reads the numbers of one column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {}

impl Numbers {
    /// How these cells spell numbers. They have to be cells of training rows.
    pub fn of<'a>(_cells: impl IntoIterator<Item = &'a str>) -> Self {
        Self {}
    }

    /// A cell's number. Infinities are numbers here: they lie far from all others.
    pub fn read(&self, cell: &str) -> Option<f64> {
        let cell = cell.trim();
        match cell.trim_start_matches(['+', '-']).to_lowercase().as_str() {
            "inf" | "infinity" | "∞" if cell.starts_with('-') => Some(f64::NEG_INFINITY),
            "inf" | "infinity" | "∞" => Some(f64::INFINITY),
            _ if is_missing(cell) => None,
            _ => cell.parse().ok().filter(|number: &f64| !number.is_nan()),
        }
    }

    /// A cell that this column would have for a finite number, rounded to 12 digits; `None` where
    /// it spells numbers in a way that is not written here.
    pub fn write(&self, number: f64) -> Option<String> {
        let rounded: f64 = format!("{number:.11e}").parse().ok()?;
        let plain = format!("{rounded}");
        [plain.replace('.', ","), plain]
            .into_iter()
            .rev()
            .find(|cell| self.read(cell) == Some(rounded))
    }
}
