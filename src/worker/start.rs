//! What a worker does first: chooses its device, then serves the page that started it.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, WorkerLocation};

use super::assets::Assets;
use super::port::Port;
use super::serve::{Disk, Trainer, serve};
use super::store::Files;
use crate::engine::device::cpu;
use crate::protocol::{DeviceInfo, DeviceKind};

/// Starts the worker that trains on the CPU.
pub fn start_cpu() {
    console_error_panic_hook::set_once();
    let reason = match asked().as_deref() {
        Some("chosen") => "You chose the CPU.",
        Some("no-adapter") => "This browser knows WebGPU but gives no graphics adapter.",
        Some("software-adapter") => {
            "WebGPU is done by software here, which is slower than the CPU alone."
        }
        Some("gpu-failed") => "The graphics processor failed, so the CPU goes on.",
        Some("no-webgpu") => "This browser has no WebGPU.",
        _ => "This is the page's worker for the CPU.",
    };
    let port = Port::open();
    spawn_local(serve(
        port,
        on_cpu(reason.to_owned()),
        Assets::beside_this_worker(),
        disk(),
    ));
}

/// Starts the worker that trains on WebGPU where it is sound.
#[cfg(feature = "gpu")]
pub fn start_gpu() {
    use crate::engine::device::webgpu;
    use crate::engine::self_check::self_check;

    console_error_panic_hook::set_once();
    let port = Port::open();
    spawn_local(async move {
        let trainer = match webgpu().await {
            Err(error) => on_cpu(error.to_string()),
            Ok(device) => match self_check(&device).await {
                Err(why) => on_cpu(format!(
                    "The graphics processor failed its self-check. {why}"
                )),
                Ok(()) => Trainer {
                    device,
                    info: DeviceInfo {
                        kind: DeviceKind::WebGpu,
                        name: String::new(),
                        reason: "WebGPU is here, and a tiny model trained on it as on the CPU."
                            .to_owned(),
                    },
                },
            },
        };
        serve(port, trainer, Assets::beside_this_worker(), disk()).await;
    });
}

/// Seconds of work that a crash may cost.
const CHECKPOINT_INTERVAL: f64 = 20.0;

fn disk() -> Disk {
    Disk {
        files: Files,
        interval: CHECKPOINT_INTERVAL,
    }
}

fn on_cpu(reason: String) -> Trainer {
    Trainer {
        device: cpu(),
        info: DeviceInfo {
            kind: DeviceKind::Cpu,
            name: String::new(),
            reason,
        },
    }
}

/// The `why` in this worker's address: the page knows why it started this worker.
fn asked() -> Option<String> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let location: WorkerLocation = scope.location();
    let search = location.search();
    search
        .trim_start_matches('?')
        .split('&')
        .find_map(|pair| pair.strip_prefix("why=").map(str::to_owned))
}
