//! Precision, recall and F1 of every label, in the order that one asks for.

use crate::ui::lean::live;
use leptos::prelude::*;

use crate::domain::report::{ClassReport, Evaluation};
use crate::ui::icon::{self, icon};
use crate::ui::part::palette;
use crate::ui::words;

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Label,
    Precision,
    Recall,
    F1,
    Rows,
}

const COLUMNS: [(Key, &str, &str, &str); 5] = [
    (Key::Label, "label", "Label", ""),
    (
        Key::Precision,
        "precision",
        "Precision",
        "Share of the rows called so that are so.",
    ),
    (
        Key::Recall,
        "recall",
        "Recall",
        "Share of the rows that are so that are called so.",
    ),
    (
        Key::F1,
        "f1",
        "F1",
        "Harmonic mean of precision and recall.",
    ),
    (Key::Rows, "rows", "Rows", "Test rows that are so."),
];

/// The table of labels.
#[component]
pub fn ClassTable(
    /// What to show.
    evaluation: Evaluation,
) -> impl IntoView {
    let hues = palette(&evaluation.labels);
    let classes: Vec<(ClassReport, String)> = evaluation.classes.into_iter().zip(hues).collect();
    // The weakest labels are what one looks for, so they come first.
    let sorting = RwSignal::new((Key::F1, false));
    let sorted = move || {
        let (key, is_down) = sorting.get();
        let mut sorted = classes.clone();
        sorted.sort_by(|(a, _), (b, _)| match key {
            Key::Label => a.label.cmp(&b.label),
            Key::Precision => a.precision.total_cmp(&b.precision),
            Key::Recall => a.recall.total_cmp(&b.recall),
            Key::F1 => a.f1.total_cmp(&b.f1),
            Key::Rows => a.rows.cmp(&b.rows),
        });
        if is_down {
            sorted.reverse();
        }
        sorted
    };
    let header = COLUMNS.map(|(key, id, name, about)| {
        let direction = move || match sorting.get() {
            (sorted, true) if sorted == key => Some("descending"),
            (sorted, false) if sorted == key => Some("ascending"),
            _ => None,
        };
        view! {
            <th scope="col" class:num=key != Key::Label aria-sort=direction>
                <button
                    class="sort"
                    data-testid=format!("sort-{id}")
                    title=about
                    on:click=move |_| {
                        sorting
                            .update(|(sorted, is_down)| {
                                *is_down = *sorted == key && !*is_down;
                                *sorted = key;
                            })
                    }
                >
                    <span class:term=!about.is_empty()>{name}</span>
                    <span class="sort-mark">
                        {live(move || match direction() {
                            Some("descending") => Some(icon(icon::ARROW_DOWN)),
                            Some(_) => Some(icon(icon::ARROW_UP)),
                            None => None,
                        })}
                    </span>
                </button>
            </th>
        }
        .into_any()
    });
    view! {
        <section class="section" aria-labelledby="classes-title">
            <h2 id="classes-title">"Label by label"</h2>
            <div class="table-scroll classes" tabindex="0" role="region" aria-label="Figures of every label">
                <table class="grid">
                    <thead><tr>{header.into_iter().map(IntoAny::into_any).collect_view()}</tr></thead>
                    <tbody>
                        {live(move || sorted().into_iter().map(|(class, hue)| row(class, hue)).map(IntoAny::into_any).collect_view())}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(class: ClassReport, hue: String) -> AnyView {
    let share = |value: f64| {
        view! {
            <td class="num share">
                <span class="share-figure">{words::figure(value)}</span>
                <span class="share-bar" aria-hidden="true">
                    <span style:width=format!("{:.1}%", value.clamp(0.0, 1.0) * 100.0)></span>
                </span>
            </td>
        }
        .into_any()
    };
    view! {
        <tr data-testid=format!("class-row-{}", class.label)>
            <th scope="row">
                <span class=format!("swatch {hue}") aria-hidden="true"></span>
                <span class="class-name">{class.label.clone()}</span>
            </th>
            {share(class.precision)}
            {share(class.recall)}
            {share(class.f1)}
            <td class="num">{words::count(class.rows.into())}</td>
        </tr>
    }
    .into_any()
}
