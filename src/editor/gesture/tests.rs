use super::*;
use crate::design::{Component, Kind, Link, LinkConfig, LinkRole};
use crate::ids::LinkId;
use crate::scene::route::Side;

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
        let link =
            Link { id: LinkId(id), from: ComponentId(from), to: ComponentId(to), role, config: LinkConfig::default() };
        design.apply(Edit::AddLink(link)).unwrap();
    }
    design
}

/// A page that carries plans out, as far as they can be seen.
struct Page {
    design: Design,
    selection: Selection,
    camera: Camera,
    gesture: Gesture,
    plans: Vec<Plan>,
}

impl Page {
    fn new() -> Self {
        Self {
            design: three_in_a_row(),
            selection: Selection::default(),
            camera: Camera { origin: Point::new(-50.0, -200.0), zoom: 0.8 },
            gesture: Gesture::Idle,
            plans: Vec::new(),
        }
    }

    fn input(&mut self, input: Input) {
        let layout = Layout::of(&self.design);
        let board = Board { design: &self.design, layout: &layout, selection: &self.selection, camera: self.camera };
        let (gesture, plans) = core::mem::take(&mut self.gesture).step(input, &board);
        self.gesture = gesture;
        for plan in &plans {
            match plan {
                Plan::Look(camera) => self.camera = *camera,
                Plan::Select(selection) => self.selection = selection.clone(),
                Plan::Edit(edit) => {
                    self.design.apply(edit.clone()).unwrap();
                }
                Plan::Begin | Plan::End | Plan::TakeBack | Plan::Connect(..) => {}
            }
        }
        self.plans.extend(plans);
    }

    fn press(&mut self, world: Point, is_shift: bool) {
        let at = self.camera.screen_from_world(world);
        self.input(Input::Press { at, pointer: 1, is_shift, is_pan: false });
    }

    fn drag(&mut self, from: Point, to: Point, is_shift: bool) {
        let (start, end) = (self.camera.screen_from_world(from), self.camera.screen_from_world(to));
        self.input(Input::Press { at: start, pointer: 1, is_shift, is_pan: false });
        for step in 1..=5 {
            let part = f64::from(step) / 5.0;
            let at = start.offset((end.x - start.x) * part, (end.y - start.y) * part);
            self.input(Input::Move { at, pointer: 1 });
        }
        self.input(Input::Release { at: end, pointer: 1 });
    }

    fn click(&mut self, world: Point, is_shift: bool) {
        self.drag(world, world, is_shift);
    }

    fn centre(&self, id: u32) -> Point {
        self.design.component(ComponentId(id)).unwrap().position
    }
}

#[test]
fn dragging_a_card_moves_it_in_one_step_onto_the_grid() {
    let mut page = Page::new();
    let start = page.centre(2);
    page.drag(start, start.offset(51.0, 203.0), false);
    assert_eq!(page.centre(2), Point::new(528.0, 200.0));
    assert_eq!(page.selection, Selection::component(ComponentId(2)));
    assert_eq!(page.plans.iter().filter(|plan| **plan == Plan::Begin).count(), 1);
    assert_eq!(page.plans.last(), Some(&Plan::End));
    assert_eq!(page.gesture, Gesture::Idle);
}

#[test]
fn selected_cards_move_together() {
    let mut page = Page::new();
    page.click(page.centre(1), false);
    page.click(page.centre(2), true);
    assert_eq!(page.selection.components.len(), 2);
    page.drag(page.centre(1), page.centre(1).offset(0.0, 160.0), false);
    assert_eq!((page.centre(1).y, page.centre(2).y, page.centre(3).y), (160.0, 160.0, 0.0));
}

#[test]
fn a_hand_that_trembles_still_clicks() {
    let mut page = Page::new();
    let centre = page.centre(2);
    page.drag(centre, centre.offset(2.0, 2.0), false);
    assert_eq!(page.centre(2), centre);
    assert_eq!(page.selection, Selection::component(ComponentId(2)));
    // A second click with Shift takes it out again.
    page.click(centre, true);
    assert!(page.selection.is_empty());
}

