//! One frame of the picture: takes in what the engine told last, paints what has changed, moves the dots.

use std::rc::Rc;

use leptos::prelude::*;

use super::dots::DotPainter;
use super::paint::Sight;
use super::picture::Picture;
use super::stage::{Diagram, Stage};
use crate::editor::gesture::Board;
use crate::embed::params::Access;
use crate::geometry::Point;
use crate::learn::shelf::Pinned;
use crate::scene::figures::HISTORY_SECS;
use crate::scene::{Marks, View};
use crate::sim::snapshot::Snapshot;
use crate::units::SimDuration;
use crate::web;

/// Time that one frame may take, as far as that can be chosen [ms].
pub const FRAME_MS: f64 = 5.0;
/// Machines of a drawing whose figures are quickly read.
const FEW_MACHINES: usize = 64;
/// Snapshots of a large drawing whose requests may be taken in later than they came.
const BEHIND_MAX: usize = 2;
/// Least time from one reading of the figures of more machines to the next [ms].
const READ_EVERY_MS: f64 = 100.0;

impl Diagram {
    /// One frame: takes in the newest snapshot, paints what has changed. Whether another frame is needed.
    pub fn frame(self, now_ms: f64) -> bool {
        // The page may be on its way out.
        let Some(is_still) = self.is_still.try_get_untracked() else { return false };
        let latest = self.engine.latest();
        let is_playing = self.engine.playing.get_untracked();
        let until_ms = web::now_ms() + FRAME_MS - self.stage.with_value(|stage| stage.dots_ms);
        self.stage.update_value(|stage| {
            if stage.seen.as_ref().is_none_or(|seen| !Rc::ptr_eq(seen, &latest)) {
                stage.is_unread = true;
                stage.coming.push_back(Rc::clone(&latest));
                stage.seen = Some(Rc::clone(&latest));
            }
            let is_large = latest.stations.len() > FEW_MACHINES;
            // In slow motion snapshots come with each frame or two, and hardly differ.
            let may_wait = is_large && latest.log.is_empty() && latest.samples.is_empty();
            let is_read = stage.is_unread && !(may_wait && now_ms - stage.read_ms < READ_EVERY_MS);
            if is_read {
                (stage.is_unread, stage.read_ms) = (false, now_ms);
                self.read_figures(stage, &latest);
            }
            // Each of the two takes its time with a large drawing: one a frame, unless requests would fall behind.
            let put_off = if is_read && is_large { BEHIND_MAX } else { 0 };
            while stage.coming.len() > put_off {
                let Some(snapshot) = stage.coming.pop_front() else { break };
                if !is_still {
                    let (layout, replay) = (&stage.layout, &mut stage.replay);
                    self.editor.design().with_untracked(|design| replay.take_in(&snapshot, design, layout, now_ms));
                }
            }
        });
        let is_flying = self.stage.with_value(|stage| stage.hold).is_some_and(|hold| (hold.fly)(self, now_ms));
        let is_busy = |stage: &Stage| stage.is_stale || stage.picture.as_ref().is_some_and(Picture::is_busy);
        let is_unread = self.stage.with_value(|stage| stage.is_unread || !stage.coming.is_empty());
        if self.stage.with_value(is_busy) {
            self.paint(until_ms);
        }
        let dots_from_ms = web::now_ms();
        let is_moving = self.move_dots(now_ms, is_playing, is_still);
        self.stage.update_value(|stage| stage.dots_ms = web::now_ms() - dots_from_ms);
        is_playing || is_moving || is_flying || is_unread || self.stage.with_value(is_busy)
    }

    /// Reads the figures of the snapshot that came last.
    fn read_figures(self, stage: &mut Stage, latest: &Snapshot) {
        let figures = &mut stage.figures;
        self.editor.design().with_untracked(|design| figures.observe(latest, design));
        if latest.now < self.engine.reach.with_untracked(|reach| reach.live) {
            // The engine does not tell again what led up to an earlier moment.
            let since = latest.now - SimDuration::from_secs_f64(HISTORY_SECS);
            self.engine.with_series(|series| {
                let points = series.between(since, latest.now);
                figures
                    .recall(points.map(|point| (point.sample.at.as_secs_f64(), point.sample.utilisation.as_slice())));
            });
        }
    }

