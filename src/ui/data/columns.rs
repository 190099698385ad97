//! Which column holds the labels, and which hold the texts.

use leptos::prelude::*;

use crate::protocol::ColumnSummary;
use crate::ui::client::Page;
use crate::ui::lean::{live, memo, show};
use crate::ui::state::{
    Action, AppStateStoreFields, Field, TableView, TableViewStoreFields, WorkerView,
};
use crate::ui::tag::{block, button, option, tag, tick, words};

/// Columns up to which all are offered at once.
const COLUMNS: usize = 12;

/// The choice of columns.
pub fn columns(page: Page, table: Field<TableView>) -> AnyView {
    let names = memo(move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(Vec::new, |summary| {
                summary
                    .columns
                    .iter()
                    .map(|column| column.name.clone())
                    .collect::<Vec<_>>()
            })
    });
    let reason = memo(move || {
        table
            .summary()
            .read()
            .as_ref()
            .map_or_else(String::new, |summary| summary.guess.reason.clone())
    });
    let target = memo(move || table.target().get());
    let tasks = memo(move || match &*page.state.worker().read() {
        WorkerView::Ready(capabilities) => capabilities.tasks.clone(),
        _ => Vec::new(),
    });
    let is_whole = RwSignal::new(false);
    // Of many columns those that are likely; what is chosen now must be seen to be taken back.
    let offered = move || {
        let label = target.get();
        let text = table.text().get_untracked();
        let is_whole = is_whole.get() || names.read().len() <= COLUMNS;
        let summary = table.summary().read();
        let columns = summary
            .iter()
            .flat_map(|summary| &summary.columns)
            .enumerate();
        let is_offered = |(at, column): &(usize, &ColumnSummary)| {
            let is_likely = column.kind == "text" && *at < 4 * COLUMNS;
            Some(&column.name) != label.as_ref()
                && (is_whole || is_likely || text.contains(&column.name))
        };
        columns
            .filter(is_offered)
            .map(|(_, column)| column.name.clone())
            .collect::<Vec<_>>()
    };
    let choose = move |name: String| {
        if !name.is_empty() {
            page.act(Action::ChooseTarget(name));
        }
    };
    // No text column chosen yet: the browser would show the first one.
    let none = option("", "Choose the label column", move || {
        target.read().is_none()
    })
    .attr("disabled", "");
    let options = live(move || {
        let names = names.get().into_iter();
        let of = |name: String| {
            let own = name.clone();
            option(name.clone(), name, move || {
                target.read().as_ref() == Some(&own)
            })
            .view()
        };
        names.map(of).collect::<Vec<_>>()
    });
    let to_tell = tag("label", "learn-side")
        .child(words("learn-word", "To tell"))
        .child(
            tag("span", "select")
                .child(
                    tag("select", "")
                        .id("column-target")
                        .changed(choose)
                        .child(none.view())
                        .child(options)
                        .view(),
                )
                .view(),
        );
    let boxes = live(move || {
        let names = offered().into_iter();
        let of = |name: String| {
            let (id, text, own) = (format!("column-text-{name}"), name.clone(), name.clone());
            tick(
                id,
                text,
                move || table.text().read().contains(&own),
                move || page.act(Action::ToggleText(name.clone())),
            )
        };
        names.map(of).collect::<Vec<_>>()
    });
    let rest = show(
        move || names.read().len() > COLUMNS && !is_whole.get(),
        move || {
            let text = format!("Show all {} columns", names.read_untracked().len());
            button("quiet", "all-columns", text, move || is_whole.set(true)).view()
        },
    );
    let from = tag("fieldset", "learn-side")
        .child(tag("legend", "learn-word").text("from").view())
        .child(block("checks").child(boxes).child(rest).view());
    tag("section", "section columns")
        .attr("aria-labelledby", "columns-title")
        .child(
            tag("h2", "")
                .attr("id", "columns-title")
                .text("What the model should learn")
                .view(),
        )
        .child(
            block("learn")
                .child(to_tell.view())
                .child(from.view())
                .child(super::kinds::task(table, tasks))
                .view(),
        )
        .child(
            tag("p", "fine")
                .id("guess-reason")
                .text_now(move || reason.get())
                .view(),
        )
        .view()
}
