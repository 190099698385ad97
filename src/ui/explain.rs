//! The step that says why a model answers as it does: drawn by the worker.

use crate::ui::state::Field;
use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::part::heading;
use super::state::{Action, RunView, Step};
use super::study::study;

/// Why a run answers as it does.
pub fn explain_step(page: Page, run: Field<RunView>) -> AnyView {
    view! {
        {heading("Explain", "Why it answers as it does, and what would change its mind.")}
        {study(page, run, "explain")}
        <div class="action-bar">
            <p class="action-note"></p>
            <button
                class="button button-primary"
                data-testid="explain-to-use"
                on:click=move |_| page.act(Action::Go(Step::Use))
            >
                "Try it on your own text"
                {icon(icon::ARROW_RIGHT)}
            </button>
        </div>
    }
    .into_any()
}
