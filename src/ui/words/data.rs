//! What the Data step says: how a file was read, what a step does, how rows are held apart.

use super::{bytes, count, rows};
use crate::domain::clean::{Fill, Outliers, Rebalance, StepPlan, StepReport};
use crate::domain::column::number::Decimal;
use crate::domain::csv::{Delimiter, Mark};
use crate::domain::leak::{LeakFix, LeakKind};
use crate::domain::read::{Format, ReadReport, Sample};
use crate::domain::split::{SplitKind, SplitPlan};

/// Delimiters that are offered, by the value of their option.
pub const DELIMITERS: [(&str, &str); 11] = [
    (",", "Comma ,"),
    (";", "Semicolon ;"),
    ("\t", "Tab"),
    ("|", "Pipe |"),
    (":", "Colon :"),
    ("^", "Caret ^"),
    ("~", "Tilde ~"),
    ("¦", "Broken bar ¦"),
    ("§", "Section sign §"),
    ("\u{1}", "Control character 1"),
    ("space", "Spaces"),
];

/// Encodings that are offered, by their labels in the WHATWG Encoding Standard.
pub const ENCODINGS: [(&str, &str); 14] = [
    ("UTF-8", "UTF-8"),
    ("UTF-16LE", "UTF-16 LE"),
    ("UTF-16BE", "UTF-16 BE"),
    ("windows-1252", "Windows-1252, Latin-1 (Western Europe)"),
    ("ISO-8859-2", "ISO-8859-2 (Central Europe)"),
    ("windows-1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("windows-1253", "Windows-1253 (Greek)"),
    ("windows-1254", "Windows-1254 (Turkish)"),
    ("Shift_JIS", "Shift_JIS (Japanese)"),
    ("EUC-JP", "EUC-JP (Japanese)"),
    ("gb18030", "GB18030 (Chinese)"),
    ("Big5", "Big5 (Chinese)"),
    ("EUC-KR", "EUC-KR (Korean)"),
];

/// `Comma-separated`
fn separated(delimiter: Delimiter) -> String {
    match delimiter {
        Delimiter::Whitespace => "Separated by spaces".to_owned(),
        Delimiter::Character(',') => "Comma-separated".to_owned(),
        Delimiter::Character(';') => "Semicolon-separated".to_owned(),
        Delimiter::Character('\t') => "Tab-separated".to_owned(),
        Delimiter::Character('|') => "Pipe-separated".to_owned(),
        Delimiter::Character(other) => format!("Separated by {other}"),
    }
}

/// How a file was read, in a line.
pub fn reading(report: &ReadReport) -> String {
    let mut said = Vec::new();
    match (report.format, &report.dialect) {
        (Format::Delimited, Some(dialect)) => {
            said.push(separated(dialect.delimiter));
            said.push(report.encoding.clone());
            said.push(if dialect.header {
                format!("header in line {}", dialect.skip_lines + 1)
            } else {
                "no header".to_owned()
            });
        }
        (Format::Delimited, None) => {
            said.push("Separated cells".to_owned());
            said.push(report.encoding.clone());
        }
        (Format::JsonLines, _) => {
            said.push("JSON, one object a line".to_owned());
            said.push(report.encoding.clone());
        }
        (Format::JsonArray, _) => {
            said.push("A JSON list of objects".to_owned());
            said.push(report.encoding.clone());
        }
    }
    if let Some(packed) = &report.packed {
        said.push(format!("packed by {packed}"));
    }
    said.push(if report.rows_seen > u64::from(report.rows_kept) {
        format!(
            "{} of {} kept",
            count(report.rows_kept.into()),
            rows(report.rows_seen)
        )
    } else {
        rows(report.rows_kept.into())
    });
    said.join(", ")
}

/// `12.3 MB of 1,024.0 MB`
pub fn progress(read: u64, total: u64) -> String {
    match total {
        0 => bytes(read),
        _ => format!("{} of {}", bytes(read), bytes(total)),
    }
}

/// The value of a delimiter's option.
pub fn delimiter_value(delimiter: Delimiter) -> String {
    match delimiter {
        Delimiter::Character(character) => character.to_string(),
        Delimiter::Whitespace => "space".to_owned(),
    }
}

/// A delimiter by the value of its option.
pub fn delimiter_of(value: &str) -> Option<Delimiter> {
    match value {
        "space" => Some(Delimiter::Whitespace),
        _ => value.chars().next().map(Delimiter::Character),
    }
}

/// The value of a mark's option: `none` or the character.
pub fn mark_value(mark: Mark) -> String {
    match mark {
        Mark::None => "none".to_owned(),
        Mark::Character(character) => character.to_string(),
    }
}

/// A mark by the value of its option; none lets it be detected.
pub fn mark_of(value: &str) -> Option<Mark> {
    match value {
        "" => None,
        "none" => Some(Mark::None),
        _ => value.chars().next().map(Mark::Character),
    }
}

/// The value of a format's option.
pub fn format_value(format: Format) -> &'static str {
    match format {
        Format::Delimited => "delimited",
        Format::JsonLines => "json_lines",
        Format::JsonArray => "json_array",
    }
}

