//! A port to the page that started this worker.
//!
//! A message is an array of a body, which serde reads, and a list of files, which it never sees.

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use js_sys::{Array, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, File, MessageEvent};

use super::Message;
use crate::protocol::{About, Event, Failure, FailureKind};

/// A file beside a message.
#[derive(Debug, Clone)]
pub struct Attached(File);

impl Attached {
    /// Size in bytes.
    pub fn size(&self) -> u64 {
        self.0.size() as u64
    }

    /// Some of its bytes; fewer at the end.
    ///
    /// # Errors
    /// A sentence when the file is gone or changed since it was dropped.
    pub async fn read(&self, from: u64, count: u64) -> Result<Vec<u8>, String> {
        let gone = |_| format!("\"{}\" can no longer be read.", self.0.name());
        let blob = self
            .0
            .slice_with_f64_and_f64(from as f64, (from + count) as f64)
            .map_err(gone)?;
        let buffer = JsFuture::from(blob.array_buffer()).await.map_err(gone)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }
}

/// The parts of a file that goes to the page. The browser keeps them, on disk where they are many:
/// this worker's memory never shrinks.
#[derive(Debug, Default)]
pub struct Parts(Array);

impl Parts {
    /// Appends the next part.
    pub fn push(&mut self, part: Vec<u8>) {
        // Only a browser that is out of memory makes no blob; then the bytes themselves have to do.
        let bytes = Uint8Array::from(part.as_slice());
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&bytes));
        self.0.push(&blob.map_or_else(|_| bytes.into(), Into::into));
    }
}

/// The worker's end.
pub struct Port {
    messages: UnboundedReceiver<Message>,
    sender: Sender,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// Sends events to the page.
#[derive(Clone)]
pub struct Sender(DedicatedWorkerGlobalScope);

impl Port {
    /// Listens to the page.
    pub fn open() -> Self {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let sender = Sender(scope.clone());
        let (inbox, messages) = unbounded();
        let complaints = sender.clone();
        let on_message = Closure::new(move |event: MessageEvent| match read(&event) {
            // The receiver lives as long as the worker.
            Ok(message) => drop(inbox.unbounded_send(message)),
            Err(what) => complaints.send(&Event::Failed {
                about: About::Worker,
                failure: Failure {
                    kind: FailureKind::Protocol,
                    what,
                    fix: "Reload the page: the browser kept an old part of it.".to_owned(),
                },
            }),
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self {
            messages,
            sender,
            _on_message: on_message,
        }
    }

    /// A sender of events.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// The next message.
    pub async fn receive(&mut self) -> Option<Message> {
        self.messages.next().await
    }
}

fn read(event: &MessageEvent) -> Result<Message, String> {
    let parts: Array = event
        .data()
        .dyn_into()
        .map_err(|_| "A message was not a list.".to_owned())?;
    let command = serde_wasm_bindgen::from_value(parts.get(0))
        .map_err(|error| format!("A message could not be read: {error}."))?;
    let files: Array = parts.get(1).dyn_into().unwrap_or_default();
    let attached = files
        .iter()
        .filter_map(|file| file.dyn_into().ok())
        .map(Attached)
        .collect();
    Ok(Message { command, attached })
}

impl Sender {
    /// Sends an event.
    pub fn send(&self, event: &Event) {
        let body = event
            .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
            .expect("events are plain data");
        // Plain objects can always be cloned to the page.
        let _ = self.0.post_message(&body);
    }

    /// Sends an event with the parts of a file beside it, as an array of both.
    pub fn send_with(&self, event: &Event, parts: Parts) {
        if parts.0.length() == 0 {
            return self.send(event);
        }
        let body = event
            .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
            .expect("events are plain data");
        // Blobs can always be cloned: the bytes stay where they are.
        let _ = self.0.post_message(&Array::of2(&body, &parts.0));
    }
}
