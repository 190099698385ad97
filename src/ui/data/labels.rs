//! What the labels and the parts look like with the chosen columns.

use crate::ui::lean::{live, memo};
use crate::ui::state::Field;
use leptos::prelude::*;

use super::detail::open_detail;
use crate::domain::recipe::DataProfile;
use crate::domain::task::{AnswerKind, answer};
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::part::{bar, palette};
use crate::ui::state::{Action, PlanAction, TableView, TableViewStoreFields};
use crate::ui::tag::{block, button, paragraph, tag};
use crate::ui::words;

/// Labels that are shown at first.
const LABELS: usize = 8;

/// How many rows each label has.
#[component]
pub fn LabelCounts(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let page = Page::here();
    let profile = memo(move || table.profile().get());
    let has_ranks = memo(move || {
        table.plan().track();
        table.summary().track();
        let view = table.read_untracked();
        view.task()
            .is_some_and(|task| answer(task) == AnswerKind::Rank)
    });
    let is_whole = RwSignal::new(false);
    let is_waiting = move || table.suggests_pending().get() > 0;
    view! {
        <section class="section" aria-labelledby="labels-title">
            <h2 id="labels-title">"Labels"</h2>
            {live(move || match profile.get() {
                Some(profile) if profile.classes.is_empty() => numbers(table),
                Some(profile) => {
                    let target = table.target().get_untracked();
                    let ranked = target.filter(|_| has_ranks.get()).map(|target| (page, target));
                    counts(&profile, is_whole, ranked)
                }
                None if is_waiting() => view! {
                    <div class="skeleton skeleton-line" aria-hidden="true"></div>
                    <div class="skeleton skeleton-line skeleton-short" aria-hidden="true"></div>
                }
                .into_any(),
                None => view! { <p class="muted">"Counted once the columns fit."</p> }.into_any(),
            })}
        </section>
    }
    .into_any()
}

/// What stands in the place of labels where a number is predicted.
fn numbers(table: Field<TableView>) -> AnyView {
    let page = Page::here();
    let target = table.target().get_untracked().unwrap_or_default();
    let name = target.clone();
    block("")
        .child(paragraph(
            "muted",
            format!("{target} is predicted as a number, with a range that it lies in."),
        ))
        .child(
            button(
                "button",
                "about-target",
                "See how it is spread",
                move || {
                    open_detail(page, name.clone(), "step-title");
                },
            )
            .view(),
        )
        .view()
}

/// Rows a label. Ranks of a column can be put in another order.
fn counts(
    profile: &DataProfile,
    is_whole: RwSignal<bool>,
    ranked: Option<(Page, String)>,
) -> AnyView {
    let names: Vec<String> = profile
        .classes
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let hues = palette(&names);
    let most = profile
        .classes
        .iter()
        .map(|(_, rows)| *rows)
        .max()
        .unwrap_or(1)
        .max(1);
    let rows = f64::from(
        profile
            .classes
            .iter()
            .map(|(_, rows)| *rows)
            .sum::<u32>()
            .max(1),
    );
    let lines: Vec<(String, u32, String)> = profile
        .classes
        .iter()
        .zip(hues)
        .map(|((name, count), hue)| (name.clone(), *count, hue))
        .collect();
    let hidden = lines.len().saturating_sub(LABELS);
    let about = ranked.as_ref().map(|_| {
        paragraph(
            "fine",
            "From the lowest to the highest. The model learns that order: move a rank up where it is wrong.",
        )
    });
    let shown = move || {
        if is_whole.get() {
            lines.clone()
        } else {
            lines.iter().take(LABELS).cloned().collect()
        }
    };
    view! {
        {about}
        <table class="counts">
            <tbody>
                {live(move || {
                    shown()
                        .into_iter()
                        .enumerate()
                        .map(|(at, (name, count, hue))| {
                            let raise = ranked.as_ref().map(|ranked| raise(ranked, &names, at));
                            view! {
                                <tr data-testid=format!("class-count-{name}")>
                                    <th scope="row" title=name.clone()>{name.clone()}</th>
                                    <td class="counts-bar">{bar(f64::from(count) / f64::from(most), hue)}</td>
                                    <td class="num">{words::count(count.into())}</td>
                                    <td class="num muted">{words::percent(f64::from(count) / rows)}</td>
                                    {raise}
                                </tr>
                            }
                        })
                        .map(IntoAny::into_any).collect_view()
                })}
            </tbody>
        </table>
        {(hidden > 0)
            .then(|| {
                view! {
                    <button class="quiet" on:click=move |_| is_whole.update(|whole| *whole = !*whole)>
                        {live(move || {
                            if is_whole.get() {
                                "Show fewer".to_owned()
                            } else {
                                format!("Show {hidden} more")
                            }
                        })}
                    </button>
                }
            })}
    }
    .into_any()
}

