//! The step in which a model answers as one types.

use std::time::Duration;

use crate::ui::lean::{live, memo, now, show};
use crate::ui::state::Field;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::client::Page;
use super::icon::{self, icon};
use super::part::{bar, heading, palette};
use super::state::{Action, Answer, AppStateStoreFields, RunView, RunViewStoreFields, Step};
use super::words;
use crate::domain::recipe::Recipe;
use crate::protocol::RunId;

/// A question is asked when nobody has typed for so long.
const PAUSE: Duration = Duration::from_millis(120);

/// Labels up to which each keeps its place; more are sorted by probability.
const FIXED_LABELS: usize = 8;

/// Try a run.
#[component]
pub fn UseStep(
    /// The run.
    run: Field<RunView>,
) -> impl IntoView {
    let page = Page::here();
    let recipe = run.recipe().get_untracked();
    let labels = run
        .summary()
        .read_untracked()
        .as_ref()
        .map_or_else(Vec::new, |summary| summary.labels.clone());
    let texts = RwSignal::new(vec![String::new(); recipe.text.len()]);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let ask_later = move || {
        if let Some(waiting) = timer.get_value() {
            waiting.clear();
        }
        let ask = move || {
            if let Some(texts) = texts.try_get_untracked() {
                page.act(Action::Ask(texts));
            }
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let below = format!("{} answers as you type", words::run_name(&recipe));
    let is_loaded = memo(move || run.is_loaded().get());
    let id = run.id().get_untracked();
    view! {
        {heading("Use", below)}
        {show(move || !is_loaded.get(), move || gone(page, id))}
        <div class="use">
            <section class="use-ask" aria-label="Your text">
                {fields(&recipe, texts, ask_later)}
                <Trials recipe=recipe.clone() texts ask_later=Callback::new(move |()| ask_later()) />
            </section>
            <Answers labels />
        </div>
        <div class="action-bar">
            <p class="action-note"></p>
            <button class="button" data-testid="tune-another" on:click=move |_| page.act(Action::Go(Step::Tune))>
                {icon(icon::SLIDERS_HORIZONTAL)}
                "Tune another way"
            </button>
        </div>
    }
    .into_any()
}

/// A run that the worker does not hold can be had again.
pub fn gone(page: Page, run: RunId) -> AnyView {
    view! {
        <div class="notice">
            {icon(icon::INFO)}
            <div class="notice-text">
                <p class="notice-what">"This model is not in memory. If it was kept on this device, it is being read."</p>
                <p>"Tuning again with the same recipe gives it back: on the CPU, the very same."</p>
            </div>
            <div class="notice-actions">
                <button
                    class="button button-primary"
                    data-testid="tune-again"
                    on:click=move |_| page.act(Action::StartAgain(run))
                >
                    "Tune again"
                </button>
            </div>
        </div>
    }
    .into_any()
}

fn fields(
    recipe: &Recipe,
    texts: RwSignal<Vec<String>>,
    ask_later: impl Fn() + Copy + 'static,
) -> AnyView {
    let is_alone = recipe.text.len() == 1;
    recipe
        .text
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let id = if at == 0 {
                "use-text".to_owned()
            } else {
                format!("use-text-{name}")
            };
            let type_in = move |event| {
                texts.update(|texts| texts[at] = event_target_value(&event));
                ask_later();
            };
            view! {
                <div class="use-field">
                    <label for=id.clone()>{name.clone()}</label>
                    <textarea
                        id=id.clone()
                        data-testid=id
                        rows=if is_alone { "5" } else { "3" }
                        placeholder="Type or paste a text"
                        prop:value=now(move || texts.read()[at].clone())
                        on:input=type_in
                    ></textarea>
                </div>
            }
        })
        .map(IntoAny::into_any)
        .collect_view()
        .into_any()
}

