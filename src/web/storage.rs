//! What the browser keeps for the page. Storage *throws* in sandboxed and third-party frames, and may be full: every
//! call may fail, and the page goes on without.

use gloo_storage::{LocalStorage, Storage};

/// Why nothing was kept or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The browser does not let the page use its storage.
    #[error("the browser does not let the page keep anything")]
    Blocked,
    /// There is no room, or the browser refused for reasons of its own.
    #[error("the browser's storage is full")]
    Full,
}

/// Whether there is storage at all; asking throws where there is none.
fn check() -> Result<(), StorageError> {
    web_sys::window().and_then(|window| window.local_storage().ok().flatten()).map(|_| ()).ok_or(StorageError::Blocked)
}

/// The text kept under `key`; `None` if there is none.
///
/// # Errors
/// [`StorageError::Blocked`].
pub fn read(key: &str) -> Result<Option<String>, StorageError> {
    check()?;
    LocalStorage::raw().get_item(key).map_err(|_| StorageError::Blocked)
}

/// Keeps `text` under `key`.
///
/// # Errors
/// [`StorageError`]; what was there stays.
pub fn write(key: &str, text: &str) -> Result<(), StorageError> {
    check()?;
    LocalStorage::raw().set_item(key, text).map_err(|_| StorageError::Full)
}
