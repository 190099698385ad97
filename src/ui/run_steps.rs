//! The steps about a finished run: how good it is, and why it answers as it does. The worker draws
//! them; around what it draws stand the heading and the one button that leads on.

use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::part::heading;
use super::state::{Action, AppStateStoreFields, Field, RunView, RunViewStoreFields, Step};
use super::study::study;
use super::tag::{block, tag};
use super::words;

/// How good a run is.
pub fn evaluate_step(page: Page, run: Field<RunView>) -> AnyView {
    let name = words::run_name(&run.recipe().read_untracked());
    let table = move || {
        let id = run.table().get();
        let tables = page.state.tables().read();
        let table = tables.iter().find(|table| table.id == id);
        table.map_or_else(|| name.clone(), |table| format!("{name} on {}", table.name))
    };
    let heading = heading("Evaluate", table);
    study_step(
        page,
        run,
        "evaluate",
        heading,
        ("to-use", "Try it yourself"),
    )
}

/// Why a run answers as it does.
pub fn explain_step(page: Page, run: Field<RunView>) -> AnyView {
    let heading = heading(
        "Explain",
        "Why it answers as it does, and what would change its mind.",
    );
    let button = ("explain-to-use", "Try it on a row of your own");
    study_step(page, run, "explain", heading, button)
}

/// A step that the worker draws: its heading, a place for its view, and the button to the next one,
/// by its id and words.
fn study_step(
    page: Page,
    run: Field<RunView>,
    view: &'static str,
    heading: AnyView,
    (id, words): (&'static str, &'static str),
) -> AnyView {
    let on = tag("button", "button button-primary")
        .id(id)
        .press(move || page.act(Action::Go(Step::Use)))
        .text(words)
        .child(icon(icon::ARROW_RIGHT));
    let bar = block("action-bar")
        .child(tag("p", "action-note").view())
        .child(on.view());
    vec![heading, study(page, run, view), bar.view()].into_any()
}
