//! A frame loop on demand: runs while there is something to paint, and rests when nothing changes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

/// Handle to a loop; copies share it. The loop ends with the last handle.
#[derive(Clone)]
pub struct FrameLoop(Rc<Inner>);

/// What the browser calls before a frame, with its time [ms].
type OnFrame = Closure<dyn FnMut(f64)>;

struct Inner {
    /// One closure, given to the browser again and again; `None` only while it is being made.
    closure: RefCell<Option<OnFrame>>,
    /// The frame that has been asked for.
    asked: Cell<Option<i32>>,
}

impl FrameLoop {
    /// A loop that calls `paint` with the time since the page was opened [ms] before a frame that was asked for, and
    /// goes on for as long as `paint` says so.
    pub fn new(mut paint: impl FnMut(f64) -> bool + 'static) -> Self {
        let inner = Rc::new(Inner { closure: RefCell::new(None), asked: Cell::new(None) });
        let weak = Rc::downgrade(&inner);
        let closure = Closure::new(move |now_ms| {
            let Some(inner) = weak.upgrade() else { return };
            inner.asked.set(None);
            if paint(now_ms) {
                Self(inner).ask();
            }
        });
        inner.closure.replace(Some(closure));
        Self(inner)
    }

    /// Asks for a frame; does nothing if one has been asked for.
    pub fn ask(&self) {
        let inner = &*self.0;
        if inner.asked.get().is_some() {
            return;
        }
        let closure = inner.closure.borrow();
        let (Some(window), Some(closure)) = (web_sys::window(), closure.as_ref()) else { return };
        // Refused only by a document that is going away.
        inner.asked.set(window.request_animation_frame(closure.as_ref().unchecked_ref()).ok());
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let (Some(window), Some(frame)) = (web_sys::window(), self.asked.get()) {
            // Refused only by a document that is going away.
            let _ = window.cancel_animation_frame(frame);
        }
    }
}
