//! Style sheets that come while the page runs.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

/// Has the page follow a style sheet that lies beside it, fetched from now on. The future is done as soon as the sheet is
/// in force.
///
/// # Errors
/// What the browser says if it cannot be fetched; the page is then as it was.
pub fn follow(file: &str) -> impl Future<Output = Result<(), JsValue>> + use<> {
    // Its name is the same in every build: the query keeps an old one in a cache from being used.
    let link = add_link(&format!("{file}?v={}", env!("BUILD_ID")));
    // Listens at once: nobody may ask how it went before it has come.
    let coming = link.map(|link| (JsFuture::from(settled(&link)), link));
    async move {
        let (coming, link) = coming?;
        let settled = coming.await;
        if settled.is_err() {
            link.remove();
        }
        settled.map(|_| ())
    }
}

fn add_link(address: &str) -> Result<Element, JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let link = document.create_element("link")?;
    link.set_attribute("rel", "stylesheet")?;
    link.set_attribute("href", address)?;
    document.query_selector("head")?.ok_or(JsValue::NULL)?.append_child(&link)?;
    Ok(link)
}

fn settled(link: &Element) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        // Never refused for events that the browser sends itself.
        let _ = link.add_event_listener_with_callback("load", &resolve);
        let _ = link.add_event_listener_with_callback("error", &reject);
    })
}
