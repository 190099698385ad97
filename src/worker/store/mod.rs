//! What outlives the tab: named bytes in the browser's own file system for this origin.
//!
//! Every name has two slots that are written in turn, each with a sequence number, a length and a
//! SHA-256 before its bytes. A crash or a full disk in the middle of a write spoils the slot that
//! was being written; the other one still holds what was kept before.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

use std::cell::RefCell;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

#[cfg(not(target_family = "wasm"))]
pub use native::Files;
#[cfg(target_family = "wasm")]
pub use wasm::Files;

/// Why bytes were not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The browser gives this page no more room.
    #[error("the browser gives this page no more room on the disk")]
    Full,
    /// There is no such file system here, or another tab has it.
    #[error("the browser does not let this page keep files: {0}")]
    Unavailable(String),
}

/// Sequence number, length and SHA-256.
const HEADER_BYTES: usize = 8 + 8 + 32;

/// Named bytes that outlive the tab.
pub struct Store {
    files: Files,
    /// Sequence number of the newest sound slot of every name that was looked at.
    newest: RefCell<BTreeMap<String, u64>>,
}

impl Store {
    /// A store in these files.
    pub fn new(files: Files) -> Self {
        Self {
            files,
            newest: RefCell::default(),
        }
    }

    /// Keeps bytes under a name, in place of what was kept before.
    ///
    /// # Errors
    /// When they cannot be written; what was kept before is still there.
    pub async fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let before = self.newest.borrow().get(name).copied();
        let before = match before {
            Some(sequence) => sequence,
            None => self
                .newest_slot(name)
                .await
                .map_or(0, |(sequence, _)| sequence),
        };
        let sequence = before + 1;
        let header = [
            &sequence.to_le_bytes()[..],
            &(bytes.len() as u64).to_le_bytes(),
            &Sha256::digest(bytes),
        ]
        .concat();
        self.files
            .write(&slot(name, sequence), &[&header, bytes])
            .await?;
        self.newest.borrow_mut().insert(name.to_owned(), sequence);
        Ok(())
    }

    /// What was kept last under a name and is sound.
    pub async fn recall(&self, name: &str) -> Option<Vec<u8>> {
        let (sequence, bytes) = self.newest_slot(name).await?;
        self.newest.borrow_mut().insert(name.to_owned(), sequence);
        Some(bytes)
    }

    /// Forgets what was kept under a name.
    pub async fn forget(&self, name: &str) {
        self.newest.borrow_mut().remove(name);
        for sequence in 0..2 {
            self.files.remove(&slot(name, sequence)).await;
        }
    }

    async fn newest_slot(&self, name: &str) -> Option<(u64, Vec<u8>)> {
        let mut newest: Option<(u64, Vec<u8>)> = None;
        for at in 0..2 {
            let Some(file) = self.files.read(&slot(name, at)).await else {
                continue;
            };
            if let Some((sequence, bytes)) = open(file)
                && newest.as_ref().is_none_or(|(newest, _)| sequence > *newest)
            {
                newest = Some((sequence, bytes));
            }
        }
        newest
    }
}

/// The file that a write goes to.
fn slot(name: &str, sequence: u64) -> String {
    format!("{name}.{}", sequence % 2)
}

/// The bytes of a slot, if it is sound.
fn open(mut file: Vec<u8>) -> Option<(u64, Vec<u8>)> {
    let number = |at: usize| Some(u64::from_le_bytes(file.get(at..at + 8)?.try_into().ok()?));
    let (sequence, length) = (number(0)?, number(8)?);
    let bytes = file.get(HEADER_BYTES..)?;
    if bytes.len() as u64 != length || Sha256::digest(bytes)[..] != file[16..HEADER_BYTES] {
        return None;
    }
    file.drain(..HEADER_BYTES);
    Some((sequence, file))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn the_last_bytes_are_recalled_by_the_next_store() {
        let files = Files::default();
        let store = Store::new(files.clone());
        block_on(async {
            for text in ["one", "two", "three"] {
                store.keep("run", text.as_bytes()).await.unwrap();
            }
            let next = Store::new(files);
            assert_eq!(next.recall("run").await.as_deref(), Some(&b"three"[..]));
            next.keep("run", b"four").await.unwrap();
            assert_eq!(next.recall("run").await.as_deref(), Some(&b"four"[..]));
            next.forget("run").await;
            assert_eq!(next.recall("run").await, None);
            assert_eq!(next.recall("other").await, None);
        });
    }

    #[test]
    fn a_full_disk_leaves_what_was_kept_before() {
        let files = Files::default();
        let store = Store::new(files.clone());
        block_on(async {
            store.keep("run", &[1; 100]).await.unwrap();
            files.set_room(200);
            assert_eq!(store.keep("run", &[2; 100]).await, Err(StoreError::Full));
            assert_eq!(store.recall("run").await, Some(vec![1; 100]));
            files.set_room(usize::MAX);
            store.keep("run", &[3; 100]).await.unwrap();
            assert_eq!(store.recall("run").await, Some(vec![3; 100]));
        });
    }

    #[test]
    fn a_spoilt_slot_gives_way_to_the_one_before() {
        let files = Files::default();
        let store = Store::new(files.clone());
        block_on(async {
            store.keep("run", b"first").await.unwrap();
            store.keep("run", b"second").await.unwrap();
            // The second write went to slot 0. Any byte of it may be lost in a crash.
            let whole = files.read("run.0").await.unwrap();
            for at in 0..whole.len() {
                let mut spoilt = whole.clone();
                spoilt[at] ^= 1;
                files.write("run.0", &[&spoilt]).await.unwrap();
                let found = Store::new(files.clone()).recall("run").await.unwrap();
                // A changed sequence number does not make the bytes wrong, only their order.
                assert!(found == b"first" || (at < 8 && found == b"second"), "{at}");
                files.write("run.0", &[&whole[..at]]).await.unwrap();
                let found = Store::new(files.clone()).recall("run").await.unwrap();
                assert_eq!(found, b"first");
            }
        });
    }
}
