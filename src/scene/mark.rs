//! Frames, and what a gesture in progress shows: marquee, guides, a link being drawn, a card from the palette.

use super::route::{Route, Side, card_area};
use super::shape::{Align, Face, Paint, Shape, Step, Stroke, fitted, text_width, wrapped};
use super::{Connecting, Detail, Ink, View, card};
use crate::design::place::Place;
use crate::design::{Frame, FrameKind};
use crate::geometry::{Point, Rect};
use crate::text::text;

/// Height of the strip at the top of a frame that holds its name, and by which it is moved.
pub const FRAME_HEAD: f64 = 28.0;

/// Lists the shapes of a frame.
pub fn frame(view: &View<'_>, frame: &Frame, shapes: &mut Vec<Shape>) {
    // On its way to a new place, it is where the layout says.
    let area = view.layout.frames.get(&frame.id).copied().unwrap_or(frame.area);
    if !view.visible.intersects(area) {
        return;
    }
    let marks = view.marks;
    let is_selected = view.selection.frames.contains(&frame.id);
    let is_entered = marks.entered_frame == Some(frame.id);
    let is_lively = is_selected || is_entered || marks.hovered_frame == Some(frame.id);
    let hairline = view.pixels(1.0).max(1.0);
    let ink = if is_lively { Ink::Accent } else { Ink::Link };
    let width = if is_selected || is_entered { 1.75 * hairline } else { hairline };
    // The further things are apart, the firmer the line between them.
    let dash: &[f64] = match frame.kind {
        FrameKind::Region | FrameKind::Note => &[],
        FrameKind::Zone => &[8.0, 5.0],
        FrameKind::Group => &[2.0, 4.0],
    };
    let is_note = !frame.kind.holds_parts();
    let fill = match (is_entered, is_note) {
        (true, _) => Paint::faint(Ink::Accent, 0.08),
        (_, true) => Paint::faint(Ink::Card, 0.9),
        _ => Paint::faint(Ink::Card, 0.45),
    };
    let radius = if is_note { 3.0 } else { 12.0 };
    shapes.push(Shape::Rect { area, radius, fill: Some(fill), stroke: Some(Stroke::dashed(ink, width, dash)) });
    if is_note {
        note_words(view, &frame.name, area, shapes);
    } else {
        frame_name(view, frame, area, shapes);
    }
    if is_selected {
        for (across, down) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            let corner = area.origin.offset(across * area.width, down * area.height);
            shapes.push(Shape::Rect {
                area: Rect::centred(corner, view.pixels(9.0), view.pixels(9.0)),
                radius: view.pixels(2.0),
                fill: Some(Ink::Card.into()),
                stroke: Some(Stroke::solid(Ink::Accent, view.pixels(1.5))),
            });
        }
    }
}

/// The name, and what the frame stands for where there is room.
fn frame_name(view: &View<'_>, frame: &Frame, area: Rect, shapes: &mut Vec<Shape>) {
    let size = view.type_size(12.0);
    let at = area.origin.offset(12.0, FRAME_HEAD / 2.0 + 0.36 * size);
    let room = area.width - 24.0;
    let name = fitted(&frame.name, size, Face::SansBold, room);
    let taken = text_width(&name, size, Face::SansBold) + size;
    let label = |at, text, face, ink: Ink| Shape::Text { at, text, size, face, align: Align::Start, paint: ink.into() };
    shapes.push(label(at, name, Face::SansBold, Ink::Text));
    let mut words = text(&format!("frames.{}.name", frame.kind.key())).to_owned();
    if frame.kind == FrameKind::Region && frame.config.place != Place::Anywhere {
        words = text(&format!("choices.{}", frame.config.place.word())).to_owned();
    }
    if words != frame.name && taken + text_width(&words, size, Face::Sans) <= room {
        shapes.push(label(at.offset(taken, 0.0), words, Face::Sans, Ink::MutedText));
    }
}

/// What a note says, as far as it has room; and the corner that is folded over, by which notes are known.
fn note_words(view: &View<'_>, words: &str, area: Rect, shapes: &mut Vec<Shape>) {
    let size = view.type_size(12.5);
    let (margin, pitch, fold) = (10.0, 1.4 * size, 12.0);
    let corner = Point::new(area.right(), area.origin.y);
    let steps = [corner.offset(-fold, 0.0), corner.offset(-fold, fold), corner.offset(0.0, fold)];
    shapes.push(Shape::Path {
        steps: vec![Step::Move(steps[0]), Step::Line(steps[1]), Step::Line(steps[2])],
        fill: None,
        stroke: Some(Stroke::solid(Ink::Link, view.pixels(1.0).max(1.0))),
    });
    let rows = ((area.height - margin) / pitch).max(1.0) as usize;
    let lines = wrapped(words, size, Face::Sans, area.width - 2.0 * margin - fold / 2.0, rows);
    for (line, top) in lines.into_iter().zip(0..) {
        shapes.push(Shape::Text {
            at: area.origin.offset(margin, margin + size * 0.9 + f64::from(top) * pitch),
            text: line,
            size,
            face: Face::Sans,
            align: Align::Start,
            paint: Ink::Text.into(),
        });
    }
}

