//! Choices that outlive a visit, in `localStorage`. A browser that keeps nothing is no error: the
//! choice then lasts as long as the page.

use leptos::prelude::window;

fn key(name: &str) -> String {
    format!("burnish:{name}")
}

/// A choice of an earlier visit.
pub fn recall(name: &str) -> Option<String> {
    window()
        .local_storage()
        .ok()
        .flatten()?
        .get_item(&key(name))
        .ok()
        .flatten()
}

/// Keeps a choice for later visits.
pub fn remember(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&key(name), value);
    }
}
