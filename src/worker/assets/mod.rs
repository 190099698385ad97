//! Files that the app ships: base models and samples.

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod wasm;

#[cfg(not(target_family = "wasm"))]
pub use native::Assets;
#[cfg(target_family = "wasm")]
pub use wasm::Assets;

use sha2::{Digest, Sha256};

use crate::domain::base_model::ModelFile;

/// One request, as the browser's own record has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    /// Where it went.
    pub url: String,
    /// Bytes that came over the network; 0 from a cache.
    pub received: u64,
    /// Bytes of the answer's body.
    pub body: u64,
}

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// No answer: no network, or the server is gone.
    #[error("{path} could not be fetched: {why}")]
    Unreachable {
        /// Its path.
        path: String,
        /// What the browser says.
        why: String,
    },
    /// An answer, but not the file.
    #[error("the server answered {status} for {path}")]
    Refused {
        /// Its path.
        path: String,
        /// The HTTP status.
        status: u16,
    },
    /// More bytes than are wanted.
    #[error("{path} takes more than {most} bytes")]
    TooLarge {
        /// Its path.
        path: String,
        /// The most.
        most: u64,
    },
    /// The bytes are not those that this version of the app was made with.
    #[error("{path} does not match its SHA-256: expected {expected}, found {found}")]
    WrongHash {
        /// Its path.
        path: String,
        /// As pinned.
        expected: String,
        /// As fetched.
        found: String,
    },
}

/// Whether bytes are those of a pinned file.
///
/// # Errors
/// [`AssetError::WrongHash`] when they are not.
pub fn verify(bytes: &[u8], file: &ModelFile) -> Result<(), AssetError> {
    let digest = Sha256::digest(bytes);
    let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if found == file.sha256 {
        return Ok(());
    }
    Err(AssetError::WrongHash {
        path: file.path.to_owned(),
        expected: file.sha256.to_owned(),
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_found_out() {
        let file = ModelFile {
            path: "abc",
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        };
        assert_eq!(verify(b"abc", &file), Ok(()));
        let error = verify(b"abd", &file).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("abc does not match its SHA-256: expected ba78")
        );
    }
}
