//! One character in several Unicode forms, and characters that nobody sees.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::offer::Proposal;
use super::{Fitted, Stage, Step, StepPlan, StepReport, Work, counted};

pub(super) struct NormalizeUnicode<'a> {
    pub columns: &'a [String],
}

impl Step for NormalizeUnicode<'_> {
    fn name(&self) -> &'static str {
        "Normalise Unicode"
    }

    fn about(&self) -> &'static str {
        "Writes every character in one form (NFC) and takes invisible ones away."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let columns = work.columns(self.columns)?;
        let report = work.change(Fitted::NormalizeUnicode { columns });
        let what = format!(
            "Writes {} in one Unicode form, without invisible characters.",
            counted(report.cells as usize, "cell")
        );
        Ok(report.saying(what))
    }
}

/// A cell in Unicode Normalization Form C (Unicode Standard Annex 15) without characters that
/// nobody sees.
pub(super) fn normalized(cell: &str) -> Cow<'_, str> {
    if cell.is_ascii() && !cell.contains(is_invisible) {
        return Cow::Borrowed(cell);
    }
    let visible = if cell.contains(|letter| is_invisible(letter) || is_joiner(letter)) {
        Cow::Owned(without_invisible(cell))
    } else {
        Cow::Borrowed(cell)
    };
    if is_nfc(&visible) {
        visible
    } else {
        Cow::Owned(visible.nfc().collect())
    }
}

fn without_invisible(cell: &str) -> String {
    let letters: Vec<char> = cell
        .chars()
        .filter(|letter| !is_invisible(*letter))
        .collect();
    let joins = |neighbour: Option<&char>| {
        neighbour.is_some_and(|letter| {
            !letter.is_ascii() && !letter.is_whitespace() && !is_joiner(*letter)
        })
    };
    let mut visible = String::with_capacity(cell.len());
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        if !is_joiner(letter) || (joins(before) && joins(letters.get(at + 1))) {
            visible.push(letter);
        }
    }
    visible
}

/// Zero-width joiner and non-joiner: parts of emoji and of Persian and Indic words, and invisible
/// everywhere else.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

/// Control characters but white space, zero-width spaces, soft hyphens, marks of direction and
/// byte order marks.
fn is_invisible(letter: char) -> bool {
    match letter {
        '\u{ad}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => true,
        _ => letter.is_control() && !letter.is_whitespace(),
    }
}

/// For the columns in use in which something changes.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let has_gain = |name: &String| {
        let column = work.column(name).expect("columns in use are there");
        let counts = Work::counts(column, work.rows());
        let mut cells = column.distinct().iter().zip(counts);
        cells.any(|(cell, rows)| rows > 0 && normalized(cell) != *cell)
    };
    let columns: Vec<String> = work.in_use().into_iter().filter(has_gain).collect();
    if columns.is_empty() {
        return Vec::new();
    }
    vec![Proposal {
        step: StepPlan::NormalizeUnicode { columns },
        why: "What looks the same is spelled with different characters, some of them invisible."
            .to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_becomes_the_same() {
        for (before, after) in [
            ("plain", "plain"),
            ("two\nlines\tand a tab", "two\nlines\tand a tab"),
            ("cafe\u{301}", "café"),
            ("café", "café"),
            ("\u{feff}id", "id"),
            ("zero\u{200b}width", "zerowidth"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("nul\0 bell\u{7}", "nul bell"),
            ("\u{200e}left\u{202c}", "left"),
            ("\u{212b}", "Å"),
            ("한국", "한국"),
        ] {
            assert_eq!(normalized(before), after, "{before:?}");
        }
    }

    #[test]
    fn joiners_stay_where_they_join() {
        for (before, after) in [
            ("👩\u{200d}💻", "👩\u{200d}💻"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("ham\u{200d}", "ham"),
            ("h\u{200c}am", "ham"),
            ("👍🏽 ❤️", "👍🏽 ❤️"),
        ] {
            assert_eq!(normalized(before), after, "{before:?}");
        }
    }
}
