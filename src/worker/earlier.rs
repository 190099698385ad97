//! The earlier run that a run goes on from: in memory, or as it was kept on this device.

use std::rc::Rc;

use super::run::Run;
use super::session::Session;
use crate::domain::examples::Examples;
use crate::domain::recipe::Recipe;
use crate::domain::start::Start;
use crate::domain::table::Table;
use crate::engine::run::{Base, Earlier, Tuned};
use crate::protocol::{Failure, FailureKind};

/// An earlier run with what is at hand of it.
pub(super) struct EarlierRun {
    name: String,
    model: Known,
    rows: Option<Examples>,
}

enum Known {
    InMemory(Rc<Run>),
    Kept(Box<Tuned>),
}

impl EarlierRun {
    /// As the engine takes it.
    pub fn as_earlier(&mut self) -> Earlier<'_> {
        Earlier {
            tuned: match &self.model {
                Known::InMemory(run) => run.model.text().expect("it was checked"),
                Known::Kept(tuned) => tuned,
            },
            name: &self.name,
            rows: self.rows.as_mut(),
        }
    }
}

impl Session {
    /// Finds the run that a recipe starts from.
    ///
    /// # Errors
    /// When it is gone, or was tuned on another base model.
    pub(super) async fn earlier(
        &self,
        start: &Start,
        recipe: &Recipe,
        base: &Base,
    ) -> Result<EarlierRun, Failure> {
        let in_memory = self
            .runs
            .borrow()
            .values()
            .find(|run| run.key.run == start.model)
            .cloned();
        let (model, table, theirs) = match in_memory {
            Some(run) => {
                let table = match run.table(self) {
                    Some(table) => Some(table),
                    None => self.kept_table(&run.key.table).await,
                };
                let theirs = run.recipe.clone();
                check(&theirs, recipe, start)?;
                (Known::InMemory(run), table, theirs)
            }
            None => {
                let found = self.keeper.find(&start.model).await;
                let (key, theirs) = found.ok_or_else(|| gone(start))?;
                check(&theirs, recipe, start)?;
                let kept = self.keeper.model(&key).await;
                let (learned, finished) = kept.ok_or_else(|| gone(start))?;
                let labels = finished.report.evaluation.names().to_vec();
                let tuned = Tuned::restore(base, labels, &theirs, &learned);
                let table = self.kept_table(&key.table).await;
                (Known::Kept(Box::new(tuned)), table, theirs)
            }
        };
        // Where its table is gone, nothing can be mixed in and nothing judged again.
        let rows = table.and_then(|table| Examples::read(&table, &theirs).ok());
        Ok(EarlierRun {
            name: start.name.clone(),
            model,
            rows,
        })
    }

    async fn kept_table(&self, key: &str) -> Option<Rc<Table>> {
        let (table, _) = self.keeper.table(key).await?;
        Some(Rc::new(table))
    }
}

fn check(theirs: &Recipe, ours: &Recipe, start: &Start) -> Result<(), Failure> {
    let (what, fix) = if theirs.table.is_some() {
        (
            "learned from a table's columns, and no run can go on from that yet.",
            "Start from a run on texts, or from the base model alone.",
        )
    } else if theirs.base_model != ours.base_model {
        (
            "was tuned on another base model.",
            "Choose the same base model, or start from the base model alone.",
        )
    } else {
        return Ok(());
    };
    Err(Failure {
        kind: FailureKind::Input,
        what: format!("{} {what}", start.name),
        fix: fix.to_owned(),
    })
}

fn gone(start: &Start) -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: format!("{} is no longer kept on this device.", start.name),
        fix: "Open its file or tune it again, or start from the base model alone.".to_owned(),
    }
}
