//! The confusion matrix: a row for each true label, a column for each prediction.
//!
//! Twenty labels are four hundred cells. They are drawn once and hold no reactive values and no
//! handlers of their own; the table listens for all of them, and the two things that change (which
//! cell is in the tab order, which one's rows are shown) are set on the cells concerned.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlElement};

use crate::ui::words;

/// Labels up to which a matrix can be read.
pub const MOST_LABELS: usize = 24;

/// A true and a predicted label.
type Place = (u32, u32);

/// The matrix.
#[component]
pub fn ConfusionMatrix(
    /// The labels, by index.
    labels: Vec<String>,
    /// `counts[truth][predicted]`.
    counts: Vec<Vec<u32>>,
    /// The cell whose rows are shown.
    shown: Signal<Option<Place>>,
    /// Called with the true and the predicted label of a cell.
    choose: Callback<Place>,
) -> impl IntoView {
    let size = labels.len();
    let last = size.saturating_sub(1) as u32;
    // One cell is in the tab order; arrow keys go to the others.
    let current = StoredValue::new((0, 0));
    let enter = move |place: Place| {
        set_tab_stop(current.get_value(), false);
        set_tab_stop(place, true);
        current.set_value(place);
    };
    let step = move |event: KeyboardEvent| {
        let (truth, predicted) = current.get_value();
        let next = match event.key().as_str() {
            "ArrowUp" => (truth.saturating_sub(1), predicted),
            "ArrowDown" => ((truth + 1).min(last), predicted),
            "ArrowLeft" => (truth, predicted.saturating_sub(1)),
            "ArrowRight" => (truth, (predicted + 1).min(last)),
            "Home" => (truth, 0),
            "End" => (truth, last),
            _ => return,
        };
        event.prevent_default();
        if let Some(cell) = cell(next).and_then(|cell| cell.dyn_into::<HtmlElement>().ok()) {
            // A cell that is on the page can take the focus.
            let _ = cell.focus();
        }
    };
    Effect::new(move |before: Option<Option<Place>>| {
        let now = shown.get();
        let mark = |place: Option<Place>, is_shown: bool| {
            if let Some(cell) = place.and_then(cell) {
                // Fails only for names with spaces.
                let _ = cell.class_list().toggle_with_force("is-shown", is_shown);
            }
        };
        mark(before.flatten(), false);
        mark(now, true);
        now
    });
    let head = labels.iter().map(|label| {
        let label = label.clone();
        view! { <th scope="col" title=label.clone()><span>{label.clone()}</span></th> }.into_any()
    });
    let head = head.collect::<Vec<AnyView>>();
    let body = counts
        .iter()
        .enumerate()
        .map(|(truth, row)| row_of(&labels, truth, row));
    let body = body.collect::<Vec<AnyView>>();
    view! {
        <div class="confusion" class:is-small=size <= 4>
            <p class="axis-name axis-predicted" aria-hidden="true">"Predicted"</p>
            <p class="axis-name axis-true" aria-hidden="true">"True"</p>
            <div class="confusion-scroll">
                <table
                    aria-label="Confusion matrix: true labels in rows, predictions in columns"
                    on:keydown=step
                    on:focusin=move |event| {
                        if let Some(place) = place_of(event.target()) {
                            enter(place);
                        }
                    }
                    on:click=move |event| {
                        if let Some(place) = place_of(event.target()) {
                            choose.run(place);
                        }
                    }
                >
                    <thead>
                        <tr>
                            <td></td>
                            {head}
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn row_of(labels: &[String], truth: usize, row: &[u32]) -> AnyView {
    let rows = row.iter().sum::<u32>().max(1);
    let label = labels[truth].clone();
    let cells = row.iter().enumerate().map(|(predicted, &count)| {
        let share = f64::from(count) / f64::from(rows);
        cell_of(labels, truth, predicted, count, share)
    });
    view! {
        <tr>
            <th scope="row" title=label.clone()><span>{label.clone()}</span></th>
            {cells.collect::<Vec<AnyView>>()}
        </tr>
    }
    .into_any()
}

fn cell_of(labels: &[String], truth: usize, predicted: usize, count: u32, share: f64) -> AnyView {
    let (is, called) = (&labels[truth], &labels[predicted]);
    let words = if truth == predicted {
        format!("{is}: {count} rightly called so")
    } else {
        format!("{is}: {count} called {called}")
    };
    let class = match (count, truth == predicted) {
        (0, _) => "confusion-cell is-zero",
        (_, true) => "confusion-cell is-right",
        (_, false) => "confusion-cell",
    };
    // Small shares are seen too: the root spreads them, from a fifth.
    let strength = format!("{:.1}%", 20.0 + share.sqrt() * 80.0);
    view! {
        <td>
            <button
                class=class
                id=cell_id((truth as u32, predicted as u32))
                data-testid=format!("confusion-cell-{is}-{called}")
                aria-label=words.clone()
                title=words
                tabindex=if truth + predicted == 0 { "0" } else { "-1" }
                style=("--share", strength)
            >
                {if count == 0 { "·".to_owned() } else { words::count(count.into()) }}
            </button>
        </td>
    }
    .into_any()
}

fn cell_id((truth, predicted): Place) -> String {
    format!("cell-{truth}-{predicted}")
}

fn cell(place: Place) -> Option<Element> {
    document().get_element_by_id(&cell_id(place))
}

/// The cell in which something happened.
fn place_of(target: Option<EventTarget>) -> Option<Place> {
    let target = target?.dyn_into::<Element>().ok()?;
    let id = target.closest("button").ok()??.id();
    let (truth, predicted) = id.strip_prefix("cell-")?.split_once('-')?;
    Some((truth.parse().ok()?, predicted.parse().ok()?))
}

fn set_tab_stop(place: Place, is_stop: bool) {
    if let Some(cell) = cell(place) {
        // Fails only for names that are no attribute names.
        let _ = cell.set_attribute("tabindex", if is_stop { "0" } else { "-1" });
    }
}
