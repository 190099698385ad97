//! Models of columns: what their explanations need, gathered once a run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::opened::{row_of, usual_row};
use super::super::{Scene, number};
use super::rows::{at_of, closed};
use super::{breath, failed};
use crate::domain::clean::prepare_row;
use crate::domain::evaluation::ColumnImportance;
use crate::domain::explanation::Output;
use crate::domain::features::{ColumnPlan, TableExamples};
use crate::domain::report::{Input, Scores};
use crate::domain::table::RowId;
use crate::domain::words::count;
use crate::engine::error::EngineError;
use crate::engine::explain::Breath;
use crate::engine::explain::row::{BACKGROUND_ROWS, Cells, ColumnModel, ColumnSubject, ReadRows};
use crate::engine::features::FeatureStore;
use crate::engine::tabular::model::TunedTable;
use crate::protocol::{Failure, FailureKind};
use crate::view::explain::cells::CellField;
use crate::worker::run::Model;
use crate::worker::session::engine_failure;

/// Rows that effects of columns are worked out on, at the most: intervals of more are hardly
/// narrower, and each costs a prediction for every column and shuffle.
const MOST_ROWS: usize = 300;

/// What is known of the rows of a run that learned from columns. No test row is among them.
pub(in crate::worker) struct SeenColumns {
    /// The rows as they were learned from.
    pub(super) examples: TableExamples,
    /// What a column is when it is not the row's own: training rows.
    pub(super) background: ReadRows,
    /// Rows that a network stopped by and did not learn from.
    pub(super) held: Scores,
    /// The network of each of them.
    pub(super) networks: Vec<usize>,
    /// What the model reads in them.
    pub(super) read: ReadRows,
    /// What each column is worth, by the id of a metric, once somebody has asked for it.
    pub(super) worth: RefCell<BTreeMap<&'static str, Rc<Vec<ColumnImportance>>>>,
}

/// The run's model of columns; none for a model of texts.
pub(super) fn table_model<'a>(scene: &'a Scene<'_>) -> Option<&'a TunedTable> {
    match &scene.run.model {
        Model::Table(tuned) => Some(tuned),
        Model::Text(_) => None,
    }
}

/// The model, laid open.
pub(super) fn laid_open<'a>(scene: &'a Scene<'_>) -> Result<ColumnModel<'a>, Failure> {
    let tuned = table_model(scene).ok_or_else(|| Failure {
        kind: FailureKind::Input,
        what: "This is told of models that read columns; this one reads texts alone.".to_owned(),
        fix: "Open a run that was tuned on columns.".to_owned(),
    })?;
    let base = scene.run.base.as_deref();
    let recipe = &scene.run.recipe;
    Ok(ColumnModel::new(tuned, base, recipe, &scene.session.device))
}

/// Does something with the vectors of texts that were read before.
pub(super) async fn with_texts<T>(
    scene: &Scene<'_>,
    act: impl AsyncFnOnce(&mut FeatureStore) -> Result<T, EngineError>,
) -> Result<T, Failure> {
    let base_model = &scene.run.recipe.base_model;
    let mut store = scene.session.take_features(base_model);
    let done = act(&mut store).await;
    scene.session.return_features(base_model, store);
    done.map_err(failed)
}

/// Gathers what explanations need; once a run.
pub(super) async fn seen_columns(
    scene: &Scene<'_>,
    model: &ColumnModel<'_>,
) -> Result<Rc<SeenColumns>, Failure> {
    if let Some(known) = &*scene.run.columns.borrow() {
        return Ok(Rc::clone(known));
    }
    let table = scene.table().ok_or_else(closed)?;
    let examples = TableExamples::read(&table, &scene.run.recipe)
        .map_err(|issues| engine_failure(&EngineError::Input(issues)))?;
    let spread = |all: usize, most: usize| -> Vec<usize> {
        let count = all.min(most);
        (0..count).map(|at| at * all / count).collect()
    };
    let train = &examples.split.train;
    let background = spread(train.len(), BACKGROUND_ROWS);
    let background: Vec<RowId> = background.into_iter().map(|at| train[at]).collect();
    let valid = &scene.run.scores.valid;
    let places = spread(valid.len(), MOST_ROWS);
    let held = valid.select(&places);
    // Linear models that are part of the model have seen these rows; those that have not told the networks.
    let told = &scene.run.scores.told;
    let each = told.len() / valid.len().max(1);
    let told: Vec<f32> = (places.iter())
        .flat_map(|at| &told[at * each..][..each])
        .copied()
        .collect();
    // Each network holds as many rows, and they follow each other.
    let networks = model.tuned().facts().networks.max(1);
    let networks = places.iter().map(|at| at * networks / valid.len().max(1));
    let networks = networks.collect();
    let breathe = breath(scene, "Reading rows");
    let (background, read) = with_texts(scene, async |store| {
        let table = &examples.table;
        let background = model.read(table, &background, store, &breathe).await?;
        let read = model.read(table, &held.rows, store, &breathe).await?;
        let read = read.with_told(&told);
        Ok((background, read))
    })
    .await?;
    let seen = Rc::new(SeenColumns {
        examples,
        background,
        held,
        networks,
        read,
        worth: RefCell::default(),
    });
    *scene.run.columns.borrow_mut() = Some(Rc::clone(&seen));
    Ok(seen)
}

/// What a column is when it is not the row's own.
pub(super) enum Background {
    /// Training rows.
    Seen(Rc<SeenColumns>),
    /// The usual row that a model's file names, which holds no rows.
    Usual(ReadRows),
}

