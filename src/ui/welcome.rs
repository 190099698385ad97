//! The first visit: one sentence, one place to drop a table, samples to start from.

use crate::ui::lean::{live, memo, now, show};
use leptos::prelude::*;

use super::app::open_text;
use super::browser::files;
use super::browser::focus;
use super::client::Page;
use super::icon::{self, icon};
use super::state::{Action, AppStateStoreFields, TableRole, WorkerView};
use crate::protocol::TableSource;

/// A table that the app ships.
struct Sample {
    file: &'static str,
    title: &'static str,
    /// Rows and labels.
    size: &'static str,
    /// What one learns from it.
    teaches: &'static str,
    example: &'static str,
}

const SAMPLES: &[Sample] = &[
    Sample {
        file: "sms_spam_sample",
        title: "Spam or not",
        size: "2,400 messages · 2 labels",
        teaches: "Labels that are not equally frequent: why 82 % can be worth nothing.",
        example: "“FREE entry into our weekly draw”",
    },
    Sample {
        file: "support_intents",
        title: "What customers want",
        size: "1,615 questions · 15 labels",
        teaches: "Many labels, few rows of each: where a pretrained model shines.",
        example: "“How do I update my address?”",
    },
    Sample {
        file: "sentiment_sentences",
        title: "Positive or negative",
        size: "2,982 sentences · 2 labels",
        teaches: "Where tuning the whole model pays: 90 % frozen, 94 % tuned.",
        example: "“Good case, excellent value.”",
    },
    Sample {
        file: "penguins",
        title: "Which penguin",
        size: "344 birds · 8 columns · 3 labels",
        teaches: "Numbers and categories instead of texts, with gaps, in seconds.",
        example: "Island Biscoe, bill 46.1 mm, 4,500 g",
    },
    Sample {
        file: "bike_sharing_sample",
        title: "How many bicycles",
        size: "3,500 hours · 14 columns · a number",
        teaches: "A number to predict, with a range that nine of ten true ones lie in.",
        example: "Saturday, 5 in the morning, fair: 7",
    },
    Sample {
        file: "airbnb_asheville",
        title: "The price of a night",
        size: "1,900 lodgings · 12 columns · a number",
        teaches: "Names to read beside numbers and categories: columns and texts together.",
        example: "“Amazing Long Range Mountain Views”: $350",
    },
];

/// The first visit.
#[component]
pub fn Welcome() -> impl IntoView {
    let page = Page::here();
    let is_pasting = RwSignal::new(false);
    let open = memo(move || {
        page.state
            .tables()
            .read()
            .iter()
            .rfind(|table| !table.is_gone && table.role == TableRole::Own)
            .map(|table| (table.id, table.name.clone()))
    });
    view! {
            <main id="main" class="welcome">
                {live(move || {
                    open.get()
                        .map(|(id, name)| {
                            view! {
                                <button class="back" on:click=move |_| page.act(Action::ShowTable(id))>
                                    {format!("Back to {name}")}
                                </button>
                            }
                        })
                })}
                <h1 id="step-title" tabindex="-1">
                    "Turn a table into a model that predicts one of its columns, without the table leaving this tab."
                </h1>
                <super::kept::Kept />
                <DropZone is_pasting />
                {show(
    move || is_pasting.get(),
    move || view! {
    <PasteArea />
    }.into_any(),
    )}
                <WorkerNote />
                <section class="samples" aria-labelledby="samples-title">
                    <h2 id="samples-title">"Or start from a sample"</h2>
                    <ul>{SAMPLES.iter().map(|sample| sample_card(page, sample)).map(IntoAny::into_any).collect_view()}</ul>
                </section>
            </main>
        }
}

#[component]
fn DropZone(is_pasting: RwSignal<bool>) -> impl IntoView {
    let page = Page::here();
    let input = NodeRef::<leptos::html::Input>::new();
    let pick = move |_| {
        if let Some(file) = input
            .get_untracked()
            .and_then(|input| files::picked(&input))
        {
            page.client().open_file(file);
        }
    };
    view! {
        <div class="drop-zone" data-testid="drop-zone">
            <span class="drop-icon">{icon(icon::UPLOAD)}</span>
            <p class="drop-lead">"Drop a CSV anywhere on this page"</p>
            <p class="drop-note">
                "One column to predict, others to learn from: texts, numbers, categories, dates."
            </p>
            <div class="row">
                <label class="button button-primary file-button">
                    {icon(icon::FILE_TEXT)}
                    "Choose a file"
                    <input
                        type="file"
                        class="sr-only"
                        data-testid="file-input"
                        accept=".csv,.tsv,.txt,.data,.json,.jsonl,.ndjson,.gz,.zip,text/csv,text/tab-separated-values,text/plain"
                        node_ref=input
                        on:change=pick
                    />
                </label>
                <button
                    class="button"
                    data-testid="paste-toggle"
                    aria-expanded=now(move || is_pasting.get().to_string())
                    on:click=move |_| {
                        is_pasting.update(|pasting| *pasting = !*pasting);
                        if is_pasting.get_untracked() {
                            focus("paste-area");
                        }
                    }
                >
                    {icon(icon::CLIPBOARD_PASTE)}
                    "Paste a table"
                </button>
            </div>
        </div>
    }
}

#[component]
fn PasteArea() -> impl IntoView {
    let page = Page::here();
    let text = RwSignal::new(String::new());
    let is_empty = move || text.read().trim().is_empty();
    view! {
        <div class="paste">
            <label for="paste-area">"The table as text, with its header line"</label>
            <textarea
                id="paste-area"
                class="code"
                data-testid="paste-area"
                rows="6"
                spellcheck="false"
                placeholder="text,label\nHow do I reset my password?,account\nWhere is my parcel?,delivery"
                prop:value=now(move || text.get())
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            <div class="row row-end">
                <button
                    class="button button-primary"
                    data-testid="paste-open"
                    disabled=is_empty
                    on:click=move |_| open_text(page, text.get_untracked())
                >
                    "Read this table"
                </button>
            </div>
        </div>
    }
}

/// When there is nobody to read a table, it should be known before somebody drops one.
#[component]
fn WorkerNote() -> impl IntoView {
    let page = Page::here();
    move || {
        match page.state.worker().get() {
        WorkerView::Down(failure) => view! {
            <div data-testid="worker-down">
                <super::part::Notice failure>
                    <button class="button" data-testid="worker-retry" on:click=move |_| page.client().restart(None)>
                        {icon(icon::ROTATE_CCW)}
                        "Try again"
                    </button>
                </super::part::Notice>
            </div>
        }
        .into_any(),
        WorkerView::Starting | WorkerView::Ready(_) => ().into_any(),
    }
    }
}

fn sample_card(page: Page, sample: &'static Sample) -> AnyView {
    let open = move |_| {
        let file = format!("{}.csv", sample.file);
        let source = TableSource::Sample {
            path: format!("samples/{file}"),
        };
        page.act(Action::Open { name: file, source });
    };
    view! {
        <li>
            <button class="sample" data-testid=format!("sample-{}", sample.file) on:click=open>
                <span class="sample-title">{sample.title}</span>
                <span class="sample-size">{sample.size}</span>
                <span class="sample-example">{sample.example}</span>
                <span class="sample-teaches">{sample.teaches}</span>
            </button>
        </li>
    }
    .into_any()
}
