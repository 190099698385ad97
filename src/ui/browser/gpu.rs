//! Whether the browser gives a graphics adapter.
//!
//! Through reflection: web-sys keeps WebGPU behind a compiler flag for the whole build.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::ui::device::Adapter;

/// Asks for an adapter; its name as far as the browser tells comes too.
pub async fn adapter() -> (Adapter, String) {
    let get = |object: &JsValue, name: &str| {
        Reflect::get(object, &name.into())
            .ok()
            .filter(JsValue::is_truthy)
    };
    let Some(gpu) = get(&window().navigator(), "gpu") else {
        return (Adapter::Unknown, String::new());
    };
    let asked = get(&gpu, "requestAdapter")
        .and_then(|ask| ask.dyn_into::<Function>().ok())
        .and_then(|ask| ask.call0(&gpu).ok())
        .and_then(|promise| promise.dyn_into::<Promise>().ok());
    let Some(promise) = asked else {
        return (Adapter::Missing, String::new());
    };
    let Some(adapter) = JsFuture::from(promise)
        .await
        .ok()
        .filter(JsValue::is_truthy)
    else {
        return (Adapter::Missing, String::new());
    };
    let info = get(&adapter, "info").unwrap_or_default();
    let word = |name| {
        get(&info, name)
            .and_then(|word| word.as_string())
            .unwrap_or_default()
    };
    let name = [word("vendor"), word("architecture")]
        .join(" ")
        .trim()
        .to_owned();
    // The attribute has moved from the adapter to its information.
    let is_software = [&adapter, &info]
        .into_iter()
        .any(|object| get(object, "isFallbackAdapter").is_some());
    (
        if is_software {
            Adapter::Software
        } else {
            Adapter::Present
        },
        name,
    )
}
