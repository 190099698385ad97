//! What was kept before the page was loaded comes back.

use std::rc::Rc;

use super::keeper::Finished;
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
        // The one that the page shows is the last.
        for (key, run) in runs.into_iter().rev() {
            let found = self.keeper.model(kept, &key).await;
            let found =
                found.and_then(|found| Some((base_model::find(&found.0.base_model)?, found)));
            let gone = || {
                let event = RunEvent::Gone;
                self.sender.send(&Event::Run { run, event });
            };
            let Some((model, (recipe, learned, finished))) = found else {
                gone();
                continue;
            };
            let base = self.base(model, |_, _| {}).await.inspect_err(|_| gone())?;
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
