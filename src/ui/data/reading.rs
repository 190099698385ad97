//! How the file was read, and how it could be read otherwise.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::csv::DialectChoice;
use crate::domain::read::{Format, ReadOptions, ReadReport, Sample};
use crate::protocol::TableId;
use crate::ui::client::Page;
use crate::ui::lean::{Memo, live, memo, show};
use crate::ui::part::notice;
use crate::ui::state::{
    Action, AppStateStoreFields, Opening, PreviewView, ReadAction, TableView, TableViewStoreFields,
};
use crate::ui::tag::{block, button, field, paragraph, select, tag, words};
use crate::ui::words::data;

use super::fold::Summary;
use super::issues::issue_list;

/// Rows and columns of a preview that are drawn.
const ROWS: usize = 8;
const COLUMNS: usize = 12;

/// Characters of a previewed cell.
const CELL_CHARS: usize = 60;

/// The panel's line.
pub fn summary(table: Field<TableView>) -> Memo<Summary> {
    memo(move || {
        let summary = table.summary().read();
        let report = summary.as_ref().map(|summary| &summary.reading);
        let is_other = table.reading().read().draft.is_some();
        let is_doubtful = report.is_some_and(|report| !report.encoding_is_sure);
        Summary {
            text: report.map_or_else(String::new, data::reading),
            mark: if is_other {
                Some("not used yet".to_owned())
            } else {
                is_doubtful.then(|| "encoding is a guess".to_owned())
            },
        }
    })
}

/// The options as they stand in the form.
fn options(table: Field<TableView>) -> ReadOptions {
    table
        .reading()
        .read_untracked()
        .draft
        .clone()
        .unwrap_or_else(|| table.options().read_untracked().clone())
}

/// The same, followed.
fn shown(table: Field<TableView>) -> ReadOptions {
    let draft = table.reading().read().draft.clone();
    draft.unwrap_or_else(|| table.options().read().clone())
}

/// How the form's options were taken: of the preview where there is one.
fn report(table: Field<TableView>) -> Option<ReadReport> {
    let reading = table.reading().read();
    let previewed = reading.preview.value.as_ref();
    match previewed.and_then(|preview| preview.reading.clone()) {
        Some(report) if reading.draft.is_some() => Some(report),
        _ => table.summary().read().as_ref().map(|s| s.reading.clone()),
    }
}

fn change(page: Page, table: Field<TableView>, edit: impl FnOnce(&mut ReadOptions)) {
    let mut next = options(table);
    edit(&mut next);
    page.act(Action::Read(ReadAction::Try(next)));
}

fn change_dialect(page: Page, table: Field<TableView>, edit: impl FnOnce(&mut DialectChoice)) {
    change(page, table, |options| edit(&mut options.dialect));
}

/// A choice with its name above it.
fn named(name: &'static str, control: AnyView) -> AnyView {
    tag("div", "stacked")
        .child(words("stacked-name", name))
        .child(control)
        .view()
}

/// `(value, words)` with "found in the file" first.
fn with_found(found: Option<String>, choices: &[(&str, &str)]) -> Vec<(String, String)> {
    let name = found.map(|found| {
        choices
            .iter()
            .find(|(value, _)| value.eq_ignore_ascii_case(&found))
            .map_or(found, |(_, name)| (*name).to_owned())
    });
    let first = match name {
        Some(name) => format!("Found: {name}"),
        None => "Find out".to_owned(),
    };
    std::iter::once((String::new(), first))
        .chain(
            choices
                .iter()
                .map(|(value, name)| ((*value).to_owned(), (*name).to_owned())),
        )
        .collect()
}

/// The form and what comes of it.
pub fn form(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let found = memo(move || report(table));
    let fields = live(move || {
        let found = found.get();
        fields(page, table, found.as_ref())
    });
    block("reading")
        .child(fields)
        .child(outcome(page, table))
        .view()
}