/// A cell that puts a rank below the one before it. The lowest has nowhere to go.
fn raise((page, column): &(Page, String), names: &[String], at: usize) -> AnyView {
    let (page, column) = (*page, column.clone());
    let cell = tag("td", "num");
    let Some(before) = at.checked_sub(1) else {
        return cell.view();
    };
    let mut ranks = names.to_vec();
    ranks.swap(before, at);
    let label = format!("Put {} below {}", names[at], names[before]);
    cell.child(
        button(
            "icon-button",
            format!("rank-up-{}", names[at]),
            "",
            move || {
                page.act(Action::Plan(PlanAction::Order {
                    column: column.clone(),
                    ranks: ranks.clone(),
                }));
            },
        )
        .attr("aria-label", label.clone())
        .attr("title", label)
        .child(icon(icon::ARROW_UP))
        .view(),
    )
    .view()
}

/// How the rows are held apart, and how long the texts are.
#[component]
pub fn Parts(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let parts = memo(move || {
        table.profile().track();
        table.drafts().track();
        table.way().track();
        let view = table.read_untracked();
        let [median, most, _, _] = view.profile.as_ref()?.tokens;
        let reads = view.draft()?.max_tokens;
        Some((view.parts()?, median, most, reads))
    });
    view! {
        <section class="section" aria-labelledby="parts-title">
            <h2 id="parts-title">"Rows held apart"</h2>
            {live(move || match parts.get() {
                Some((parts, median, most, reads)) => view! {
                    {split_bar(parts)}
                    <p class="fine">
                        "The test rows are sealed: nothing looks at them until training has ended, and then they judge."
                        {(most > 0)
                            .then(|| {
                                format!(
                                    " Half the texts have up to {median} tokens, 95 of 100 up to {most}; the model will read up to {reads}.",
                                )
                            })}
                    </p>
                }
                .into_any(),
                None if table.suggests_pending().get() > 0 => view! {
                    <div class="skeleton skeleton-bar" aria-hidden="true"></div>
                    <div class="skeleton skeleton-line skeleton-short" aria-hidden="true"></div>
                }
                .into_any(),
                None => view! { <p class="muted">"Split once the columns fit."</p> }.into_any(),
            })}
        </section>
    }
    .into_any()
}

fn split_bar(parts: [u32; 3]) -> AnyView {
    let total = f64::from(parts.iter().sum::<u32>().max(1));
    let part = |at: usize, id: &'static str, name: &'static str, about: &'static str| {
        let share = f64::from(parts[at]) / total;
        let is_sealed = id == "test";
        view! {
            <li class=format!("part part-{id}") style:flex-grow=format!("{:.4}", share.max(0.06))>
                <span class="part-bar" aria-hidden="true"></span>
                <span class="part-name">{is_sealed.then(|| icon(icon::LOCK))} {name}</span>
                <span class="part-rows" data-testid=format!("part-{id}")>{words::count(parts[at].into())}</span>
                <span class="part-about">{about}</span>
            </li>
        }
    };
    view! {
        <ul class="parts">
            {part(0, "train", "Train", "to learn from")}
            {part(1, "valid", "Validation", "to choose by")}
            {part(2, "test", "Test", "sealed")}
        </ul>
    }
    .into_any()
}
