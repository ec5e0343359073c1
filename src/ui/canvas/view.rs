//! Which part of the drawing is seen: fitting, panning, zooming, bringing something into view.

use leptos::prelude::*;

use super::stage::Diagram;
use crate::geometry::{Point, Rect};
use crate::ids::ComponentId;
use crate::scene::Camera;

/// Room left around the drawing when all of it is shown [pixels].
const FIT_MARGIN: f64 = 48.0;
/// Room for the buttons at the right edge and for the legend below, where the view is wide enough to spare it [pixels].
const BESIDE: (f64, f64) = (32.0, 24.0);
/// Width from which a view spares that room [pixels].
const WIDE: f64 = 700.0;

impl Diagram {
    /// Shows the whole drawing.
    pub fn fit(self) {
        let camera = self.stage.with_value(|stage| {
            let (width, height) = stage.size;
            let bounds = stage.layout.bounds().unwrap_or_else(|| Rect::centred(Point::default(), 400.0, 300.0));
            // On a small screen every pixel counts.
            let margin = FIT_MARGIN.min(width.min(height) * 0.06);
            // Figures stand below the cards.
            let beside = if width >= WIDE { BESIDE } else { (0.0, 0.0) };
            let bounds = Rect { height: bounds.height + 20.0, ..bounds };
            Camera::fit(bounds, width - beside.0, height - beside.1, margin)
        });
        self.stage.update_value(|stage| stage.is_camera_chosen = false);
        self.camera.set(camera);
        self.refresh();
    }

    /// Shows the whole drawing, or what a link has asked for.
    pub fn fit_or_look(self) {
        let (width, height) = self.stage.with_value(|stage| stage.size);
        // Before the view has an extent it has no middle either.
        let wanted = if width > 0.0 { self.editor.take_wanted_sight() } else { None };
        match wanted {
            Some(sight) => self.look(Camera::centred(sight.centre, sight.zoom, width, height)),
            None => self.fit(),
        }
    }

    /// Looks at another part of the drawing, as the person wants.
    pub fn look(self, camera: Camera) {
        self.keep_camera();
        self.camera.set(camera);
        self.refresh();
    }

    /// Keeps looking at what is seen now, as the person does who changes the drawing.
    pub fn keep_camera(self) {
        self.stage.update_value(|stage| stage.is_camera_chosen = true);
    }

    /// Magnifies around `at` [pixels], or around the middle.
    pub fn zoom(self, factor: f64, at: Option<Point>) {
        let (width, height) = self.stage.with_value(|stage| stage.size);
        let at = at.unwrap_or_else(|| Point::new(width / 2.0, height / 2.0));
        self.look(self.camera.get_untracked().zoomed_at(at, factor));
    }

    /// Moves the view so that a component can be seen.
    pub fn reveal(self, id: ComponentId) {
        let camera = self.camera.get_untracked();
        let revealed = self.stage.with_value(|stage| {
            let area = stage.layout.cards.get(&id)?;
            Some(camera.revealing(*area, stage.size.0, stage.size.1, 24.0))
        });
        if let Some(revealed) = revealed.filter(|&revealed| revealed != camera) {
            self.look(revealed);
        }
    }
}
