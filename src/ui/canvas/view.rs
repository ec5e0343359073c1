//! Which part of the drawing is seen: fitting, panning, zooming, bringing something into view.

use leptos::prelude::*;

use super::minimap;
use super::stage::Diagram;
use crate::geometry::{Point, Rect};
use crate::ids::ComponentId;
use crate::scene::Camera;

/// Room left around the drawing when all of it is shown [pixels].
const FIT_MARGIN: f64 = 48.0;
/// Magnification at which cards still say enough to go on drawing.
const READABLE: f64 = 0.55;
/// Height of the strip at the lower edge where buttons and legend stand [pixels].
const STRIP: f64 = 56.0;
/// Height of a view up to which neither buttons nor legend stand in it, as the style sheet has it [pixels].
const LOW: f64 = 200.0;
/// Height of the strip at the upper edge where a hint stands while there is one [pixels].
const HINT_STRIP: f64 = 36.0;
/// Height of a view from which on it has room for that strip [pixels].
const TALL: f64 = 260.0;

impl Diagram {
    /// Keeps a strip at the upper edge free for a hint, or no longer.
    pub fn make_room_above(self, has_hint: bool) {
        self.stage.update_value(|stage| stage.has_hint = has_hint);
        if !self.stage.with_value(|stage| stage.is_camera_chosen) {
            self.fit_or_look();
        }
    }

    /// Shows the whole drawing.
    pub fn fit(self) {
        let bounds = self.stage.with_value(|stage| stage.layout.bounds());
        let camera = self.camera_for(bounds.unwrap_or_else(|| Rect::centred(Point::default(), 400.0, 300.0)));
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

    /// The view that shows `bounds` as large as it goes, above the strip where buttons and legend stand.
    pub fn camera_for(self, bounds: Rect) -> Camera {
        let ((width, height), has_hint) = self.stage.with_value(|stage| (stage.size, stage.has_hint));
        // On a small screen every pixel counts.
        let margin = FIT_MARGIN.min(width.min(height) * 0.06);
        let above = if has_hint && height >= TALL { HINT_STRIP } else { 0.0 };
        // Figures stand below the cards.
        let bounds = Rect { height: bounds.height + 20.0, ..bounds };
        let strip = if height < LOW { margin } else { STRIP };
        Camera::fit(bounds, width, height - above - strip + margin, margin).panned(0.0, above)
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

    /// Moves the view so that components can be seen, clear of buttons, legend and map.
    pub fn reveal(self, ids: &[ComponentId]) {
        if let Some(camera) = self.revealing(ids) {
            self.look(camera);
        }
    }

    /// Shows components that are new: with the whole drawing around them if that can still be read.
    pub fn reveal_new(self, ids: &[ComponentId]) {
        let Some(near) = self.revealing(ids) else { return };
        let bounds = self.stage.with_value(|stage| stage.layout.bounds()).unwrap_or_default();
        let whole = self.camera_for(bounds);
        self.look(if whole.zoom >= READABLE { whole } else { near });
    }

    /// The view that shows these components; `None` if it does already.
    fn revealing(self, ids: &[ComponentId]) -> Option<Camera> {
        let camera = self.camera.get_untracked();
        let revealed = self.stage.with_value(|stage| {
            let cards = ids.iter().filter_map(|id| stage.layout.cards.get(id).copied());
            let area = cards.reduce(Rect::union)?;
            let (width, height) = (stage.size.0, stage.size.1 - STRIP);
            let revealed = camera.revealing(area, width, height, 24.0);
            let corner = revealed.screen_from_world(Point::new(area.right(), area.bottom()));
            let (map_left, map_top) = minimap::corner(stage.size);
            let is_covered = revealed != camera && corner.x > map_left && corner.y > map_top;
            Some(if is_covered { revealed.panned(map_left - corner.x - 12.0, 0.0) } else { revealed })
        });
        revealed.filter(|&revealed| revealed != camera)
    }
}
