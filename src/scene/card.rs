//! The card of a component: icon, name, the gauge of its scarcest resource, its machines, the queue at its door, half a
//! minute of history, and the figure that only its kind has.

mod size;

use self::size::size_in_words;
use super::figures::{ComponentFigures, HISTORY_SECS, Machine, Reason, State};
use super::route::{CARD_HEIGHT, CARD_WIDTH, Side};
use super::shape::{Align, Face, Paint, Shape, Step, Stroke, fitted, text_width};
use super::{Detail, View};
use super::{Ink, icon};
use crate::design::fault::FaultKind;
use crate::design::{Component, Kind, LinkRole};
use crate::format;
use crate::geometry::{Point, Rect};
use crate::sim::snapshot::{Health, Particulars};
use crate::text::{fill, text};

/// Room between the edge of a card and what stands on it.
const PADDING: f64 = 12.0;
/// Edge of the icon.
const ICON: f64 = 20.0;
/// Most bars of the queue at the door.
const QUEUE_BARS: f64 = 14.0;
/// A queue of this length fills the stack.
const QUEUE_FULL: f64 = 10_000.0;
/// Most machines that are shown one by one.
const PIPS: usize = 16;

impl State {
    /// The colour of the state.
    pub const fn ink(self) -> Ink {
        match self {
            Self::Calm => Ink::Calm,
            Self::Warm => Ink::Warm,
            Self::Hot => Ink::Hot,
            Self::Saturated => Ink::Saturated,
            Self::Down => Ink::Down,
        }
    }
}

/// Lists the shapes of a component's card, which covers `area`.
pub fn component(view: &View<'_>, component: &Component, area: Rect, shapes: &mut Vec<Shape>) {
    // The queue stands to the left of the card, the count of failures below it.
    if !view.visible.intersects(area.inflate(32.0)) {
        return;
    }
    let figures = view.figures.components.get(&component.id);
    let card = Card {
        view,
        component,
        area,
        figures,
        state: figures.map_or(State::Calm, |figures| figures.state),
        detail: Detail::at(view.zoom),
    };
    card.body(shapes);
    card.head(shapes);
    match card.detail {
        Detail::Full => {
            card.second_line(shapes);
            card.gauge_line(shapes);
            card.sparkline(shapes);
            card.machines(shapes);
        }
        Detail::Compact if card.has_long_name() => {}
        Detail::Compact => card.gauge_line(shapes),
        Detail::Small | Detail::Tiny => {}
    }
    card.gauge(shapes);
    card.queue(shapes);
    card.faults(shapes);
    card.ports(shapes);
}

/// The card of `kind` that follows the pointer from the palette.
pub fn ghost(view: &View<'_>, kind: Kind, centre: Point, shapes: &mut Vec<Shape>) {
    let area = super::route::card_area(centre);
    shapes.push(Shape::Rect {
        area,
        radius: 10.0,
        fill: Some(Paint::faint(Ink::Card, 0.8)),
        stroke: Some(Stroke::dashed(Ink::Accent, view.pixels(1.5), &[6.0, 4.0])),
    });
    let origin = area.origin.offset(PADDING, 10.0);
    shapes.push(Shape::Icon { path: icon::of_kind(kind), origin, size: ICON, paint: Ink::Accent.into() });
    let size = view.type_size(13.0);
    let name = text(&format!("kinds.{}.name", kind.key())).to_owned();
    let at = Point::new(area.origin.x + 40.0, area.origin.y + 20.0 + 0.36 * size);
    shapes.push(Shape::Text {
        at,
        text: fitted(&name, size, Face::SansBold, CARD_WIDTH - 52.0),
        size,
        face: Face::SansBold,
        align: Align::Start,
        paint: Ink::Text.into(),
    });
}

/// What the parts of one card have in common.
struct Card<'a> {
    view: &'a View<'a>,
    component: &'a Component,
    area: Rect,
    figures: Option<&'a ComponentFigures>,
    state: State,
    detail: Detail,
}

