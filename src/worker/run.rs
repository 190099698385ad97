//! What a run has made, and how it is kept.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use burn::tensor::Device;

use super::keeper::{Finished, RunKey};
use super::session::{Session, engine_failure};
use super::store::StoreError;
use super::study::explain::{SeenColumns, SeenParts};
use super::study::{ChosenRows, FoundDoubts};
use super::watcher::RunWatcher;
use crate::domain::clean::{Fitted, StepPlan, prepare_row};
use crate::domain::examples::join_texts;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Prediction, RunReport, RunScores, RunSummary};
use crate::domain::search::Search;
use crate::domain::table::Table;
use crate::engine::checkpoint::Checkpoint;
use crate::engine::error::EngineError;
use crate::engine::export::Facts;
use crate::engine::features::FeatureStore;
use crate::engine::run::{Base, Tuned};
use crate::engine::tabular::model::{TableFacts, TunedTable};
use crate::protocol::{Failure, Knobs, RunAnswer, RunEvent, RunId, TableId};
use crate::view::markup::Markup;

/// What a run has made.
#[allow(
    clippy::large_enum_variant,
    reason = "there is one a run, and it is never copied"
)]
pub(super) enum Model {
    /// From texts alone.
    Text(Tuned),
    /// From columns, with texts where there are some.
    Table(TunedTable),
}

impl Model {
    /// The text model, if it is one.
    pub fn text(&self) -> Option<&Tuned> {
        match self {
            Self::Text(tuned) => Some(tuned),
            Self::Table(_) => None,
        }
    }

    /// The model that a recipe made, from what was kept of it; `facts` are those of a run on columns.
    /// `None` when it reads texts and there is nobody to read them.
    pub fn restore(
        recipe: &Recipe,
        facts: Option<TableFacts>,
        report: &RunReport,
        learned: &Checkpoint,
        base: Option<&Base>,
        device: &Device,
    ) -> Option<Self> {
        if let Some(facts) = facts {
            if base.is_none() && learned.standing.encoder.is_some() {
                return None;
            }
            let tuned = TunedTable::restore(recipe, facts, learned, base, device);
            return Some(Self::Table(tuned));
        }
        let labels = report.evaluation.names().to_vec();
        base.map(|base| Self::Text(Tuned::restore(base, labels, recipe, learned)))
    }

    /// The model of a table, if it is one.
    pub fn table(&self) -> Option<&TunedTable> {
        match self {
            Self::Text(_) => None,
            Self::Table(tuned) => Some(tuned),
        }
    }

    async fn learned(&self, recipe: &Recipe) -> Result<Checkpoint, EngineError> {
        match self {
            Self::Text(tuned) => tuned.learned(recipe).await,
            Self::Table(tuned) => tuned.learned(recipe).await,
        }
    }

    fn facts(&self) -> Option<&TableFacts> {
        match self {
            Self::Text(_) => None,
            Self::Table(tuned) => Some(tuned.facts()),
        }
    }
}

/// What training leaves, or what was kept of it.
pub(super) struct Made {
    pub model: Model,
    /// What reads its texts; none where it has none.
    pub base: Option<Rc<Base>>,
    /// How the cells of a row are prepared before they are read.
    pub fitted: Vec<Fitted>,
    pub report: RunReport,
    pub scores: RunScores,
}

/// What a file says of its model besides the model.
pub(super) struct FromFile {
    /// The file's name.
    pub(super) name: String,
    pub(super) facts: Facts,
    /// The model's card, in Markdown.
    pub(super) card: String,
}

/// A run that is done.
pub(super) struct Run {
    pub(super) model: Model,
    /// What reads its texts; none where it has none.
    pub(super) base: Option<Rc<Base>>,
    pub(super) recipe: Recipe,
    /// How the cells of a row are prepared before they are read.
    pub(super) fitted: Vec<Fitted>,
    pub(super) report: RunReport,
    pub(super) scores: RunScores,
    /// Where it is kept, and which table by its contents it is of.
    pub(super) key: RunKey,
    pub(super) table: TableId,
    /// The table, once somebody has asked for it.
    pub(super) data: RefCell<Option<Rc<Table>>>,
    /// Views that took long and stay as they are, by id and knobs.
    pub(super) drawn: RefCell<BTreeMap<(String, Knobs), Markup>>,
    /// Rows as the tuned model sees them, once somebody has asked for it.
    pub(super) seen: RefCell<SeenParts>,
    /// Rows as a model of columns reads them, in the same way.
    pub(super) columns: RefCell<Option<Rc<SeenColumns>>>,
    /// Labels in doubt, once somebody has asked for them.
    pub(super) doubts: RefCell<Option<Rc<FoundDoubts>>>,
    /// Rows to label, in the same way.
    pub(super) chosen: RefCell<Option<Rc<ChosenRows>>>,
    /// From which confidence on a person wants rows to be answered, once they have set it.
    pub(super) bound: Cell<Option<f64>>,
    /// Where it was opened from a file: then it has no rows.
    pub(super) from_file: Option<FromFile>,
    /// The search for better settings, once somebody has asked for it.
    pub(super) search: RefCell<Option<Search>>,
}

