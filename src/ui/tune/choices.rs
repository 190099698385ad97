//! The ways to learn in words, and every setting for whoever wants it.

use crate::ui::lean::{live, memo, now};
use crate::ui::state::Field;
use leptos::prelude::*;

use super::encoder::encoder;
use crate::domain::recipe::{DataProfile, Method, Recipe, Way};
use crate::ui::client::Page;
use crate::ui::form::texts;
use crate::ui::icon::{self, icon};
use crate::ui::state::{Action, TableView, TableViewStoreFields};
use crate::ui::tag::{paragraph, tag, words};
use crate::ui::words as say;

/// The choice of a way for the next run.
#[component]
pub fn Choices(
    /// The table.
    table: Field<TableView>,
    /// Whether every setting is shown.
    is_unfolded: RwSignal<bool>,
) -> impl IntoView {
    let page = Page::here();
    // The cards are drawn anew when other ways are offered, and not when a setting changes.
    let offered = memo(move || {
        let drafts = table.drafts().read();
        drafts.iter().map(Recipe::way).collect::<Vec<_>>()
    });
    let cards = live(move || {
        let offered = offered.get();
        let has_text = !table.text().read_untracked().is_empty();
        let has_columns = !table.features().read_untracked().is_empty();
        let mut cards = Vec::new();
        for (at, way) in offered.iter().enumerate() {
            let kind = |way: Way| matches!(way, Way::Table(_));
            // Where both kinds are offered, a line says where the other one begins.
            if at > 0 && kind(*way) != kind(offered[at - 1]) {
                cards.push(paragraph("methods-else", say::table::other_kind(*way)));
            }
            cards.push(choice(page, table, *way, [has_columns, has_text]));
        }
        cards
    });
    view! {
        <section class="choices" aria-labelledby="choices-title">
            <h2 id="choices-title">"How"</h2>
            <fieldset class="methods">
                <legend class="sr-only">"How to tune"</legend>
                {cards}
            </fieldset>
            {encoder(page, table)}
            {texts(page, table)}
            <button
                class="quiet unfold"
                data-testid="every-setting"
                aria-expanded=now(move || is_unfolded.get().to_string())
                on:click=move |_| is_unfolded.update(|open| *open = !*open)
            >
                {icon(icon::SLIDERS_HORIZONTAL)}
                "Every setting"
                <span class="unfold-mark">{icon(icon::CHEVRON_DOWN)}</span>
            </button>
        </section>
    }
    .into_any()
}

fn choice(page: Page, table: Field<TableView>, way: Way, inputs: [bool; 2]) -> AnyView {
    let is_chosen = move || table.way().get() == way;
    let moves = memo(move || {
        let classes = table.profile().read().as_ref()?.classes.len() as u64;
        let drafts = table.drafts().read();
        let draft = drafts.iter().find(|draft| draft.way() == way)?;
        let count = say::expected_parameters(draft, classes)?;
        let share = count.trainable as f64 / count.total as f64;
        Some(format!(
            "moves {} numbers · {}",
            say::count(count.trainable),
            say::small_percent(share)
        ))
    });
    let said = say::table::way(way, inputs);
    let is_few = memo(move || {
        let profile = table.profile().read();
        way == Way::Text(Method::Contrastive)
            && profile
                .as_ref()
                .is_some_and(DataProfile::has_few_rows_a_label)
    });
    let is_along = memo(move || {
        let drafts = table.drafts().read();
        let draft = drafts.iter().find(|draft| draft.way() == way);
        draft.is_some_and(|draft| draft.table.is_some() && draft.moves_texts())
    });
    let rows = memo(move || {
        let profile = table.profile().read();
        profile.as_ref().map_or(0, |profile| profile.parts[0])
    });
    let cost = move || {
        let cost = if is_along.get() {
            say::method_cost(Method::Lora)
        } else if is_few.get() {
            "suggested here"
        } else {
            match way {
                Way::Table(combiner) if !inputs[1] => {
                    say::table::network_cost(combiner, rows.get())
                }
                _ => said.cost,
            }
        };
        cost.to_owned()
    };
    tag("label", "")
        .attr_now("class", move || {
            if is_chosen() {
                "method is-chosen"
            } else {
                "method"
            }
            .to_owned()
        })
        .child(
            tag("input", "")
                .id(format!("method-{}", way.id()))
                .attr("type", "radio")
                .attr("name", "method")
                .attr("value", way.id())
                .checked(is_chosen)
                .on("change", move |_| page.act(Action::ChooseWay(way)))
                .view(),
        )
        .child(
            tag("span", "method-head")
                .child(words("method-name", said.name))
                .child(words("method-term", said.term))
                .child(tag("span", "method-cost").text_now(cost).view())
                .view(),
        )
        .child(words("method-about", said.about))
        .child(
            tag("span", "method-moves")
                .text_now(move || moves.get().unwrap_or_default())
                .view(),
        )
        .view()
}
