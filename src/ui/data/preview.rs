//! The first rows of the table, with what is known of each column above it.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::protocol::ColumnSummary;
use crate::ui::icon::{self, Icon, icon};
use crate::ui::state::{TableView, TableViewStoreFields};
use crate::ui::words;

/// Rows that are shown; the rest is in the file.
const ROWS: usize = 6;

/// Columns that are shown; a table of a thousand would take seconds to draw.
const COLUMNS: usize = 40;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Text,
    Label,
    None,
}

/// The first rows.
#[component]
pub fn Preview(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let columns = memo(move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(Vec::new, |summary| summary.columns.clone())
    });
    let total = memo(move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or(0, |summary| summary.rows)
    });
    let role_of = move |name: &str| {
        if table.target().read().as_deref() == Some(name) {
            Role::Label
        } else if table.text().read().iter().any(|text| text == name) {
            Role::Text
        } else {
            Role::None
        }
    };
    let roles = memo(move || {
        columns
            .read()
            .iter()
            .map(|column| role_of(&column.name))
            .collect::<Vec<_>>()
    });
    let cells = move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(Vec::new, |summary| {
                summary
                    .preview
                    .iter()
                    .take(ROWS)
                    .cloned()
                    .collect::<Vec<_>>()
            })
    };
    let class_of = move |at: usize| match roles.read().get(at) {
        Some(Role::Text) => "is-text",
        Some(Role::Label) => "is-label",
        _ => "",
    };
    view! {
        <div class="table-scroll" data-testid="preview" tabindex="0" role="region" aria-label="The first rows">
            <table class="grid">
                <thead>
                    <tr>
                        {live(move || {
                            columns
                                .get()
                                .into_iter()
                                .take(COLUMNS)
                                .enumerate()
                                .map(|(at, column)| {
                                    let role = memo(move || {
                                        roles.read().get(at).copied().unwrap_or(Role::None)
                                    });
                                    header_cell(column, total.get(), role)
                                })
                                .map(IntoAny::into_any).collect_view()
                        })}
                    </tr>
                </thead>
                <tbody>
                    {live(move || {
                        cells()
                            .into_iter()
                            .map(|row| {
                                let row = row.into_iter().take(COLUMNS).enumerate().map(move |(at, cell)| {
                                    view! {
                                        <td class=now(move || class_of(at))>
                                            <span class="cell">{cell}</span>
                                        </td>
                                    }
                                });
                                view! { <tr>{row.map(IntoAny::into_any).collect_view()}</tr> }
                            })
                            .map(IntoAny::into_any).collect_view()
                    })}
                </tbody>
            </table>
        </div>
        {show(
            move || columns.read().len() > COLUMNS,
            move || {
                let hidden = columns.read_untracked().len() - COLUMNS;
                view! { <p class="fine after-table">{format!("{hidden} more columns are not shown here.")}</p> }.into_any()
            },
        )}
    }
    .into_any()
}

fn header_cell(column: ColumnSummary, rows: u32, role: Memo<Role>) -> AnyView {
    let missing = f64::from(column.missing) / f64::from(rows.max(1));
    let missing_words = if column.missing == 0 {
        "none missing".to_owned()
    } else {
        format!("{} missing", words::percent(missing))
    };
    let distinct = format!("{} distinct", words::count(column.distinct.into()));
    let present = format!("{:.2}%", (1.0 - missing) * 100.0);
    let has_missing = column.missing > 0;
    view! {
        <th
            scope="col"
            data-testid=format!("column-{}", column.name)
            class:is-text=now(move || role.get() == Role::Text)
            class:is-label=now(move || role.get() == Role::Label)
        >
            <span class="column-head">
                <span class="column-name">{column.name.clone()}</span>
                {live(move || match role.get() {
                    Role::Text => Some(view! { <span class="tag tag-ember">"text"</span> }),
                    Role::Label => Some(view! { <span class="tag tag-ember">"label"</span> }),
                    Role::None => None,
                })}
            </span>
            <span class="column-kind">{icon(glyph(&column.kind))} {column.kind_name.clone()}</span>
            <span class="column-facts">{distinct} " · " {missing_words}</span>
            <span class="missing-bar" class:has-missing=has_missing aria-hidden="true">
                <span style:width=present></span>
            </span>
        </th>
    }
    .into_any()
}

fn glyph(kind: &str) -> Icon {
    match kind {
        "number" => icon::HASH,
        "boolean" => icon::TOGGLE_LEFT,
        "category" => icon::TAG,
        "date" => icon::CALENDAR_DAYS,
        "id" | "identifier" => icon::KEY_ROUND,
        _ => icon::TYPE,
    }
}
