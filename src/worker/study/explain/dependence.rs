//! How the answer moves with a column.

use super::super::{Drawn, Scene, Study, number};
use super::columns::{SeenColumns, laid_open, output_of_many, plan_of, seen_columns, with_texts};
use super::{breath, failed, labels};
use crate::domain::evaluation::AccumulatedEffects;
use crate::domain::explanation::Output;
use crate::domain::features::ColumnPlan;
use crate::engine::error::EngineError;
use crate::engine::explain::Breath;
use crate::engine::explain::effects::{column_dependence, local_effects};
use crate::engine::explain::row::{Cells, ColumnModel};
use crate::engine::explain::smallest_change::{Alternatives, alternatives};
use crate::protocol::Failure;
use crate::view::explain::controls::{Choice, choice_into};
use crate::view::explain::effects::{Cell, Followed, dependence};
use crate::view::field::fields;
use crate::view::markup::{Markup, text};

/// Places of a curve.
const PLACES: usize = 16;

/// Rows of the curves, at the most: each is predicted at every place.
const ROWS: usize = 80;

/// Steps of the local effects, so that there are rows between any two.
const STEPS: usize = 8;

/// The element that shows it.
const INTO: &str = "on-request-dependence";

/// How the answer moves with a column.
pub(in crate::worker::study) struct Dependence;

impl Study for Dependence {
    fn id(&self) -> &'static str {
        "dependence"
    }

    fn draw<'a>(&'a self, scene: &'a Scene<'a>) -> Drawn<'a> {
        Box::pin(draw(scene))
    }
}

async fn draw(scene: &Scene<'_>) -> Result<Markup, Failure> {
    let model = laid_open(scene)?;
    let seen = seen_columns(scene, &model).await?;
    let breathe = breath(scene, "Asking along the column");
    let all = alternatives(&model, &seen.examples.table, &seen.examples.split.train);
    let output = output_of_many(scene, &model);
    let at = column_of(scene, &seen, &all);
    let head = head(scene, &all, at, output);
    let Some(column) = all.get(at).filter(|column| !column.cells.is_empty()) else {
        return Ok(head.then(text("p", "fine", "There is no cell to set.")));
    };
    let plan = plan_of(&model, &column.column);
    let cells = places(column);
    let with = |cell: &String| Cells::from([(column.column.clone(), cell.clone())]);
    let grid: Vec<Cells> = cells.iter().map(with).collect();
    let grid = with_texts(scene, async |store| {
        model.read_cells(&grid, store, &breathe).await
    });
    let grid = grid.await?;
    let count = seen.read.count();
    let few = count.min(ROWS);
    let few: Vec<usize> = (0..few).map(|at| at * count / few).collect();
    let rows = seen.read.select(&few);
    let found = column_dependence(&model, &rows, column.part, &grid, output, &breathe).await;
    let found = found.map_err(failed)?;
    let answers = model.answers(&seen.read, &breathe).await.map_err(failed)?;
    let shown = answers.iter().map(|answer| output.shown(output.of(answer)));
    let middle = shown.sum::<f64>() / answers.len().max(1) as f64;
    let numbers = plan.map_or_else(Vec::new, |plan| own_numbers(&seen, &column.column, plan));
    let local = if plan.is_some() {
        moved(&model, &seen, column.part, &numbers, output, &breathe).await?
    } else {
        None
    };
    let answer = match output {
        Output::Number => scene.run.recipe.target.clone(),
        Output::Label(label) | Output::Has(label) => {
            format!("Probability of {}", labels(scene)[label])
        }
    };
    let cells: Vec<Cell> = cells
        .into_iter()
        .map(|cell| Cell {
            place: plan.and_then(|plan| plan.place(&cell)),
            words: cell,
        })
        .collect();
    // What lies outside the curve has no place on its axis.
    let ends = cells.first().zip(cells.last());
    let ends = ends.and_then(|(first, last)| Some(first.place?..=last.place?));
    let shown: Vec<f64> = numbers
        .iter()
        .copied()
        .filter(|number| ends.as_ref().is_some_and(|ends| ends.contains(number)))
        .collect();
    let drawn = dependence(&Followed {
        column: &column.column,
        answer: &answer,
        output,
        cells: &cells,
        is_date: matches!(plan, Some(ColumnPlan::Date(_))),
        found: &found,
        middle,
        local: local.as_ref(),
        rows: &shown,
    });
    Ok(head.then(drawn))
}

/// The column that a person chose; else the one that is worth most where that is known.
fn column_of(scene: &Scene, seen: &SeenColumns, all: &[Alternatives]) -> usize {
    let worth = seen.worth.borrow();
    let first = worth.values().next().and_then(|found| {
        let names = found.iter().map(|one| &one.column);
        let mut places = names.filter_map(|name| all.iter().position(|one| one.column == *name));
        places.next()
    });
    let chosen = number::<usize>(scene.knobs, "column");
    chosen.or(first).unwrap_or_default()
}

/// The column and the label to look at.
fn head(scene: &Scene, all: &[Alternatives], at: usize, output: Output) -> Markup {
    let names = all.iter().enumerate();
    let column = Choice {
        knob: "column",
        label: "Column",
        options: names
            .map(|(at, one)| (at.to_string(), one.column.clone()))
            .collect(),
        chosen: at.to_string(),
    };
    let mut choices = vec![choice_into(&column, "dependence", INTO)];
    if let Output::Label(label) | Output::Has(label) = output {
        let names = labels(scene).into_iter().enumerate();
        let of = Choice {
            knob: "of",
            label: "Probability of",
            options: names.map(|(at, label)| (at.to_string(), label)).collect(),
            chosen: label.to_string(),
        };
        choices.push(choice_into(&of, "dependence", INTO));
    }
    fields(choices)
}

/// The cells that a column is set to: all, or of many in an order as many as a curve needs.
fn places(column: &Alternatives) -> Vec<String> {
    let count = column.cells.len();
    if column.is_ordered && count > PLACES {
        let step = |step: usize| column.cells[step * (count - 1) / (PLACES - 1)].clone();
        (0..PLACES).map(step).collect()
    } else {
        column.cells.clone()
    }
}

/// Where the rows lie on the column's axis; not a number in gaps.
fn own_numbers(seen: &SeenColumns, column: &str, plan: &ColumnPlan) -> Vec<f64> {
    let column = seen.examples.table.column(column);
    let rows = seen.held.rows.iter();
    let place = |row| column.and_then(|column| plan.place(column.cell(row)));
    rows.map(|&row| place(row).unwrap_or(f64::NAN)).collect()
}

/// What the column does to rows that are there; none where it has too few values.
async fn moved(
    model: &ColumnModel<'_>,
    seen: &SeenColumns,
    part: usize,
    numbers: &[f64],
    output: Output,
    breath: Breath<'_>,
) -> Result<Option<AccumulatedEffects>, Failure> {
    // Every number that is asked for is that of a row, whose cell is taken.
    let of_number = |number: &f64| numbers.iter().position(|own| own == number);
    let encode = async |asked: &[f64]| {
        let rows: Vec<usize> = asked.iter().filter_map(of_number).collect();
        Ok(seen.read.select(&rows))
    };
    let found = local_effects(
        model, &seen.read, part, numbers, STEPS, output, encode, breath,
    )
    .await;
    match found {
        Ok(found) => Ok(Some(found)),
        Err(EngineError::Evaluation(_)) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