fn fields(page: Page, table: Field<TableView>, found: Option<&ReadReport>) -> AnyView {
    let is_delimited = found.is_none_or(|report| report.format == Format::Delimited);
    let dialect = found.and_then(|report| report.dialect.as_ref());
    let mut fields = vec![named(
        "Format",
        select(
            "read-format",
            "Format",
            with_found(
                found.map(|report| data::format_value(report.format).to_owned()),
                &[
                    ("delimited", "Cells, such as CSV"),
                    ("json_lines", "JSON, one object a line"),
                    ("json_array", "A JSON list"),
                ],
            ),
            move || {
                shown(table)
                    .format
                    .map_or_else(String::new, |format| data::format_value(format).to_owned())
            },
            move |value| change(page, table, |o| o.format = data::format_of(&value)),
        ),
    )];
    fields.push(named(
        "Encoding",
        select(
            "read-encoding",
            "Encoding",
            with_found(
                found.map(|report| report.encoding.clone()),
                &data::ENCODINGS,
            ),
            move || shown(table).encoding.unwrap_or_default(),
            move |value| {
                change(page, table, |o| {
                    o.encoding = (!value.is_empty()).then_some(value);
                });
            },
        ),
    ));
    if is_delimited {
        fields.push(named(
            "Between cells",
            select(
                "read-delimiter",
                "What stands between cells",
                with_found(
                    dialect.map(|dialect| data::delimiter_value(dialect.delimiter)),
                    &data::DELIMITERS,
                ),
                move || {
                    shown(table)
                        .dialect
                        .delimiter
                        .map_or_else(String::new, data::delimiter_value)
                },
                move |value| {
                    change_dialect(page, table, |d| d.delimiter = data::delimiter_of(&value));
                },
            ),
        ));
        let header = match dialect.map(|dialect| dialect.header) {
            Some(true) => Some("yes".to_owned()),
            Some(false) => Some("no".to_owned()),
            None => None,
        };
        fields.push(named(
            "First line",
            select(
                "read-header",
                "What the first line is",
                with_found(
                    header,
                    &[("yes", "Names of columns"), ("no", "A row already")],
                ),
                move || match shown(table).dialect.header {
                    None => String::new(),
                    Some(true) => "yes".to_owned(),
                    Some(false) => "no".to_owned(),
                },
                move |value| {
                    change_dialect(page, table, |d| {
                        d.header = match value.as_str() {
                            "yes" => Some(true),
                            "no" => Some(false),
                            _ => None,
                        };
                    });
                },
            ),
        ));
        let marks = [("none", "None"), ("\"", "Double \""), ("'", "Single '")];
        fields.push(named(
            "Around cells",
            select(
                "read-quote",
                "What stands around cells",
                with_found(dialect.map(|d| data::mark_value(d.quote)), &marks),
                move || {
                    shown(table)
                        .dialect
                        .quote
                        .map_or_else(String::new, data::mark_value)
                },
                move |value| change_dialect(page, table, |d| d.quote = data::mark_of(&value)),
            ),
        ));
        let escapes = [("none", "Doubled"), ("\\", "Backslash \\")];
        fields.push(named(
            "Quotes inside cells",
            select(
                "read-escape",
                "How quotes inside cells are written",
                with_found(dialect.map(|d| data::mark_value(d.escape)), &escapes),
                move || {
                    shown(table)
                        .dialect
                        .escape
                        .map_or_else(String::new, data::mark_value)
                },
                move |value| change_dialect(page, table, |d| d.escape = data::mark_of(&value)),
            ),
        ));
        let comments = [
            ("none", "None"),
            ("#", "#"),
            ("%", "%"),
            (";", ";"),
            ("!", "!"),
        ];
        fields.push(named(
            "Comment lines begin with",
            select(
                "read-comment",
                "What comment lines begin with",
                with_found(dialect.map(|d| data::mark_value(d.comment)), &comments),
                move || {
                    shown(table)
                        .dialect
                        .comment
                        .map_or_else(String::new, data::mark_value)
                },
                move |value| change_dialect(page, table, |d| d.comment = data::mark_of(&value)),
            ),
        ));
        let skipped = dialect.map_or(0, |dialect| dialect.skip_lines);
        fields.push(named(
            "Lines above the table",
            field(
                "read-skip",
                "Lines above the table that are left out",
                "field num",
                move || {
                    let lines = shown(table).dialect.skip_lines.unwrap_or(skipped);
                    lines.to_string()
                },
                move |text| {
                    change_dialect(page, table, |d| d.skip_lines = text.trim().parse().ok());
                },
            ),
        ));
    }
    fields.push(named(
        "Numbers are written",
        select(
            "read-decimal",
            "How numbers are written",
            [
                ("", "As each column shows"),
                ("point", "1,234.5"),
                ("comma", "1.234,5"),
            ]
            .into_iter()
            .map(|(value, name)| (value.to_owned(), name.to_owned()))
            .collect(),
            move || data::decimal_value(shown(table).decimal).to_owned(),
            move |value| change(page, table, |o| o.decimal = data::decimal_of(&value)),
        ),
    ));
    fields.extend(sample(page, table));
    let entries = found.map_or(&[][..], |report| &report.entries[..]);
    if entries.len() > 1 {
        let choices = entries.iter().map(|name| (name.clone(), name.clone()));
        let first = entries[0].clone();
        fields.push(named(
            "File in the archive",
            select(
                "read-entry",
                "File in the archive",
                choices.collect(),
                move || shown(table).entry.unwrap_or_else(|| first.clone()),
                move |value| change(page, table, |o| o.entry = Some(value)),
            ),
        ));
    }
    block("reading-form").children(fields).view()
}

