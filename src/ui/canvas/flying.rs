//! Parts on their way to their places after one drawing has grown into another; see [`crate::scene::flight`].

use leptos::prelude::*;

use super::stage::Diagram;
use crate::design::Design;
use crate::geometry::Point;
use crate::scene::flight::{FLIGHT_MS, Flight};
use crate::scene::{Camera, Layout};

/// A flight under way.
pub struct Flying {
    flight: Flight,
    /// When its first frame was painted [ms].
    since_ms: Option<f64>,
    /// What was looked at before, and what will be.
    cameras: (Camera, Camera),
}

impl Diagram {
    /// Lets the parts of the drawing set out from where they were in `before`, which `camera` looked at.
    pub fn take_off(self, before: &Design, camera: Camera) {
        let flight = self.editor.design().with_untracked(|after| Flight::between(before, after));
        let Some(flight) = flight else { return };
        let cameras = (camera, self.camera.get_untracked());
        self.stage.update_value(|stage| stage.flying = Some(Flying { flight, since_ms: None, cameras }));
    }

    /// Moves the parts that are on their way. Whether any still are.
    pub fn fly(self, now_ms: f64) -> bool {
        let camera = self.stage.try_update_value(|stage| {
            let flying = stage.flying.as_mut()?;
            let since_ms = *flying.since_ms.get_or_insert(now_ms);
            let share = ((now_ms - since_ms) / FLIGHT_MS).min(1.0);
            let (from, to) = flying.cameras;
            stage.layout = self.editor.design().with_untracked(|design| {
                if share < 1.0 { Layout::of(&flying.flight.at(design, share)) } else { Layout::of(design) }
            });
            stage.is_stale = true;
            if share < 1.0 {
                return Some((between(from, to, share), true));
            }
            stage.flying = None;
            Some((to, false))
        });
        let Some((camera, is_flying)) = camera.flatten() else { return false };
        self.camera.set(camera);
        is_flying
    }
}

/// The view when `share` of the way from one to the other is done.
fn between(from: Camera, to: Camera, share: f64) -> Camera {
    let done = 1.0 - libm::pow(1.0 - share, 3.0);
    let mix = |from: f64, to: f64| from + (to - from) * done;
    Camera {
        origin: Point::new(mix(from.origin.x, to.origin.x), mix(from.origin.y, to.origin.y)),
        zoom: from.zoom * libm::pow(to.zoom / from.zoom, done),
    }
}
