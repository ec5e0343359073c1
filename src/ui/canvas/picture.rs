//! The picture of frames, links and cards on its canvas. What is quickly painted is painted in one go. A large drawing is
//! painted over several frames, so that none of them takes long: once as a whole, on a canvas that is not seen, and then
//! card by card, only those that look different. While a whole is being painted the last one is shown, moved along with
//! the camera, and on it what the person has in hand as it is now.

use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use super::paint::{Painter, Sight};
use crate::geometry::Rect;
use crate::scene::{Item, Marks, Shape, View, items, list, look};
use crate::web;

/// What takes no longer than this is painted in one go [ms].
const AT_ONCE_MS: f64 = 4.0;
/// Things that are painted between two looks at the clock.
const BETWEEN_LOOKS: usize = 2;
/// Things that look as they did count for so much less.
const SAME: usize = 8;
/// Most selected things that are painted anew on the picture that is shown.
const MOST_IN_HAND: usize = 24;
/// After so many rounds of cards the whole is painted anew: browsers may lose what is on a canvas.
const ROUNDS: u32 = 300;

/// The canvas with the picture, and what is being painted out of sight.
pub struct Picture {
    front: Layer,
    hidden: Option<Hidden>,
    shapes: Vec<Shape>,
    /// What the last whole picture took to paint [ms].
    cost_ms: f64,
    /// How the picture that is shown was painted.
    sight: Option<Sight>,
}