/// Which rows are kept.
fn sample(page: Page, table: Field<TableView>) -> Vec<AnyView> {
    let kind = select(
        "read-sample",
        "Rows that are kept",
        [
            ("all", "All rows"),
            ("first", "The first rows"),
            ("random", "Rows drawn at random"),
        ]
        .into_iter()
        .map(|(value, name)| (value.to_owned(), name.to_owned()))
        .collect(),
        move || data::sample_value(shown(table).sample).to_owned(),
        move |value| {
            let rows = rows_of(options(table).sample);
            change(page, table, |o| {
                o.sample = match value.as_str() {
                    "first" => Sample::First { rows },
                    "random" => Sample::Random { rows, seed: 1 },
                    _ => Sample::All,
                };
            });
        },
    );
    let is_sampled = memo(move || shown(table).sample != Sample::All);
    let is_random = memo(move || matches!(shown(table).sample, Sample::Random { .. }));
    let number = move |id, name, label, value: fn(Sample) -> u32, set: fn(&mut Sample, u32)| {
        let value = move || value(shown(table).sample).to_string();
        let changed = move |text: String| {
            if let Ok(number) = text.replace([',', ' '], "").parse() {
                change(page, table, |o| set(&mut o.sample, number));
            }
        };
        named(name, field(id, label, "field num", value, changed))
    };
    let rows = show(
        move || is_sampled.get(),
        move || {
            let set = |sample: &mut Sample, number: u32| match sample {
                Sample::First { rows } | Sample::Random { rows, .. } => *rows = number.max(1),
                Sample::All => {}
            };
            let about = "How many rows are kept";
            number("read-rows", "How many", about, rows_of, set)
        },
    );
    let seed = show(
        move || is_random.get(),
        move || {
            let value = |sample| match sample {
                Sample::Random { seed, .. } => seed,
                _ => 0,
            };
            let set = |sample: &mut Sample, number| {
                if let Sample::Random { seed, .. } = sample {
                    *seed = number;
                }
            };
            let about = "Decides which rows are drawn: the same number draws the same rows";
            number("read-seed", "Seed", about, value, set)
        },
    );
    vec![named("Rows", kind), rows, seed]
}

/// Rows that a sample keeps, and that one would keep at first.
fn rows_of(sample: Sample) -> u32 {
    const ROWS_KEPT: u32 = 100_000;
    match sample {
        Sample::All => ROWS_KEPT,
        Sample::First { rows } | Sample::Random { rows, .. } => rows,
    }
}