/// Lists the shapes of what the person is doing.
pub fn marks(view: &View<'_>, shapes: &mut Vec<Shape>) {
    let marks = view.marks;
    for guide in &marks.guides {
        shapes.push(Shape::Path {
            steps: vec![Step::Move(guide.from), Step::Line(guide.to)],
            fill: None,
            stroke: Some(Stroke::dashed(Ink::Accent, view.pixels(1.0), &[4.0, 3.0])),
        });
    }
    let hovered =
        marks.hovered_component.and_then(|id| Some((view.design.component(id)?, view.layout.cards.get(&id)?)));
    if let Some((component, area)) = hovered.filter(|_| Detail::at(view.zoom) == Detail::Tiny) {
        hint(view, &component.name, Point::new(area.origin.x, area.bottom()), false, shapes);
    }
    if let Some(connecting) = &marks.connecting {
        loose_link(view, connecting, shapes);
    }
    if let Some((kind, centre)) = marks.ghost {
        card::ghost(view, kind, centre, shapes);
    }
    for area in marks.marquee.into_iter().chain(marks.ghost_frame) {
        shapes.push(Shape::Rect {
            area,
            radius: 0.0,
            fill: Some(Paint::faint(Ink::Accent, 0.1)),
            stroke: Some(Stroke::solid(Ink::Accent, view.pixels(1.0))),
        });
    }
}

/// The link being drawn, and at its loose end what would come of it.
fn loose_link(view: &View<'_>, connecting: &Connecting, shapes: &mut Vec<Shape>) {
    let Some(&from) = view.layout.cards.get(&connecting.from) else { return };
    let target = connecting.target.and_then(|target| view.layout.cards.get(&target).map(|&area| (target, area)));
    let is_refused = target.is_some_and(|(id, _)| connecting.is_allowed.get(&id) == Some(&false));
    let ink = if is_refused { Ink::Saturated } else { Ink::Accent };
    let end_area = target
        .filter(|_| !is_refused)
        .map_or_else(|| Rect { origin: connecting.to, width: 0.0, height: 0.0 }, |(_, area)| area);
    let leaves = facing(from, end_area.centre());
    let (end, enters) = if end_area.width > 0.0 {
        let side = facing(end_area, from.centre());
        (side.point(end_area, 0.0), side)
    } else {
        (connecting.to, facing(card_area(connecting.to), from.centre()))
    };
    let route = Route::between(leaves.point(from, 0.0), leaves, end, enters);
    let dash: &[f64] = if is_refused { &[5.0, 5.0] } else { &[] };
    shapes.push(Shape::Path {
        steps: route.steps(),
        fill: None,
        stroke: Some(Stroke::dashed(ink, view.pixels(2.0), dash)),
    });
    shapes.push(Shape::Circle { centre: end, radius: view.pixels(4.0), fill: Some(ink.into()), stroke: None });
    if let Some(words) = &connecting.words {
        hint(view, words, connecting.to, is_refused, shapes);
    }
}

/// A sentence beside the pointer, within the view.
fn hint(view: &View<'_>, words: &str, at: Point, is_refused: bool, shapes: &mut Vec<Shape>) {
    let size = view.pixels(12.5);
    let (width, height) = (text_width(words, size, Face::Sans) + 1.4 * size, 2.0 * size);
    let origin = at.offset(view.pixels(14.0), view.pixels(18.0));
    let origin = Point::new(
        origin.x.min(view.visible.right() - width - size).max(view.visible.origin.x + size),
        origin.y.min(view.visible.bottom() - height - size),
    );
    let ink = if is_refused { Ink::Saturated } else { Ink::Accent };
    shapes.push(Shape::Rect {
        area: Rect { origin, width, height },
        radius: view.pixels(6.0),
        fill: Some(Ink::Card.into()),
        stroke: Some(Stroke::solid(ink, view.pixels(1.25))),
    });
    shapes.push(Shape::Text {
        at: origin.offset(0.7 * size, 1.35 * size),
        text: words.to_owned(),
        size,
        face: Face::Sans,
        align: Align::Start,
        paint: Ink::Text.into(),
    });
}

/// The side of `area` that faces `point`.
fn facing(area: Rect, point: Point) -> Side {
    let centre = area.centre();
    let (dx, dy) = (point.x - centre.x, point.y - centre.y);
    // Measured by the shape of the card: beyond its diagonals the upper and lower side are nearer.
    if dx.abs() * area.height.max(1.0) >= dy.abs() * area.width.max(1.0) {
        if dx >= 0.0 { Side::Right } else { Side::Left }
    } else if dy >= 0.0 {
        Side::Bottom
    } else {
        Side::Top
    }
}
