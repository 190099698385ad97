//! The worker's loop: listens, and lets everything that is under way go on.

use std::rc::Rc;

use burn::tensor::Device;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, select};

use super::assets::Assets;
use super::port::Port;
use super::session::Session;
use super::store::Files;
use crate::domain::{base_model, column, task};
use crate::protocol::{BaseModelInfo, Capabilities, DeviceInfo, Event, PROTOCOL};

/// What trains.
#[derive(Debug, Clone)]
pub struct Trainer {
    /// Where tensors are.
    pub device: Device,
    /// What to tell the page about it.
    pub info: DeviceInfo,
}

/// Where runs are kept.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    /// The files.
    pub files: Files,
    /// Least seconds between two checkpoints of a run.
    pub interval: f64,
}

/// Serves a page until it is gone.
///
/// Commands are answered side by side on one thread: a prediction is answered between two steps of
/// a run that is under way.
pub async fn serve(mut port: Port, trainer: Trainer, assets: Assets, disk: Disk) {
    let sender = port.sender();
    sender.send(&Event::Ready {
        capabilities: capabilities(trainer.info.clone()),
    });
    let session = Rc::new(Session::new(sender, trainer.device, assets, disk));
    let mut tasks = FuturesUnordered::new();
    loop {
        let mut listen = Box::pin(port.receive().fuse());
        // Whoever speaks and whatever is under way take turns; `select!` is fair between them.
        let message = loop {
            if tasks.is_empty() {
                break (&mut listen).await;
            }
            select! {
                message = listen => break message,
                () = tasks.select_next_some() => {}
            }
        };
        let Some(message) = message else { return };
        if !session.hear(&message.command) {
            let opening = session.expect(&message.command);
            tasks.push(Rc::clone(&session).answer(message, opening));
        }
    }
}

fn capabilities(device: DeviceInfo) -> Capabilities {
    let base_models = base_model::ALL
        .iter()
        .map(|model| BaseModelInfo {
            id: model.id.to_owned(),
            name: model.name.to_owned(),
            about: model.about.to_owned(),
            licence: model.licence.to_owned(),
            bytes: model.weights.bytes + model.tokenizer.bytes,
        })
        .collect();
    let tasks = task::ALL
        .iter()
        .map(|task| (task.id().to_owned(), task.name().to_owned()))
        .collect();
    Capabilities {
        protocol: PROTOCOL,
        device,
        base_models,
        tasks,
        kinds: column::ALL
            .iter()
            .map(|kind| (kind.id().to_owned(), kind.name().to_owned()))
            .collect(),
    }
}