/// What comes of the options, and what to do about it.
fn outcome(page: Page, table: Field<TableView>) -> AnyView {
    let next = memo(move || table.reading().read().next);
    let is_changed = memo(move || table.reading().read().draft.is_some());
    let failure = memo(move || table.reading().read().failure.clone());
    let preview = live(move || {
        let reading = table.reading().read();
        if reading.draft.is_none() {
            return ().into_any();
        }
        match &reading.preview.value {
            Some(preview) => drawn(preview),
            None => block("skeleton skeleton-table")
                .attr("aria-hidden", "true")
                .view(),
        }
    });
    let can_use = move || {
        let reading = table.reading().read();
        let preview = reading.preview.value.as_ref();
        !reading.preview.is_waiting() && preview.is_some_and(|p| p.reading.is_some())
    };
    let actions = show(
        move || is_changed.get() && next.get().is_none(),
        move || {
            block("row")
                .child(
                    button("button", "reading-use", "Use this reading", move || {
                        page.act(Action::Read(ReadAction::Use));
                    })
                    .disabled(move || !can_use())
                    .view(),
                )
                .child(
                    button("quiet", "reading-keep", "Leave it as it was", move || {
                        page.act(Action::Read(ReadAction::Keep));
                    })
                    .view(),
                )
                .view()
        },
    );
    let busy = live(move || match next.get() {
        Some(id) => progress(page, id),
        None => ().into_any(),
    });
    let failed = live(move || {
        let failure = failure.read();
        failure.as_ref().map(|failure| notice(failure, Vec::new()))
    });
    block("")
        .attr("aria-live", "polite")
        .child(failed)
        .child(preview)
        .child(actions)
        .child(busy)
        .view()
}

fn drawn(preview: &PreviewView) -> AnyView {
    let head = preview
        .columns
        .iter()
        .take(COLUMNS)
        .map(|name| tag("th", "").attr("scope", "col").text(name.clone()).view());
    let rows = preview.rows.iter().take(ROWS).map(|row| {
        let cells = row
            .iter()
            .take(COLUMNS)
            .map(|cell| tag("td", "").text(data::cut(cell, CELL_CHARS).0).view());
        tag("tr", "").children(cells.collect::<Vec<_>>()).view()
    });
    let said = match &preview.reading {
        Some(report) => {
            let mut said = data::reading(report);
            if let Some(at) = said.rfind(", ") {
                // The rows of a preview are not those of the file.
                said.truncate(at);
            }
            let columns = preview.columns.len();
            let word = if columns == 1 { "column" } else { "columns" };
            format!("The start of the file, read so: {said}, {columns} {word}")
        }
        None => "There is no table in it when it is read so.".to_owned(),
    };
    let is_table = preview.reading.is_some();
    let issues = preview.issues.clone();
    block("previewed")
        .id("reading-preview")
        .child(paragraph("fine", said))
        .children(is_table.then(|| {
            block("table-scroll")
                .attr("tabindex", "0")
                .attr("role", "region")
                .attr("aria-label", "The start of the file, read so")
                .child(
                    tag("table", "grid previewed-table")
                        .child(
                            tag("thead", "")
                                .child(tag("tr", "").children(head.collect::<Vec<_>>()).view())
                                .view(),
                        )
                        .child(tag("tbody", "").children(rows.collect::<Vec<_>>()).view())
                        .view(),
                )
                .view()
        }))
        .children((!issues.is_empty()).then(|| issue_list(issues)))
        .view()
}

/// How far opening a table has come, with a way to end it.
pub fn progress(page: Page, id: TableId) -> AnyView {
    let state = page.state;
    let opening = memo(move || {
        let tables = state.tables().read();
        let table = tables.iter().find(|table| table.id == id);
        table.map(|table| table.opening.clone())
    });
    let numbers = memo(move || match opening.get() {
        Some(Opening::Reading { read, total }) => (read, total),
        _ => (0, 0),
    });
    let said = move || {
        let (read, total) = numbers.get();
        match read {
            0 => "Reading the table".to_owned(),
            _ => format!("Reading the table: {}", data::progress(read, total)),
        }
    };
    let width = move || {
        let (read, total) = numbers.get();
        format!("{:.1}%", read as f64 / total.max(1) as f64 * 100.0)
    };
    block("opening")
        .child(tag("p", "").attr("role", "status").text_now(said).view())
        .child(
            block("progress")
                .attr("aria-hidden", "true")
                .child(tag("span", "").style_now("width", width).view())
                .view(),
        )
        .child(
            button("button", "cancel-opening", "Cancel", move || {
                page.act(Action::Read(ReadAction::Cancel(id)));
            })
            .view(),
        )
        .view()
}
