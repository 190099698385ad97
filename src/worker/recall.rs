//! What was kept before the page was loaded comes back.

use std::rc::Rc;

use super::keeper::{Finished, RunKey};
use super::open::summarize;
use super::session::{Run, Session};
use crate::domain::base_model;
use crate::engine::run::Tuned;
use crate::protocol::{Event, Failure, FailureKind, RunEvent, RunId, TableId};

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
        kept: &str,
        runs: Vec<(String, RunId)>,
    ) -> Result<(), Failure> {
        for (key, run) in runs {
            let Some((recipe, learned, finished)) = self.keeper.model(kept, &key).await else {
                continue;
            };
            let Some(model) = base_model::find(&recipe.base_model) else {
                continue;
            };
            let base = self.base(model, |_, _| {}).await?;
            let Finished { report, fitted } = finished;
            let labels = report.evaluation.labels.clone();
            let tuned = Tuned::restore(&base, labels, &recipe, &learned);
            self.runs.borrow_mut().insert(
                run,
                Rc::new(Run {
                    tuned,
                    base,
                    recipe,
                    fitted,
                    key: RunKey::of(kept, &key),
                    table: None,
                }),
            );
            self.sender.send(&Event::Run {
                run,
                event: RunEvent::Finished {
                    report: Box::new(report),
                },
            });
        }
        Ok(())
    }
}