/// A format by the value of its option; none lets it be detected.
pub fn format_of(value: &str) -> Option<Format> {
    [Format::Delimited, Format::JsonLines, Format::JsonArray]
        .into_iter()
        .find(|format| format_value(*format) == value)
}

/// The value of a decimal mark's option.
pub fn decimal_value(decimal: Option<Decimal>) -> &'static str {
    match decimal {
        None => "",
        Some(Decimal::Point) => "point",
        Some(Decimal::Comma) => "comma",
    }
}

/// A decimal mark by the value of its option; none lets each column tell.
pub fn decimal_of(value: &str) -> Option<Decimal> {
    [Decimal::Point, Decimal::Comma]
        .into_iter()
        .find(|decimal| decimal_value(Some(*decimal)) == value)
}

/// The value of a sample's option.
pub fn sample_value(sample: Sample) -> &'static str {
    match sample {
        Sample::All => "all",
        Sample::First { .. } => "first",
        Sample::Random { .. } => "random",
    }
}

/// `in all columns`, `in “a”`, `in “a” and 2 more`
fn inside(columns: &[String]) -> String {
    match columns {
        [] => "in all columns".to_owned(),
        [one] => format!("in “{one}”"),
        [one, two] => format!("in “{one}” and “{two}”"),
        [one, others @ ..] => format!("in “{one}” and {} more", others.len()),
    }
}

fn named(columns: &[String]) -> String {
    match columns {
        [] => "no column".to_owned(),
        [one] => format!("“{one}”"),
        [one, two] => format!("“{one}” and “{two}”"),
        [one, others @ ..] => format!("“{one}” and {} more columns", others.len()),
    }
}

/// What a step is called.
pub fn step(step: &StepPlan) -> String {
    match step {
        StepPlan::TrimSpace { columns } => format!("Trim spaces {}", inside(columns)),
        StepPlan::NormalizeUnicode { columns } => {
            format!("Write characters one way {}", inside(columns))
        }
        StepPlan::UnifySpellings { column, into } => match into.as_slice() {
            [(from, to)] => format!("Write “{from}” as “{to}” in “{column}”"),
            _ => format!("Unify {} spellings in “{column}”", into.len()),
        },
        StepPlan::DropDuplicates { columns, near } => {
            let sort = if *near {
                "repeated and nearly repeated rows"
            } else {
                "repeated rows"
            };
            match columns.as_slice() {
                [] => format!("Leave out {sort}"),
                _ => format!("Leave out {sort}, compared {}", inside(columns)),
            }
        }
        StepPlan::DropColumns { columns } => format!("Leave out {}", named(columns)),
        StepPlan::DropMissingTarget => "Leave out rows without a value to learn".to_owned(),
        StepPlan::FillMissing { column, with } => match with {
            Fill::Median => format!("Fill “{column}” with its median"),
            Fill::MostFrequent => format!("Fill “{column}” with its most frequent value"),
            Fill::Category => format!("Treat missing as a value of its own in “{column}”"),
            Fill::Value(value) => format!("Fill “{column}” with “{value}”"),
            Fill::DropRow => format!("Leave out rows without “{column}”"),
        },
        StepPlan::Outliers { column, how } => match how {
            Outliers::Clip => format!("Bound numbers far from the others in “{column}”"),
            Outliers::Flag => format!("Mark numbers far from the others in “{column}”"),
        },
        StepPlan::MergeRare {
            column,
            least,
            into,
        } => format!("Merge values of “{column}” with fewer than {least} rows into “{into}”"),
        StepPlan::DropRare { column, least } => {
            format!("Leave out rows whose “{column}” has fewer than {least}")
        }
        StepPlan::Rebalance { how } => match how {
            Rebalance::Oversample => "Draw rows of rare labels again for training".to_owned(),
            Rebalance::Undersample => "Leave out training rows of frequent labels".to_owned(),
        },
        StepPlan::Relabel { rows: mended, .. } => match mended.len() {
            1 => "Mend the label of a row".to_owned(),
            several => format!("Mend the labels of {several} rows"),
        },
        StepPlan::DropRows { rows: dropped } => {
            format!("Leave out {} by hand", rows(dropped.len() as u64))
        }
    }
}

