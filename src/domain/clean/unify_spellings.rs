//! One label in several spellings.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::normalize_unicode::normalized;
use super::offer::Proposal;
use super::trim_space::trimmed;
use super::{Fitted, Stage, Step, StepPlan, StepReport, Work, counted};
use crate::domain::missing::is_missing;

pub(super) struct UnifySpellings<'a> {
    pub column: &'a str,
    pub into: &'a [(String, String)],
}

impl Step for UnifySpellings<'_> {
    fn name(&self) -> &'static str {
        "Unify spellings"
    }

    fn about(&self) -> &'static str {
        "Makes one label of spellings that differ by case, space, punctuation or Unicode form."
    }

    fn stage(&self) -> Stage {
        Stage::BeforeSplit
    }

    fn apply(&self, work: &mut Work) -> Result<StepReport, String> {
        let different = |work: &Work| -> Result<usize, String> {
            let column = work.column(self.column)?;
            Ok(labels(work, column.name()).len())
        };
        let before = different(work)?;
        let report = work.change(Fitted::Replace {
            column: self.column.to_owned(),
            into: self.into.iter().cloned().collect(),
        });
        let after = different(work)?;
        Ok(report.saying(format!(
            "Unifies {} of \"{}\": {} become {after}.",
            counted(self.into.len(), "spelling"),
            self.column,
            counted(before, "label"),
        )))
    }
}

/// The labels of a column with their rows, in order of first appearance. White space at the ends
/// does not count.
fn labels(work: &Work, name: &str) -> Vec<(String, u32)> {
    let Ok(column) = work.column(name) else {
        return Vec::new();
    };
    let counts = Work::counts(column, work.rows());
    let mut place = BTreeMap::new();
    let mut labels: Vec<(String, u32)> = Vec::new();
    for (cell, rows) in column.distinct().iter().zip(counts) {
        if rows == 0 || is_missing(cell) {
            continue;
        }
        let at = *place.entry(cell.trim()).or_insert(labels.len());
        if at == labels.len() {
            labels.push((cell.trim().to_owned(), 0));
        }
        labels[at].1 += rows;
    }
    labels
}

/// What a label is besides case, space, punctuation and Unicode form.
///
/// Signs that tell labels apart stay: those of mathematics, currencies and programming languages
/// (`C`, `C++`, `C#`), what stands between two digits (`1.5`, `10/1`), and what stands before a
/// number (`-1`). Empty for a label of nothing but punctuation.
fn key(label: &str) -> String {
    let letters: Vec<char> = normalized(label)
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(|letter| letter.is_ascii_digit())
    };
    let is_word = |at: Option<usize>| {
        at.and_then(|at| letters.get(at))
            .is_some_and(|letter| letter.is_alphanumeric())
    };
    let mut key = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1);
        let is_apart = is_digit(Some(at + 1)) && (is_digit(before) || !is_word(before));
        let is_filler = letter.is_whitespace() || is_filler(letter);
        if !is_filler || (is_apart && (is_digit(before) || !letter.is_whitespace())) {
            key.push(letter);
        }
    }
    if key.chars().any(char::is_alphanumeric) {
        key
    } else {
        String::new()
    }
}

/// Punctuation that people leave out or vary.
fn is_filler(letter: char) -> bool {
    matches!(
        letter,
        '_' | '-' | '.' | ',' | ';' | ':' | '!' | '?' | '/' | '\\' | '(' | ')' | '[' | ']' | '{'
            | '}' | '"' | '\'' | '`' | '´' | '«' | '»' | '·' | '•' | '\u{2010}'..='\u{2015}'
            | '\u{2018}'..='\u{201f}' | '\u{2026}' | '\u{2039}' | '\u{203a}' | '\u{3001}' | '\u{3002}'
    )
}

/// The spellings of each label that has more than one: every spelling with the one that stays,
/// which is the most frequent, tidied.
pub(super) fn spellings(work: &Work, column: &str) -> Vec<(String, String)> {
    let mut groups: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    for (label, rows) in labels(work, column) {
        let key = key(&label);
        if !key.is_empty() {
            groups.entry(key).or_default().push((label, rows));
        }
    }
    let stays: BTreeMap<String, String> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .flat_map(|group| {
            let most = group.iter().map(|(_, rows)| *rows).max();
            let first = group.iter().find(|(_, rows)| Some(*rows) == most);
            let (label, _) = first.expect("a group has a label");
            let stays = normalized(&trimmed(label)).into_owned();
            group
                .into_iter()
                .map(move |(label, _)| (label, stays.clone()))
        })
        .collect();
    let Ok(column) = work.column(column) else {
        return Vec::new();
    };
    let cells = column.distinct().iter();
    cells
        .filter_map(|cell| Some((cell.to_string(), stays.get(cell.trim())?.clone())))
        .filter(|(from, to)| from != to)
        .collect()
}

/// For the target.
pub(super) fn offers(work: &Work) -> Vec<Proposal> {
    let column = work.recipe.target.clone();
    let into = spellings(work, &column);
    if into.is_empty() || !work.learns_classes() {
        return Vec::new();
    }
    vec![Proposal {
        why: format!(
            "Some labels of \"{column}\" differ only by case, space, punctuation or Unicode form, so a model would learn them as different."
        ),
        step: StepPlan::UnifySpellings { column, into },
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_label_have_one_key() {
        for (a, b) in [
            ("Play Music", "playmusic"),
            ("play_music", "PlayMusic "),
            ("e-mail", "Email"),
            ("Café", "CAFE\u{301}"),
            ("ﬁne", "fine"),
            ("STRASSE", "strasse"),
            ("covid-19", "COVID19"),
            ("don’t know", "Dont know"),
            ("ＡＢＣ", "abc"),
        ] {
            assert_eq!(key(a), key(b), "{a} {b}");
        }
    }

    #[test]
    fn different_labels_have_different_keys() {
        for (a, b) in [
            ("C", "C++"),
            ("C", "C#"),
            ("1.5", "15"),
            ("-1", "1"),
            ("10/1", "101"),
            ("1 2", "12"),
            ("+", "+1"),
            ("<5", ">5"),
            ("e", "é"),
            (".5", "5"),
        ] {
            assert_ne!(key(a), key(b), "{a} {b}");
        }
        assert_eq!(key("???"), "");
        assert_eq!(key("..."), "");
    }
}