impl Card<'_> {
    fn at(&self, x: f64, y: f64) -> Point {
        self.area.origin.offset(x, y)
    }

    fn label(&self, at: Point, text: String, face: Face, align: Align, paint: impl Into<Paint>) -> Shape {
        Shape::Text { at, text, size: self.view.type_size(12.0), face, align, paint: paint.into() }
    }

    fn is_dimmed(&self) -> bool {
        self.view.marks.connecting.as_ref().is_some_and(|connecting| {
            connecting.from != self.component.id && connecting.is_allowed.get(&self.component.id) == Some(&false)
        })
    }

    fn opacity(&self) -> f32 {
        if self.is_dimmed() { 0.4 } else { 1.0 }
    }

    /// Whether the name takes two lines of a card of middle size, and with them the place of the gauge's words.
    fn has_long_name(&self) -> bool {
        let name = &self.component.name;
        let width = text_width(name, self.view.type_size(13.0), Face::SansBold);
        self.detail == Detail::Compact && name.contains(' ') && width > CARD_WIDTH - 1.5 * PADDING
    }

    fn body(&self, shapes: &mut Vec<Shape>) {
        let view = self.view;
        let is_selected = view.selection.components.contains(&self.component.id);
        let is_hovered = view.marks.hovered_component == Some(self.component.id);
        let is_target = view.marks.connecting.as_ref().is_some_and(|connecting| {
            connecting.target == Some(self.component.id) && connecting.is_allowed.get(&self.component.id) == Some(&true)
        });
        if is_selected || is_target {
            shapes.push(Shape::Rect {
                area: self.area.inflate(4.0),
                radius: 13.0,
                fill: Some(Paint::faint(Ink::Accent, 0.1)),
                stroke: Some(Stroke::solid(Ink::Accent, view.pixels(2.0).max(1.5))),
            });
        }
        let shadow = Rect { origin: self.at(0.0, 2.0), ..self.area };
        // From far away it would not be seen, and there are hundreds.
        if self.detail > Detail::Tiny {
            let fill = Some(Paint::faint(Ink::Text, 0.06));
            shapes.push(Shape::Rect { area: shadow, radius: 10.0, fill, stroke: None });
        }
        let hairline = view.pixels(1.0).max(1.0);
        let stroke = match self.state {
            State::Down => Stroke::dashed(Ink::Down, hairline * 1.75, &[9.0, 7.0]),
            State::Calm if is_hovered => Stroke::solid(Ink::Accent, hairline),
            State::Calm => Stroke::solid(Ink::CardBorder, hairline),
            State::Warm => Stroke::solid(Ink::Warm, hairline * 1.25),
            state => Stroke::solid(state.ink(), hairline * 1.75),
        };
        let face = Paint::faint(Ink::Card, self.opacity());
        shapes.push(Shape::Rect { area: self.area, radius: 10.0, fill: Some(face), stroke: Some(stroke) });
        if matches!(self.state, State::Hot | State::Saturated) {
            let strength = match (self.detail, self.state) {
                // From far away the colour of the face has to do.
                (Detail::Tiny, _) => 0.3,
                (_, State::Hot) => 0.06,
                _ => 0.1,
            };
            let wash = Paint::faint(self.state.ink(), strength);
            shapes.push(Shape::Rect { area: self.area, radius: 10.0, fill: Some(wash), stroke: None });
        }
    }

    fn head(&self, shapes: &mut Vec<Shape>) {
        if self.detail == Detail::Tiny {
            return self.sign(shapes);
        }
        let is_small = self.detail == Detail::Small;
        let size = self.view.type_size(13.0);
        // On small cards the name takes the whole width, in the middle of the upper half.
        let middle = if is_small { CARD_HEIGHT * 0.36 } else { (0.5 * size + 9.0).max(20.0) };
        let width = |text: &str| text_width(text, size, Face::SansBold);
        let icon_size = ICON.max(self.view.pixels(16.0));
        // Where a name would be cut short beside its icon, it comes before the icon.
        let is_tight = width(&self.component.name) > CARD_WIDTH - icon_size - 8.0 - 1.75 * PADDING;
        let icon_size = if is_small || is_tight && self.detail == Detail::Compact { 0.0 } else { icon_size };
        let is_down = self.state == State::Down;
        if icon_size > 0.0 {
            let paint = Paint::faint(if is_down { Ink::Down } else { Ink::Text }, self.opacity());
            let origin = self.at(PADDING, middle - icon_size / 2.0);
            shapes.push(Shape::Icon { path: self.icon(), origin, size: icon_size, paint });
        }
        let left = if icon_size == 0.0 { PADDING * 0.75 } else { PADDING + icon_size + 8.0 };
        let mut room = CARD_WIDTH - left - PADDING * 0.75;
        if is_down {
            let origin = self.at(CARD_WIDTH - PADDING - size, middle - size / 2.0);
            shapes.push(Shape::Icon { path: icon::DOWN, origin, size, paint: Ink::Saturated.into() });
            room -= size + 4.0;
        }
        let name = &self.component.name;
        // Where only the name stands, it may take two lines, as even as they can be.
        let halves = name
            .match_indices(' ')
            .map(|(at, _)| (&name[..at], &name[at + 1..]))
            .min_by(|a, b| width(a.0).max(width(a.1)).total_cmp(&width(b.0).max(width(b.1))))
            .filter(|_| (is_small || self.has_long_name()) && CARD_HEIGHT > 3.0 * size && width(name) > room);
        let lines = match halves {
            Some((first, second)) => [Some((first, 1.15 * size)), Some((second, 2.25 * size))],
            None => [Some((name.as_str(), middle + 0.36 * size)), None],
        };
        for (line, baseline) in lines.into_iter().flatten() {
            shapes.push(Shape::Text {
                at: self.at(left, baseline),
                text: fitted(line, size, Face::SansBold, room),
                size,
                face: Face::SansBold,
                align: Align::Start,
                paint: Paint::faint(Ink::Text, self.opacity()),
            });
        }
    }

    /// What stands for the name where there is no room for it.
    fn sign(&self, shapes: &mut Vec<Shape>) {
        let size = CARD_HEIGHT * 0.55;
        let (path, ink) =
            if self.state == State::Down { (icon::DOWN, Ink::Saturated) } else { (self.icon(), Ink::Text) };
        let origin = self.at((CARD_WIDTH - size) / 2.0, 10.0);
        shapes.push(Shape::Icon { path, origin, size, paint: Paint::faint(ink, self.opacity()) });
    }

    fn icon(&self) -> &'static str {
        let is_replica = self.component.config.kind() == Kind::SqlDatabase
            && self.view.design.links_to(self.component.id).iter().any(|link| link.role == LinkRole::Replicate);
        if is_replica { icon::REPLICA } else { icon::of_kind(self.component.config.kind()) }
    }

    /// Throughput on the left, what only this kind has to tell on the right.
    fn second_line(&self, shapes: &mut Vec<Shape>) {
        // Where both would not fit, the latency stands on the next line or gives way to what only this kind has to tell.
        let p99 = self.figures.filter(|figures| figures.scarcest.is_some()).and_then(p99);
        let (left, right) = match self.figures {
            Some(figures) => (rate(figures.throughput), self.particulars(figures)),
            None => (size_in_words(self.component, self.view.design), None),
        };
        let baseline = 46.0;
        let ink = Paint::faint(Ink::MutedText, self.opacity());
        let room = CARD_WIDTH - 2.0 * PADDING;
        let size = self.view.type_size(12.0);
        let taken = right.as_ref().map_or(0.0, |right| text_width(&right.0, size, Face::Sans) + 8.0);
        let with_p99 = p99.map(|p99| format!("{left}  {p99}"));
        let fits = |words: &String| text_width(words, size, Face::Figures) <= room - taken;
        let left = with_p99.filter(fits).unwrap_or_else(|| fitted(&left, size, Face::Figures, room - taken));
        shapes.push(self.label(self.at(PADDING, baseline), left, Face::Figures, Align::Start, ink));
        if let Some((words, ink)) = right {
            let at = self.at(CARD_WIDTH - PADDING, baseline);
            shapes.push(self.label(at, words, Face::Sans, Align::End, Paint::faint(ink, self.opacity())));
        }
    }

    fn particulars(&self, figures: &ComponentFigures) -> Option<(String, Ink)> {
        if self.component.config.kind() == Kind::Users {
            let users = format::count(self.view.figures.users as f64);
            return Some((fill("diagram.users", &[("count", &users)]), Ink::MutedText));
        }
        match figures.particulars {
            Particulars::None => self.size_now(figures),
            Particulars::Dns { cached, asked } => ratio(cached, cached + asked)
                .map(|share| (fill("diagram.cached", &[("share", &format::share(share))]), Ink::MutedText)),
            Particulars::Cache { hits, misses, .. } | Particulars::Cdn { hits, misses, .. } => {
                ratio(hits, hits + misses)
                    .map(|share| (fill("diagram.hit", &[("share", &format::share(share))]), Ink::Text))
            }
            Particulars::LoadBalancer { healthy, targets } => {
                let counts = [("healthy", healthy.to_string()), ("targets", targets.to_string())];
                let counts: Vec<_> = counts.iter().map(|(key, value)| (*key, value.as_str())).collect();
                let ink = if healthy < targets { Ink::Saturated } else { Ink::MutedText };
                Some((fill("diagram.targets", &counts), ink))
            }
            Particulars::ShardRouter { shards, moved_share } => Some(if moved_share < 1.0 {
                (fill("diagram.moved", &[("share", &format::share(moved_share))]), Ink::Replication)
            } else {
                (fill("diagram.shards", &[("count", &shards.to_string())]), Ink::MutedText)
            }),
            Particulars::NosqlDatabase { stale_reads } => {
                let count = format::count(stale_reads as f64);
                (stale_reads > 0).then(|| (fill("diagram.stale", &[("count", &count)]), Ink::Replication))
            }
            Particulars::ThirdParty { is_away: true, .. } => Some((text("diagram.away").to_owned(), Ink::Saturated)),
            Particulars::ThirdParty { duplicates, .. } => {
                let count = format::count(duplicates as f64);
                (duplicates > 0).then(|| (fill("diagram.done_twice", &[("count", &count)]), Ink::Saturated))
            }
            Particulars::Monitoring { watched, pending, firing } => Some(match (firing, pending) {
                (0, 0) => (fill("diagram.watching", &[("count", &watched.to_string())]), Ink::MutedText),
                (0, _) => (fill("diagram.pending", &[("count", &pending.to_string())]), Ink::MutedText),
                _ => (fill("diagram.alerts", &[("count", &firing.to_string())]), Ink::Saturated),
            }),
            Particulars::WebsocketService { open, .. } => {
                Some((fill("diagram.open", &[("count", &format::count(open as f64))]), Ink::Text))
            }
            Particulars::Queue { dead_letters, .. } if dead_letters > 0 => {
                let count = format::count(dead_letters as f64);
                Some((fill("diagram.dead_letters", &[("count", &count)]), Ink::Saturated))
            }
            Particulars::Queue { oldest_secs, .. } => {
                Some((fill("diagram.oldest", &[("age", &format::duration(oldest_secs))]), Ink::MutedText))
            }
            Particulars::Database { failing_over: true, .. } => {
                Some((text("diagram.failing_over").to_owned(), Ink::Saturated))
            }
            Particulars::Database { conflicts, .. } if conflicts > 0 => {
                let count = format::count(conflicts as f64);
                Some((fill("diagram.conflicts", &[("count", &count)]), Ink::Replication))
            }
            Particulars::Database { is_primary: true, .. } => {
                Some((text("diagram.primary").to_owned(), Ink::MutedText))
            }
            Particulars::Database { lag_writes: 0, .. } => Some((text("diagram.replica").to_owned(), Ink::MutedText)),
            Particulars::Database { lag_secs, .. } => {
                Some((fill("diagram.lag", &[("lag", &format::duration(lag_secs))]), Ink::Replication))
            }
        }
    }

    /// How many machines an autoscaler keeps, and how many there will be.
    fn size_now(&self, figures: &ComponentFigures) -> Option<(String, Ink)> {
        let up = figures.machines_up().to_string();
        let wanted = figures.machines.iter().filter(|machine| machine.health != Health::Down).count().to_string();
        let key = if up == wanted { "diagram.machines" } else { "diagram.machines_wanted" };
        self.component.config.scaling().map(|_| (fill(key, &[("count", &up), ("wanted", &wanted)]), Ink::MutedText))
    }

    /// The scarcest resource in words, or that the component is down.
    fn gauge_line(&self, shapes: &mut Vec<Shape>) {
        let Some(figures) = self.figures else { return };
        let baseline = match self.detail {
            Detail::Full => 67.0,
            _ => 46.0 + 0.36 * self.view.type_size(12.0),
        };
        let (words, face, ink) = match figures.scarcest {
            Some(_) if figures.reason().is_some() => {
                let words = figures.reason().map(reason_words).unwrap_or_default();
                let size = self.view.type_size(12.0);
                (fitted(&words, size, Face::SansBold, CARD_WIDTH - 2.0 * PADDING), Face::SansBold, Ink::Text)
            }
            _ if self.state == State::Down => (text("diagram.down").to_owned(), Face::SansBold, Ink::Saturated),
            Some((resource, share)) => {
                let name = text(&format!("diagram.resources.{}", resource.key())).to_owned();
                // Warm colours carry the bar; words stay dark enough to read until it is serious.
                let ink = if self.state >= State::Saturated { Ink::Saturated } else { Ink::Text };
                (format!("{name} {}", format::share(share)), Face::Sans, ink)
            }
            None if self.detail == Detail::Compact => (rate(figures.throughput), Face::Figures, Ink::MutedText),
            None => match p99(figures) {
                Some(p99) => (p99, Face::Figures, Ink::Text),
                None => return,
            },
        };
        shapes.push(self.label(
            self.at(PADDING, baseline),
            words,
            face,
            Align::Start,
            Paint::faint(ink, self.opacity()),
        ));
    }

    fn gauge(&self, shapes: &mut Vec<Shape>) {
        let Some(figures) = self.figures.filter(|figures| figures.scarcest.is_some()) else { return };
        let (top, height) = match self.detail {
            Detail::Full if figures.machines.len() > 1 => (74.0, 6.0),
            Detail::Full => (78.0, 6.0),
            Detail::Compact => (72.0, 10.0),
            Detail::Small | Detail::Tiny => (74.0, 14.0),
        };
        let width = CARD_WIDTH - 2.0 * PADDING;
        let bar = |width| Rect { origin: self.at(PADDING, top), width, height };
        let hollow = Paint::faint(Ink::Hollow, self.opacity());
        shapes.push(Shape::Rect { area: bar(width), radius: height / 2.0, fill: Some(hollow), stroke: None });
        if self.state != State::Down && figures.asked > figures.gauge + 0.01 {
            // Less than is asked for is in use, because calls are turned away.
            let held_back = Paint::faint(self.state.ink(), 0.35 * self.opacity());
            let area = bar((width * figures.asked).max(height));
            shapes.push(Shape::Rect { area, radius: height / 2.0, fill: Some(held_back), stroke: None });
        }
        if self.state != State::Down && figures.gauge > 0.005 {
            let paint = Paint::faint(self.state.ink(), self.opacity());
            let length = (width * figures.gauge.min(1.0)).max(height);
            shapes.push(Shape::Rect { area: bar(length), radius: height / 2.0, fill: Some(paint), stroke: None });
        }
    }

    fn sparkline(&self, shapes: &mut Vec<Shape>) {
        // What strains it, where that has to be said, takes the room.
        let is_told = |figures: &&ComponentFigures| figures.history.len() >= 2 && figures.reason().is_none();
        let Some(figures) = self.figures.filter(is_told) else { return };
        let has_gauge = figures.scarcest.is_some();
        // Kinds without a gauge give its room to the line.
        let (left, top, width, height) = if has_gauge {
            (CARD_WIDTH - PADDING - 64.0, 52.0, 64.0, 17.0)
        } else if figures.p99_secs.is_some() {
            (CARD_WIDTH - PADDING - 64.0, 56.0, 64.0, 28.0)
        } else {
            (PADDING, 56.0, CARD_WIDTH - 2.0 * PADDING, 28.0)
        };
        let greatest =
            if has_gauge { 1.0 } else { figures.history.iter().fold(0.0_f32, |most, point| most.max(point.1)) };
        if greatest <= 0.0 {
            return;
        }
        let now = self.view.figures.now_secs;
        let points = figures.history.iter().map(|&(secs, value)| {
            let across = (1.0 - (now - secs) / HISTORY_SECS).clamp(0.0, 1.0);
            self.at(left + width * across, top + height * (1.0 - f64::from((value / greatest).min(1.0))))
        });
        let line: Vec<Step> = points
            .enumerate()
            .map(|(position, point)| if position == 0 { Step::Move(point) } else { Step::Line(point) })
            .collect();
        let (Some(&Step::Move(first)), Some(&Step::Line(last))) = (line.first(), line.last()) else { return };
        let ink = if has_gauge { self.state.ink() } else { Ink::Calm };
        let bottom = self.area.origin.y + top + height;
        let mut below = line.clone();
        below.extend([Step::Line(Point::new(last.x, bottom)), Step::Line(Point::new(first.x, bottom)), Step::Close]);
        shapes.push(Shape::Path { steps: below, fill: Some(Paint::faint(ink, 0.14 * self.opacity())), stroke: None });
        let stroke = Stroke::solid(Paint::faint(ink, self.opacity()), 1.25);
        shapes.push(Shape::Path { steps: line, fill: None, stroke: Some(stroke) });
    }

    /// One mark for each machine: filled as it is used, hollow and crossed out if it is dead.
    fn machines(&self, shapes: &mut Vec<Shape>) {
        let Some(figures) = self.figures.filter(|figures| figures.machines.len() > 1) else { return };
        let (edge, gap) = (6.0, 3.0);
        for (position, machine) in figures.machines.iter().take(PIPS).enumerate() {
            self.machine(machine, self.at(PADDING + position as f64 * (edge + gap), 84.0), edge, shapes);
        }
        if let Some(more) = figures.machines.len().checked_sub(PIPS).filter(|&more| more > 0) {
            let at = self.at(PADDING + PIPS as f64 * (edge + gap) - 4.0, 91.5);
            let ink = Paint::faint(Ink::MutedText, self.opacity());
            let at = Point::new(at.x.min(self.area.right() - PADDING), at.y);
            shapes.push(self.label(at, format!("+{more}"), Face::Figures, Align::End, ink));
        }
    }

    fn machine(&self, machine: &Machine, origin: Point, edge: f64, shapes: &mut Vec<Shape>) {
        let area = Rect { origin, width: edge, height: edge };
        match machine.health {
            Health::Up => {
                let state = State::of_strain(machine.utilisation);
                // As full as the machine is, so that the state does not speak by colour alone.
                let hollow = Paint::faint(state.ink(), 0.3 * self.opacity());
                shapes.push(Shape::Rect { area, radius: 1.5, fill: Some(hollow), stroke: None });
                let height = edge * machine.utilisation.clamp(0.2, 1.0);
                let level = Rect { origin: origin.offset(0.0, edge - height), width: edge, height };
                let paint = Paint::faint(state.ink(), self.opacity());
                shapes.push(Shape::Rect { area: level, radius: 1.5, fill: Some(paint), stroke: None });
            }
            Health::Starting | Health::Absent => {
                let stroke = Some(Stroke::solid(Ink::MutedText, 1.25));
                shapes.push(Shape::Rect { area, radius: 1.5, fill: None, stroke });
            }
            Health::Down => {
                let stroke = Some(Stroke::solid(Ink::Saturated, 1.25));
                let (right, bottom) = (origin.x + edge, origin.y + edge);
                let steps = vec![
                    Step::Move(origin),
                    Step::Line(Point::new(right, bottom)),
                    Step::Move(Point::new(right, origin.y)),
                    Step::Line(Point::new(origin.x, bottom)),
                ];
                shapes.push(Shape::Path { steps, fill: None, stroke });
            }
        }
    }

    /// The queue as a stack at the door, and below the card how many wait and how many fail.
    fn queue(&self, shapes: &mut Vec<Shape>) {
        let Some(figures) = self.figures else { return };
        if figures.waiting > 0 {
            // Each tenfold length adds the same number of bars: 3 and 3,000 are both to be seen.
            let share = libm::log10(1.0 + figures.queue) / libm::log10(1.0 + QUEUE_FULL);
            let bars = (QUEUE_BARS * share.min(1.0)).ceil().max(1.0) as u32;
            let paint = Paint::faint(self.state.max(State::Warm).ink(), self.opacity());
            for bar in 0..bars {
                let origin = self.at(-16.0, CARD_HEIGHT - 8.0 - f64::from(bar) * 6.0);
                let area = Rect { origin, width: 11.0, height: 4.0 };
                shapes.push(Shape::Rect { area, radius: 1.5, fill: Some(paint), stroke: None });
            }
        }
        if self.detail <= Detail::Small {
            return;
        }
        let baseline = CARD_HEIGHT + 4.0 + self.view.type_size(12.0);
        let failures = self.failures(figures);
        let room = CARD_WIDTH + 16.0;
        let size = self.view.type_size(12.0);
        let taken = failures.as_ref().map_or(0.0, |words| text_width(words, size, Face::SansBold) + 8.0);
        if figures.waiting > 0 {
            let words = fill("diagram.waiting", &[("count", &format::count(figures.waiting as f64))]);
            if text_width(&words, size, Face::Sans) + taken <= room {
                shapes.push(self.label(self.at(-16.0, baseline), words, Face::Sans, Align::Start, Ink::MutedText));
            }
        }
        if let Some(words) = failures {
            let at = self.at(CARD_WIDTH, baseline);
            shapes.push(self.label(at, words, Face::SansBold, Align::End, Ink::Saturated));
        }
    }

    /// What fails here, how often and why. Users are told everything that they miss, wherever it failed.
    fn failures(&self, figures: &ComponentFigures) -> Option<String> {
        let is_users = self.component.config.kind() == Kind::Users;
        let failing = if is_users { figures.failure_rate } else { figures.own_failure_rate };
        let outcome = figures.main_failure.filter(|_| failing > 0.0)?;
        Some(format!("✕ {} {}", rate(failing), text(&format!("diagram.outcomes.{}", outcome.key()))))
    }

    /// What is wrong with it, on a label that sits on its upper edge.
    fn faults(&self, shapes: &mut Vec<Shape>) {
        let Some(faults) = self.view.figures.faults.get(&self.component.id).filter(|faults| !faults.is_empty()) else {
            return;
        };
        let size = self.view.type_size(12.0);
        let words = if self.detail == Detail::Tiny { "!".to_owned() } else { format!("! {}", fault_names(faults)) };
        let words = fitted(&words, size, Face::SansBold, CARD_WIDTH);
        let width = text_width(&words, size, Face::SansBold) + size;
        let area = Rect { origin: self.at(CARD_WIDTH - width, -0.9 * size), width, height: 1.5 * size };
        shapes.push(Shape::Rect {
            area,
            radius: 0.4 * size,
            fill: Some(Ink::Saturated.into()),
            stroke: Some(Stroke::solid(Ink::Ground, 1.5)),
        });
        let at = self.at(CARD_WIDTH - 0.5 * size, 0.2 * size);
        shapes.push(self.label(at, words, Face::SansBold, Align::End, Ink::TextOnState));
    }

    /// The places that links are drawn from, on cards that the pointer, the focus or a selection is on.
    fn ports(&self, shapes: &mut Vec<Shape>) {
        let view = self.view;
        if view.marks.connecting.is_some() || view.marks.hovered_component != Some(self.component.id) {
            return;
        }
        for side in Side::ALL {
            shapes.push(Shape::Circle {
                centre: side.point(self.area, 0.0),
                radius: view.pixels(5.0),
                fill: Some(Ink::Card.into()),
                stroke: Some(Stroke::solid(Ink::Accent, view.pixels(1.5))),
            });
        }
    }
}

/// What faults are called, one after the other.
pub fn fault_names(faults: &[FaultKind]) -> String {
    let names: Vec<String> =
        faults.iter().map(|fault| text(&format!("faults.{}.name", fault.key())).to_owned()).collect();
    names.join(", ")
}

/// What strains a component, in words that fit on its card.
pub fn reason_words(reason: Reason) -> String {
    match reason {
        Reason::Fails(share) => fill("diagram.strained.fails", &[("share", &format::share(share))]),
        Reason::Lost { down, of } => {
            fill("diagram.strained.lost", &[("down", &down.to_string()), ("machines", &of.to_string())])
        }
        Reason::Queues(share) => fill("diagram.strained.queues", &[("share", &format::share(share))]),
        Reason::HeldBack => text("diagram.strained.held_back").to_owned(),
    }
}

/// `p99 120 ms`.
fn p99(figures: &ComponentFigures) -> Option<String> {
    figures.p99_secs.map(|secs| format!("p99 {}", format::duration(secs)))
}

/// `14.2k/s`.
pub fn rate(per_sec: f64) -> String {
    format!("{}/s", format::count(per_sec))
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
