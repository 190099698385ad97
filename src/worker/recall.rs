//! What was kept before the page was loaded comes back.

use std::cell::RefCell;
use std::rc::Rc;

use super::clock;
use super::keeper::{Finished, RunKey, fingerprint};
use super::open::summarize;
use super::session::{Run, Session};
use crate::domain::base_model;
use crate::domain::recipe::Recipe;
use crate::domain::report::RunSummary;
use crate::engine::run::Tuned;
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
        let Some(kept) = self.kept_name(kept, table).await else {
            return Ok(());
        };
        for (recipe, run) in runs {
            let key = RunKey::new(&kept, &recipe);
            let Some((learned, finished)) = self.keeper.model(&key).await else {
                continue;
            };
            let Some(model) = base_model::find(&recipe.base_model) else {
                continue;
            };
            let base = self.base(model, |_, _| {}).await?;
            let Finished {
                report,
                fitted,
                scores,
            } = finished;
            let labels = report.evaluation.labels.clone();
            let tuned = Tuned::restore(&base, labels, &recipe, &learned);
            let summary = Box::new(RunSummary::of(&report));
            self.runs.borrow_mut().insert(
                run,
                Rc::new(Run {
                    tuned,
                    base,
                    recipe,
                    fitted,
                    report,
                    scores,
                    key,
                    table,
                    data: RefCell::default(),
                    drawn: RefCell::default(),
                }),
            );
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
