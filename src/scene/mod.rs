//! What to paint, as a list of shapes: cards, links, and the marks of a gesture in progress. Pure data in, pure data
//! out; it knows no canvas.
//!
//! [`picture`] takes the drawing, its [`Layout`], the live [`Figures`] and what the person is doing, and lists
//! [`Shape`]s. The page paints them on a canvas, [`svg`] prints the same list as a file. Moving requests are many and
//! new in each frame; they are not shapes but come from [`replay`].

pub mod axis;
pub mod camera;
mod card;
pub mod figures;
pub mod flight;
pub mod icon;
pub mod look;
mod mark;
pub mod pixels;
pub mod replay;
pub mod route;
pub mod shape;
pub mod svg;
pub mod theme;
mod wire;

pub use self::camera::{Camera, ZOOM_RANGE};
pub use self::card::reason_words;
pub use self::figures::{Figures, State};
pub use self::mark::FRAME_HEAD;
pub use self::route::{Layout, Route};
pub use self::shape::Shape;
pub use self::theme::{Ink, Theme};
use crate::design::{Design, Frame, Kind};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::sorted;

/// What is selected on the drawing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Selected components.
    pub components: sorted::Set<ComponentId>,
    /// Selected links.
    pub links: sorted::Set<LinkId>,
    /// Selected frames.
    pub frames: sorted::Set<FrameId>,
}

impl Selection {
    /// Just one component.
    pub fn component(id: ComponentId) -> Self {
        Self { components: sorted::Set::from([id]), ..Self::default() }
    }

    /// Just one link.
    pub fn link(id: LinkId) -> Self {
        Self { links: sorted::Set::from([id]), ..Self::default() }
    }

    /// Just one frame.
    pub fn frame(id: FrameId) -> Self {
        Self { frames: sorted::Set::from([id]), ..Self::default() }
    }

    /// How many things are selected.
    pub fn count(&self) -> usize {
        self.components.len() + self.links.len() + self.frames.len()
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty() && self.links.is_empty() && self.frames.is_empty()
    }
}

/// How much of a card there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Icon and state: a name would not fit.
    Tiny,
    /// Name and state.
    Small,
    /// Also the gauge in words.
    Compact,
    /// Everything.
    Full,
}

impl Detail {
    /// What can be read at `zoom` pixels per world unit.
    pub const fn at(zoom: f64) -> Self {
        if zoom >= 0.78 {
            Self::Full
        } else if zoom >= 0.5 {
            Self::Compact
        } else if zoom >= 0.34 {
            Self::Small
        } else {
            Self::Tiny
        }
    }
}

/// A line along which something that is being moved is in line with a card that rests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    /// One end.
    pub from: Point,
    /// The other end.
    pub to: Point,
}

/// A link that is being drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Connecting {
    /// Where it starts.
    pub from: ComponentId,
    /// Where its loose end is.
    pub to: Point,
    /// The card that it would end at.
    pub target: Option<ComponentId>,
    /// For each other component, whether a link may end there.
    pub is_allowed: sorted::Map<ComponentId, bool>,
    /// What would be connected, or why it cannot be.
    pub words: Option<String>,
}

/// What the person is doing, as far as it is to be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Marks {
    /// The card under the pointer or with the focus.
    pub hovered_component: Option<ComponentId>,
    /// The link under the pointer or with the focus.
    pub hovered_link: Option<LinkId>,
    /// The frame under the pointer or with the focus.
    pub hovered_frame: Option<FrameId>,
    /// The frame that what is being moved would belong to.
    pub entered_frame: Option<FrameId>,
    /// The rectangle being drawn: to select what is in it, or to become a frame.
    pub marquee: Option<Rect>,
    /// Where what is being moved is in line.
    pub guides: Vec<Guide>,
    /// The link being drawn.
    pub connecting: Option<Connecting>,
    /// What is being dragged from the palette: its kind and where its card would be.
    pub ghost: Option<(Kind, Point)>,
    /// A frame that is being dragged from the palette.
    pub ghost_frame: Option<Rect>,
}

/// Everything that a picture shows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The drawing.
    pub design: &'a Design,
    /// Its layout.
    pub layout: &'a Layout,
    /// Live figures; those of [`Figures::default`] if nothing runs.
    pub figures: &'a Figures,
    /// What is selected.
    pub selection: &'a Selection,
    /// What the person is doing.
    pub marks: &'a Marks,
    /// Pixels per world unit; decides about detail and keeps type readable.
    pub zoom: f64,
    /// The part of the drawing that is seen; what lies outside is left out.
    pub visible: Rect,
    /// Whether no requests move: links say in figures, however small, what moving requests would tell.
    pub is_still: bool,
}

impl View<'_> {
    /// `pixels` of the screen in world units.
    fn pixels(&self, pixels: f64) -> f64 {
        pixels / self.zoom
    }

    /// Height of type that is `pixels` high at zoom 1, and never below 12 on the screen.
    fn type_size(&self, pixels: f64) -> f64 {
        pixels.max(12.0 / self.zoom)
    }
}

