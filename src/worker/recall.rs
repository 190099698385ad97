//! What was kept before the page was loaded comes back.

use std::rc::Rc;

use super::clock;
use super::keeper::{Finished, RunKey, fingerprint};
use super::open::summarize;
use super::run::{Made, Model, Run};
use super::session::Session;
use crate::domain::base_model;
use crate::domain::recipe::Recipe;
use crate::domain::report::RunSummary;
use crate::protocol::{Event, Failure, FailureKind, RunEvent, RunId, TableId};

/// Seconds between two looks at whether a table is open.
const OPENING_LOOK: f64 = 0.05;

impl Session {
    /// Tells the page what is kept on this device.
    pub(super) async fn tell_kept(&self) {
        let tables = self.keeper.kept().await;
        self.sender.send(&Event::Kept { tables });
    }

    /// Opens a kept table.
    pub(super) async fn open_kept(&self, table: TableId, kept: &str) -> Result<(), Failure> {
        let gone = || Failure {
            kind: FailureKind::Input,
            what: "What was kept on this device is gone or damaged.".to_owned(),
            fix: "Drop the file again.".to_owned(),
        };
        let (data, reading) = self.keeper.table(kept).await.ok_or_else(gone)?;
        let summary = summarize(&data, &reading, Vec::new(), || true).await;
        let summary = summary.expect("it is wanted");
        self.tables.borrow_mut().insert(table, Rc::new(data));
        self.readings.borrow_mut().insert(table, reading);
        self.sender.send(&Event::TableOpened { table, summary });
        Ok(())
    }

    /// Makes finished runs answer again.
    pub(super) async fn restore(
        &self,
        kept: Option<String>,
        table: TableId,
        runs: Vec<(Recipe, RunId)>,
    ) -> Result<(), Failure> {
        let gone = |run| {
            let event = RunEvent::Gone;
            self.sender.send(&Event::Run { run, event });
        };
        let Some(kept) = self.kept_name(kept, table).await else {
            runs.iter().for_each(|(_, run)| gone(*run));
            return Ok(());
        };
        // The one that the page shows is the last.
        for (recipe, run) in runs.into_iter().rev() {
            let key = RunKey::new(&kept, &recipe);
            let Some((learned, finished)) = self.keeper.model(&key).await else {
                gone(run);
                continue;
            };
            let Finished {
                report,
                fitted,
                table: facts,
                scores,
            } = finished;
            let base = if recipe.text.is_empty() {
                None
            } else {
                match self.base_by_id(&recipe.base_model, |_, _| {}).await {
                    Ok(base) => Some(base),
                    Err(failure) => {
                        gone(run);
                        // A person's own encoder that is gone takes its runs along, and no others.
                        if base_model::find(&recipe.base_model).is_none() {
                            continue;
                        }
                        return Err(failure);
                    }
                }
            };
            let (base_of_run, device) = (base.as_deref(), self.device());
            let model = Model::restore(&recipe, facts, &report, &learned, base_of_run, device);
            let Some(model) = model else {
                gone(run);
                continue;
            };
            let summary = Box::new(RunSummary::of(&report));
            let made = Made {
                model,
                base,
                fitted,
                report,
                scores,
            };
            let known = Run::new(made, recipe, key, table, None);
            self.runs.borrow_mut().insert(run, Rc::new(known));
            self.sender.send(&Event::Run {
                run,
                event: RunEvent::Finished { summary },
            });
        }
        Ok(())
    }

    /// The name under which a table is kept: as told, or by its contents once it is open.
    async fn kept_name(&self, kept: Option<String>, table: TableId) -> Option<String> {
        if kept.is_some() {
            return kept;
        }
        while self.openings.borrow().contains_key(&table) {
            clock::sleep(OPENING_LOOK).await;
        }
        let data = self.tables.borrow().get(&table).cloned()?;
        Some(fingerprint(&data))
    }
}