#[test]
fn dragging_the_ground_pans_and_clicking_it_deselects() {
    let mut page = Page::new();
    page.click(page.centre(2), false);
    let (from, to) = (Point::new(300.0, 300.0), Point::new(350.0, 320.0));
    let origin = page.camera.origin;
    page.drag(from, to, false);
    assert!(page.camera.origin.distance(origin.offset(-50.0, -20.0)) < 1e-9);
    assert_eq!(page.selection, Selection::component(ComponentId(2)), "panning keeps the selection");
    page.click(Point::new(300.0, 300.0), false);
    assert!(page.selection.is_empty());
}

#[test]
fn shift_and_drag_selects_what_the_rectangle_touches() {
    let mut page = Page::new();
    page.drag(Point::new(440.0, 150.0), Point::new(800.0, -10.0), true);
    assert_eq!(page.selection.components, [2, 3].map(ComponentId).into());
}

#[test]
fn a_drag_from_a_port_connects_what_it_ends_on() {
    let mut page = Page::new();
    let port = Side::Bottom.point(crate::scene::route::card_area(page.centre(1)), 0.0);
    page.drag(port, page.centre(3), false);
    assert_eq!(page.plans, [Plan::Connect(ComponentId(1), ComponentId(3))]);
    page.plans.clear();
    page.drag(port, Point::new(500.0, 600.0), false);
    assert!(page.plans.is_empty());
}

#[test]
fn a_click_on_a_port_and_one_on_a_card_connect_too() {
    let mut page = Page::new();
    let port = Side::Top.point(crate::scene::route::card_area(page.centre(1)), 0.0);
    page.click(port, false);
    assert!(matches!(page.gesture, Gesture::Connecting { pointer: None, .. }));
    let layout = Layout::of(&page.design);
    let board = Board { design: &page.design, layout: &layout, selection: &page.selection, camera: page.camera };
    let marks = page.gesture.clone().point_at(ComponentId(3), &board).marks(&board);
    let connecting = marks.connecting.unwrap();
    assert!(!connecting.is_allowed[&ComponentId(3)]);
    assert!(connecting.words.unwrap().contains("Part 1"));
    page.press(page.centre(3), false);
    assert_eq!(page.plans, [Plan::Connect(ComponentId(1), ComponentId(3))]);
    assert_eq!(page.gesture, Gesture::Idle);
}

#[test]
fn escape_takes_a_move_back() {
    let mut page = Page::new();
    page.press(page.centre(2), false);
    let at = page.camera.screen_from_world(page.centre(2).offset(100.0, 100.0));
    page.input(Input::Move { at, pointer: 1 });
    page.input(Input::Cancel);
    assert_eq!(page.plans.last(), Some(&Plan::TakeBack));
    assert_eq!(page.gesture, Gesture::Idle);
}

#[test]
fn two_fingers_magnify_around_the_point_between_them() {
    let mut page = Page::new();
    let (left, right) = (Point::new(100.0, 100.0), Point::new(300.0, 100.0));
    let middle = page.camera.world_from_screen(Point::new(200.0, 100.0));
    page.input(Input::Press { at: left, pointer: 1, is_shift: false, is_pan: false });
    page.input(Input::Press { at: right, pointer: 2, is_shift: false, is_pan: false });
    page.input(Input::Move { at: Point::new(0.0, 100.0), pointer: 1 });
    page.input(Input::Move { at: Point::new(400.0, 100.0), pointer: 2 });
    assert!((page.camera.zoom - 1.6).abs() < 1e-9, "twice as far apart is twice as large: {}", page.camera.zoom);
    assert!(page.camera.world_from_screen(Point::new(200.0, 100.0)).distance(middle) < 1e-9);
    page.input(Input::Release { at: Point::new(400.0, 100.0), pointer: 2 });
    assert!(matches!(page.gesture, Gesture::Panning { pointer: 1, .. }));
}
