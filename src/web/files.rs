//! Files from and to the person's disk.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Clipboard, File, HtmlAnchorElement, HtmlCanvasElement, Url};

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
    let kind = BlobPropertyBag::new();
    kind.set_type(mime);
    save_blob(name, &Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?)
}

/// Lets the browser save bytes as a file called `name`.
///
/// # Errors
/// What the browser said.
pub fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or("there is no document")?;
    let url = Url::create_object_url_with_blob(blob)?;
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
    JsFuture::from(clipboard()?.write_text(text)).await.map(|_| ())
}

/// The text on the clipboard.
///
/// # Errors
/// What the browser said; it may ask the person first.
pub async fn pasted() -> Result<String, JsValue> {
    let text = JsFuture::from(clipboard()?.read_text()).await?;
    Ok(text.as_string().unwrap_or_default())
}

/// Puts a picture on the clipboard.
///
/// # Errors
/// What the browser said; it refuses in frames, and kinds of pictures that it does not know there.
pub async fn copy_picture(picture: &Blob) -> Result<(), JsValue> {
    let parts = Object::new();
    Reflect::set(&parts, &picture.type_().into(), picture)?;
    // Both are younger than the bindings: missing ones are an error like any other.
    let make: Function = Reflect::get(&js_sys::global(), &"ClipboardItem".into())?.dyn_into()?;
    let item = Reflect::construct(&make, &Array::of1(&parts))?;
    let clipboard = clipboard()?;
    let write: Function = Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    let written = write.call1(&clipboard, &Array::of1(&item))?;
    JsFuture::from(js_sys::Promise::resolve(&written)).await.map(|_| ())
}

fn clipboard() -> Result<Clipboard, JsValue> {
    let navigator = web_sys::window().ok_or("there is no window")?.navigator();
    // The property is missing where the page was not loaded securely.
    let clipboard = Reflect::get(&navigator, &"clipboard".into())?;
    clipboard.dyn_into().map_err(|_| "there is no clipboard".into())
}

/// A canvas as a picture in a file.
///
/// # Errors
/// What the browser said; it may lack the memory.
pub async fn picture_of(canvas: &HtmlCanvasElement) -> Result<Blob, JsValue> {
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let done = Closure::once_into_js(move |blob: JsValue| resolve.call1(&JsValue::NULL, &blob));
        if let Err(error) = canvas.to_blob(done.unchecked_ref()) {
            // The promise fails instead of never ending.
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    JsFuture::from(promise).await?.dyn_into().map_err(|_| "there is no picture".into())
}
