//! What a run will do, before there is one.

use crate::ui::lean::live;
use crate::ui::state::Field;
use leptos::prelude::*;

use crate::domain::base_model;
use crate::domain::features::TablePlan;
use crate::domain::recipe::{Method, Recipe};
use crate::ui::client::Page;
use crate::ui::state::{AppStateStoreFields, TableView, TableViewStoreFields, WorkerView};
use crate::ui::words;

/// What a run will do.
#[component]
pub fn Plan(
    /// The table.
    table: Field<TableView>,
) -> impl IntoView {
    let page = Page::here();
    let model = move |id: &str| match &*page.state.worker().read() {
        WorkerView::Ready(capabilities) => capabilities
            .base_models
            .iter()
            .find(|model| model.id == id)
            .map(|model| (model.name.clone(), model.bytes)),
        WorkerView::Starting | WorkerView::Down(_) => None,
    };
    let steps = move || {
        table.drafts().track();
        table.way().track();
        table.profile().track();
        let view = table.read_untracked();
        let (Some(draft), Some(parts)) = (view.draft(), view.parts()) else {
            return Vec::new();
        };
        plan(draft, parts, model(&draft.base_model))
    };
    view! {
        <h2>"What will happen"</h2>
        <ol class="plan">
            {live(move || {
                steps()
                    .into_iter()
                    .map(|(title, about)| {
                        view! {
                            <li>
                                <p class="plan-title">{title}</p>
                                <p class="plan-about">{about}</p>
                            </li>
                        }
                    })
                    .map(IntoAny::into_any).collect_view()
            })}
        </ol>
    }
    .into_any()
}

fn plan(
    recipe: &Recipe,
    [train, valid, test]: [u32; 3],
    model: Option<(String, u64)>,
) -> Vec<(String, String)> {
    let (name, bytes) = model.unwrap_or_else(|| (recipe.base_model.clone(), 0));
    let fetched = match bytes {
        _ if recipe.base_model.starts_with(base_model::OWN) => {
            "From this device, as you brought it: nothing is fetched.".to_owned()
        }
        0 => "Comes over the network the first time and out of this browser's cache after that."
            .to_owned(),
        _ => format!(
            "{} over the network the first time, out of this browser's cache after that.",
            words::bytes(bytes)
        ),
    };
    let seen = train + valid;
    let [train, valid, test] = [train, valid, test].map(|rows| words::rows(rows.into()));
    let judge = (
        format!("Judge on {test}"),
        "They were sealed until here, and are opened once.".to_owned(),
    );
    if let Some(plan) = &recipe.table {
        let mut steps = Vec::new();
        if !recipe.text.is_empty() {
            steps.push((format!("Load {name}"), fetched));
            steps.push(("Read every text once".to_owned(), read(recipe, seen)));
        }
        steps.extend(of_table(plan, &train, &valid));
        steps.extend(of_columns(recipe));
        steps.extend(anew(recipe, seen));
        steps.extend(along(recipe, &valid));
        steps.push(judge);
        return steps;
    }
    let epochs = recipe.training.epochs;
    let patience = match recipe.training.patience {
        0 => String::new(),
        1 => ", ending early when one pass brings nothing".to_owned(),
        some => format!(", ending early when {some} in a row bring nothing"),
    };
    let moving = match recipe.tuning.method {
        Method::Head => "A small new layer is fitted",
        Method::Lora => "Small additions beside the model's weights learn",
        Method::Full => "The whole model learns",
        Method::Contrastive => "The model learns from pairs of texts which belong together",
    };
    // A head without patience goes to the one optimum it has; otherwise validation rows choose.
    let kept = match (recipe.tuning.method, recipe.training.patience) {
        (Method::Contrastive, 0) => {
            format!("then a new layer is fitted. {valid} show how it does.")
        }
        (Method::Head, 0) => format!("to the best fit there is. {valid} show how it does."),
        (method, _) => {
            let sure = match method {
                Method::Lora | Method::Full => ", and how sure it may be",
                Method::Head | Method::Contrastive => "",
            };
            format!("in at most {epochs} passes{patience}. {valid} choose the best pass{sure}.")
        }
    };
    vec![
        (format!("Load {name}"), fetched),
        (
            "Read every text once".to_owned(),
            "With the model as it comes. What a new layer makes of that is the baseline that tuning has to beat."
                .to_owned(),
        ),
        (
            format!("Tune on {train}"),
            format!("{moving}, {kept}"),
        ),
        judge,
    ]
}

/// How the texts of a table are read, of which so many rows are learned from or stop the learning.
fn read(recipe: &Recipe, rows: u32) -> String {
    let has_columns = (recipe.table.as_ref()).is_some_and(|plan| !plan.columns.is_empty());
    let (stands, does) = match has_columns {
        true => ("stands beside the columns", "does"),
        false => ("is learned from", "is"),
    };
    let words = match recipe.counts_tokens() && rows as usize >= Recipe::LEAST_PROBED {
        true => {
            format!(", and so {does} what the text's words say when they are only counted")
        }
        false => String::new(),
    };
    format!("With the model as it comes. What it makes of a text {stands}{words}.")
}

/// What follows where networks that read no texts are tried beside those that do.
fn of_columns(recipe: &Recipe) -> Option<(String, String)> {
    recipe.tries_columns_alone().then(|| {
        (
            "Learn from the columns alone, too".to_owned(),
            "As many networks more see no text. The rows that stopped each of them show which predict: those that read texts, those that do not, or all together."
                .to_owned(),
        )
    })
}

/// What follows where networks that begin from nothing are tried beside those that go on.
fn anew(recipe: &Recipe, rows: u32) -> Option<(String, String)> {
    recipe.begins_anew_too(rows as usize).then(|| {
        (
            "Begin from nothing, too".to_owned(),
            "Rows are few, and what was learned before may not help. As many networks more know nothing of it; the rows that stopped each of them show which predict: those that go on, those that do not, or all together."
                .to_owned(),
        )
    })
}

/// What follows where the text encoder learns along.
fn along(recipe: &Recipe, valid: &str) -> Option<(String, String)> {
    let moving = match recipe.text_tuning().method {
        _ if !recipe.moves_texts() => return None,
        Method::Lora => "Small additions beside its weights learn",
        Method::Full => "All of it learns",
        Method::Head | Method::Contrastive => return None,
    };
    Some((
        "Then let the text encoder learn along".to_owned(),
        format!(
            "{moving}, together with the network, in a few passes. They are kept only where {valid} are told better by it."
        ),
    ))
}

fn of_table(plan: &TablePlan, train: &str, valid: &str) -> Vec<(String, String)> {
    let network = &plan.network;
    let networks = match network.folds {
        _ if !plan.texts.is_frozen() => format!("One network, stopped by {valid}."),
        1 => format!("One network, stopped by {valid}."),
        many => format!(
            "{many} networks that predict together: one is stopped by {valid}, each other one by as many rows of its own."
        ),
    };
    let cells = (
        "Turn cells into numbers".to_owned(),
        format!(
            "Scales, categories and dates are learned from {train} and nothing else, so that the test stays unseen."
        ),
    );
    let learn = (
        format!("Learn from {train}"),
        format!("{networks} At most {} passes each.", network.epochs),
    );
    match plan.columns.is_empty() {
        true => vec![learn],
        false => vec![cells, learn],
    }
}
