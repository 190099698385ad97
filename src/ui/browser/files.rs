//! Files that come and go: dropped, picked, pasted, saved.

use js_sys::Array;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, DataTransfer, Element, File, HtmlAnchorElement, HtmlInputElement, Url,
};

/// What somebody brought.
pub enum Brought {
    /// A file.
    File(File),
    /// A text that looks like a table.
    Text(String),
}

/// Calls back with whatever is dropped anywhere on the page or pasted outside a field, and tells
/// whether something is being dragged over it.
pub fn on_brought(is_over: RwSignal<bool>, brought: impl Fn(Brought) + Copy + 'static) {
    // `dragenter` and `dragleave` come for every element on the way; `dragover` keeps coming while
    // something is over the page.
    let last_over = StoredValue::new(0.0);
    let _ = window_event_listener(ev::dragover, move |event| {
        if event
            .data_transfer()
            .is_some_and(|data| holds_file_or_text(&data))
        {
            event.prevent_default();
            last_over.set_value(super::now());
            if !is_over.get_untracked() {
                is_over.set(true);
            }
        }
    });
    let _ = window_event_listener(ev::dragleave, move |event| {
        // Out of the window: there is no element that it goes to.
        if event.related_target().is_none() {
            is_over.set(false);
        }
    });
    let _ = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        is_over.set(false);
        if let Some(found) = event.data_transfer().and_then(|data| read(&data)) {
            brought(found);
        }
    });
    let _ = window_event_listener(ev::paste, move |event| {
        let is_in_field = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|element| element.closest("input, textarea").ok().flatten().is_some());
        if is_in_field {
            return;
        }
        if let Some(found) = event.clipboard_data().and_then(|data| read(&data)) {
            event.prevent_default();
            brought(found);
        }
    });
}

fn holds_file_or_text(data: &DataTransfer) -> bool {
    data.types()
        .iter()
        .any(|kind| kind == "Files" || kind == "text/plain")
}

fn read(data: &DataTransfer) -> Option<Brought> {
    if let Some(file) = data.files().and_then(|files| files.get(0)) {
        return Some(Brought::File(file));
    }
    let text = data.get_data("text/plain").ok()?;
    text.trim().contains('\n').then_some(Brought::Text(text))
}

/// The file that was picked in an input, which then is ready to pick the same one again.
pub fn picked(input: &HtmlInputElement) -> Option<File> {
    let file = input.files().and_then(|files| files.get(0));
    input.set_value("");
    file
}

/// Saves a file of these parts, texts or buffers.
pub fn save(name: &str, kind: &str, parts: &Array) {
    let saved = || -> Result<(), JsValue> {
        let options = BlobPropertyBag::new();
        options.set_type(kind);
        let blob = Blob::new_with_str_sequence_and_options(parts, &options)?;
        let url = Url::create_object_url_with_blob(&blob)?;
        let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&url)
    };
    if let Err(error) = saved() {
        leptos::logging::error!("{name} could not be saved: {error:?}");
    }
}
