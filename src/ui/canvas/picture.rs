//! The picture of frames, links and cards on its canvas. What is quickly painted is painted in one go. A large drawing is
//! painted over several frames on a canvas that is not seen, so that none of them takes long; meanwhile the last whole
//! picture is shown, moved along with the camera, and on it what the person has in hand as it is now.

use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use super::paint::{Painter, Sight};
use crate::scene::{Camera, Item, Marks, Shape, View, items, list};
use crate::web;

/// What takes no longer than this is painted in one go [ms].
const AT_ONCE_MS: f64 = 4.0;
/// Things that are painted between two looks at the clock.
const BETWEEN_LOOKS: usize = 2;
/// Most selected things that are painted anew on the picture that is shown.
const MOST_IN_HAND: usize = 24;

/// The canvas with the picture, and what is being painted out of sight.
pub struct Picture {
    front: Layer,
    hidden: Option<Hidden>,
    shapes: Vec<Shape>,
    /// What the last whole picture took to paint [ms].
    cost_ms: f64,
    /// From where the picture that is shown was painted.
    camera: Camera,
}

/// Canvases that are not seen.
struct Hidden {
    whole: Layer,
    /// From where it was painted.
    camera: Camera,
    next: Layer,
    job: Option<Job>,
}

/// A canvas and what paints on it.
struct Layer {
    canvas: HtmlCanvasElement,
    painter: Painter,
}

/// A picture that is being painted.
struct Job {
    sight: Sight,
    left: std::vec::IntoIter<Item>,
    spent_ms: f64,
}

impl Picture {
    /// A picture on `canvas`; `None` if the browser gives it no context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let front = Layer { painter: Painter::new(&canvas)?, canvas };
        Some(Self { front, hidden: None, shapes: Vec::new(), cost_ms: 0.0, camera: Camera::default() })
    }

    /// Whether it needs another frame.
    pub fn is_busy(&self) -> bool {
        self.hidden.as_ref().is_some_and(|hidden| hidden.job.is_some())
    }

    /// Paints `view`, or goes on with it until `until_ms`. `is_stale` says whether something has changed since the last
    /// call. Returns whether there is a change that is not even being painted.
    pub fn advance(&mut self, view: &View<'_>, sight: Sight, is_stale: bool, until_ms: f64) -> bool {
        if !is_stale && !self.is_busy() {
            return false;
        }
        let was_busy = self.is_busy();
        let start_ms = web::now_ms();
        if !was_busy && (self.cost_ms <= AT_ONCE_MS || self.begin(view, sight).is_none()) {
            self.paint_at_once(view, sight);
            return false;
        }
        let is_done = self.go_on(view, start_ms, until_ms);
        if is_stale || is_done {
            self.show(view, sight);
        }
        is_stale && was_busy
    }

    fn paint_at_once(&mut self, view: &View<'_>, sight: Sight) {
        let start_ms = web::now_ms();
        self.hidden = None;
        self.front.painter.begin(sight);
        for item in items(view.design) {
            self.front.add(view, item, &mut self.shapes, sight);
        }
        self.camera = sight.camera;
        self.cost_ms = web::now_ms() - start_ms;
    }

    /// Begins another picture out of sight; `None` if the browser gives no canvas for it.
    fn begin(&mut self, view: &View<'_>, sight: Sight) -> Option<()> {
        if self.hidden.is_none() {
            let mut whole = Layer::new()?;
            whole.fit(&self.front.canvas);
            let as_it_is = Sight { camera: self.camera, ..sight };
            whole.painter.show(&self.front.canvas, self.camera, as_it_is);
            self.hidden = Some(Hidden { whole, camera: self.camera, next: Layer::new()?, job: None });
        }
        let hidden = self.hidden.as_mut()?;
        hidden.next.fit(&self.front.canvas);
        hidden.next.painter.begin(sight);
        hidden.job = Some(Job { sight, left: items(view.design).into_iter(), spent_ms: 0.0 });
        Some(())
    }

    /// Paints until `until_ms`, a little at least; what has been done since `start_ms` counts. Whether the picture has
    /// become whole by that.
    fn go_on(&mut self, view: &View<'_>, start_ms: f64, until_ms: f64) -> bool {
        let Some(hidden) = &mut self.hidden else { return false };
        let Some(job) = &mut hidden.job else { return false };
        let sight = job.sight;
        // What is under the pointer may be something else before the picture is seen.
        let marks = Marks { hovered_component: None, hovered_link: None, hovered_frame: None, ..view.marks.clone() };
        let view = View { marks: &marks, zoom: sight.camera.zoom, visible: sight.visible(), ..*view };
        let mut now_ms = start_ms;
        while !job.left.as_slice().is_empty() {
            for item in job.left.by_ref().take(BETWEEN_LOOKS).filter(|item| *item != Item::Marks) {
                hidden.next.add(&view, item, &mut self.shapes, sight);
            }
            now_ms = web::now_ms();
            if now_ms >= until_ms {
                break;
            }
        }
        job.spent_ms += now_ms - start_ms;
        if !job.left.as_slice().is_empty() {
            return false;
        }
        self.cost_ms = job.spent_ms;
        hidden.camera = sight.camera;
        hidden.job = None;
        core::mem::swap(&mut hidden.whole, &mut hidden.next);
        true
    }

    /// Shows the last whole picture, and on it what the person has in hand.
    fn show(&mut self, view: &View<'_>, sight: Sight) {
        let Some(hidden) = &self.hidden else { return };
        self.front.painter.show(&hidden.whole.canvas, hidden.camera, sight);
        self.camera = sight.camera;
        let (marks, selection) = (view.marks, view.selection);
        if selection.count() <= MOST_IN_HAND {
            let links = selection.links.iter().copied().map(Item::Link);
            for item in links.chain(selection.components.iter().copied().map(Item::Component)) {
                self.front.add(view, item, &mut self.shapes, sight);
            }
        }
        let hovered = [marks.hovered_link.map(Item::Link), marks.hovered_component.map(Item::Component)];
        for item in hovered.into_iter().flatten().chain([Item::Marks]) {
            self.front.add(view, item, &mut self.shapes, sight);
        }
    }
}

impl Layer {
    /// A canvas that is not part of the page.
    fn new() -> Option<Self> {
        let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
        Some(Self { painter: Painter::new(&canvas)?, canvas })
    }

    /// Takes the extent of another canvas.
    fn fit(&mut self, other: &HtmlCanvasElement) {
        // Setting it, even to the same, empties a canvas.
        if (self.canvas.width(), self.canvas.height()) != (other.width(), other.height()) {
            self.canvas.set_width(other.width());
            self.canvas.set_height(other.height());
        }
    }

    /// Paints one thing above what is there.
    fn add(&mut self, view: &View<'_>, item: Item, shapes: &mut Vec<Shape>, sight: Sight) {
        shapes.clear();
        list(view, item, shapes);
        self.painter.add(shapes, sight.theme);
    }
}
