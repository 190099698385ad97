//! Runs that learn from a table's columns, with its texts where there are some.

use std::rc::Rc;

use super::clock;
use super::earlier::EarlierRun;
use super::keeper::{RunKey, fingerprint};
use super::run::{Made, Model};
use super::session::{Session, engine_failure};
use super::watcher::RunWatcher;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::report::Phase;
use crate::domain::table::Table;
use crate::engine::error::EngineError;
use crate::engine::tabular::run::{TextReader, tune_table_from};
use crate::protocol::{Failure, RunEvent, RunId, TableId};

impl Session {
    /// Trains a recipe that has a table plan.
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
        let began = clock::now();
        let base = if recipe.text.is_empty() {
            None
        } else {
            let tell = |received, total| {
                watcher.tell(RunEvent::Phase {
                    phase: Phase::Load { received, total },
                });
            };
            Some(self.base_by_id(&recipe.base_model, tell).await?)
        };
        let load = clock::now() - began;
        let mut earlier = match &recipe.start {
            Some(start) => Some(self.earlier(start, recipe, base.as_deref()).await?),
            None => None,
        };

        // Taken out while the run has it: a prediction may come in between.
        let mut features = self
            .features
            .borrow_mut()
            .remove(&recipe.base_model)
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
        let tuned = tune_table_from(
            earlier.as_mut().map(EarlierRun::as_earlier_table),
            &mut examples,
            recipe,
            text,
            &self.device,
            &mut watcher,
        )
        .await;
        self.features
            .borrow_mut()
            .insert(recipe.base_model.clone(), features);
        let made = tuned.map(|outcome| Made {
            model: Model::Table(outcome.tuned),
            base,
            fitted: examples.fitted,
            report: outcome.report,
            scores: outcome.scores,
        });
        self.finish_run(run, key, (table, data), recipe, (load, made), watcher)
            .await
    }
}
