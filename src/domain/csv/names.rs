//! The header's cells become names of columns.

use std::collections::{HashMap, HashSet};

use super::records::{Record, is_stray};
use crate::domain::issue::{Issue, Position, Severity};

/// Names of the columns: trimmed, never empty, never twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) names: Vec<String>,
    /// Which of them stand in for names that the header does not give.
    pub(super) nameless: Vec<usize>,
    /// What is odd about them, the stand-ins aside.
    pub(super) issues: Vec<Issue>,
}

impl Names {
    /// Stand-ins for a table without a header.
    pub(super) fn without_header(columns: usize) -> Self {
        Self {
            names: (0..columns).map(stand_in).collect(),
            nameless: (0..columns).collect(),
            issues: Vec::new(),
        }
    }

    /// Names from a header. One that is shorter than most rows gets names for the columns that it
    /// does not know.
    pub(super) fn of(header: &Record, columns: usize) -> Self {
        let at = || Position::Line { line: header.line };
        let mut issues = Vec::new();
        let mut names: Vec<String> = header.cells().map(|cell| cell.trim().to_owned()).collect();
        let named = names.len();
        if named < columns {
            issues.push(Issue::new(
                "short_header",
                Severity::Warning,
                at(),
                format!("The header names {named} of the {columns} columns that most rows have."),
                "Check that the names stand above the right columns.",
            ));
            names.resize(columns, String::new());
        }
        let mut nameless = Vec::new();
        for (at, name) in names.iter_mut().enumerate() {
            if is_stray(name) {
                nameless.push(at);
                *name = stand_in(at);
            }
        }
        let renamed = make_unique(&mut names);
        if !renamed.is_empty() {
            issues.push(Issue::new(
                "same_column_names",
                Severity::Warning,
                at(),
                format!(
                    "Several columns have the same name; the later ones are called {} here.",
                    list(&renamed)
                ),
                "Check that you choose the right one of them.",
            ));
        }
        Self {
            names,
            nameless,
            issues,
        }
    }

    /// What a person should know about stand-ins.
    pub(super) fn nameless_issue(names: &[&str], line: u64) -> Option<Issue> {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        (!names.is_empty()).then(|| {
            Issue::new(
                "nameless_columns",
                Severity::Note,
                Position::Line { line },
                format!("Columns without a name are called {} here.", list(&quoted)),
                "Nothing to do, unless you need one of them.",
            )
        })
    }
}

/// A name by position, from 1.
fn stand_in(at: usize) -> String {
    format!("column_{}", at + 1)
}

/// Numbers names that occur twice, and gives back the new ones.
fn make_unique(names: &mut [String]) -> Vec<String> {
    let originals: HashSet<String> = names.iter().cloned().collect();
    let mut taken: HashSet<String> = HashSet::new();
    // Which number to try next: trying all from 2 on would take the square of the columns.
    let mut next: HashMap<String, usize> = HashMap::new();
    let mut renamed = Vec::new();
    for name in names {
        if taken.insert(name.clone()) {
            continue;
        }
        let number = next.entry(name.clone()).or_insert(2);
        let unique = loop {
            let unique = format!("{name} ({number})");
            *number += 1;
            if !taken.contains(&unique) && !originals.contains(&unique) {
                break unique;
            }
        };
        renamed.push(format!("\"{unique}\""));
        taken.insert(unique.clone());
        *name = unique;
    }
    renamed
}

/// The first few of some things, and how many more there are.
pub(super) fn list(things: &[String]) -> String {
    const SHOWN: usize = 5;
    if things.len() <= SHOWN {
        things.join(", ")
    } else {
        format!(
            "{} and {} more",
            things[..SHOWN].join(", "),
            things.len() - SHOWN
        )
    }
}