    /// Paints cards, links and marks, or goes on with them until `until_ms`.
    pub fn paint(self, until_ms: f64) {
        let (Some(camera), Some(theme)) = (self.camera.try_get_untracked(), self.theme.try_get_untracked()) else {
            return;
        };
        let Some(canvas) = self.base.get_untracked() else { return };
        self.stage.update_value(|stage| {
            if stage.picture.is_none() {
                stage.picture = Picture::new(canvas);
                web::mark("headroom-picture");
            }
            let Some(mut picture) = stage.picture.take() else { return };
            let has_grid = self.has_grid.get_untracked();
            let sight = Sight { camera, size: stage.size, ratio: stage.ratio, theme, has_grid };
            self.editor.design().with_untracked(|design| {
                self.editor.selection.with_untracked(|selection| {
                    let is_locked = self.editor.access() != Access::Edit;
                    let board = Board { design, layout: &stage.layout, selection, camera, is_locked };
                    let marks = stage.hold.map_or_else(Marks::default, |hold| (hold.marks)(stage, &board));
                    let view = View {
                        design,
                        layout: &stage.layout,
                        figures: &stage.figures,
                        selection,
                        marks: &marks,
                        zoom: camera.zoom,
                        visible: sight.visible(),
                        is_still: self.is_still.get_untracked(),
                    };
                    let in_pieces = stage.hold.map(|hold| hold.in_pieces);
                    stage.is_stale = picture.advance(in_pieces, &view, sight, stage.is_stale, until_ms);
                });
            });
            stage.picture = Some(picture);
            if let Some(overlay) = self.overlay.get_untracked() {
                // For whoever measures or tests the page.
                let _ = overlay.set_attribute("data-dots", &stage.replay.dots().len().to_string());
            }
        });
    }

    /// Paints the requests under way where they are now. Whether any are.
    fn move_dots(self, now_ms: f64, is_playing: bool, is_still: bool) -> bool {
        let Some(canvas) = self.overlay.get_untracked() else { return false };
        let (camera, theme) = (self.camera.get_untracked(), self.theme.get_untracked());
        let speed = self.engine.speed.get_untracked();
        let pinned = self.engine.pinned.with_untracked(|pinned| pinned.as_ref().map(Pinned::request));
        let legend = self.stage.try_update_value(|stage| {
            if stage.dots.is_none() {
                stage.dots = DotPainter::new(&canvas);
            }
            if is_still {
                stage.replay.clear();
            }
            stage.replay.advance(now_ms, is_playing, &stage.layout);
            if let Some(dots) = &mut stage.dots {
                let sight = Sight { camera, size: stage.size, ratio: stage.ratio, theme, has_grid: false };
                dots.paint(stage.hold.map(|hold| hold.crowd), stage.replay.dots(), sight);
                if let Some(request) = pinned {
                    dots.ring(stage.replay.places_of(request, &stage.layout), camera, theme);
                }
            }
            (stage.replay.legend(speed), stage.replay.is_moving(now_ms, is_playing), !stage.replay.dots().is_empty())
        });
        let Some((legend, is_moving, has_dots)) = legend else { return false };
        if has_dots && !self.has_moved.get_untracked() {
            web::mark("headroom-dot");
            self.has_moved.set(true);
        }
        if self.legend.get_untracked() != legend {
            self.legend.set(legend);
        }
        is_moving
    }
}

/// Dots whose middle is so near to the pointer are meant by it [px].
const DOT_REACH: f64 = 9.0;
/// A press that moves further is no click on a dot [px].
const CLICK_REACH: f64 = 4.0;

impl Diagram {
    /// Notes the dot that is pressed: by the time that it is let go it has moved on.
    pub fn press_dot(self, at: Point) {
        let camera = self.camera.get_untracked();
        self.stage.update_value(|stage| {
            let (place, reach) = (camera.world_from_screen(at), DOT_REACH / camera.zoom);
            stage.pressed_dot = stage.replay.request_near(place, reach, &stage.layout).map(|request| (request, at));
        });
    }

    /// Looks at the request of the dot that has been pressed, if this is a click.
    pub fn release_dot(self, at: Point) {
        let pressed = self.stage.try_update_value(|stage| stage.pressed_dot.take()).flatten();
        if let Some((request, _)) = pressed.filter(|(_, pressed_at)| pressed_at.distance(at) <= CLICK_REACH) {
            self.engine.pick(request);
        }
    }
}
