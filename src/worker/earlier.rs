//! The earlier run that a run goes on from: in memory, or as it was kept on this device.

use std::rc::Rc;

use super::run::{Model, Run};
use super::session::Session;
use crate::domain::examples::Examples;
use crate::domain::features::TableExamples;
use crate::domain::recipe::Recipe;
use crate::domain::start::{Misfit, Start};
use crate::domain::table::Table;
use crate::engine::run::{Base, Earlier};
use crate::engine::tabular::EarlierTable;
use crate::protocol::{Failure, FailureKind};

/// An earlier run with what is at hand of it.
pub(super) struct EarlierRun {
    name: String,
    recipe: Recipe,
    model: Known,
    rows: Option<Rows>,
}

enum Known {
    InMemory(Rc<Run>),
    Kept(Box<Model>),
}

enum Rows {
    Texts(Box<Examples>),
    Columns(Box<TableExamples>),
}

impl EarlierRun {
    /// As the engine takes a run on texts.
    pub fn as_earlier(&mut self) -> Earlier<'_> {
        Earlier {
            tuned: self.model.get().text().expect(CHECKED),
            name: &self.name,
            rows: match &mut self.rows {
                Some(Rows::Texts(rows)) => Some(rows),
                _ => None,
            },
        }
    }

    /// As the engine takes a run on columns.
    pub fn as_earlier_table(&mut self) -> EarlierTable<'_> {
        EarlierTable {
            tuned: self.model.get().table().expect(CHECKED),
            recipe: &self.recipe,
            name: &self.name,
            rows: match &mut self.rows {
                Some(Rows::Columns(rows)) => Some(rows),
                _ => None,
            },
        }
    }
}

const CHECKED: &str = "its kind was checked";

impl Known {
    fn get(&self) -> &Model {
        match self {
            Self::InMemory(run) => &run.model,
            Self::Kept(model) => model,
        }
    }
}

impl Rows {
    /// Where they cannot be read, nothing can be mixed in and nothing judged again.
    fn of(table: &Table, recipe: &Recipe) -> Option<Self> {
        if recipe.table.is_some() {
            let rows = TableExamples::read(table, recipe).ok()?;
            return Some(Self::Columns(Box::new(rows)));
        }
        let rows = Examples::read(table, recipe).ok()?;
        Some(Self::Texts(Box::new(rows)))
    }
}

impl Session {
    /// Finds the run that a recipe starts from. `base` reads the recipe's texts, if it has any.
    ///
    /// # Errors
    /// When it is gone, or is none that this recipe can go on from.
    pub(super) async fn earlier(
        &self,
        start: &Start,
        recipe: &Recipe,
        base: Option<&Base>,
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
                let (facts, report) = (finished.table, &finished.report);
                let model = Model::restore(&theirs, facts, report, &learned, base, self.device());
                let model = model.ok_or_else(|| gone(start))?;
                let table = self.kept_table(&key.table).await;
                (Known::Kept(Box::new(model)), table, theirs)
            }
        };
        Ok(EarlierRun {
            name: start.name.clone(),
            rows: table.and_then(|table| Rows::of(&table, &theirs)),
            recipe: theirs,
            model,
        })
    }

    async fn kept_table(&self, key: &str) -> Option<Rc<Table>> {
        let (table, _) = self.keeper.table(key).await?;
        Some(Rc::new(table))
    }
}

fn check(theirs: &Recipe, ours: &Recipe, start: &Start) -> Result<(), Failure> {
    let Some(misfit) = Misfit::of(theirs, ours) else {
        return Ok(());
    };
    Err(Failure {
        kind: FailureKind::Input,
        what: format!("{} {}", start.name, misfit.what()),
        fix: format!("{}, {}", misfit.fix(), Misfit::OR),
    })
}

fn gone(start: &Start) -> Failure {
    Failure {
        kind: FailureKind::Input,
        what: format!("{} is no longer kept on this device.", start.name),
        fix: "Open its file or tune it again, or start from the base model alone.".to_owned(),
    }
}
