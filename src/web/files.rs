//! Files from and to the person's disk.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Url};

/// The text of a file.
///
/// # Errors
/// What the browser said.
pub async fn read(file: &File) -> Result<String, JsValue> {
    let text = JsFuture::from(file.text()).await?;
    Ok(text.as_string().unwrap_or_default())
}

/// Lets the browser save `text` as a file called `name`.
///
/// # Errors
/// What the browser said.
pub fn save(name: &str, text: &str, mime: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("there is no document")?;
    let kind = BlobPropertyBag::new();
    kind.set_type(mime);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    Url::revoke_object_url(&url)
}

/// Puts `text` on the clipboard.
///
/// # Errors
/// What the browser said; it refuses in frames and without a gesture of the person's.
pub async fn copy(text: &str) -> Result<(), JsValue> {
    let navigator = web_sys::window().ok_or("there is no window")?.navigator();
    // The property is missing where the page was not loaded securely.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into())?;
    if clipboard.is_undefined() {
        return Err("there is no clipboard".into());
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.map(|_| ())
}