/// What paints a drawing that is not painted in one go.
pub type InPieces = fn(&mut Picture, &View<'_>, Sight, bool, f64) -> bool;

/// Canvases that are not seen, and what is known of them.
struct Hidden {
    /// The last whole picture, unless that is the one that is shown.
    whole: Layer,
    /// How it was painted.
    sight: Sight,
    /// Whether the whole picture is shown, and nothing on it: then that one is kept up to date.
    is_bare: bool,
    /// The whole picture without the cards.
    ground: Layer,
    /// The whole picture to come.
    next: Layer,
    /// What is in the whole picture, back to front, as it was painted last.
    painted: Vec<Painted>,
    /// Rounds of cards since the whole was painted.
    rounds: u32,
    job: Option<Job>,
}

/// One thing in a picture.
struct Painted {
    item: Item,
    /// How it looks; see [`look::digest`].
    digest: u64,
    /// What it covers, if it is a card.
    area: Option<Rect>,
}

/// A canvas and what paints on it.
struct Layer {
    canvas: HtmlCanvasElement,
    painter: Painter,
}

/// A picture that is being painted, or brought up to date.
struct Job {
    sight: Sight,
    /// Whether everything is painted anew, and not only cards that look different.
    is_whole: bool,
    /// The place in [`Hidden::painted`] that it has come to.
    place: usize,
    spent_ms: f64,
}

impl Picture {
    /// A picture on `canvas`; `None` if the browser gives it no context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let front = Layer { painter: Painter::new(&canvas)?, canvas };
        Some(Self { front, hidden: None, shapes: Vec::new(), cost_ms: 0.0, sight: None })
    }

    /// Whether it needs another frame.
    pub fn is_busy(&self) -> bool {
        self.hidden.as_ref().is_some_and(|hidden| hidden.job.is_some())
    }

    /// Notes that the canvas has been wiped.
    pub fn forget(&mut self) {
        if let Some(hidden) = &mut self.hidden {
            hidden.painted.clear();
            hidden.job = None;
            hidden.is_bare = false;
        }
    }

    /// Paints `view`, or goes on with it until `until_ms`. `is_stale` says whether something has changed since the last
    /// call. Returns whether there is a change that is not even being painted.
    ///
    /// Large drawings are painted by `in_pieces`, which is [`Picture::advance_in_pieces`]: as long as the page is without
    /// it, everything is painted in one go.
    pub fn advance(
        &mut self,
        in_pieces: Option<InPieces>,
        view: &View<'_>,
        sight: Sight,
        is_stale: bool,
        until_ms: f64,
    ) -> bool {
        match in_pieces.filter(|_| self.is_busy() || self.cost_ms > AT_ONCE_MS) {
            Some(in_pieces) => in_pieces(self, view, sight, is_stale, until_ms),
            None => {
                if is_stale {
                    self.paint_at_once(view, sight);
                }
                false
            }
        }
    }

    /// The same for a drawing that is not painted in one go.
    pub fn advance_in_pieces(&mut self, view: &View<'_>, sight: Sight, is_stale: bool, until_ms: f64) -> bool {
        let was_busy = self.is_busy();
        if !is_stale && !was_busy {
            return false;
        }
        let start_ms = web::now_ms();
        if !was_busy && self.begin(view, sight).is_none() {
            self.paint_at_once(view, sight);
            return false;
        }
        self.keep_unless(|hidden| hidden.sight == sight && !has_in_hand(view));
        let is_other = self.go_on(view, start_ms, until_ms);
        let is_bare = self.hidden.as_ref().is_some_and(|hidden| hidden.is_bare);
        if !is_bare && (is_stale || is_other) {
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
        self.sight = Some(sight);
        self.cost_ms = web::now_ms() - start_ms;
    }

    /// Begins to bring the picture up to date: its cards if everything else is as it was, else another one out of sight.
    /// `None` if the browser gives no canvas for it.
    fn begin(&mut self, view: &View<'_>, sight: Sight) -> Option<()> {
        if self.hidden.is_none() {
            let as_it_is = self.sight.unwrap_or(sight);
            let mut whole = Layer::new()?;
            whole.take(&self.front, as_it_is);
            self.hidden = Some(Hidden {
                whole,
                sight: as_it_is,
                is_bare: false,
                ground: Layer::new()?,
                next: Layer::new()?,
                painted: Vec::new(),
                rounds: 0,
                job: None,
            });
        }
        let mut things = items(view.design);
        // They are only ever on the picture that is shown.
        things.retain(|item| *item != Item::Marks);
        let hidden = self.hidden.as_ref()?;
        let is_as_it_was =
            hidden.sight == sight && things.iter().eq(hidden.painted.iter().map(|painted| &painted.item));
        if is_as_it_was && hidden.rounds < ROUNDS {
            let hidden = self.hidden.as_mut()?;
            hidden.rounds += 1;
            hidden.job = Some(Job { sight, is_whole: false, place: 0, spent_ms: 0.0 });
        } else {
            self.begin_whole(things, sight);
        }
        Some(())
    }

    /// Begins another picture of these things out of sight.
    fn begin_whole(&mut self, things: Vec<Item>, sight: Sight) {
        self.keep_unless(|_| false);
        let Some(hidden) = &mut self.hidden else { return };
        hidden.next.fit(&self.front.canvas);
        hidden.next.painter.begin(sight);
        hidden.painted = things.into_iter().map(|item| Painted { item, digest: 0, area: None }).collect();
        hidden.rounds = 0;
        hidden.job = Some(Job { sight, is_whole: true, place: 0, spent_ms: 0.0 });
    }

    /// Keeps the whole picture out of sight from now on, if it is the one that is shown and not `may_stay`.
    fn keep_unless(&mut self, may_stay: impl FnOnce(&Hidden) -> bool) {
        if let Some(hidden) = self.hidden.as_mut().filter(|hidden| hidden.is_bare && !may_stay(hidden)) {
            hidden.whole.take(&self.front, hidden.sight);
            hidden.is_bare = false;
        }
    }

    /// Paints until `until_ms`, a little at least; what has been done since `start_ms` counts. Whether the whole picture
    /// is another one by that.
    fn go_on(&mut self, view: &View<'_>, start_ms: f64, until_ms: f64) -> bool {
        let Some(hidden) = &mut self.hidden else { return false };
        let Some(mut job) = hidden.job.take() else { return false };
        let sight = job.sight;
        // What is under the pointer may be something else before the picture is seen.
        let marks = Marks { hovered_component: None, hovered_link: None, hovered_frame: None, ..view.marks.clone() };
        let view = View { marks: &marks, zoom: sight.camera.zoom, visible: sight.visible(), ..*view };
        let (mut now_ms, mut is_other, mut effort) = (start_ms, false, 0);
        while let Some(&Painted { item, digest, .. }) = hidden.painted.get(job.place) {
            let place = job.place;
            job.place += 1;
            if job.is_whole {
                hidden.paint(&view, place, &mut self.shapes, sight);
                effort += SAME;
            } else if digest_of(&view, item, &mut self.shapes, sight) == digest {
                effort += 1;
            } else if is_card(item) {
                hidden.replace(&mut self.front, &view, place, &mut self.shapes, sight);
                is_other = true;
                effort += SAME;
            } else {
                // What cards stand on looks different.
                let things = hidden.painted.iter().map(|painted| painted.item).collect();
                self.begin_whole(things, sight);
                return is_other;
            }
            if effort >= BETWEEN_LOOKS * SAME {
                effort = 0;
                now_ms = web::now_ms();
                if now_ms >= until_ms {
                    break;
                }
            }
        }
        job.spent_ms += now_ms - start_ms;
        if job.place < hidden.painted.len() {
            hidden.job = Some(job);
        } else if job.is_whole {
            core::mem::swap(&mut hidden.whole, &mut hidden.next);
            (hidden.sight, hidden.is_bare) = (sight, false);
            self.cost_ms = job.spent_ms;
            is_other = true;
        }
        is_other
    }

    /// Shows the last whole picture, and on it what the person has in hand.
    fn show(&mut self, view: &View<'_>, sight: Sight) {
        let Some(hidden) = &mut self.hidden else { return };
        self.front.painter.show(&hidden.whole.canvas, hidden.sight, sight);
        self.sight = Some(sight);
        hidden.is_bare = hidden.sight == sight && !has_in_hand(view);
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

/// Whether there is anything to be seen on the whole picture.
fn has_in_hand(view: &View<'_>) -> bool {
    !view.selection.is_empty() || *view.marks != Marks::default()
}

const fn is_card(item: Item) -> bool {
    matches!(item, Item::Component(_))
}

/// How one thing looks, with its shapes in `shapes`.
fn digest_of(view: &View<'_>, item: Item, shapes: &mut Vec<Shape>, sight: Sight) -> u64 {
    shapes.clear();
    list(view, item, shapes);
    look::digest(shapes, sight.ratio * sight.camera.zoom)
}

impl Hidden {
    /// Paints one thing of the whole picture to come.
    fn paint(&mut self, view: &View<'_>, place: usize, shapes: &mut Vec<Shape>, sight: Sight) {
        let item = self.painted[place].item;
        let is_first_card = is_card(item) && (place == 0 || !is_card(self.painted[place - 1].item));
        if is_first_card {
            self.ground.take(&self.next, sight);
        }
        let digest = digest_of(view, item, shapes, sight);
        let area = if is_card(item) { look::area(shapes) } else { None };
        self.painted[place] = Painted { item, digest, area };
        self.next.painter.add(shapes, sight.theme);
    }

    /// Paints a card anew, whose shapes stand in `shapes`, in the whole picture, which is the one that is shown if that is
    /// bare; and with it other cards where they overlap.
    fn replace(&mut self, front: &mut Layer, view: &View<'_>, place: usize, shapes: &mut Vec<Shape>, sight: Sight) {
        let Painted { item, area: before, .. } = self.painted[place];
        let (digest, now) = (look::digest(shapes, sight.ratio * sight.camera.zoom), look::area(shapes));
        self.painted[place] = Painted { item, digest, area: now };
        let Some(area) = [before, now].into_iter().flatten().reduce(Rect::union) else { return };
        // Whole pixels are painted anew, and neighbours may share one.
        let touched = area.inflate(1.0 / (sight.ratio * sight.camera.zoom));
        let picture = if self.is_bare { front } else { &mut self.whole };
        let cards = self.painted.iter().filter(|painted| painted.area.is_some_and(|other| other.intersects(touched)));
        picture.painter.patch(&self.ground.canvas, area, sight, |painter| {
            for card in cards {
                shapes.clear();
                list(view, card.item, shapes);
                painter.add(shapes, sight.theme);
            }
        });
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

    /// Takes over what is on another one, which was painted as `sight` has it, and its extent.
    fn take(&mut self, other: &Self, sight: Sight) {
        self.fit(&other.canvas);
        self.painter.show(&other.canvas, sight, sight);
    }

    /// Paints one thing above what is there.
    fn add(&mut self, view: &View<'_>, item: Item, shapes: &mut Vec<Shape>, sight: Sight) {
        shapes.clear();
        list(view, item, shapes);
        self.painter.add(shapes, sight.theme);
    }
}
