//! A whole design in a link: a version letter, then the compact file, compressed, in letters that addresses allow.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{FILE_LIMIT_BYTES, FileError, write};
use crate::design::Design;

/// The version that is written.
const VERSION: char = 'a';
/// Highest level of compression; a design takes well under a millisecond.
const COMPRESSION_LEVEL: u8 = 9;

/// Why a link cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ShareLinkError {
    /// It starts with a letter of no version known here, or with nothing.
    #[error("the link is of a version that is not known; expected it to begin with `{VERSION}`")]
    Version,
    /// It has letters that no link has, or ends too early.
    #[error("the link is damaged; expected letters, digits, `-` and `_` only, to its very end")]
    Letters,
    /// What it holds is damaged, or far too large.
    #[error("the link is damaged or incomplete, or holds more than {FILE_LIMIT_BYTES} bytes")]
    Compressed,
    /// What it holds is no design.
    #[error("the link holds no design that can be read: {0}")]
    File(#[from] FileError),
}

impl Design {
    /// The design in the letters of a link: what stands behind the `#` of an address.
    pub fn to_link(&self) -> String {
        let json = serde_json::to_vec(&write::design(self)).expect("a file is plain data");
        let compressed = miniz_oxide::deflate::compress_to_vec(&json, COMPRESSION_LEVEL);
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(compressed))
    }

    /// Reads what [`Design::to_link`] wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_link(link: &str) -> Result<Self, ShareLinkError> {
        let letters = link.strip_prefix(VERSION).ok_or(ShareLinkError::Version)?;
        // Nothing larger could hold a file that may be read.
        if letters.len() > 2 * FILE_LIMIT_BYTES {
            return Err(ShareLinkError::Compressed);
        }
        let compressed = URL_SAFE_NO_PAD.decode(letters).map_err(|_| ShareLinkError::Letters)?;
        let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&compressed, FILE_LIMIT_BYTES)
            .map_err(|_| ShareLinkError::Compressed)?;
        let json = String::from_utf8(json).map_err(|_| ShareLinkError::Compressed)?;
        Ok(Self::from_json(&json)?)
    }
}
