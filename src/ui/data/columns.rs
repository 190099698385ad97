//! Which column holds the labels, and which hold the texts.

use crate::ui::lean::{live, memo, now};
use leptos::prelude::*;
use reactive_stores::Field;

use crate::ui::client::Page;
use crate::ui::state::{Action, TableView, TableViewStoreFields};

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
                            let chosen = target.get();
                            names
                                .get()
                                .into_iter()
                                .filter(|name| Some(name) != chosen.as_ref())
                                .map(|name| text_box(page, table, name))
                                .map(IntoAny::into_any).collect_view()
                        })}
                    </div>
                </fieldset>
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
