//! Thin wrappers around the browser.

#[cfg(feature = "page")]
pub mod fetch;
#[cfg(feature = "page")]
pub mod files;
#[cfg(feature = "page")]
pub mod frame_loop;
#[cfg(feature = "page")]
pub mod location;
#[cfg(feature = "page")]
pub mod observe;
#[cfg(feature = "page")]
pub mod storage;
#[cfg(feature = "page")]
pub mod style;
pub mod wire;
#[cfg(feature = "page")]
pub mod worker;

/// Does something beside everything else. In a box, so that the code that drives it is there once.
#[cfg(feature = "page")]
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}

/// Notes in the browser's own timeline that something has happened for the first time, for whoever measures the page.
#[cfg(feature = "page")]
pub fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        // Refused only for the names that browsers use themselves.
        let _ = performance.mark(name);
    }
}

/// Time since the page was opened, for what is measured [ms]; 0 where the browser has no clock.
#[cfg(feature = "page")]
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Gives the focus to the first element that fits a selector.
#[cfg(feature = "page")]
pub fn focus(selector: &str) {
    use wasm_bindgen::JsCast;
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}

/// Tells the script that loaded the page how it is getting on: `headroom-settled` once everything has been fetched,
/// `headroom-crashed` with a detail, so that people read why nothing moves any more.
#[cfg(feature = "page")]
pub fn announce(event: &str, detail: &str) {
    let init = web_sys::CustomEventInit::new();
    init.set_detail(&detail.into());
    // Nothing can be done about a failure here: the page goes on without, or is already lost.
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::CustomEvent::new_with_event_init_dict(event, &init))
    {
        let _ = window.dispatch_event(&event);
    }
}
