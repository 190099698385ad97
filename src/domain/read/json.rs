//! JSON objects become rows.
//!
//! Each object is a row and each of its members a cell: strings as they are, numbers and truth
//! values as they are written, null as an empty cell. An object within an object is flattened, its
//! names joined by dots; a list stays JSON. A column appears with the first object that has it.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::keep::Rows;
use crate::domain::issue::{Issue, Position, Severity};
use crate::domain::table::Column;

/// Objects within objects are flattened so deep; deeper ones stay JSON.
const DEPTH: usize = 8;

/// Columns beyond so many are left out: names that are data (a key for each user) would make a
/// column for each row.
const MOST_COLUMNS: usize = 20_000;

/// So many issues of a sort are told one by one.
const TOLD_OF_A_SORT: usize = 20;

/// The members of an object in their order, values as they are written.
#[derive(Debug)]
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> serde::Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    members.push((member.0.0, member.1));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A string, borrowed where it holds no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Fills rows with objects.
#[derive(Debug)]
pub(super) struct ObjectReader {
    pub(super) rows: Rows,
    place_of: HashMap<String, usize>,
    /// One row's cells, kept for their space.
    cells: Vec<String>,
    issues: Vec<Issue>,
    unreadable: usize,
    other_values: usize,
    left_out: usize,
    /// The first object, as long as there is no other.
    only: Option<String>,
}

impl ObjectReader {
    pub(super) fn new(rows: Rows) -> Self {
        Self {
            rows,
            place_of: HashMap::new(),
            cells: Vec::new(),
            issues: Vec::new(),
            unreadable: 0,
            other_values: 0,
            left_out: 0,
            only: None,
        }
    }

    /// Takes a JSON value that begins on that line of the file.
    pub(super) fn push(&mut self, json: &str, line: u64) {
        let members: Members = match serde_json::from_str(json) {
            Ok(members) => members,
            Err(error) => return self.tell_unreadable(json, line, &error),
        };
        self.only = (self.rows.seen() == 0).then(|| json.to_owned());
        if !self.rows.offer() {
            return;
        }
        self.cells.iter_mut().for_each(String::clear);
        self.fill("", &members, 0);
        self.rows.push(self.cells.iter().map(String::as_str));
    }

    /// Where the only object holds a list of objects, as answers of web services do, reads those
    /// instead.
    pub(super) fn unwrap_only(&mut self, rows: Rows) {
        let Some(only) = self.only.take() else { return };
        let Some((name, objects)) = wrapped(&only) else {
            return;
        };
        *self = Self::new(rows);
        self.issues.push(Issue::new(
            "wrapped",
            Severity::Note,
            Position::Table,
            format!("The file is one object; the rows are those of its list \"{name}\"."),
            "Nothing to do.",
        ));
        for object in objects {
            self.push(object, 1);
        }
    }

    /// The rows so far, which are forgotten here; none while they may be a list within the only object.
    pub(super) fn take(&mut self) -> Vec<Column> {
        match self.only {
            Some(_) => Vec::new(),
            None => self.rows.take(),
        }
    }

    /// What was noticed.
    pub(super) fn issues(&mut self) -> Vec<Issue> {
        for (id, count) in [
            ("bad_json", self.unreadable),
            ("not_an_object", self.other_values),
        ] {
            if let Some(more @ 1..) = count.checked_sub(TOLD_OF_A_SORT) {
                self.issues.push(Issue::new(
                    id,
                    Severity::Warning,
                    Position::Table,
                    format!("{more} more are like these."),
                    "Check what wrote the file: so many rarely go wrong one by one.",
                ));
            }
        }
        if self.left_out > 0 {
            self.issues.push(Issue::new(
                "too_many_columns",
                Severity::Warning,
                Position::Table,
                format!(
                    "The objects have more than {MOST_COLUMNS} different names; {} cells under further ones were left out.",
                    self.left_out
                ),
                "Write what varies from row to row as a value, not as a name.",
            ));
        }
        std::mem::take(&mut self.issues)
    }

    fn fill(&mut self, prefix: &str, members: &Members, depth: usize) {
        for (name, value) in &members.0 {
            let joined;
            let name: &str = if prefix.is_empty() {
                name
            } else {
                joined = format!("{prefix}.{name}");
                &joined
            };
            let json = value.get();
            if json.starts_with('{')
                && depth < DEPTH
                && let Ok(inner) = serde_json::from_str::<Members>(json)
            {
                self.fill(name, &inner, depth + 1);
                continue;
            }
            let cell = match json {
                "null" => Cow::Borrowed(""),
                text if text.starts_with('"') => match serde_json::from_str::<Text>(text) {
                    Ok(text) => text.0,
                    Err(_) => Cow::Borrowed(json),
                },
                other => Cow::Borrowed(other),
            };
            let Some(place) = self.place(name) else {
                self.left_out += 1;
                continue;
            };
            self.cells[place].clear();
            self.cells[place].push_str(&cell);
        }
    }

