//! The browser's own record of what this page has fetched.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::PerformanceResourceTiming;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The address, below the page's own where it is.
    pub address: String,
    /// Whether it went to the host that the page came from.
    pub is_own: bool,
    /// Bytes that came over the network; 0 from the browser's cache.
    pub received: u64,
    /// Bytes of the answer's body.
    pub body: u64,
}

/// Every request of the page so far, the page itself first.
pub fn list() -> Vec<Request> {
    let Some(performance) = window().performance() else {
        return Vec::new();
    };
    ["navigation", "resource"]
        .into_iter()
        .flat_map(|kind| performance.get_entries_by_type(kind).to_vec())
        .map(|entry| {
            let entry: PerformanceResourceTiming = entry.unchecked_into();
            let (received, body) = (entry.transfer_size(), entry.encoded_body_size());
            describe(&entry.name(), received as u64, body as u64)
        })
        .collect()
}

/// One request, from its address.
pub fn describe(url: &str, received: u64, body: u64) -> Request {
    let origin = window().location().origin().unwrap_or_default();
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let folder = base
        .rsplit_once('/')
        .map_or(base.as_str(), |(folder, _)| folder);
    let is_own =
        url.starts_with(&format!("{origin}/")) || url.starts_with(&format!("blob:{origin}/"));
    let address = url
        .strip_prefix(folder)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(url);
    Request {
        address: address.to_owned(),
        is_own,
        received,
        body,
    }
}
