//! The clock of a worker.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel};

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Seconds since the worker began.
pub fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1000.0)
}

/// A channel whose two ends are both here: a message to oneself is a macrotask of its own, which
/// `setTimeout` would delay by 4 ms after a few times.
struct Doorbell {
    channel: MessageChannel,
    _on_ring: Closure<dyn FnMut()>,
}

thread_local! {
    static DOORBELL: RefCell<Option<Doorbell>> = const { RefCell::new(None) };
    static WAITING: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Yields a macrotask: `onmessage` cannot run while we only await microtasks.
pub async fn yield_now() {
    let promise = Promise::new(&mut |resolve: Function, _| {
        WAITING.with_borrow_mut(|waiting| waiting.push(resolve));
        DOORBELL.with_borrow_mut(|doorbell| {
            let doorbell = doorbell.get_or_insert_with(Doorbell::install);
            // A channel within one worker has no way to fail.
            let _ = doorbell.channel.port2().post_message(&JsValue::NULL);
        });
    });
    let _ = JsFuture::from(promise).await;
}

impl Doorbell {
    fn install() -> Self {
        let channel = MessageChannel::new().expect("every worker can make a message channel");
        let on_ring = Closure::new(|| {
            let waiting = WAITING.with_borrow_mut(std::mem::take);
            for resolve in waiting {
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        });
        channel
            .port1()
            .set_onmessage(Some(on_ring.as_ref().unchecked_ref()));
        Self {
            channel,
            _on_ring: on_ring,
        }
    }
}

/// Waits without keeping anybody from running.
pub async fn sleep(secs: f64) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(
            &resolve,
            (secs * 1000.0) as i32,
        );
    });
    let _ = JsFuture::from(promise).await;
}