    fn place(&mut self, name: &str) -> Option<usize> {
        if let Some(&place) = self.place_of.get(name) {
            return Some(place);
        }
        if self.place_of.len() == MOST_COLUMNS {
            return None;
        }
        let shown = match name.trim() {
            "" => format!("column_{}", self.place_of.len() + 1),
            name => name.to_owned(),
        };
        let is_taken = |name: &str| {
            self.rows
                .columns()
                .iter()
                .any(|column| column.name() == name)
        };
        let unique = std::iter::once(shown.clone())
            .chain((2..).map(|number| format!("{shown} ({number})")))
            .find(|name| !is_taken(name))
            .unwrap_or_default();
        let place = self.rows.add_column(unique);
        self.place_of.insert(name.to_owned(), place);
        self.cells.push(String::new());
        Some(place)
    }

    fn tell_unreadable(&mut self, json: &str, line: u64, error: &serde_json::Error) {
        let shown: String = json.chars().take(40).collect();
        let (count, id, what) = if serde_json::from_str::<&RawValue>(json).is_ok() {
            let what = format!("On line {line} there is no object but {shown}; it was left out.");
            (&mut self.other_values, "not_an_object", what)
        } else {
            let what = format!("Line {line} is not JSON and was left out ({error}): {shown}");
            (&mut self.unreadable, "bad_json", what)
        };
        *count += 1;
        if *count <= TOLD_OF_A_SORT {
            let at = Position::Line { line };
            let fix = "Write each row as an object, e.g. {\"text\": \"...\", \"label\": \"...\"}.";
            self.issues
                .push(Issue::new(id, Severity::Warning, at, what, fix));
        }
    }
}

/// The rows that one object holds in a list, as answers of web services do (`{"data": [...]}`): the
/// list's name and its objects.
fn wrapped(json: &str) -> Option<(String, Vec<&str>)> {
    let members: Members = serde_json::from_str(json).ok()?;
    members.0.into_iter().find_map(|(name, value)| {
        let list: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        let objects: Vec<&str> = list.iter().map(|value| value.get()).collect();
        let is_table = objects.first().is_some_and(|first| first.starts_with('{'));
        is_table.then(|| (name.into_owned(), objects))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{CELL_BYTES, Sample};
    use super::*;

    /// Reads objects and checks header, rows and ids of issues.
    #[track_caller]
    fn check(objects: &[&str], expected: &[&[&str]], ids: &[&str]) {
        let mut reader = ObjectReader::new(Rows::new(Sample::All, CELL_BYTES));
        for (object, line) in objects.iter().zip(1..) {
            reader.push(object, line);
        }
        let found = reader.issues();
        let found: Vec<&str> = found.iter().map(|issue| issue.id.as_str()).collect();
        assert_eq!(found, ids);
        let (columns, _) = reader.rows.finish();
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        assert_eq!(names, expected[0]);
        for (at, row) in expected[1..].iter().enumerate() {
            let cells = columns.iter().map(|column| column.cells().nth(at).unwrap());
            assert_eq!(cells.collect::<Vec<_>>(), *row);
        }
    }

    macro_rules! reads {
        ($($name:ident, $objects:expr, $expected:expr, $ids:expr;)*) => {
            $(#[test] fn $name() { check(&$objects, &$expected, &$ids); })*
        };
    }

    reads! {
        plain, [r#"{"text": "a", "n": 1}"#, r#"{"text": "b", "n": 2.50}"#],
            [&["text", "n"], &["a", "1"], &["b", "2.50"]], [];
        numbers_as_written, [r#"{"a": 12345678901234567890.10, "b": 1E5, "c": true, "d": null}"#],
            [&["a", "b", "c", "d"], &["12345678901234567890.10", "1E5", "true", ""]], [];
        escapes, [r#"{"a": "line\nbreak \"q\" \u00e9 \ud83d\udc4d"}"#],
            [&["a"], &["line\nbreak \"q\" é 👍"]], [];
        order_of_appearance, [r#"{"z": 1, "a": 2}"#, r#"{"a": 3, "m": 4}"#],
            [&["z", "a", "m"], &["1", "2", ""], &["", "3", "4"]], [];
        nested, [r#"{"user": {"name": "x", "at": {"city": "y"}}, "n": {}}"#],
            [&["user.name", "user.at.city"], &["x", "y"]], [];
        lists_stay, [r#"{"tags": ["a", {"b": 1}], "none": []}"#],
            [&["tags", "none"], &[r#"["a", {"b": 1}]"#, "[]"]], [];
        names_are_mended, [r#"{"": 1, " a ": 2, "a": 3}"#],
            [&["column_1", "a", "a (2)"], &["1", "2", "3"]], [];
        other_values, [r#"{"a": 1}"#, "[1, 2]", "3"], [&["a"], &["1"]],
            ["not_an_object", "not_an_object"];
        damaged, [r#"{"a": 1}"#, r#"{"a": "#], [&["a"], &["1"]], ["bad_json"];
    }

    #[test]
    fn a_list_in_an_object_is_found() {
        let (name, rows) =
            wrapped(r#"{"ok": true, "ids": [1], "data": [{"a": 1}, {"a": 2}]}"#).unwrap();
        assert_eq!((name.as_str(), rows.len()), ("data", 2));
        assert_eq!(wrapped(r#"{"a": 1}"#), None);
    }
}