/// Rows that the run never saw.
#[component]
fn Trials(recipe: Recipe, texts: RwSignal<Vec<String>>, ask_later: Callback<()>) -> impl IntoView {
    let page = Page::here();
    let columns = text_columns(page, &recipe);
    let target = {
        let only_target = Recipe {
            text: vec![recipe.target.clone()],
            ..recipe.clone()
        };
        text_columns(page, &only_target).first().copied()
    };
    let rows = memo(move || {
        page.state
            .trials()
            .get()
            .map_or_else(Vec::new, |trials| trials.rows)
    });
    let shown = move || {
        rows.get()
            .into_iter()
            .map(|(_, cells)| {
                let cell = |at: &usize| cells.get(*at).cloned().unwrap_or_default();
                let row: Vec<String> = columns.iter().map(cell).collect();
                let label = target.as_ref().map(cell);
                let words = row.join(" · ");
                let take = move |_| {
                    texts.set(row.clone());
                    ask_later.run(());
                };
                view! {
                    <li>
                        <button class="trial" data-testid="trial" on:click=take>
                            <span class="trial-text">{words}</span>
                            {label.map(|label| view! { <span class="tag">{label}</span> })}
                        </button>
                    </li>
                }
            })
            .map(IntoAny::into_any)
            .collect_view()
    };
    view! {
            {show(
    move || !rows.read().is_empty(),
    move || view! {
    <h2 class="trials-title">"Rows it never saw, with their labels"</h2>
    }.into_any(),
    )}
            <ul class="trials">{shown}</ul>
        }
    .into_any()
}

/// What the run says.
#[component]
fn Answers(labels: Vec<String>) -> impl IntoView {
    let page = Page::here();
    let answer = memo(move || page.state.ask().get().answer);
    let hues = palette(&labels);
    let names = labels.clone();
    let top = move || {
        let answer = answer.get()?;
        let (at, share) = most_probable(&answer)?;
        Some((names.get(at)?.clone(), words::percent(share.into())))
    };
    let tokens = move || {
        answer.get().map(|answer| {
            let count = answer.tokens;
            if count == 1 {
                "1 token".to_owned()
            } else {
                format!("{count} tokens")
            }
        })
    };
    let is_cut = memo(move || answer.read().as_ref().is_some_and(|answer| answer.is_cut));
    let is_fixed = labels.len() <= FIXED_LABELS;
    let lines = move || {
        let answer = answer.get();
        let share = |at: usize| {
            answer
                .as_ref()
                .and_then(|answer| answer.probabilities.get(at))
                .map(|share| f64::from(*share))
        };
        let best = answer.as_ref().and_then(most_probable).map(|(at, _)| at);
        let mut order: Vec<usize> = (0..labels.len()).collect();
        if !is_fixed && answer.is_some() {
            order.sort_by(|&a, &b| share(b).unwrap_or(0.0).total_cmp(&share(a).unwrap_or(0.0)));
        }
        order
            .into_iter()
            .map(|at| {
                let value = share(at);
                view! {
                    <tr
                        class:is-best=best == Some(at)
                        data-testid=format!("prob-{}", labels[at])
                        data-value=value.map(|value| format!("{value:.6}"))
                    >
                        <th scope="row" title=labels[at].clone()>{labels[at].clone()}</th>
                        <td class="counts-bar">{bar(value.unwrap_or(0.0), hues[at].clone())}</td>
                        <td class="num">{value.map_or_else(|| "–".to_owned(), words::percent)}</td>
                    </tr>
                }
            })
            .map(IntoAny::into_any)
            .collect_view()
    };
    view! {
        <section class="use-answer" aria-label="The answer">
            <p class="use-top" data-testid="use-top" aria-live="polite">
                {live(move || match top() {
                    Some((label, share)) => view! { <b>{label}</b> " " <span>{share}</span> }.into_any(),
                    None => view! { <span class="muted">"The answer appears as you type"</span> }.into_any(),
                })}
            </p>
            <table class="counts probabilities">
                <tbody>{lines}</tbody>
            </table>
            <p class="fine use-tokens">
                <span data-testid="use-tokens">{tokens}</span>
                {show(
move || is_cut.get(),
move || view! {
<span class="use-cut" data-testid="use-cut">
                        "Longer than the model reads: the end was cut off."
                    </span>
}.into_any(),
)}
            </p>
        </section>
    }
    .into_any()
}

fn most_probable(answer: &Answer) -> Option<(usize, f32)> {
    answer
        .probabilities
        .iter()
        .copied()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Places of the recipe's text columns in a row of the shown table.
fn text_columns(page: Page, recipe: &Recipe) -> Vec<usize> {
    let shown = page.state.table().get_untracked();
    let tables = page.state.tables().read_untracked();
    let columns = tables
        .iter()
        .find(|table| Some(table.id) == shown)
        .and_then(|table| table.summary.as_ref())
        .map(|summary| &summary.columns);
    let place = |name: &String| {
        columns.and_then(|columns| columns.iter().position(|column| column.name == *name))
    };
    recipe.text.iter().filter_map(place).collect()
}
