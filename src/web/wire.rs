//! Messages on their way between page and worker: postcard bytes in an array whose buffer is handed over, not copied.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::MessageEvent;

/// Writes a message into an array of its own and gives it to `post`, with the list of what to transfer: its buffer.
///
/// # Errors
/// What `post` says, or why the message cannot be written.
pub fn post(
    message: &impl Serialize,
    post: impl FnOnce(&JsValue, &JsValue) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let bytes = postcard::to_allocvec(message).map_err(|error| JsValue::from_str(&error.to_string()))?;
    let array = Uint8Array::from(bytes.as_slice());
    post(&array, &Array::of1(&array.buffer()))
}

/// Reads a message.
///
/// # Errors
/// In words, why it cannot be read.
pub fn read<T: DeserializeOwned>(event: &MessageEvent) -> Result<T, String> {
    let bytes = Uint8Array::new(&event.data()).to_vec();
    postcard::from_bytes(&bytes).map_err(|error| error.to_string())
}
