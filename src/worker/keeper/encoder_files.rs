//! Encoders that a person brought, kept like tables and runs: their files one after the other, and a
//! list that tells them apart.

use super::Keeper;
use crate::domain::encoder::OwnEncoder;
use crate::worker::store::StoreError;

/// Name of the list of encoders.
const LIST: &str = "encoders";

impl Keeper {
    /// Keeps an encoder's files, in the order of its parts.
    pub(in crate::worker) async fn keep_encoder(
        &self,
        encoder: &OwnEncoder,
        files: &[u8],
    ) -> Result<(), StoreError> {
        self.store.keep(&files_name(&encoder.id), files).await?;
        let mut list = self.encoders().await;
        list.retain(|known| known.id != encoder.id);
        list.push(encoder.clone());
        let list = serde_json::to_vec(&list).expect("plain data");
        self.store.keep(LIST, &list).await
    }

    /// Encoders that are kept.
    pub(in crate::worker) async fn encoders(&self) -> Vec<OwnEncoder> {
        let list = self.store.recall(LIST).await;
        list.and_then(|list| serde_json::from_slice(&list).ok())
            .unwrap_or_default()
    }

    /// The files of a kept encoder, one after the other.
    pub(in crate::worker) async fn encoder_files(&self, encoder: &OwnEncoder) -> Option<Vec<u8>> {
        let files = self.store.recall(&files_name(&encoder.id)).await?;
        (files.len() as u64 == encoder.bytes()).then_some(files)
    }

    /// Removes all encoders from the disk.
    pub(super) async fn forget_encoders(&self) {
        for encoder in self.encoders().await {
            self.store.forget(&files_name(&encoder.id)).await;
        }
        self.store.forget(LIST).await;
    }
}

/// A colon is no part of a file's name everywhere.
fn files_name(id: &str) -> String {
    format!("encoder-{}", id.replace(':', "-"))
}
