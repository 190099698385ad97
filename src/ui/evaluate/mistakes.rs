//! The mistakes to read: the most frequent ones, and the rows behind a cell.

use crate::ui::lean::memo;
use leptos::prelude::*;

use crate::domain::recipe::Recipe;
use crate::domain::report::Evaluation;
use crate::domain::table::RowId;
use crate::ui::client::Page;
use crate::ui::icon::{self, icon};
use crate::ui::state::{Action, AppStateStoreFields, CellView};
use crate::ui::words;

/// Mistakes that are listed.
const MISTAKES: usize = 6;

/// The most frequent mistakes.
#[component]
pub fn Mistakes(
    /// What to show.
    evaluation: Evaluation,
    /// Called with the true and the predicted label of a mistake.
    choose: Callback<(u32, u32)>,
) -> impl IntoView {
    let mut mistakes: Vec<(u32, u32, u32)> = Vec::new();
    for (truth, row) in evaluation.confusion.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            if truth != predicted && count > 0 {
                mistakes.push((count, truth as u32, predicted as u32));
            }
        }
    }
    mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.0));
    let all: u32 = mistakes.iter().map(|mistake| mistake.0).sum();
    let lead = match all {
        0 => "No mistake on the test rows.".to_owned(),
        1 => "1 mistake.".to_owned(),
        _ => format!(
            "{} mistakes, the most frequent first.",
            words::count(all.into())
        ),
    };
    let line = |(count, truth, predicted): (u32, u32, u32)| {
        let name = |index: u32| evaluation.labels[index as usize].clone();
        view! {
            <li>
                <button class="mistake" data-testid="mistake" on:click=move |_| choose.run((truth, predicted))>
                    <span class="mistake-count">{words::count(count.into())}</span>
                    <span class="mistake-words">
                        <b>{name(truth)}</b> " taken for " <b>{name(predicted)}</b>
                    </span>
                    {icon(icon::CHEVRON_RIGHT)}
                </button>
            </li>
        }
        .into_any()
    };
    view! {
        <div class="mistakes">
            <p class="mistakes-lead">{lead}</p>
            <ul>{mistakes.into_iter().take(MISTAKES).map(line).map(IntoAny::into_any).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The rows behind a cell.
#[component]
pub fn CellRows(
    /// Where the cell is from.
    evaluation: Evaluation,
    /// Which columns are the texts.
    recipe: Recipe,
) -> impl IntoView {
    let page = Page::here();
    let cell = memo(move || page.state.cell().get());
    move || {
        cell.get()
            .map(|cell| rows(page, &evaluation, &recipe, cell))
    }
}

fn rows(page: Page, evaluation: &Evaluation, recipe: &Recipe, cell: CellView) -> AnyView {
    let name = |index: u32| {
        evaluation
            .labels
            .get(index as usize)
            .cloned()
            .unwrap_or_default()
    };
    let all = evaluation
        .confusion
        .get(cell.truth as usize)
        .and_then(|row| row.get(cell.predicted as usize))
        .copied()
        .unwrap_or(0);
    let title = if cell.truth == cell.predicted {
        format!(
            "{} that are {} and were called so",
            words::rows(all.into()),
            name(cell.truth)
        )
    } else {
        format!(
            "{} that are {} and were called {}",
            words::rows(all.into()),
            name(cell.truth),
            name(cell.predicted)
        )
    };
    let columns = text_columns(page, recipe);
    let probability = |row: RowId| {
        evaluation
            .rows
            .iter()
            .find(|known| known.row == row)
            .map_or(0.0, |known| f64::from(known.probability))
    };
    let is_right = cell.truth == cell.predicted;
    let list = match cell.rows {
        None => view! {
            <div class="skeleton skeleton-line" aria-hidden="true"></div>
            <div class="skeleton skeleton-line skeleton-short" aria-hidden="true"></div>
        }
        .into_any(),
        Some(rows) => {
            let shown = rows.len() as u32;
            let items = rows.into_iter().map(|(row, cells)| {
                let text: Vec<&str> =
                    columns.iter().filter_map(|&at| cells.get(at).map(String::as_str)).collect();
                let sure = probability(row);
                view! {
                    <li class="cell-row" data-testid="cell-row">
                        <p class="cell-text">{text.join(" · ")}</p>
                        <p class="cell-facts">
                            <span>{format!("Row {}", words::count(u64::from(row.0) + 1))}</span>
                            <span>{format!("is {}", name(cell.truth))}</span>
                            <span class:is-wrong=!is_right>
                                {format!("called {}, {} sure", name(cell.predicted), words::percent(sure))}
                            </span>
                        </p>
                    </li>
                }
            });
            let more = (shown < all).then(|| {
                view! {
                    <button class="quiet" data-testid="cell-more" on:click=move |_| page.act(Action::MoreOfCell)>
                        {format!("Show more of {}", words::rows(all.into()))}
                    </button>
                }
            });
            view! {
                <ul class="cell-list">{items.map(IntoAny::into_any).collect_view()}</ul>
                {more}
            }
            .into_any()
        }
    };
    view! {
        <div class="cell-rows" data-testid="cell-rows" role="region" aria-label="Rows behind the cell">
            <div class="cell-head">
                <h3>{title}</h3>
                <button class="icon-button" data-testid="cell-close" aria-label="Close these rows" on:click=move |_| page.act(Action::CloseCell)>
                    {icon(icon::X)}
                </button>
            </div>
            {list}
        </div>
    }
    .into_any()
}

/// Places of the recipe's text columns in a row of the shown table.
pub fn text_columns(page: Page, recipe: &Recipe) -> Vec<usize> {
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
