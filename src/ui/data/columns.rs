//! Which column to predict, and which to learn from.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::protocol::ColumnSummary;
use crate::ui::client::Page;
use crate::ui::state::{Action, AppStateStoreFields, TableView, TableViewStoreFields, WorkerView};
use crate::ui::tag::{tag, words};

/// Columns that are offered at once.
const COLUMNS: usize = 24;

/// The choice of columns.
#[component]
pub fn Columns(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let page = Page::here();
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
    let choose = move |event| {
        let name = event_target_value(&event);
        if !name.is_empty() {
            page.act(Action::ChooseTarget(name));
        }
    };
    view! {
        <section class="section columns" aria-labelledby="columns-title">
            <h2 id="columns-title">"What the model should learn"</h2>
            <div class="learn">
                <label class="learn-side">
                    <span class="learn-word">"To tell"</span>
                    <span class="select">
                        <select data-testid="column-target" on:change=choose>
                            // Nothing chosen yet: the browser would show the first column.
                            <option value="" selected=now(move || target.read().is_none()) disabled=true>
                                "Choose a column"
                            </option>
                            {live(move || {
                                names
                                    .get()
                                    .into_iter()
                                    .map(|name| {
                                        let value = name.clone();
                                        let is_chosen = {
                                            let name = name.clone();
                                            move || target.read().as_deref() == Some(name.as_str())
                                        };
                                        view! { <option value=value selected=is_chosen>{name}</option> }
                                    })
                                    .map(IntoAny::into_any).collect_view()
                            })}
                        </select>
                    </span>
                </label>
                <fieldset class="learn-side">
                    <legend class="learn-word">"from"</legend>
                    <div class="checks">
                        {live(move || {
                            offered().into_iter().map(|name| input_box(page, table, name)).collect::<Vec<_>>()
                        })}
                        {show(
                            move || names.read().len() > COLUMNS + 1 && !is_whole.get(),
                            move || {
                                view! {
                                    <button class="quiet" data-testid="all-columns" on:click=move |_| is_whole.set(true)>
                                        {format!("Show all {} columns", names.read_untracked().len())}
                                    </button>
                                }
                                .into_any()
                            },
                        )}
                    </div>
                </fieldset>
                {super::kinds::task(table, tasks)}
            </div>
            <p class="fine" data-testid="guess-reason">{now(move || reason.get())}</p>
        </section>
    }
    .into_any()
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
