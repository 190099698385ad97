//! How a run hears the page, and the page the run.

use std::cell::Cell;
use std::rc::Rc;

use super::clock;
use super::port::Sender;
use crate::engine::train::{Control, Notice, Watcher};
use crate::protocol::{Event, RunEvent, RunId};

/// What the page wants of a run. Set between two steps, when the worker reads its messages.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    stop: Cell<bool>,
    pause: Cell<bool>,
}

impl Wishes {
    pub(super) fn stop(&self) {
        self.stop.set(true);
    }

    pub(super) fn pause(&self, is_wanted: bool) {
        self.pause.set(is_wanted);
    }
}

/// Seconds that a run may keep the worker to itself. Stop, Pause and predictions wait so long.
const TURN: f64 = 0.016;

/// Seconds between two looks at whether a paused run may go on.
const PAUSE_LOOK: f64 = 0.05;

/// Connects a run with the page.
pub(super) struct RunWatcher {
    run: RunId,
    wishes: Rc<Wishes>,
    sender: Sender,
    last_yield: f64,
}

impl RunWatcher {
    pub(super) fn new(run: RunId, wishes: Rc<Wishes>, sender: Sender) -> Self {
        Self {
            run,
            wishes,
            sender,
            last_yield: clock::now(),
        }
    }

    pub(super) fn tell(&self, event: RunEvent) {
        self.sender.send(&Event::Run {
            run: self.run,
            event,
        });
    }
}

impl Watcher for RunWatcher {
    fn now(&self) -> f64 {
        clock::now()
    }

    fn notice(&mut self, notice: Notice) {
        self.tell(match notice {
            Notice::Phase(phase) => RunEvent::Phase { phase },
            Notice::Prepared { parts, parameters } => RunEvent::Prepared { parts, parameters },
            Notice::Baselines(baselines) => RunEvent::Baselines { baselines },
            Notice::Progress(progress) => RunEvent::Progress { progress },
            Notice::Epoch(epoch) => RunEvent::Epoch { epoch },
        });
    }

    async fn breathe(&mut self) -> Control {
        if clock::now() - self.last_yield >= TURN {
            clock::yield_now().await;
            self.last_yield = clock::now();
        }
        if self.wishes.pause.get() && !self.wishes.stop.get() {
            self.tell(RunEvent::Paused);
            while self.wishes.pause.get() && !self.wishes.stop.get() {
                clock::sleep(PAUSE_LOOK).await;
            }
            self.tell(RunEvent::Resumed);
            self.last_yield = clock::now();
        }
        if self.wishes.stop.get() {
            Control::Stop
        } else {
            Control::Go
        }
    }
}
