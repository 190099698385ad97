//! What a study is about, and how it lets others take their turn.

use std::cell::Cell;
use std::rc::Rc;

use crate::domain::table::Table;
use crate::protocol::{Event, Failure, FailureKind, Knobs, RequestId, RunId};
use crate::worker::clock;
use crate::worker::run::Run;
use crate::worker::session::Session;

/// Seconds that work may keep the worker to itself.
const TURN: f64 = 0.016;

/// Seconds between two reports of how far work has come.
const REPORT: f64 = 0.1;

/// A run, and the question about it.
pub(in crate::worker) struct Scene<'a> {
    pub session: &'a Session,
    pub id: RunId,
    pub run: &'a Rc<Run>,
    pub knobs: &'a Knobs,
    request: RequestId,
    breathed: Cell<f64>,
    reported: Cell<f64>,
}

impl<'a> Scene<'a> {
    pub fn new(
        session: &'a Session,
        id: RunId,
        run: &'a Rc<Run>,
        request: RequestId,
        knobs: &'a Knobs,
    ) -> Self {
        Self {
            session,
            id,
            run,
            knobs,
            request,
            breathed: Cell::new(clock::now()),
            reported: Cell::new(f64::NEG_INFINITY),
        }
    }

    /// What a person has set.
    pub fn knob(&self, name: &str) -> Option<&str> {
        self.knobs.get(name).map(String::as_str)
    }

    /// The run's table, if it is still open.
    pub fn table(&self) -> Option<Rc<Table>> {
        self.run.table(self.session)
    }

    /// Lets others take their turn when this one had long enough, and tells how far it has come.
    ///
    /// # Errors
    /// When the answer is no longer wanted; nobody hears of it.
    pub async fn breathe(&self, what: &str, share: Option<f32>) -> Result<(), Failure> {
        let now = clock::now();
        if now - self.reported.get() >= REPORT {
            self.reported.set(now);
            self.session.sender.send(&Event::Working {
                request: self.request,
                what: what.to_owned(),
                share,
            });
        }
        if now - self.breathed.get() >= TURN {
            clock::yield_now().await;
            self.breathed.set(clock::now());
        }
        let asking = self.session.asking.borrow();
        match asking.get(&self.request) {
            Some(false) => Ok(()),
            _ => Err(Failure {
                kind: FailureKind::Protocol,
                what: "This was cancelled.".to_owned(),
                fix: "Ask again.".to_owned(),
            }),
        }
    }
}
