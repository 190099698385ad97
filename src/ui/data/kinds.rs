//! All columns in a list, some at a time.

use crate::ui::state::Field;
use leptos::prelude::*;

use crate::protocol::ColumnSummary;
use crate::ui::browser::lowercase;
use crate::ui::client::Page;
use crate::ui::lean::{Memo, live, memo};
use crate::ui::state::{Action, PlanAction, TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, paragraph, tag, words};
use crate::ui::words as say;

use super::chart::small_bars;
use super::detail::{kind_select, open_detail};
use super::fold::Summary;

/// Columns that are listed at a time: of 5,000 nobody reads more, and drawing all takes seconds.
const LISTED: usize = 20;

/// The panel's line: how many columns of each kind.
pub fn summary(table: Field<TableView>) -> Memo<Summary> {
    memo(move || {
        let summary = table.summary().read();
        let Some(summary) = summary.as_ref() else {
            return Summary::default();
        };
        let mut kinds: Vec<(&str, u32)> = Vec::new();
        for column in &summary.columns {
            match kinds.iter_mut().find(|(kind, _)| *kind == column.kind_name) {
                Some((_, number)) => *number += 1,
                None => kinds.push((&column.kind_name, 1)),
            }
        }
        kinds.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        let said: Vec<String> = kinds
            .iter()
            .map(|(kind, number)| format!("{number} {}", kind.to_ascii_lowercase()))
            .collect();
        let empty = summary
            .columns
            .iter()
            .filter(|column| column.missing == summary.rows && summary.rows > 0)
            .count();
        Summary {
            text: said.join(", "),
            mark: (empty > 0).then(|| format!("{empty} empty")),
        }
    })
}

/// The list.
pub fn list(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let search = RwSignal::new(String::new());
    let from = RwSignal::new(0_usize);
    let columns = memo(move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(Vec::new, |summary| summary.columns.clone())
    });
    let rows = move || {
        table
            .summary()
            .read_untracked()
            .as_ref()
            .map_or(0, |s| s.rows)
    };
    let found = memo(move || {
        let wanted = lowercase(&search.read());
        let columns = columns.read();
        let fits = |(_, column): &(usize, &ColumnSummary)| {
            wanted.is_empty() || lowercase(&column.name).contains(&wanted)
        };
        let places = columns.iter().enumerate().filter(fits);
        places.map(|(at, _)| at).collect::<Vec<usize>>()
    });
    let lines = live(move || {
        let columns = columns.read();
        let found = found.read();
        let shown = found.iter().skip(from.get()).take(LISTED);
        let lines = shown.map(|&at| line(page, table, &columns[at], rows()));
        lines.collect::<Vec<_>>()
    });
    let pager = live(move || {
        let number = found.read().len();
        if number <= LISTED {
            return ().into_any();
        }
        let at = from.get();
        let step = move |next: usize| from.set(next);
        block("row")
            .child(
                button("button", "columns-back", "Earlier", move || {
                    step(at.saturating_sub(LISTED));
                })
                .disabled(move || at == 0)
                .view(),
            )
            .child(words(
                "muted",
                format!(
                    "{} to {} of {}",
                    at + 1,
                    (at + LISTED).min(number),
                    say::count(number as u64)
                ),
            ))
            .child(
                button("button", "columns-on", "Later", move || step(at + LISTED))
                    .disabled(move || at + LISTED >= number)
                    .view(),
            )
            .view()
    });
    let is_many = columns.read_untracked().len() > 12;
    let find = tag("input", "field search")
        .id("columns-search")
        .attr("type", "search")
        .attr("placeholder", "Find a column")
        .attr("aria-label", "Find a column")
        .typed(move |text| {
            from.set(0);
            search.set(text);
        });
    let head = ["Column", "Holds", "Missing", "Distinct", ""];
    let head = head.into_iter().enumerate().map(|(at, word)| {
        let class = if at == 2 || at == 3 { "num" } else { "" };
        tag("th", class).attr("scope", "col").text(word).view()
    });
    block("")
        .children(is_many.then(|| find.view()))
        .child(paragraph(
            "fine",
            "What a column holds was found from its cells. Choose otherwise where that is wrong; the file stays as it is.",
        ))
        .child(
            block("table-scroll")
                .child(
                    tag("table", "plain columns-table")
                        .child(
                            tag("thead", "")
                                .child(tag("tr", "").children(head.collect::<Vec<_>>()).view())
                                .view(),
                        )
                        .child(tag("tbody", "").child(lines).view())
                        .view(),
                )
                .view(),
        )
        .child(pager)
        .view()
}

fn line(page: Page, table: Field<TableView>, column: &ColumnSummary, rows: u32) -> AnyView {
    let name = column.name.clone();
    let open = {
        let name = name.clone();
        button("quiet", format!("about-{name}"), name.clone(), move || {
            open_detail(page, name.clone(), "fold-columns");
        })
    };
    let missing = if column.missing == 0 {
        "–".to_owned()
    } else {
        say::percent(f64::from(column.missing) / f64::from(rows.max(1)))
    };
    tag("tr", "")
        .child(tag("th", "").attr("scope", "row").child(open.view()).view())
        .child(
            tag("td", "")
                .child(kind_select(
                    page,
                    table,
                    name.clone(),
                    format!("kind-{name}"),
                ))
                .view(),
        )
        .child(tag("td", "num").text(missing).view())
        .child(
            tag("td", "num")
                .text(say::count(column.distinct.into()))
                .view(),
        )
        .child(tag("td", "").child(small_bars(column, rows)).view())
        .view()
}

/// Which task follows, and another where it can be learned as well.
pub fn task(table: Field<TableView>, tasks: Memo<Vec<(String, String)>>) -> AnyView {
    let page = Page::here();
    let proposed = memo(move || {
        table.summary().track();
        table.text().track();
        let view = table.read_untracked();
        view.proposed_task().unwrap_or_default().to_owned()
    });
    live(move || {
        let tasks = tasks.get();
        if tasks.len() < 2 {
            return ().into_any();
        }
        let proposed = proposed.get();
        let first = tasks.iter().find(|(id, _)| *id == proposed).map_or_else(
            || "As proposed".to_owned(),
            |(_, name)| format!("{name} (proposed)"),
        );
        let choices = std::iter::once((String::new(), first))
            .chain(tasks.into_iter().filter(|(id, _)| *id != proposed))
            .collect();
        tag("div", "learn-side")
            .child(words("learn-word", "as"))
            .child(crate::ui::tag::select(
                "column-task",
                "The task",
                choices,
                move || table.plan().read().task.clone().unwrap_or_default(),
                move |task| {
                    page.act(Action::Plan(PlanAction::Task(
                        (!task.is_empty()).then_some(task),
                    )));
                },
            ))
            .view()
    })
}