impl Background {
    pub(super) async fn of(scene: &Scene<'_>, model: &ColumnModel<'_>) -> Result<Self, Failure> {
        if scene.run.from_file.is_none() {
            return Ok(Self::Seen(seen_columns(scene, model).await?));
        }
        let usual = [prepared(scene, &usual_row(scene))];
        let breathe = breath(scene, "Reading rows");
        let read = with_texts(scene, async |store| {
            model.read_cells(&usual, store, &breathe).await
        });
        Ok(Self::Usual(read.await?))
    }

    pub(super) fn rows(&self) -> &ReadRows {
        match self {
            Self::Seen(seen) => &seen.background,
            Self::Usual(rows) => rows,
        }
    }

    /// What it is, in words.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Seen(seen) => {
                let rows = count(seen.background.count() as u64);
                format!("the mean of {rows} training rows")
            }
            Self::Usual(_) => "a usual row".to_owned(),
        }
    }
}

/// What a person can set, with what the row has there: the row's own cells, unless the knobs say
/// that what was typed is kept, or name a cell to be put in.
pub(super) fn fields(scene: &Scene<'_>, row: Option<RowId>) -> Result<Vec<CellField>, Failure> {
    let table = scene.table().ok_or_else(closed)?;
    let is_kept = scene.knob("keep").is_some();
    let inputs = scene.run.report.inputs.iter().enumerate();
    let field = |(at, input): (usize, &Input)| {
        let column = table.column(&input.column);
        let own = column.zip(row).map_or("", |(column, row)| column.cell(row));
        let typed = scene.knob(&format!("cell{at}")).filter(|_| is_kept);
        let cell = scene.knob(&format!("set{at}")).or(typed).unwrap_or(own);
        CellField {
            input: input.clone(),
            cell: cell.to_owned(),
        }
    };
    Ok(inputs.map(field).collect())
}

/// The row of the knobs.
pub(super) struct TypedRow {
    /// Columns with what was typed.
    pub(super) typed: Vec<(String, String)>,
    /// Cells of the row that it was made from, in the same order.
    pub(super) own: Vec<(String, String)>,
}

impl TypedRow {
    pub(super) fn of(scene: &Scene<'_>) -> Result<Self, Failure> {
        if scene.run.from_file.is_some() {
            let typed = row_of(scene);
            return Ok(Self {
                own: typed.clone(),
                typed,
            });
        }
        let table = scene.table().ok_or_else(closed)?;
        let row = at_of(scene).1.map(|row| row.row);
        let names = scene.run.report.inputs.iter().map(|input| &input.column);
        let own: Vec<(String, String)> = names
            .map(|name| {
                let cell = table.column(name).zip(row);
                let cell = cell.map_or("", |(column, row)| column.cell(row));
                (name.clone(), cell.to_owned())
            })
            .collect();
        let typed = own.iter().enumerate().map(|(at, (name, own))| {
            let cell = scene.knob(&format!("cell{at}")).unwrap_or(own);
            (name.clone(), cell.to_owned())
        });
        Ok(Self {
            typed: typed.collect(),
            own,
        })
    }

    /// How many cells differ from the row's own.
    pub(super) fn changes(&self) -> usize {
        let pairs = self.typed.iter().zip(&self.own);
        pairs.filter(|(typed, own)| typed != own).count()
    }

    /// What was typed for a part of the model: a column, or the texts together.
    pub(super) fn cell(&self, part: &str, texts: &[String]) -> String {
        let of = |name: &str| {
            let found = self.typed.iter().find(|(column, _)| column == name);
            found.map_or("", |(_, cell)| cell.as_str())
        };
        if texts.join(", ") == part {
            let cells: Vec<&str> = texts.iter().map(|name| of(name)).collect();
            return cells.join(" · ");
        }
        of(part).to_owned()
    }
}

/// Cells prepared as the training rows were.
pub(super) fn prepared(scene: &Scene<'_>, cells: &[(String, String)]) -> Cells {
    let mut row = cells.to_vec();
    prepare_row(&scene.run.fitted, &mut row);
    row.into_iter().collect()
}

/// The row of the knobs as an explained answer, with the answer to the row that it was made from.
pub(super) async fn column_subject<'a>(
    scene: &'a Scene<'_>,
    model: &'a ColumnModel<'a>,
    background: &'a Background,
    row: &TypedRow,
    breath: Breath<'a>,
) -> Result<(ColumnSubject<'a>, Vec<f32>), Failure> {
    let rows = [prepared(scene, &row.typed), prepared(scene, &row.own)];
    let read = with_texts(scene, async |store| {
        model.read_cells(&rows, store, breath).await
    })
    .await?;
    let label = number(scene.knobs, "label");
    let before = model.answers(&read.select(&[1]), breath).await;
    let before = before.map_err(failed)?.remove(0);
    let subject =
        ColumnSubject::new(model, read.select(&[0]), background.rows(), label, breath).await;
    Ok((subject.map_err(failed)?, before))
}

/// What effects over many rows are told of: the number, or a label, the rarest one by default.
pub(super) fn output_of_many(scene: &Scene<'_>, model: &ColumnModel<'_>) -> Output {
    let counts = &scene.run.scores.train_rows;
    let rarest = (0..counts.len()).min_by_key(|&at| counts[at]);
    let chosen = number(scene.knobs, "of").or_else(|| number(scene.knobs, "label"));
    let width = scene.run.scores.test.width().max(1);
    model.output(&vec![0.0; width], chosen.or(rarest))
}

/// Where the cells of a column lie on its own axis, for columns that have an order.
pub(super) fn plan_of<'a>(model: &'a ColumnModel<'_>, column: &str) -> Option<&'a ColumnPlan> {
    let features = &model.tuned().plan().features;
    let own = features.iter().find(|feature| feature.column == column)?;
    let is_ordered = matches!(own.plan, ColumnPlan::Number(_) | ColumnPlan::Date(_));
    is_ordered.then_some(&own.plan)
}
