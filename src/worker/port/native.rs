//! A port within one process: the other end is a [`Page`], which a test holds.

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};

use super::Message;
use crate::protocol::{Command, Event};

/// A file beside a message.
#[derive(Debug, Clone)]
pub struct Attached(pub Vec<u8>);

impl Attached {
    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.0.len() as u64
    }

    /// Some of its bytes; fewer at the end.
    ///
    /// # Errors
    /// Never; the browser's half can fail.
    pub async fn read(&self, from: u64, count: u64) -> Result<Vec<u8>, String> {
        let end = (from + count).min(self.size()) as usize;
        Ok(self.0[from as usize..end].to_vec())
    }
}

/// The parts of a file that goes to the page.
#[derive(Debug, Default)]
pub struct Parts(Vec<Vec<u8>>);

impl Parts {
    /// Appends the next part.
    pub fn push(&mut self, part: Vec<u8>) {
        self.0.push(part);
    }
}

/// The worker's end.
pub struct Port {
    commands: UnboundedReceiver<Message>,
    sender: Sender,
}

/// Sends events to the page.
#[derive(Clone)]
pub struct Sender(UnboundedSender<(Event, Vec<Vec<u8>>)>);

/// The page's end.
pub struct Page {
    commands: UnboundedSender<Message>,
    events: UnboundedReceiver<(Event, Vec<Vec<u8>>)>,
}

impl Port {
    /// Two ends of a new port.
    pub fn pair() -> (Self, Page) {
        let (command_sender, commands) = unbounded();
        let (event_sender, events) = unbounded();
        (
            Self {
                commands,
                sender: Sender(event_sender),
            },
            Page {
                commands: command_sender,
                events,
            },
        )
    }

    /// A sender of events.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// The next message; none when the page is gone.
    pub async fn receive(&mut self) -> Option<Message> {
        self.commands.next().await
    }
}

impl Sender {
    /// Sends an event.
    pub fn send(&self, event: &Event) {
        self.send_with(event, Parts::default());
    }

    /// Sends an event with the parts of a file beside it.
    pub fn send_with(&self, event: &Event, parts: Parts) {
        // A page that is gone wants no events.
        let _ = self.0.unbounded_send((event.clone(), parts.0));
    }
}

impl Page {
    /// Sends a command.
    pub fn send(&self, command: Command, attached: Vec<Attached>) {
        let _ = self.commands.unbounded_send(Message { command, attached });
    }

    /// The next event; none when the worker is gone.
    pub async fn receive(&mut self) -> Option<Event> {
        Some(self.receive_with().await?.0)
    }

    /// The next event with the parts of a file beside it; none when the worker is gone.
    pub async fn receive_with(&mut self) -> Option<(Event, Vec<Vec<u8>>)> {
        self.events.next().await
    }
}
