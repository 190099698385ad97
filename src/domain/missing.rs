//! The ways in which tables spell "there is nothing here".
//!
//! The list is short on purpose: `none`, `unknown`, `?` and `-` are labels in some tables, and a
//! label taken for a gap is lost silently.

/// Spellings of a missing value, besides nothing at all. In just these cases: `Na` is sodium.
const SPELLINGS: [&str; 8] = ["NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "#N/A"];

/// Whether a cell holds nothing, white space aside.
pub fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || SPELLINGS.contains(&cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_spelled_in_several_ways() {
        for cell in [
            "", "  ", "\u{a0}", "NA", " N/A ", "NaN", "null", "NULL", "#N/A",
        ] {
            assert!(is_missing(cell), "{cell:?}");
        }
    }

    #[test]
    fn what_may_be_a_label_is_not_missing() {
        for cell in [
            "none",
            "None",
            "na",
            "Na",
            "0",
            "-",
            "?",
            ".",
            "Null Island",
        ] {
            assert!(!is_missing(cell), "{cell:?}");
        }
    }
}
