//! The origin-private file system of the browser.

use js_sys::{Error, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemSyncAccessHandle,
};

use super::StoreError;

/// Folder of this app: other apps may live on the same origin.
const FOLDER: &str = "burnish-1";

/// The origin-private file system.
#[derive(Debug, Clone, Default)]
pub struct Files;

impl Files {
    /// A file's bytes.
    pub async fn read(&self, name: &str) -> Option<Vec<u8>> {
        let handle = open(name, false).await.ok()?;
        let bytes = handle.get_size().ok().and_then(|size| {
            let mut bytes = vec![0; size as usize];
            let options = FileSystemReadWriteOptions::new();
            options.set_at(0.0);
            let read = handle
                .read_with_u8_array_and_options(&mut bytes, &options)
                .ok()?;
            (read as usize == bytes.len()).then_some(bytes)
        });
        handle.close();
        bytes
    }

    /// Writes a file anew.
    ///
    /// # Errors
    /// When the browser does not give the room, or the file.
    pub async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let handle = open(name, true).await.map_err(|why| refused(&why))?;
        let written = write_all(&handle, parts);
        handle.close();
        written
    }

    /// Removes a file, if it is there.
    pub async fn remove(&self, name: &str) {
        if let Ok(folder) = folder().await {
            let _ = JsFuture::from(folder.remove_entry(name)).await;
        }
    }
}

fn write_all(handle: &FileSystemSyncAccessHandle, parts: &[&[u8]]) -> Result<(), StoreError> {
    handle.truncate_with_f64(0.0).map_err(|why| refused(&why))?;
    let mut at = 0.0;
    for part in parts {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(at);
        let bytes = Uint8Array::from(*part);
        let written = handle
            .write_with_js_u8_array_and_options(&bytes, &options)
            .map_err(|why| refused(&why))?;
        if (written as usize) < part.len() {
            return Err(StoreError::Full);
        }
        at += written;
    }
    handle.flush().map_err(|why| refused(&why))
}

fn refused(why: &JsValue) -> StoreError {
    let error: Option<&Error> = why.dyn_ref();
    match error {
        Some(error) if error.name() == "QuotaExceededError" => StoreError::Full,
        Some(error) => StoreError::Unavailable(error.message().into()),
        None => StoreError::Unavailable(
            js_sys::Reflect::get(why, &"message".into())
                .ok()
                .and_then(|message| message.as_string())
                .unwrap_or_else(|| "it gives no reason".to_owned()),
        ),
    }
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let root = JsFuture::from(scope.navigator().storage().get_directory()).await?;
    let root: FileSystemDirectoryHandle = root.unchecked_into();
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_directory_handle_with_options(FOLDER, &options))
        .await
        .map(JsCast::unchecked_into)
}

async fn open(name: &str, create: bool) -> Result<FileSystemSyncAccessHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    let file = JsFuture::from(folder().await?.get_file_handle_with_options(name, &options)).await?;
    let file: FileSystemFileHandle = file.unchecked_into();
    JsFuture::from(file.create_sync_access_handle())
        .await
        .map(JsCast::unchecked_into)
}
