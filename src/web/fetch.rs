//! Files that come with the page and are loaded when somebody wants them.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// Why a file did not come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host answered, but not with the file.
    #[error("the host answered {status}")]
    Status {
        /// What it answered.
        status: u16,
    },
    /// There was no answer: no connection, most of the time.
    #[error("there was no answer")]
    NoAnswer,
}

/// The text of the file at `path`, relative to the page.
///
/// # Errors
/// [`FetchError`].
pub async fn text(path: &str) -> Result<String, FetchError> {
    let lost = |_: JsValue| FetchError::NoAnswer;
    let window = web_sys::window().ok_or(FetchError::NoAnswer)?;
    let response: Response = JsFuture::from(window.fetch_with_str(path)).await.map_err(lost)?.unchecked_into();
    if !response.ok() {
        return Err(FetchError::Status { status: response.status() });
    }
    let text = JsFuture::from(response.text().map_err(lost)?).await.map_err(lost)?;
    Ok(text.as_string().unwrap_or_default())
}
