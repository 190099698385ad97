//! The frame around the steps.

use leptos::prelude::*;

use super::browser::files::{self, Brought};
use super::browser::{focus, theme};
use super::client::Page;
use super::data::DataStep;
use super::header::header;
use super::icon::{self, icon};
use super::lean::{line, list, live, memo};
use super::part::notice;
use super::rail::rail;
use super::run_steps::{evaluate_step, explain_step};
use super::state::{
    Action, AppStateStoreFields, RunStatus, RunViewStoreFields, Step, Toast, WorkerView,
    awaits_test,
};
use super::study::{demo, model};
use super::tag::{block, paragraph, tag, words as text};
use super::try_out::UseStep;
use super::tune::TuneStep;
use super::welcome::welcome;
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
    leptos::mount::mount_to_body(app);
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

/// Whether a fragment holds a model.
fn is_model(fragment: &str) -> bool {
    fragment.starts_with("#b")
}

/// Whether this page is the one that may stand inside other pages.
fn is_framed() -> bool {
    let mark = document().query_selector("meta[name='burnish:framed']");
    mark.is_ok_and(|mark| mark.is_some())
}

fn app() -> AnyView {
    let page = Page::provide();
    // A link that is a model opens as a page of its own, and touches nothing that is kept here.
    let link = window().location().hash().unwrap_or_default();
    let shows_demo = page.client().demo();
    shows_demo.set(is_framed() || is_model(&link));
    // Pasted into an open tab it changes no more than the fragment, and Back takes it away again.
    let _ = window_event_listener(leptos::ev::hashchange, move |_| {
        let location = window().location();
        if shows_demo.get_untracked() || is_model(&location.hash().unwrap_or_default()) {
            let _ = location.reload();
        }
    });
    live(move || {
        if shows_demo.get() {
            untrack(|| demo_page(page, link.clone()))
        } else {
            untrack(|| whole(page))
        }
    })
}

/// Nothing but a link's demo.
fn demo_page(page: Page, link: String) -> AnyView {
    let is_framed = is_framed();
    let out = tag("a", "");
    let out = if is_framed {
        out.attr("href", format!("./{link}"))
            .attr("target", "_blank")
            .attr("rel", "noopener")
            .id("demo-own-page")
            .text("Open in a page of its own")
    } else {
        out.attr("href", "./")
            .text("Made with Burnish: tune one on your own table")
    };
    let class = if is_framed {
        "work demo-page is-framed"
    } else {
        "work demo-page"
    };
    let main = tag("main", class)
        .attr("id", "main")
        .child(demo(page, link, is_framed))
        .child(tag("p", "fine").child(out.view()).view());
    vec![main.view(), toasts(page)].into_any()
}

/// The header with the work below it.
fn whole(page: Page) -> AnyView {
    let is_over = RwSignal::new(false);
    let shown_model = page.client().model();
    files::on_brought(is_over, move |brought| match brought {
        Brought::File(file) if awaits_test(&page.state.read_untracked()) => {
            page.client().open_test_file(file);
        }
        Brought::File(file) => page.client().open_file(file),
        Brought::Text(text) => open_text(page, text),
    });
    let has_table = memo(move || page.state.table().read().is_some());
    let main = live(move || {
        let (has_table, model) = (has_table.get(), shown_model.get());
        // What is drawn follows what it reads by itself.
        untrack(|| match (has_table, model.is_empty()) {
            (_, false) => opened(page, model),
            (true, true) => work(page),
            (false, true) => welcome(page),
        })
    });
    let overlay = block("drop-overlay")
        .class_now("is-over", move || is_over.get())
        .id("drop-overlay")
        .attr("aria-hidden", "true")
        .child(
            block("drop-overlay-inner")
                .child(icon(icon::UPLOAD))
                .text(" ")
                .child(text("", "Drop it anywhere"))
                .view(),
        );
    vec![
        header(page),
        main,
        toasts(page),
        overlay.view(),
        narration(page),
    ]
    .into_any()
}