/// What a step changes, counted.
pub fn step_counts(report: &StepReport) -> String {
    let mut said = Vec::new();
    if report.cells > 0 {
        let cells = if report.cells == 1 { "cell" } else { "cells" };
        said.push(format!(
            "{} {cells} in {} change",
            count(report.cells.into()),
            rows(report.rows.into())
        ));
    }
    if report.dropped_rows > 0 {
        said.push(format!("{} left out", rows(report.dropped_rows.into())));
    }
    if !report.dropped_columns.is_empty() {
        let number = report.dropped_columns.len();
        let columns = if number == 1 { "column" } else { "columns" };
        said.push(format!("{number} {columns} left out"));
    }
    if said.is_empty() {
        "changes nothing here".to_owned()
    } else {
        said.join(", ")
    }
}

/// The ways to hold rows apart, by the value of their option.
pub const SPLITS: [(&str, &str, &str); 6] = [
    (
        "stratified",
        "By chance, labels in proportion",
        "Every label has the same share of each part. Right for most tables.",
    ),
    (
        "random",
        "By chance",
        "Rows are drawn without a look at their labels.",
    ),
    (
        "group",
        "By group",
        "All rows of one customer, patient or machine stay on one side, so that the test asks about new ones.",
    ),
    (
        "time",
        "By time",
        "The past is learned from, and the newest rows judge, as in use.",
    ),
    (
        "column",
        "By a column",
        "A column says train, valid or test for each row.",
    ),
    (
        "second_file",
        "By a second file",
        "The rows of another file with the same columns are the test.",
    ),
];

/// The value of a split's option.
pub fn split_value(kind: &SplitKind) -> &'static str {
    match kind {
        SplitKind::Stratified => "stratified",
        SplitKind::Random => "random",
        SplitKind::Group { .. } => "group",
        SplitKind::Time { .. } => "time",
        SplitKind::Column { .. } => "column",
        SplitKind::SecondFile => "second_file",
    }
}

/// A split by the value of its option, by this column where it needs one.
pub fn split_of(value: &str, column: String) -> SplitKind {
    match value {
        "random" => SplitKind::Random,
        "group" => SplitKind::Group { column },
        "time" => SplitKind::Time { column },
        "column" => SplitKind::Column { column },
        "second_file" => SplitKind::SecondFile,
        _ => SplitKind::Stratified,
    }
}

/// How rows are held apart, in a line.
pub fn split(plan: &SplitPlan) -> String {
    match &plan.kind {
        SplitKind::Stratified => "By chance, every label in proportion".to_owned(),
        SplitKind::Random => "By chance".to_owned(),
        SplitKind::Group { column } => format!("All rows of one “{column}” on one side"),
        SplitKind::Time { column } => format!("By time in “{column}”, the newest rows judge"),
        SplitKind::Column { column } => format!("As “{column}” says"),
        SplitKind::SecondFile => "A second file judges".to_owned(),
    }
}

/// What a sort of leak is called.
pub fn leak(kind: LeakKind) -> &'static str {
    match kind {
        LeakKind::Identifier => "A column that names rows",
        LeakKind::PredictsTarget => "A column that tells the answer alone",
        LeakKind::CopyOfTarget => "The answer in other words",
        LeakKind::RepeatedRows => "Rows that stand on both sides",
        LeakKind::FutureDates => "Dates of the future",
        LeakKind::SharedGroup => "One entity on both sides",
    }
}

/// What a button that mends a leak says.
pub fn fix(fix: &LeakFix) -> String {
    match fix {
        LeakFix::DropColumns(columns) => format!("Leave out {}", named(columns)),
        LeakFix::GroupBy(column) => format!("Keep each “{column}” on one side"),
        LeakFix::KeepTogether => "Keep alike rows on one side".to_owned(),
        LeakFix::DropDuplicates => "Leave out repeated rows".to_owned(),
    }
}

