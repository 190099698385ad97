//! Three methods in words, and every setting for whoever wants it.

use crate::ui::lean::{memo, now};
use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::recipe::Method;
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::state::{Action, TableView, TableViewStoreFields};
use crate::ui::words;

/// The choice of a method for the next run.
#[component]
pub fn Choices(
    /// The table.
    table: Field<TableView>,
    /// Whether every setting is shown.
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    let page = Page::here();
    view! {
        <section class="choices" aria-labelledby="choices-title">
            <h2 id="choices-title">"How"</h2>
            <fieldset class="methods">
                <legend class="sr-only">"How to tune"</legend>
                {Method::ALL.into_iter().map(|method| choice(page, table, method)).map(IntoAny::into_any).collect_view()}
            </fieldset>
            <button
                class="quiet unfold"
                data-testid="every-setting"
                aria-expanded=now(move || is_unfolded.get().to_string())
                on:click=move |_| is_unfolded.update(|open| *open = !*open)
            >
                {icon(icon::SLIDERS_HORIZONTAL)}
                "Every setting"
                <span class="unfold-mark">{icon(icon::CHEVRON_DOWN)}</span>
            </button>
        </section>
    }
    .into_any()
}

fn choice(page: Page, table: Field<TableView>, method: Method) -> AnyView {
    let is_chosen = move || table.method().get() == method;
    let moves = memo(move || {
        let classes = table.profile().read().as_ref()?.classes.len() as u64;
        let drafts = table.drafts().read();
        let draft = drafts.iter().find(|draft| draft.tuning.method == method)?;
        let count = words::expected_parameters(draft, classes)?;
        let share = count.trainable as f64 / count.total as f64;
        Some(format!(
            "moves {} numbers · {}",
            words::count(count.trainable),
            words::small_percent(share)
        ))
    });
    view! {
        <label class="method" class:is-chosen=is_chosen>
            <input
                type="radio"
                name="method"
                value=method.id()
                data-testid=format!("method-{}", method.id())
                prop:checked=is_chosen
                on:change=move |_| page.act(Action::ChooseMethod(method))
            />
            <span class="method-head">
                <span class="method-name">{words::method_name(method)}</span>
                <span class="method-term">{words::method_term(method)}</span>
                <span class="method-cost">{words::method_cost(method)}</span>
            </span>
            <span class="method-about">{words::method_about(method)}</span>
            <span class="method-moves">{now(move || moves.get())}</span>
        </label>
    }
    .into_any()
}
