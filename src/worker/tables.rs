//! Runs that learn from a table's columns, with its texts where there are some.

use std::cell::RefCell;
use std::rc::Rc;

use super::clock;
use super::keeper::{Finished, RunKey, fingerprint};
use super::session::{Model, Run, Session, engine_failure};
use super::watcher::RunWatcher;
use crate::domain::base_model;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::report::{Phase, RunSummary};
use crate::domain::table::Table;
use crate::engine::error::EngineError;
use crate::engine::tabular::run::{TextReader, tune_table};
use crate::protocol::{Failure, RunEvent, RunId, TableId};

impl Session {
    /// Trains a recipe that has a table plan.
    ///
    /// Nothing is kept on the way but the vectors of texts, which take the most time: a table's
    /// networks learn in seconds to minutes, and start anew after a crash.
    pub(super) async fn train_table(
        &self,
        run: RunId,
        table: TableId,
        data: &Rc<Table>,
        recipe: &Recipe,
        mut watcher: RunWatcher,
    ) -> Result<(), Failure> {
        let mut examples = TableExamples::read(data, recipe)
            .map_err(|issues| engine_failure(&EngineError::Input(issues)))?;
        let model =
            base_model::find(&recipe.base_model).expect("a checked recipe names a base model");
        let began = clock::now();
        let base = if recipe.text.is_empty() {
            None
        } else {
            let tell = |received, total| {
                watcher.tell(RunEvent::Phase {
                    phase: Phase::Load { received, total },
                });
            };
            Some(self.base(model, tell).await?)
        };
        let load = clock::now() - began;

        // Taken out while the run has it: a prediction may come in between.
        let mut features = self
            .features
            .borrow_mut()
            .remove(model.id)
            .unwrap_or_default();
        let classes = examples.target.names().len() as u32;
        let key = RunKey::new(&fingerprint(data), recipe);
        let store = base.is_some().then_some(&mut features);
        self.begin_keeping(&key, table, data, recipe, classes, store, &mut watcher)
            .await;
        let text = base.as_deref().map(|base| TextReader {
            base,
            store: &mut features,
        });
        let tuned = tune_table(&mut examples, recipe, text, &self.device, &mut watcher).await;
        self.features.borrow_mut().insert(model.id, features);
        let mut outcome = match tuned {
            Ok(outcome) => outcome,
            Err(EngineError::Stopped) => {
                self.keeper.give_up(&key).await;
                watcher.tell(RunEvent::Cancelled);
                return Ok(());
            }
            Err(error) => return Err(engine_failure(&error)),
        };
        outcome.report.seconds.load = load;
        let test = &outcome.scores.test.rows;
        self.keeper.look(&key.table, test).await;
        if watcher.is_keeping() {
            let learned = outcome.tuned.learned(recipe).await;
            let learned = learned.map_err(|error| engine_failure(&error))?;
            let finished = Finished {
                report: outcome.report.clone(),
                fitted: examples.fitted.clone(),
                table: Some(outcome.tuned.facts().clone()),
                scores: outcome.scores.clone(),
            };
            let kept = self.keeper.finish(&key, &learned, &finished).await;
            let step = outcome.report.epochs.last().map_or(0, |epoch| epoch.step);
            watcher.kept(step, kept);
        }
        let summary = Box::new(RunSummary::of(&outcome.report));
        self.runs.borrow_mut().insert(
            run,
            Rc::new(Run {
                model: Model::Table(outcome.tuned),
                base,
                recipe: recipe.clone(),
                fitted: examples.fitted,
                report: outcome.report,
                scores: outcome.scores,
                key,
                table,
                data: RefCell::new(Some(Rc::clone(data))),
                drawn: RefCell::default(),
                seen: RefCell::default(),
            }),
        );
        watcher.tell(RunEvent::Finished { summary });
        Ok(())
    }
}
