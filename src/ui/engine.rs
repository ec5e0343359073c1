//! The running simulation as the page sees it: the newest snapshot, and commands.
//!
//! Frames from the engine are not signals. The canvas reads the newest one in its own loop; [`Engine::tick`] tells
//! readers a few times a second that it is time to look again.

use std::rc::Rc;

use leptos::prelude::*;

use crate::bridge::message::ToEngine;
use crate::design::script::Action;
use crate::sim::snapshot::Snapshot;

/// Handle to the running simulation.
#[derive(Clone, Copy)]
pub struct Engine {
    latest: StoredValue<Rc<Snapshot>, LocalStorage>,
    /// Counts up whenever readers should look at the newest snapshot again, about five times a second.
    pub tick: RwSignal<u64>,
    /// Whether the run is going on.
    pub playing: RwSignal<bool>,
    /// Simulated seconds per real second that the person wants.
    pub speed: RwSignal<f64>,
    /// Simulated seconds per real second reached lately.
    pub speed_reached: RwSignal<f64>,
    /// A failure that ended the run, in words.
    pub failure: RwSignal<Option<String>>,
    post: StoredValue<Rc<dyn Fn(&ToEngine)>, LocalStorage>,
}

impl Engine {
    /// The newest snapshot, untracked; read [`Engine::tick`] to be called again.
    pub fn latest(self) -> Rc<Snapshot> {
        self.latest.get_value()
    }

    /// Sends a message to the worker.
    pub fn post(self, message: &ToEngine) {
        self.post.with_value(|post| post(message));
    }

    /// Does something to the running system now.
    pub fn act(self, action: Action) {
        self.post(&ToEngine::Act(action));
    }
}

/// The engine that the page provided.
pub fn use_engine() -> Engine {
    expect_context()
}
