//! Files of the app from its own origin, base models kept in the browser's cache.

use std::cell::RefCell;
use std::collections::HashSet;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Cache, DedicatedWorkerGlobalScope, PerformanceResourceTiming, ReadableStreamDefaultReader,
    Response,
};

use super::{AssetError, Requested, verify};
use crate::domain::base_model::ModelFile;

/// Name of the browser's cache that keeps base models.
const CACHE: &str = "burnish-models-1";

/// The app's own origin.
#[derive(Debug, Clone)]
pub struct Assets {
    /// Address of the folder that the worker's script is in, with a slash at the end.
    root: String,
    /// The requests that were told already, by address and start time: the browser sorts its
    /// record by start time and enters a request when it ends, so a count would miss some.
    told: RefCell<HashSet<(String, u64)>>,
}

impl Assets {
    /// Files beside this worker's script.
    pub fn beside_this_worker() -> Self {
        let script = scope().location().href();
        let path = script.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self {
            root: format!("{folder}/"),
            told: RefCell::default(),
        }
    }

    /// Address of the page.
    pub fn page(&self) -> &str {
        &self.root
    }

    /// Requests since the last call, from the browser's own record of this worker: the page's
    /// record does not have them.
    pub fn requests(&self) -> Vec<Requested> {
        let Some(performance) = scope().performance() else {
            return Vec::new();
        };
        let mut told = self.told.borrow_mut();
        performance
            .get_entries_by_type("resource")
            .iter()
            .map(JsCast::unchecked_into::<PerformanceResourceTiming>)
            .filter(|entry| told.insert((entry.name(), entry.start_time().to_bits())))
            .map(|entry| Requested {
                url: entry.name(),
                received: entry.transfer_size() as u64,
                body: entry.encoded_body_size() as u64,
            })
            .collect()
    }

    /// One of the app's files.
    ///
    /// # Errors
    /// When the network or the server does not give it.
    pub async fn fetch(
        &self,
        path: &str,
        progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        self.fetch_up_to(path, u64::MAX, progress).await
    }

    /// The same, refused once it has more than `most` bytes.
    ///
    /// # Errors
    /// When the network or the server does not give it, or gives more.
    pub async fn fetch_up_to(
        &self,
        path: &str,
        most: u64,
        progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        let response = request(&format!("{}{path}", self.root), path).await?;
        body(&response, path, (0, most), progress).await
    }

    /// A pinned file from below `models`, from the browser's cache or the network, checked against
    /// its hash wherever it comes from.
    ///
    /// # Errors
    /// When it cannot be had or is not the pinned one.
    pub async fn model_file(
        &self,
        model: &str,
        file: &ModelFile,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Vec<u8>, AssetError> {
        let path = format!("models/{model}/{}", file.path);
        // The hash is part of the key, so a new version of the app never meets an old file.
        let key = format!("{}{path}?sha256={}", self.root, file.sha256);
        let cache = open_cache().await;
        if let Some(cache) = &cache
            && let Some(kept) = matching(cache, &key).await
            && let Ok(bytes) = body(&kept, &path, (file.bytes, u64::MAX), &mut progress).await
        {
            match verify(&bytes, file) {
                Ok(()) => return Ok(bytes),
                // A spoilt copy is thrown away and fetched anew.
                Err(_) => drop(JsFuture::from(cache.delete_with_str(&key)).await),
            }
        }
        let response = request(&format!("{}{path}", self.root), &path).await?;
        let bytes = body(&response, &path, (file.bytes, u64::MAX), &mut progress).await?;
        verify(&bytes, file)?;
        if let Some(cache) = &cache {
            keep(cache, &key, &bytes).await;
        }
        Ok(bytes)
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

async fn request(url: &str, path: &str) -> Result<Response, AssetError> {
    let answer = JsFuture::from(scope().fetch_with_str(url))
        .await
        .map_err(|why| unreachable(path, &why))?;
    let response: Response = answer.unchecked_into();
    if !response.ok() {
        return Err(AssetError::Refused {
            path: path.to_owned(),
            status: response.status(),
        });
    }
    Ok(response)
}

fn unreachable(path: &str, why: &JsValue) -> AssetError {
    let why = why
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| "no answer".to_owned(), |error| error.message().into());
    AssetError::Unreachable {
        path: path.to_owned(),
        why,
    }
}

/// Reads a body as it arrives. `total` stands in where the server does not say how long it is; a body of
/// more than `most` bytes is given up as soon as that is known.
async fn body(
    response: &Response,
    path: &str,
    (total, most): (u64, u64),
    mut progress: impl FnMut(u64, u64),
) -> Result<Vec<u8>, AssetError> {
    let said = response
        .headers()
        .get("content-length")
        .ok()
        .flatten()
        .and_then(|length| length.parse().ok());
    let total = if total > 0 { total } else { said.unwrap_or(0) };
    let too_large = || AssetError::TooLarge {
        path: path.to_owned(),
        most,
    };
    if total > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(total as usize);
    let Some(stream) = response.body() else {
        return Ok(bytes);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let part = JsFuture::from(reader.read())
            .await
            .map_err(|why| unreachable(path, &why))?;
        let is_done = Reflect::get(&part, &"done".into()).is_ok_and(|done| done.is_truthy());
        if is_done {
            return Ok(bytes);
        }
        let value = Reflect::get(&part, &"value".into()).unwrap_or(JsValue::UNDEFINED);
        let chunk: Uint8Array = value.unchecked_into();
        let start = bytes.len();
        if (start + chunk.length() as usize) as u64 > most {
            // What is still to come is not wanted; there is nobody to tell if that fails.
            let _ = reader.cancel();
            return Err(too_large());
        }
        bytes.resize(start + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[start..]);
        progress(bytes.len() as u64, total.max(bytes.len() as u64));
    }
}

/// None where the browser has no cache to give, as on an insecure origin: the app then fetches
/// every time.
async fn open_cache() -> Option<Cache> {
    let storage = scope().caches().ok()?;
    JsFuture::from(storage.open(CACHE))
        .await
        .ok()
        .map(JsCast::unchecked_into)
}

async fn matching(cache: &Cache, key: &str) -> Option<Response> {
    JsFuture::from(cache.match_with_str(key))
        .await
        .ok()?
        .dyn_into()
        .ok()
}

/// Keeps a file; a full disk costs the next visit a download and nothing else.
async fn keep(cache: &Cache, key: &str, bytes: &[u8]) {
    let copy = Uint8Array::from(bytes);
    if let Ok(response) = Response::new_with_opt_js_u8_array(Some(&copy)) {
        let _ = JsFuture::from(cache.put_with_str(key, &response)).await;
    }
}
