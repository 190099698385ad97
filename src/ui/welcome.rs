//! The first visit: one sentence, one place to drop a table, samples to start from.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::app::{open_text, worker_down};
use super::browser::{files, focus};
use super::client::Page;
use super::icon::{self, icon};
use super::lean::{live, memo, show};
use super::state::{Action, AppStateStoreFields, TableRole};
use super::tag::{block, button, paragraph, tag, words};
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
pub fn welcome(page: Page) -> AnyView {
    let is_pasting = RwSignal::new(false);
    let open = memo(move || {
        page.state
            .tables()
            .read()
            .iter()
            .rfind(|table| !table.is_gone && table.role == TableRole::Own)
            .map(|table| (table.id, table.name.clone()))
    });
    let back = live(move || {
        let (id, name) = open.get()?;
        let back = tag("button", "back")
            .text(format!("Back to {name}"))
            .press(move || page.act(Action::ShowTable(id)));
        Some(back.view())
    });
    let samples = SAMPLES.iter().map(|sample| sample_card(page, sample));
    tag("main", "welcome")
        .attr("id", "main")
        .child(back)
        .child(
            tag("h1", "")
                .attr("id", "step-title")
                .attr("tabindex", "-1")
                .text("Turn a table into a model that predicts one of its columns, without the table leaving this tab.")
                .view(),
        )
        .child(super::kept::kept(page))
        .child(drop_zone(page, is_pasting))
        .child(show(move || is_pasting.get(), move || paste_area(page)))
        // When there is nobody to read a table, it should be known before somebody drops one.
        .child(worker_down(page))
        .child(
            tag("section", "samples")
                .attr("aria-labelledby", "samples-title")
                .child(
                    tag("h2", "")
                        .attr("id", "samples-title")
                        .text("Or start from a sample")
                        .view(),
                )
                .child(tag("ul", "").children(samples.collect::<Vec<_>>()).view())
                .view(),
        )
        .view()
}

/// Names and types of files that may hold a table.
const READABLE: &str = ".csv,.tsv,.txt,.data,.json,.jsonl,.ndjson,.gz,.zip,.burnish,text/csv,text/tab-separated-values,text/plain";

fn drop_zone(page: Page, is_pasting: RwSignal<bool>) -> AnyView {
    let input = tag("input", "sr-only")
        .attr("type", "file")
        .id("file-input")
        .attr("accept", READABLE)
        .on("change", move |event| {
            let input = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let Some(file) = input.and_then(|input| files::picked(&input)) {
                page.client().open_file(file);
            }
        });
    let choose = tag("label", "button button-primary file-button")
        .child(icon(icon::FILE_TEXT))
        .text("Choose a file")
        .child(input.view());
    let paste = tag("button", "button")
        .id("paste-toggle")
        .attr_now("aria-expanded", move || is_pasting.get().to_string())
        .press(move || {
            is_pasting.update(|pasting| *pasting = !*pasting);
            if is_pasting.get_untracked() {
                focus("paste-area");
            }
        })
        .child(icon(icon::CLIPBOARD_PASTE))
        .text("Paste a table");
    block("drop-zone")
        .id("drop-zone")
        .child(tag("span", "drop-icon").child(icon(icon::UPLOAD)).view())
        .child(paragraph("drop-lead", "Drop a CSV anywhere on this page"))
        .child(paragraph(
            "drop-note",
            "One column to predict, others to learn from: texts, numbers, categories, dates. A .burnish file opens the model in it.",
        ))
        .child(block("row").child(choose.view()).child(paste.view()).view())
        .view()
}

fn paste_area(page: Page) -> AnyView {
    let text = RwSignal::new(String::new());
    let area = tag("textarea", "code")
        .attr("id", "paste-area")
        .id("paste-area")
        .attr("rows", "6")
        .attr("spellcheck", "false")
        .attr(
            "placeholder",
            "text,label\nHow do I reset my password?,account\nWhere is my parcel?,delivery",
        )
        .value(move || text.get())
        .typed(move |typed| text.set(typed));
    let read = button(
        "button button-primary",
        "paste-open",
        "Read this table",
        move || open_text(page, text.get_untracked()),
    )
    .disabled(move || text.read().trim().is_empty());
    block("paste")
        .child(
            tag("label", "")
                .attr("for", "paste-area")
                .text("The table as text, with its header line")
                .view(),
        )
        .child(area.view())
        .child(block("row row-end").child(read.view()).view())
        .view()
}

fn sample_card(page: Page, sample: &'static Sample) -> AnyView {
    let open = move || {
        let file = format!("{}.csv", sample.file);
        let source = TableSource::Sample {
            path: format!("samples/{file}"),
        };
        page.act(Action::Open { name: file, source });
    };
    let card = tag("button", "sample")
        .id(format!("sample-{}", sample.file))
        .press(open)
        .child(words("sample-title", sample.title))
        .child(words("sample-size", sample.size))
        .child(words("sample-example", sample.example))
        .child(words("sample-teaches", sample.teaches));
    tag("li", "").child(card.view()).view()
}
