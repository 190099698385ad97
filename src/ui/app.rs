//! The frame around the steps.

use crate::ui::lean::{live, memo, now};
use leptos::prelude::*;
use reactive_stores::Field;

use super::browser::files::{self, Brought};
use super::browser::{focus, theme};
use super::client::Page;
use super::data::DataStep;
use super::evaluate::EvaluateStep;
use super::explain::explain_step;
use super::header::Header;
use super::icon::{self, icon};
use super::part::Notice;
use super::rail::Rail;
use super::state::{
    Action, AppStateStoreFields, RunStatus, RunView, RunViewStoreFields, Step, WorkerView,
    awaits_test,
};
use super::study::demo;
use super::try_out::UseStep;
use super::tune::TuneStep;
use super::welcome::Welcome;
use super::words;
use crate::protocol::{FailureKind, TableSource};

/// Starts the page.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        confess();
    }));
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    theme::restore();
    leptos::mount::mount_to_body(App);
}

/// Says that the page itself has failed: nothing on it answers any more.
fn confess() {
    let Some(body) = document().body() else {
        return;
    };
    let Ok(element) = document().create_element("div") else {
        return;
    };
    element.set_class_name("confession");
    let _ = element.set_attribute("role", "alert");
    element.set_text_content(Some(
        "This page has a bug and has stopped working. Reload it; the browser's console has the details.",
    ));
    let _ = body.append_child(&element);
}

#[component]
fn App() -> impl IntoView {
    let page = Page::provide();
    // A link that is a model opens as a page of its own, and touches nothing that is kept here.
    let link = window().location().hash().unwrap_or_default();
    if link.starts_with("#b") {
        return view! {
            <main id="main" class="work demo-page">
                {demo(page, link)}
                <p class="fine"><a href="./">"Made with Burnish: tune one on your own table"</a></p>
            </main>
            <Toasts />
        }
        .into_any();
    }
    let is_over = RwSignal::new(false);
    files::on_brought(is_over, move |brought| match brought {
        Brought::File(file) if awaits_test(&page.state.read_untracked()) => {
            page.client().open_test_file(file);
        }
        Brought::File(file) => page.client().open_file(file),
        Brought::Text(text) => open_text(page, text),
    });
    let has_table = memo(move || page.state.table().get().is_some());
    view! {
        <Header />
        {live(move || {
            if has_table.get() { view! { <Work /> }.into_any() } else { view! { <Welcome /> }.into_any() }
        })}
        <Toasts />
        <div class="drop-overlay" class:is-over=is_over data-testid="drop-overlay" aria-hidden="true">
            <div class="drop-overlay-inner">{icon(icon::UPLOAD)} <span>"Drop it anywhere"</span></div>
        </div>
        <Live />
    }
    .into_any()
}

/// Opens a text as a table.
pub fn open_text(page: Page, text: String) {
    page.act(Action::Open {
        name: "Pasted table".to_owned(),
        source: TableSource::Text { text },
    });
}

#[component]
fn Work() -> impl IntoView {
    let page = Page::here();
    let state = page.state;
    let shown = memo(move || (state.step().get(), state.table().get(), state.run().get()));
    // A new step begins where a reader begins: at its heading.
    Effect::new(move |before: Option<Step>| {
        let step = state.step().get();
        if before.is_some_and(|before| before != step) {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus("step-title");
        }
        step
    });
    view! {
        <div class="frame">
            <Rail />
            <main id="main" class="work">
                <WorkerDown />
                {live(move || {
                    let (step, table, run) = shown.get();
                    let table = table.map(|id| Field::from(state.tables().at_key(id)));
                    let run = run.map(|id| Field::from(state.runs().at_key(id)));
                    match (step, table, run) {
                        (Step::Data, Some(table), _) => view! { <DataStep table /> }.into_any(),
                        (Step::Tune, Some(table), run) => view! { <TuneStep table run /> }.into_any(),
                        (Step::Evaluate, _, Some(run)) => view! { <EvaluateStep run /> }.into_any(),
                        (Step::Explain, _, Some(run)) => explain_step(page, run),
                        (Step::Use, _, Some(run)) => view! { <UseStep run /> }.into_any(),
                        _ => ().into_any(),
                    }
                })}
            </main>
        </div>
    }
}

#[component]
fn WorkerDown() -> impl IntoView {
    let page = Page::here();
    move || {
        let WorkerView::Down(failure) = page.state.worker().get() else {
            return ().into_any();
        };
        let is_old = failure.kind == FailureKind::Protocol;
        let again = move |_| {
            if is_old {
                // A browser that refuses to reload leaves the message standing.
                let _ = window().location().reload();
            } else {
                page.client().restart(None);
            }
        };
        view! {
            <div data-testid="worker-down">
                <Notice failure>
                    <button class="button" data-testid="worker-retry" on:click=again>
                        {icon(icon::ROTATE_CCW)}
                        {if is_old { "Reload" } else { "Try again" }}
                    </button>
                </Notice>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Toasts() -> impl IntoView {
    let page = Page::here();
    view! {
        <div class="toasts" role="region" aria-label="Messages">
            <For each=move || page.state.toasts().get() key=|toast| toast.id let:toast>
                <div class="toast" role="alert" data-testid="toast">
                    {icon(icon::TRIANGLE_ALERT)}
                    <div>
                        <p class="toast-what">{toast.failure.what}</p>
                        <p class="toast-fix">{toast.failure.fix}</p>
                    </div>
                    <button
                        class="icon-button"
                        data-testid="toast-close"
                        aria-label="Close this message"
                        on:click=move |_| page.act(Action::Dismiss(toast.id))
                    >
                        {icon(icon::X)}
                    </button>
                </div>
            </For>
        </div>
    }
}

/// What a screen reader hears: a sentence at every turn, not ten numbers a second.
#[component]
fn Live() -> impl IntoView {
    let page = Page::here();
    let said = memo(move || said(page));
    view! {
        <div class="sr-only" role="status" aria-live="polite" data-testid="live">
            {now(move || said.get())}
        </div>
    }
}

fn said(page: Page) -> String {
    let state = page.state;
    let Some(id) = state.run().get() else {
        return String::new();
    };
    let run: Field<RunView> = state.runs().at_key(id).into();
    match run.status().get() {
        RunStatus::Running | RunStatus::Pausing => {
            let phase = run
                .phase()
                .get()
                .map(|phase| words::PHASES[words::phase_place(&phase, run.is_judging().get()).0]);
            let epoch = run.epochs().read().last().map(|epoch| {
                format!(
                    " Epoch {}: {} right on the validation rows.",
                    epoch.epoch,
                    words::percent(epoch.valid_accuracy.into())
                )
            });
            phase.map_or_else(String::new, |phase| {
                format!("{phase}.{}", epoch.unwrap_or_default())
            })
        }
        RunStatus::Paused => "Paused.".to_owned(),
        RunStatus::Stopping => "Stopping.".to_owned(),
        RunStatus::Cancelled => "Stopped before anything was learned.".to_owned(),
        RunStatus::Failed(failure) => format!("{} {}", failure.what, failure.fix),
        RunStatus::Finished => run
            .summary()
            .read()
            .as_ref()
            .map_or_else(String::new, |summary| {
                format!("Finished. {}.", summary.headline)
            }),
    }
}
