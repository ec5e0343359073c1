//! What changes without anyone's click: the size of an element, the system's theme.

use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, ResizeObserver, ResizeObserverEntry};

/// Watches the size of an element; dropping it ends that.
pub struct SizeWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut(Array)>,
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls `on_size` with width and height of the inside of `element` [CSS px], now and whenever they change.
///
/// # Errors
/// What the browser said; only ancient ones lack the means.
pub fn size(element: &Element, mut on_size: impl FnMut(f64, f64) + 'static) -> Result<SizeWatch, JsValue> {
    let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        let entry: ResizeObserverEntry = entries.get(0).unchecked_into();
        let area = entry.content_rect();
        on_size(area.width(), area.height());
    });
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref())?;
    observer.observe(element);
    Ok(SizeWatch { observer, _closure: closure })
}

/// Watches whether an element can be seen; dropping it ends that.
pub struct ViewWatch {
    observer: IntersectionObserver,
    _closure: Closure<dyn FnMut(Array)>,
}

impl Drop for ViewWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls `on_change` with whether any of `element` can be seen, now and whenever that changes; a page inside another
/// counts as far as it can be seen there.
///
/// # Errors
/// What the browser said; only ancient ones lack the means.
pub fn in_view(element: &Element, mut on_change: impl FnMut(bool) + 'static) -> Result<ViewWatch, JsValue> {
    let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
        // The last one tells how it is now.
        let entry: IntersectionObserverEntry = entries.get(entries.length().saturating_sub(1)).unchecked_into();
        on_change(entry.is_intersecting());
    });
    let observer = IntersectionObserver::new(closure.as_ref().unchecked_ref())?;
    observer.observe(element);
    Ok(ViewWatch { observer, _closure: closure })
}

/// Calls `on_change` whenever the system changes between light and dark; dropping what it gives ends that. `None` where
/// the browser cannot tell.
pub fn system_theme(mut on_change: impl FnMut() + 'static) -> Option<EventListener> {
    media("(prefers-color-scheme: dark)", move |_| on_change())
}

/// Calls `on_change` with whether the system fits a media query, now and whenever that changes; dropping what it gives
/// ends that. `None` where the browser cannot tell.
pub fn media(query: &str, mut on_change: impl FnMut(bool) + 'static) -> Option<EventListener> {
    let query = web_sys::window()?.match_media(query).ok()??;
    on_change(query.matches());
    let watched = query.clone();
    Some(EventListener::new(&watched, "change", move |_| on_change(query.matches())))
}