/// A number of somebody's data, no longer than it has to be.
pub fn quantity(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e12).contains(&size) {
        return format!("{value:.2e}");
    }
    if value.fract() == 0.0 {
        let sign = if value < 0.0 { "−" } else { "" };
        return format!("{sign}{}", count(size as u64));
    }
    let digits = if size >= 100.0 {
        1
    } else if size >= 1.0 {
        2
    } else {
        4
    };
    let text = format!("{value:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.replace('-', "−")
}

/// A cell cut to what a row of a table can show, and whether anything is missing.
pub fn cut(cell: &str, chars: usize) -> (String, bool) {
    match cell.char_indices().nth(chars) {
        None => (cell.to_owned(), false),
        Some((at, _)) => (format!("{}…", &cell[..at]), true),
    }
}

#[cfg(test)]
mod tests {
    use super::super::NBSP;
    use super::*;
    use crate::domain::csv::DialectReport;

    fn report() -> ReadReport {
        ReadReport {
            format: Format::Delimited,
            packed: None,
            entries: Vec::new(),
            encoding: "UTF-8".into(),
            encoding_is_sure: true,
            dialect: Some(DialectReport {
                delimiter: Delimiter::Character(','),
                quote: Mark::Character('"'),
                escape: Mark::None,
                comment: Mark::None,
                header: true,
                skip_lines: 0,
            }),
            bytes: 10,
            rows_seen: 2400,
            rows_kept: 2400,
        }
    }

    #[test]
    fn a_reading_is_one_sentence() {
        let plain = |report: &ReadReport| reading(report).replace(NBSP, " ");
        let mut report = report();
        assert_eq!(
            plain(&report),
            "Comma-separated, UTF-8, header in line 1, 2,400 rows"
        );
        report.rows_seen = 10_000_000;
        report.packed = Some("gzip".into());
        if let Some(dialect) = &mut report.dialect {
            dialect.header = false;
            dialect.delimiter = Delimiter::Whitespace;
        }
        assert_eq!(
            plain(&report),
            "Separated by spaces, UTF-8, no header, packed by gzip, 2,400 of 10,000,000 rows kept"
        );
    }

    #[test]
    fn options_go_there_and_back() {
        for (value, _) in DELIMITERS {
            assert_eq!(delimiter_value(delimiter_of(value).unwrap()), value);
        }
        for value in ["none", "\"", "'"] {
            assert_eq!(mark_value(mark_of(value).unwrap()), value);
        }
        for (value, ..) in SPLITS {
            assert_eq!(split_value(&split_of(value, "x".into())), value);
        }
        for format in [Format::Delimited, Format::JsonLines, Format::JsonArray] {
            assert_eq!(format_of(format_value(format)), Some(format));
        }
        for decimal in [None, Some(Decimal::Point), Some(Decimal::Comma)] {
            assert_eq!(decimal_of(decimal_value(decimal)), decimal);
        }
        assert_eq!((mark_of(""), format_of("")), (None, None));
    }

    #[test]
    fn numbers_are_no_longer_than_they_have_to_be() {
        for (value, said) in [
            (0.0, "0"),
            (1234.0, "1,234"),
            (-3.0, "−3"),
            (2.5, "2.5"),
            (-0.125, "−0.125"),
            (123.456, "123.5"),
            (1e15, "1.00e15"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(quantity(value), said);
        }
    }

    #[test]
    fn a_step_says_what_it_changes() {
        let mut report = StepReport {
            what: String::new(),
            cells: 0,
            rows: 0,
            dropped_rows: 0,
            dropped_columns: Vec::new(),
            examples: Vec::new(),
            refused: None,
        };
        let plain = |report: &StepReport| step_counts(report).replace(NBSP, " ");
        assert_eq!(plain(&report), "changes nothing here");
        report.cells = 3;
        report.rows = 2;
        report.dropped_rows = 1;
        assert_eq!(plain(&report), "3 cells in 2 rows change, 1 row left out");
    }

    #[test]
    fn long_cells_are_cut_between_characters() {
        assert_eq!(cut("äöü", 3), ("äöü".to_owned(), false));
        assert_eq!(cut("äöüß", 3), ("äöü…".to_owned(), true));
    }
}