/// A model that was opened from a file, in place of what is open, which stays as it is.
fn opened(page: Page, name: String) -> AnyView {
    let close = tag("button", "back")
        .id("model-close")
        .text("Close this model")
        .press(move || page.client().close_model());
    tag("main", "work demo-page")
        .attr("id", "main")
        .child(close.view())
        .child(worker_down(page))
        .child(model(page, name))
        .view()
}

/// Opens a text as a table.
pub fn open_text(page: Page, text: String) {
    page.act(Action::Open {
        name: "Pasted table".to_owned(),
        source: TableSource::Text { text },
    });
}

fn work(page: Page) -> AnyView {
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
    let step = live(move || {
        let (step, table, run) = shown.get();
        let table = table.map(|id| state.tables().at_key(id));
        let run = run.map(|id| state.runs().at_key(id));
        match (step, table, run) {
            (Step::Data, Some(table), _) => view! { <DataStep table /> }.into_any(),
            (Step::Tune, Some(table), run) => view! { <TuneStep table run /> }.into_any(),
            (Step::Evaluate, _, Some(run)) => untrack(|| evaluate_step(page, run)),
            (Step::Explain, _, Some(run)) => untrack(|| explain_step(page, run)),
            (Step::Use, _, Some(run)) => view! { <UseStep run /> }.into_any(),
            _ => ().into_any(),
        }
    });
    block("frame")
        .child(rail(page))
        .child(
            tag("main", "work")
                .attr("id", "main")
                .child(worker_down(page))
                .child(step)
                .view(),
        )
        .view()
}

/// That there is nobody to ask, and what can be done about it.
pub fn worker_down(page: Page) -> AnyView {
    live(move || {
        let WorkerView::Down(failure) = &*page.state.worker().read() else {
            return None;
        };
        let is_old = failure.kind == FailureKind::Protocol;
        let again = tag("button", "button")
            .id("worker-retry")
            .press(move || {
                if is_old {
                    // A browser that refuses to reload leaves the message standing.
                    let _ = window().location().reload();
                } else {
                    page.client().restart(None);
                }
            })
            .child(icon(icon::ROTATE_CCW))
            .text(if is_old { "Reload" } else { "Try again" });
        let down = block("").id("worker-down");
        Some(down.child(notice(failure, vec![again.view()])).view())
    })
}

fn toasts(page: Page) -> AnyView {
    let lines = move || {
        let toasts = page.state.toasts().get().into_iter();
        toasts
            .map(|shown| line(shown.id.to_string(), move || toast(page, shown)))
            .collect()
    };
    block("toasts")
        .attr("role", "region")
        .attr("aria-label", "Messages")
        .child(list(lines))
        .view()
}

fn toast(page: Page, toast: Toast) -> AnyView {
    let close = tag("button", "icon-button")
        .id("toast-close")
        .attr("aria-label", "Close this message")
        .press(move || page.act(Action::Dismiss(toast.id)))
        .child(icon(icon::X));
    block("toast")
        .attr("role", "alert")
        .id("toast")
        .child(icon(icon::TRIANGLE_ALERT))
        .child(
            block("")
                .child(paragraph("toast-what", toast.failure.what))
                .child(paragraph("toast-fix", toast.failure.fix))
                .view(),
        )
        .child(close.view())
        .view()
}

/// What a screen reader hears: a sentence at every turn, not ten numbers a second.
fn narration(page: Page) -> AnyView {
    let said = memo(move || said(page));
    block("sr-only")
        .attr("role", "status")
        .attr("aria-live", "polite")
        .id("live")
        .text_now(move || said.get())
        .view()
}

fn said(page: Page) -> String {
    let state = page.state;
    let Some(id) = state.run().get() else {
        return String::new();
    };
    let run = state.runs().at_key(id);
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