/// One thing in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A region, zone or group.
    Frame(FrameId),
    /// A link.
    Link(LinkId),
    /// The card of a component.
    Component(ComponentId),
    /// What the person is doing.
    Marks,
}

/// All things in a picture of `design`, back to front.
pub fn items(design: &Design) -> Vec<Item> {
    // Frames that lie in others lie above them.
    let mut frames: Vec<&Frame> = design.frames().collect();
    sorted::sort_by(&mut frames, |a, b| b.area.extent().total_cmp(&a.area.extent()));
    let frames = frames.into_iter().map(|frame| Item::Frame(frame.id));
    let links = design.links().map(|link| Item::Link(link.id));
    let components = design.components().map(|component| Item::Component(component.id));
    frames.chain(links).chain(components).chain([Item::Marks]).collect()
}

/// Lists the shapes of one thing, back to front, behind those that are in `shapes` already. A thing that the drawing or its
/// layout does not know, or no longer, has none.
pub fn list(view: &View<'_>, item: Item, shapes: &mut Vec<Shape>) {
    match item {
        Item::Frame(id) => view.design.frame(id).into_iter().for_each(|frame| mark::frame(view, frame, shapes)),
        Item::Link(id) => {
            let known = view.design.link(id).zip(view.layout.routes.get(&id));
            known.into_iter().for_each(|(link, route)| wire::link(view, link, route, shapes));
        }
        Item::Component(id) => {
            let known = view.design.component(id).zip(view.layout.cards.get(&id));
            known.into_iter().for_each(|(component, &area)| card::component(view, component, area, shapes));
        }
        Item::Marks => mark::marks(view, shapes),
    }
}

/// Lists the shapes of a picture, back to front, into `shapes`, which is emptied first.
///
/// # Complexity
/// O(components + links).
pub fn picture(view: &View<'_>, shapes: &mut Vec<Shape>) {
    shapes.clear();
    for item in items(view.design) {
        list(view, item, shapes);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::design::edit::Edit;
    use crate::design::{Component, Link, LinkConfig, LinkRole};

    /// Users, a server and a database in a row, connected.
    pub fn three_in_a_row() -> Design {
        let mut design = Design::new();
        for (id, kind) in [(1, Kind::Users), (2, Kind::Server), (3, Kind::SqlDatabase)] {
            let component = Component {
                id: ComponentId(id),
                name: format!("Part {id}"),
                config: kind.default_config(),
                position: Point::new(f64::from(id) * 240.0, 0.0),
                frame: None,
            };
            design.apply(Edit::AddComponent(component)).unwrap();
        }
        for (id, from, to, role) in [(4, 1, 2, LinkRole::Requests), (5, 2, 3, LinkRole::Queries)] {
            let link = Link {
                id: LinkId(id),
                from: ComponentId(from),
                to: ComponentId(to),
                role,
                config: LinkConfig::default(),
            };
            design.apply(Edit::AddLink(link)).unwrap();
        }
        design
    }

    fn shapes_at(zoom: f64) -> Vec<Shape> {
        let design = three_in_a_row();
        let layout = Layout::of(&design);
        let mut shapes = Vec::new();
        let view = View {
            design: &design,
            layout: &layout,
            figures: &Figures::default(),
            selection: &Selection::default(),
            marks: &Marks::default(),
            zoom,
            visible: layout.bounds().unwrap().inflate(50.0),
            is_still: false,
        };
        picture(&view, &mut shapes);
        shapes
    }

    #[test]
    fn type_stays_readable_at_any_zoom_and_detail_falls_away() {
        let mut before = usize::MAX;
        for zoom in [1.25, 1.0, 0.8, 0.6, 0.3, 0.1] {
            let shapes = shapes_at(zoom);
            for shape in &shapes {
                if let Shape::Text { size, text, .. } = shape {
                    assert!(size * zoom > 11.99, "{text} is {} pixels high", size * zoom);
                }
            }
            assert!(shapes.len() <= before);
            before = shapes.len();
        }
    }

    #[test]
    fn every_component_is_named() {
        let shapes = shapes_at(1.0);
        for id in 1..=3 {
            let name = format!("Part {id}");
            assert!(shapes.iter().any(|shape| matches!(shape, Shape::Text { text, .. } if *text == name)));
        }
    }

    #[test]
    fn what_is_out_of_sight_costs_nothing() {
        let design = three_in_a_row();
        let layout = Layout::of(&design);
        let mut shapes = Vec::new();
        let view = View {
            design: &design,
            layout: &layout,
            figures: &Figures::default(),
            selection: &Selection::default(),
            marks: &Marks::default(),
            zoom: 1.0,
            visible: Rect::centred(Point::new(0.0, 9000.0), 100.0, 100.0),
            is_still: false,
        };
        picture(&view, &mut shapes);
        assert!(shapes.is_empty());
    }
}
