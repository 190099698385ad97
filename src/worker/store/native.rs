//! Files in memory, shared by the workers of a test, with as much room as the test says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::StoreError;

/// Files that outlive a worker.
#[derive(Debug, Clone, Default)]
pub struct Files(Rc<RefCell<Disk>>);

#[derive(Debug, Default)]
struct Disk {
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes that fit; none means that all do.
    room: Option<usize>,
}

impl Files {
    /// Lets so many bytes fit.
    pub fn set_room(&self, bytes: usize) {
        self.0.borrow_mut().room = Some(bytes);
    }

    /// Bytes of all files whose names do not begin so.
    pub fn bytes_besides(&self, start: &str) -> usize {
        let disk = self.0.borrow();
        let others = disk
            .files
            .iter()
            .filter(|(name, _)| !name.starts_with(start));
        others.map(|(_, bytes)| bytes.len()).sum()
    }

    /// A file's bytes.
    pub async fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.0.borrow().files.get(name).cloned()
    }

    /// Writes a file anew. Like a real disk, it keeps the part that fitted.
    ///
    /// # Errors
    /// When it does not fit.
    pub async fn write(&self, name: &str, parts: &[&[u8]]) -> Result<(), StoreError> {
        let mut disk = self.0.borrow_mut();
        disk.files.remove(name);
        let used: usize = disk.files.values().map(Vec::len).sum();
        let left = disk
            .room
            .map_or(usize::MAX, |room| room.saturating_sub(used));
        let mut bytes = parts.concat();
        let fits = bytes.len() <= left;
        bytes.truncate(left);
        disk.files.insert(name.to_owned(), bytes);
        if fits { Ok(()) } else { Err(StoreError::Full) }
    }

    /// Removes a file, if it is there.
    pub async fn remove(&self, name: &str) {
        self.0.borrow_mut().files.remove(name);
    }
}
