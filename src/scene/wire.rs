//! Links as lines: as wide as their traffic, with an arrow at the end and a few words in the middle.

use super::card::{self, rate};
use super::route::Route;
use super::shape::{Align, Face, Paint, Shape, Step, Stroke, text_width};
use super::{Detail, Ink, View};
use crate::design::{Link, LinkRole};
use crate::geometry::{Point, Rect};
use crate::text::text;

/// Width of a link without traffic.
const THIN: f64 = 1.25;
/// What a tenfold rate adds to the width.
const WIDER: f64 = 0.9;
/// Width of the widest link.
const WIDEST: f64 = 6.0;
/// Share of failed attempts from which a link shows them.
const FAILING: f64 = 0.01;

/// Where along a link its label stands: before the middle, for there the links of a bundle still lie apart.
const LABEL_AT: f64 = 0.4;

/// How wide a link with `rate` attempts per second is.
pub fn width(rate: f64) -> f64 {
    (THIN + WIDER * libm::log10(1.0 + rate.max(0.0))).min(WIDEST)
}

/// Lists the shapes of a link, which takes `route`.
pub fn link(view: &View<'_>, link: &Link, route: &Route, shapes: &mut Vec<Shape>) {
    if !view.visible.intersects(route.bounds().inflate(24.0)) {
        return;
    }
    let figures = view.figures.links.get(&link.id).copied().unwrap_or_default();
    let is_selected = view.selection.links.contains(&link.id);
    let is_hovered = view.marks.hovered_link == Some(link.id);
    let faults = view.figures.link_faults.get(&link.id).filter(|faults| !faults.is_empty());
    let is_failing = faults.is_some() || figures.error_share >= FAILING && figures.attempt_rate > 0.0;
    let ink = if is_selected || is_hovered {
        Ink::Accent
    } else if is_failing {
        Ink::Saturated
    } else if link.role == LinkRole::Replicate {
        Ink::Replication
    } else {
        Ink::Link
    };
    let width = width(figures.attempt_rate).max(view.pixels(1.0));
    let dash: &[f64] = match link.role {
        _ if faults.is_some() => &[10.0, 7.0],
        LinkRole::Record => &[2.0, 5.0],
        LinkRole::Replicate => &[8.0, 5.0],
        _ => &[],
    };
    if is_selected {
        let halo = Stroke::solid(Paint::faint(Ink::Accent, 0.2), width + 8.0);
        shapes.push(Shape::Path { steps: route.steps(), fill: None, stroke: Some(halo) });
    }
    // A wide line in full colour would drown the requests that travel on it.
    let is_tiny = Detail::at(view.zoom) == Detail::Tiny;
    let opacity = match () {
        () if is_selected || is_hovered => 1.0,
        // From far away hundreds of lines would become a wall.
        () if is_tiny => 0.4,
        () if width < 2.5 => 1.0,
        () => 0.62,
    };
    let stroke = Stroke::dashed(Paint::faint(ink, opacity), width, dash);
    shapes.push(Shape::Path { steps: route.steps(), fill: None, stroke: Some(stroke) });
    if !is_tiny {
        arrow(route, (4.0 + width).max(view.pixels(4.5)), ink, shapes);
    }
    if let Some(faults) = faults {
        fault_label(view, &card::fault_names(faults), route, shapes);
    } else if Detail::at(view.zoom) == Detail::Full || is_selected || is_hovered || view.is_still && !is_tiny {
        let has_traffic = link.role != LinkRole::Record && view.figures.links.contains_key(&link.id);
        let rate = has_traffic.then(|| rate(figures.attempt_rate));
        label(view, link.role, rate, route, is_selected || is_hovered, shapes);
    }
}

/// An arrow head with its tip where the link ends.
fn arrow(route: &Route, size: f64, ink: Ink, shapes: &mut Vec<Shape>) {
    let tip = route.curve[3];
    // The curve reaches the card at a right angle.
    let (x, y) = route.enters.normal();
    let base = tip.offset(x * size * 1.5, y * size * 1.5);
    let steps = vec![
        Step::Move(tip),
        Step::Line(base.offset(-y * size * 0.8, x * size * 0.8)),
        Step::Line(base.offset(y * size * 0.8, -x * size * 0.8)),
        Step::Close,
    ];
    shapes.push(Shape::Path { steps, fill: Some(ink.into()), stroke: None });
}

/// What is wrong with a link, in the middle of it.
fn fault_label(view: &View<'_>, names: &str, route: &Route, shapes: &mut Vec<Shape>) {
    let size = view.type_size(12.0);
    let text = format!("! {names}");
    let middle = route.at(0.5);
    let area = Rect::centred(middle, text_width(&text, size, Face::SansBold) + size, 1.5 * size);
    shapes.push(Shape::Rect {
        area,
        radius: 0.4 * size,
        fill: Some(Ink::Saturated.into()),
        stroke: Some(Stroke::solid(Ink::Ground, 1.5)),
    });
    shapes.push(Shape::Text {
        at: middle.offset(0.0, 0.36 * size),
        text,
        size,
        face: Face::SansBold,
        align: Align::Middle,
        paint: Ink::TextOnState.into(),
    });
}

/// What travels and how much of it: in figures where there is room, in words where someone asks.
fn label(
    view: &View<'_>,
    role: LinkRole,
    rate: Option<String>,
    route: &Route,
    is_asked_for: bool,
    shapes: &mut Vec<Shape>,
) {
    let size = view.type_size(12.0);
    let words = match (is_asked_for, rate) {
        (true, rate) => {
            let word = text(&format!("diagram.roles.{}", role.word())).to_owned();
            rate.map_or(word.clone(), |rate| format!("{word} {rate}"))
        }
        (false, Some(rate)) => rate,
        (false, None) => return,
    };
    let width = text_width(&words, size, Face::Sans);
    if !is_asked_for && width > route.length() - 32.0 {
        return;
    }
    // Beside the line, where no requests travel over it: above where the line lies, to the right where it stands.
    let (on_line, (across, down)) = (route.at(LABEL_AT), route.direction(LABEL_AT));
    let middle = if across.abs() >= down.abs() {
        on_line.offset(0.0, -0.5 * size - 9.0)
    } else {
        on_line.offset(0.5 * width + 12.0, 0.0)
    };
    let area = Rect::centred(middle, width + 8.0, size + 4.0);
    shapes.push(Shape::Rect { area, radius: 4.0, fill: Some(Paint::faint(Ink::Ground, 0.88)), stroke: None });
    shapes.push(Shape::Text {
        at: Point::new(middle.x, middle.y + 0.36 * size),
        text: words,
        size,
        face: Face::Sans,
        align: Align::Middle,
        paint: if is_asked_for { Ink::Text } else { Ink::MutedText }.into(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_traffic_is_wider_up_to_a_limit() {
        let widths: Vec<f64> = [0.0, 1.0, 10.0, 1e3, 1e5, 1e9].into_iter().map(width).collect();
        assert!(widths.windows(2).all(|pair| pair[0] < pair[1] || pair[1] == WIDEST), "{widths:?}");
        assert_eq!(widths[0], THIN);
        assert_eq!(widths[5], WIDEST);
    }
}
