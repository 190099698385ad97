//! The browser's side of the page: files, memory, the network's record.

pub mod files;
pub mod gpu;
pub mod memory;
pub mod requests;
pub mod theme;

use js_sys::{Function, JsString, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

/// Moves the keyboard's focus to an element, once the page has been drawn.
pub fn focus(id: &'static str) {
    request_animation_frame(move || {
        let found = document()
            .get_element_by_id(id)
            .and_then(|element| element.dyn_into::<HtmlElement>().ok());
        if let Some(element) = found {
            // An element that is gone by now needs no focus.
            let _ = element.focus();
        }
    });
}

/// Takes the fragment out of the address, so that a reload does not lead back to it.
pub fn drop_fragment() {
    let location = window().location();
    let address = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let of = |object: &JsValue, name: &str| Reflect::get(object, &JsValue::from_str(name));
    // `History` would be one more interface to carry along for one call.
    let _ = of(&window(), "history").and_then(|history| {
        let replace: Function = of(&history, "replaceState")?.dyn_into()?;
        replace.call3(&history, &JsValue::NULL, &"".into(), &address.into())
    });
}

/// Seconds since the page began.
pub fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1e3)
}

/// A number as somebody wrote it; none where it is none.
///
/// The browser reads it: what Rust needs for that is ten kilobytes of powers of five.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let read = f64::try_from(&JsValue::from_str(text)).ok();
    // An empty text is 0 to the browser.
    read.filter(|number| number.is_finite() && !text.is_empty())
}

/// A text in small letters, by the browser's tables.
pub fn lowercase(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}
