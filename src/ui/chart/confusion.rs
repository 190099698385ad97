//! The confusion matrix: a row for each true label, a column for each prediction.

use crate::ui::lean::now;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::ui::words;

/// Labels up to which a matrix can be read.
pub const MOST_LABELS: usize = 24;

/// The matrix.
#[component]
pub fn ConfusionMatrix(
    /// The labels, by index.
    labels: Vec<String>,
    /// `counts[truth][predicted]`.
    counts: Vec<Vec<u32>>,
    /// The cell whose rows are shown.
    shown: Signal<Option<(u32, u32)>>,
    /// Called with the true and the predicted label of a cell.
    choose: Callback<(u32, u32)>,
) -> impl IntoView {
    let size = labels.len();
    // One cell is in the tab order; arrow keys go to the others.
    let current = RwSignal::new((0_usize, 0_usize));
    let step = move |event: KeyboardEvent| {
        let (truth, predicted) = current.get_untracked();
        let next = match event.key().as_str() {
            "ArrowUp" => (truth.saturating_sub(1), predicted),
            "ArrowDown" => ((truth + 1).min(size - 1), predicted),
            "ArrowLeft" => (truth, predicted.saturating_sub(1)),
            "ArrowRight" => (truth, (predicted + 1).min(size - 1)),
            "Home" => (truth, 0),
            "End" => (truth, size - 1),
            _ => return,
        };
        event.prevent_default();
        current.set(next);
        let cell = document().get_element_by_id(&cell_id(next.0, next.1));
        if let Some(cell) = cell.and_then(|cell| cell.dyn_into::<HtmlElement>().ok()) {
            // A cell that is on the page can take the focus.
            let _ = cell.focus();
        }
    };
    let head = labels
        .iter()
        .map(
            |label| view! { <th scope="col" title=label.clone()><span>{label.clone()}</span></th> },
        )
        .map(IntoAny::into_any)
        .collect_view();
    let names = labels.clone();
    let body = counts
        .into_iter()
        .enumerate()
        .map(|(truth, row)| {
            let rows = row.iter().sum::<u32>().max(1);
            let cells = row
                .into_iter()
                .enumerate()
                .map(|(predicted, count)| {
                    let words = match truth == predicted {
                        true => format!("{}: {} rightly called so", names[truth], count),
                        false => format!("{}: {} called {}", names[truth], count, names[predicted]),
                    };
                    let share = f64::from(count) / f64::from(rows);
                    let id = format!("confusion-cell-{}-{}", names[truth], names[predicted]);
                    let place = (truth as u32, predicted as u32);
                    view! {
                        <td>
                            <button
                                class="confusion-cell"
                                class:is-right=truth == predicted
                                class:is-zero=count == 0
                                class:is-shown=now(move || shown.get() == Some(place))
                                id=cell_id(truth, predicted)
                                data-testid=id
                                aria-label=words.clone()
                                title=words
                                tabindex=now(move || if current.get() == (truth, predicted) { "0" } else { "-1" })
                                // Small shares are seen too: the root spreads them, from a fifth.
                                style=("--share", format!("{:.1}%", 20.0 + share.sqrt() * 80.0))
                                on:focus=move |_| current.set((truth, predicted))
                                on:click=move |_| choose.run(place)
                            >
                                {if count == 0 { "·".to_owned() } else { words::count(count.into()) }}
                            </button>
                        </td>
                    }
                })
                .map(IntoAny::into_any).collect_view();
            let label = labels[truth].clone();
            view! {
                <tr>
                    <th scope="row" title=label.clone()><span>{label.clone()}</span></th>
                    {cells}
                </tr>
            }
        })
        .map(IntoAny::into_any).collect_view();
    view! {
        <div class="confusion" class:is-small=size <= 4>
            <p class="axis-name axis-predicted" aria-hidden="true">"Predicted"</p>
            <p class="axis-name axis-true" aria-hidden="true">"True"</p>
            <div class="confusion-scroll">
                <table on:keydown=step aria-label="Confusion matrix: true labels in rows, predictions in columns">
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

fn cell_id(truth: usize, predicted: usize) -> String {
    format!("cell-{truth}-{predicted}")
}
