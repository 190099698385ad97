//! The browser's side of the page: files, memory, the network's record.

pub mod files;
pub mod gpu;
pub mod memory;
pub mod requests;
pub mod theme;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
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

/// Seconds since the page began.
pub fn now() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1e3)
}
