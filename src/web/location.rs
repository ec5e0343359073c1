//! The page's address: what it presets, and the design that it may carry.

use wasm_bindgen::JsValue;
use web_sys::{History, UrlSearchParams};

use crate::embed::params::Params;

/// Whether the address is the plain one: it presets nothing and leads nowhere.
pub fn is_plain() -> bool {
    let query = web_sys::window().and_then(|window| window.location().search().ok());
    query.is_none_or(|query| query.is_empty()) && fragment().is_none()
}

/// What the query of the address presets.
pub fn params() -> Params {
    let query = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    let Ok(search) = UrlSearchParams::new_with_str(&query) else { return Params::default() };
    let pairs: Vec<(String, String)> = js_sys::try_iter(&search)
        .ok()
        .flatten()
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|pair| {
            let pair = js_sys::Array::from(&pair);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect();
    Params::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The fragment of the address without its `#`; `None` if there is none.
pub fn fragment() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    let fragment = hash.strip_prefix('#').unwrap_or(&hash);
    (!fragment.is_empty()).then(|| fragment.to_owned())
}

/// Puts `fragment` into the address without a new entry in the browser's history; an empty one takes it out.
pub fn replace_fragment(fragment: &str) {
    set_fragment(fragment, History::replace_state_with_url);
}

/// Puts `fragment` into the address with a new entry in the browser's history, so that its button leads back here.
pub fn push_fragment(fragment: &str) {
    set_fragment(fragment, History::push_state_with_url);
}

type SetState = fn(&History, &JsValue, &str, Option<&str>) -> Result<(), JsValue>;

fn set_fragment(fragment: &str, set: SetState) {
    let Some(window) = web_sys::window() else { return };
    let location = window.location();
    let base = location.pathname().unwrap_or_default() + &location.search().unwrap_or_default();
    let address = if fragment.is_empty() { base } else { format!("{base}#{fragment}") };
    // Refused in frames without an address of their own; everything but the address works there.
    let _ = window.history().and_then(|history| set(&history, &JsValue::NULL, "", Some(&address)));
}

/// The page's address without query and fragment, with these instead.
pub fn plain_address(query: &str, fragment: &str) -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let base = href.split(['#', '?']).next().unwrap_or_default();
    format!("{base}{query}#{fragment}")
}
