//! How a run hears the page, and the page the run.

use std::cell::Cell;
use std::rc::Rc;

use super::clock;
use super::keeper::{Keeper, RunKey};
use super::port::Sender;
use super::store::StoreError;
use crate::engine::checkpoint::Checkpoint;
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
    keeping: Option<(Rc<Keeper>, RunKey)>,
    checkpoint: Option<Checkpoint>,
}

impl RunWatcher {
    pub(super) fn new(run: RunId, wishes: Rc<Wishes>, sender: Sender) -> Self {
        Self {
            run,
            wishes,
            sender,
            last_yield: clock::now(),
            keeping: None,
            checkpoint: None,
        }
    }

    /// Keeps what the run learns, and goes on from a checkpoint if there is one.
    pub(super) fn keep_in(
        &mut self,
        keeper: Rc<Keeper>,
        key: RunKey,
        checkpoint: Option<Checkpoint>,
    ) {
        self.keeping = Some((keeper, key));
        self.checkpoint = checkpoint;
    }

    /// Whether what the run learns is kept.
    pub(super) fn is_keeping(&self) -> bool {
        self.keeping.is_some()
    }

    /// Tells what became of keeping something. After a failure nothing more is tried: the disk
    /// does not get emptier by itself.
    pub(super) fn kept(&mut self, step: u32, kept: Result<(), StoreError>) {
        match kept {
            Ok(()) => self.tell(RunEvent::Kept { step }),
            Err(why) => {
                self.keeping = None;
                self.tell(RunEvent::NotKept {
                    why: format!("This run would not outlive a crash from here on: {why}."),
                });
            }
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

    fn resume(&mut self) -> Option<Checkpoint> {
        self.checkpoint.take()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.keeping
            .as_ref()
            .is_some_and(|(keeper, _)| keeper.is_due())
    }

    async fn keep(&mut self, checkpoint: Checkpoint) {
        if let Some((keeper, key)) = self.keeping.clone() {
            let kept = keeper.keep_checkpoint(&key, &checkpoint).await;
            self.kept(checkpoint.standing.step, kept);
        }
    }

    async fn keep_features(&mut self, part: Vec<u8>) {
        if let Some((keeper, key)) = self.keeping.clone() {
            let kept = keeper.keep_features(&key, &part).await;
            self.kept(0, kept);
        }
    }
}
