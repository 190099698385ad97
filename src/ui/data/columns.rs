//! Which column holds the labels, and which hold the texts.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::protocol::ColumnSummary;
use crate::ui::client::Page;
use crate::ui::state::{Action, AppStateStoreFields, TableView, TableViewStoreFields, WorkerView};

/// Columns up to which all are offered at once.
const COLUMNS: usize = 12;

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
                            // No text column chosen yet: the browser would show the first one.
                            <option value="" selected=now(move || target.read().is_none()) disabled=true>
                                "Choose the label column"
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
                            offered().into_iter().map(|name| text_box(page, table, name)).collect::<Vec<_>>()
                        })}
                        {show(
                            move || names.read().len() > COLUMNS && !is_whole.get(),
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

fn text_box(page: Page, table: Field<TableView>, name: String) -> AnyView {
    let is_text = {
        let name = name.clone();
        move || table.text().read().contains(&name)
    };
    let (label, id) = (name.clone(), format!("column-text-{name}"));
    view! {
        <label class="check">
            <input
                type="checkbox"
                data-testid=id
                prop:checked=is_text
                on:change=move |_| page.act(Action::ToggleText(name.clone()))
            />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
