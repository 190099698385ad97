//! Which column to predict, and which to learn from.

use leptos::prelude::*;

use crate::protocol::ColumnSummary;
use crate::ui::client::Page;
use crate::ui::lean::{live, memo, show};
use crate::ui::state::{
    Action, AppStateStoreFields, Field, TableView, TableViewStoreFields, WorkerView,
};
use crate::ui::tag::{block, button, option, tag, words};

/// Columns that are offered at once.
const COLUMNS: usize = 24;

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
    // Those that are likely come first where there are many; what names rows is never likely.
    let offered = move || {
        let target = target.get();
        let most = if is_whole.get() { usize::MAX } else { COLUMNS };
        let summary = table.summary().read();
        let columns = summary.iter().flat_map(|summary| &summary.columns);
        let mut columns: Vec<&ColumnSummary> = columns
            .filter(|column| Some(&column.name) != target.as_ref())
            .collect();
        if columns.len() > most {
            let is_unlikely =
                |column: &&ColumnSummary| matches!(&*column.kind, "identifier" | "constant");
            columns.sort_by_key(is_unlikely);
        }
        let columns = columns.into_iter().take(most);
        columns
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let choose = move |name: String| {
        if !name.is_empty() {
            page.act(Action::ChooseTarget(name));
        }
    };
    // Nothing chosen yet: the browser would show the first column.
    let none = option("", "Choose a column", move || target.read().is_none()).attr("disabled", "");
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
        names
            .map(|name| input_box(page, table, name))
            .collect::<Vec<_>>()
    });
    let rest = show(
        move || names.read().len() > COLUMNS + 1 && !is_whole.get(),
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

fn input_box(page: Page, table: Field<TableView>, name: String) -> AnyView {
    let is_in = {
        let name = name.clone();
        move || table.text().read().contains(&name) || table.features().read().contains(&name)
    };
    // Read as words by the encoder, which is something else than being one value of several.
    let note = {
        let name = name.clone();
        move || {
            if table.text().read().contains(&name) {
                "text"
            } else {
                ""
            }
            .to_owned()
        }
    };
    let (label, id) = (name.clone(), format!("column-in-{name}"));
    tag("label", "check")
        .child(
            tag("input", "")
                .id(id)
                .attr("type", "checkbox")
                .checked(is_in)
                .on("change", move |_| {
                    page.act(Action::ToggleColumn(name.clone()))
                })
                .view(),
        )
        .child(words("", label))
        .child(tag("span", "check-note").text_now(note).view())
        .view()
}