impl Run {
    /// A run that nobody has asked anything yet.
    pub(super) fn new(
        made: Made,
        recipe: Recipe,
        key: RunKey,
        table: TableId,
        data: Option<Rc<Table>>,
    ) -> Self {
        Self {
            model: made.model,
            base: made.base,
            recipe,
            fitted: made.fitted,
            report: made.report,
            scores: made.scores,
            key,
            table,
            data: RefCell::new(data),
            drawn: RefCell::default(),
            seen: RefCell::default(),
            columns: RefCell::default(),
            doubts: RefCell::default(),
            chosen: RefCell::default(),
            bound: Cell::default(),
            from_file: None,
            search: RefCell::default(),
        }
    }

    /// The table, if it was open once. It stays as it was then: a table that is read again takes
    /// another one's place, and this run's rows are those of the first.
    pub(super) fn table(&self, session: &Session) -> Option<Rc<Table>> {
        let mut data = self.data.borrow_mut();
        if data.is_none() {
            *data = session.tables.borrow().get(&self.table).cloned();
        }
        data.clone()
    }

    /// One text of what was typed for each text column, prepared as the training rows were.
    pub(super) fn read(&self, typed: Vec<(String, String)>) -> String {
        let is_left_out = |name: &String| {
            self.recipe.steps.iter().any(
                |step| matches!(step, StepPlan::DropColumns { columns } if columns.contains(name)),
            )
        };
        let typed: BTreeMap<String, String> = typed.into_iter().collect();
        let mut row: Vec<(String, String)> = self
            .recipe
            .text
            .iter()
            .filter(|name| !is_left_out(name))
            .map(|name| (name.clone(), typed.get(name).cloned().unwrap_or_default()))
            .collect();
        let columns = row.len();
        prepare_row(&self.fitted, &mut row);
        join_texts(row[..columns].iter().map(|(_, cell)| cell.as_str()))
    }

    /// What it says of a row.
    pub(super) async fn predict(&self, row: Vec<(String, String)>) -> Result<RunAnswer, Failure> {
        let said = match &self.model {
            Model::Text(tuned) => {
                let base = self.base.as_ref().expect("a run on texts has an encoder");
                let predicted = tuned.predict(base, &self.read(row)).await;
                predicted.map(|(shares, encoding)| (Prediction::Labels(shares), Some(encoding)))
            }
            Model::Table(tuned) => {
                let base = self.base.as_deref();
                tuned.answer(&self.recipe, &self.fitted, base, row).await
            }
        };
        let (prediction, encoding) = said.map_err(|error| engine_failure(&error))?;
        Ok(RunAnswer::Predicted {
            prediction,
            tokens: encoding
                .as_ref()
                .map_or(0, |encoding| encoding.ids.len() as u32),
            is_cut: encoding.is_some_and(|encoding| encoding.is_cut),
        })
    }
}

impl Session {
    /// Keeps what a run learns from here on, and gives back what was kept of it.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a different thing, and both kinds of runs have them all at hand"
    )]
    pub(super) async fn begin_keeping(
        &self,
        key: &RunKey,
        table: TableId,
        data: &Table,
        recipe: &Recipe,
        classes: u32,
        features: Option<&mut FeatureStore>,
        watcher: &mut RunWatcher,
    ) {
        let reading = self.readings.borrow().get(&table).cloned();
        let begun = match &reading {
            Some(reading) => self.keeper.begin(key, data, reading, recipe, classes).await,
            None => Err(StoreError::Unavailable("the table was closed".to_owned())),
        };
        match begun {
            Ok(()) => {
                if let Some(features) = features {
                    self.keeper.recall_features(key, features).await;
                }
                let checkpoint = self.keeper.checkpoint(key).await;
                watcher.keep_in(Rc::clone(&self.keeper), key.clone(), checkpoint);
            }
            Err(why) => watcher.kept(0, Err(why)),
        }
    }

    /// Keeps what a run has made, on this device and in memory, and tells the page.
    ///
    /// `load` is how long the base model took to come, in seconds.
    pub(super) async fn finish_run(
        &self,
        run: RunId,
        key: RunKey,
        (table, data): (TableId, &Rc<Table>),
        recipe: &Recipe,
        (load, made): (f64, Result<Made, EngineError>),
        mut watcher: RunWatcher,
    ) -> Result<(), Failure> {
        let mut made = match made {
            Ok(made) => made,
            Err(EngineError::Stopped) => {
                self.keeper.give_up(&key).await;
                watcher.tell(RunEvent::Cancelled);
                return Ok(());
            }
            Err(error) => return Err(engine_failure(&error)),
        };
        made.report.seconds.load = load;
        self.keeper.look(&key.table, &made.scores.test.rows).await;
        if watcher.is_keeping() {
            let learned = made.model.learned(recipe).await;
            let learned = learned.map_err(|error| engine_failure(&error))?;
            let finished = Finished {
                report: made.report.clone(),
                fitted: made.fitted.clone(),
                table: made.model.facts().cloned(),
                scores: made.scores.clone(),
            };
            let kept = self.keeper.finish(&key, &learned, &finished).await;
            let step = made.report.epochs.last().map_or(0, |epoch| epoch.step);
            watcher.kept(step, kept);
        }
        let summary = Box::new(RunSummary::of(&made.report));
        let done = Run::new(made, recipe.clone(), key, table, Some(Rc::clone(data)));
        self.runs.borrow_mut().insert(run, Rc::new(done));
        watcher.tell(RunEvent::Finished { summary });
        Ok(())
    }
}
