//! The page's frame loop: one closure, called before every frame that the browser paints.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

/// Calls `on_frame` with the time since the page was opened [ms] before every frame, for as long as the page lives.
pub fn forever(mut on_frame: impl FnMut(f64) + 'static) {
    let keep: Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>> = Rc::default();
    let again = Rc::clone(&keep);
    *keep.borrow_mut() = Some(Closure::new(move |now_ms| {
        on_frame(now_ms);
        request(again.borrow().as_ref());
    }));
    request(keep.borrow().as_ref());
}

fn request(closure: Option<&Closure<dyn FnMut(f64)>>) {
    if let (Some(window), Some(closure)) = (web_sys::window(), closure) {
        // Refused only by a document that is going away.
        let _ = window.request_animation_frame(closure.as_ref().unchecked_ref());
    }
}
