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
    is_locked: bool,
}

impl Page {
    fn new() -> Self {
        Self {
            design: three_in_a_row(),
            selection: Selection::default(),
            camera: Camera { origin: Point::new(-50.0, -200.0), zoom: 0.8 },
            gesture: Gesture::Idle,
            plans: Vec::new(),
            is_locked: false,
        }
    }

    fn board<'a>(&'a self, layout: &'a Layout) -> Board<'a> {
        let Self { design, selection, camera, is_locked, .. } = self;
        Board { design, layout, selection, camera: *camera, is_locked: *is_locked }
    }

    fn input(&mut self, input: Input) {
        let layout = Layout::of(&self.design);
        let board = self.board(&layout);
        let (gesture, plans) = self.gesture.clone().step(input, &board);
        self.gesture = gesture;
        for plan in &plans {
            match plan {
                Plan::Look(camera) => self.camera = *camera,
                Plan::Select(selection) => self.selection = selection.clone(),
                Plan::Edit(edit) => {
                    self.design.apply(edit.clone()).unwrap();
                }
                Plan::Begin
                | Plan::End
                | Plan::TakeBack
                | Plan::Connect(..)
                | Plan::Offer(..)
                | Plan::AddFrame(..)
                | Plan::Erase => {}
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
    let ground = Point::new(500.0, 600.0);
    page.drag(port, ground, false);
    assert!(
        matches!(&page.plans[..], [Plan::Offer(from, at)] if *from == [ComponentId(1)] && at.distance(ground) < 1e-6)
    );
    page.plans.clear();
    page.drag(port, page.centre(1), false);
    assert!(page.plans.is_empty(), "back at its start it means nothing");
}

#[test]
fn a_link_from_one_of_several_selected_starts_at_all_of_them() {
    let mut page = Page::new();
    let mut twin = page.design.component(ComponentId(2)).unwrap().clone();
    twin.id = ComponentId(9);
    twin.position = Point::new(480.0, 300.0);
    page.design.apply(Edit::AddComponent(twin)).unwrap();
    page.selection.components = [1, 2, 9].map(ComponentId).into();
    let port = Side::Bottom.point(crate::scene::route::card_area(page.centre(9)), 0.0);
    page.drag(port, page.centre(3), false);
    // Users cannot ask a database, and the other server does already.
    assert_eq!(page.plans, [Plan::Connect(ComponentId(9), ComponentId(3))]);
    page.plans.clear();
    page.drag(port, Point::new(900.0, 600.0), false);
    assert!(matches!(&page.plans[..], [Plan::Offer(from, _)] if from.len() == 3));
}

/// A frame around the server, and nothing else.
fn with_frame(page: &mut Page) -> FrameId {
    let frame = FrameId(20);
    let area = Rect::centred(page.centre(2), 240.0, 192.0);
    let edit = frames::add(&page.design, FrameKind::Zone, area, frame);
    page.design.apply(edit).unwrap();
    frame
}

#[test]
fn a_frame_is_moved_by_its_name_and_takes_its_parts_along() {
    let mut page = Page::new();
    let frame = with_frame(&mut page);
    let name = page.design.frame(frame).unwrap().area.origin.offset(60.0, 16.0);
    page.drag(name, name.offset(0.0, 400.0), false);
    assert_eq!(page.centre(2), Point::new(480.0, 400.0));
    assert_eq!(page.centre(3), Point::new(720.0, 0.0));
    assert_eq!(page.design.component(ComponentId(2)).unwrap().frame, Some(frame));
    assert_eq!(page.plans.last(), Some(&Plan::End));
}

#[test]
fn a_card_belongs_to_the_frame_that_it_is_dropped_in() {
    let mut page = Page::new();
    let frame = with_frame(&mut page);
    let owner = |page: &Page| page.design.component(ComponentId(2)).unwrap().frame;
    page.drag(page.centre(2), page.centre(2).offset(0.0, 500.0), false);
    assert_eq!(owner(&page), None);
    page.drag(page.centre(2), page.centre(2).offset(0.0, -500.0), false);
    assert_eq!(owner(&page), Some(frame));
}

#[test]
fn a_frame_is_resized_by_its_corner_and_holds_what_then_stands_in_it() {
    let mut page = Page::new();
    let frame = with_frame(&mut page);
    let area = page.design.frame(frame).unwrap().area;
    let corner = Point::new(area.right(), area.bottom());
    page.drag(corner, corner.offset(240.0, 0.0), false);
    assert_eq!(page.design.frame(frame).unwrap().area.width, area.width + 240.0);
    assert_eq!(page.design.component(ComponentId(3)).unwrap().frame, Some(frame));
}

#[test]
fn frames_are_drawn_or_put_down_with_a_click() {
    let mut page = Page::new();
    let at = page.camera.screen_from_world(Point::new(0.0, 160.0));
    page.input(Input::Draw { at, pointer: 1, kind: FrameKind::Zone });
    let end = page.camera.screen_from_world(Point::new(400.0, 320.0));
    page.input(Input::Move { at: end, pointer: 1 });
    page.input(Input::Release { at: end, pointer: 1 });
    let area = Rect { origin: Point::new(0.0, 160.0), width: 400.0, height: 160.0 };
    assert_eq!(page.plans, [Plan::AddFrame(FrameKind::Zone, area)]);
    page.plans.clear();
    page.input(Input::Draw { at, pointer: 1, kind: FrameKind::Zone });
    page.input(Input::Release { at, pointer: 1 });
    let area = Rect { origin: Point::new(0.0, 160.0), ..frames::usual(FrameKind::Zone) };
    assert_eq!(page.plans, [Plan::AddFrame(FrameKind::Zone, area)]);
}

#[test]
fn what_the_eraser_is_drawn_over_goes_together_unless_it_is_taken_back() {
    let mut page = Page::new();
    page.selection = Selection::component(ComponentId(1));
    let on_screen = |page: &Page, id| page.camera.screen_from_world(page.centre(id));
    page.input(Input::Erase { at: on_screen(&page, 2), pointer: 1 });
    page.input(Input::Move { at: on_screen(&page, 3), pointer: 1 });
    assert_eq!(page.selection.components, [2, 3].map(ComponentId).into());
    page.input(Input::Cancel);
    assert_eq!(page.selection, Selection::component(ComponentId(1)));
    assert!(!page.plans.contains(&Plan::Erase));
    page.input(Input::Erase { at: on_screen(&page, 2), pointer: 1 });
    page.input(Input::Release { at: on_screen(&page, 2), pointer: 1 });
    assert_eq!(page.selection, Selection::component(ComponentId(2)));
    assert_eq!(page.plans.last(), Some(&Plan::Erase));
}

#[test]
fn what_is_carried_follows_the_pointer_until_a_click() {
    let mut page = Page::new();
    page.selection = Selection::component(ComponentId(2));
    let layout = Layout::of(&page.design);
    let board = page.board(&layout);
    let (gesture, plans) = Gesture::carry(page.centre(2), &board);
    assert_eq!(plans, [Plan::Begin]);
    page.gesture = gesture;
    let goal = Point::new(480.0, 400.0);
    page.input(Input::Move { at: page.camera.screen_from_world(goal), pointer: 7 });
    page.press(goal, false);
    assert_eq!(page.centre(2), goal);
    assert_eq!(page.plans.last(), Some(&Plan::End));
    assert_eq!(page.gesture, Gesture::Idle);
}

#[test]
fn a_second_finger_takes_back_what_the_first_began() {
    let mut page = Page::new();
    page.press(page.centre(2), false);
    let at = page.camera.screen_from_world(page.centre(2).offset(100.0, 100.0));
    page.input(Input::Move { at, pointer: 1 });
    page.input(Input::Press { at: at.offset(80.0, 0.0), pointer: 2, is_shift: false, is_pan: false });
    assert_eq!(page.plans.last(), Some(&Plan::TakeBack));
    assert!(matches!(page.gesture, Gesture::Pinching { pointers } if pointers[0].1.distance(at) < 8.0));
}

#[test]
fn a_second_finger_calls_eraser_and_pen_off() {
    let mut page = Page::new();
    page.selection = Selection::component(ComponentId(1));
    let at = page.camera.screen_from_world(page.centre(2));
    let next = at.offset(80.0, 0.0);
    page.input(Input::Erase { at, pointer: 1 });
    page.input(Input::Erase { at: next, pointer: 2 });
    assert_eq!(page.selection, Selection::component(ComponentId(1)));
    assert!(matches!(page.gesture, Gesture::Pinching { pointers } if pointers[0].1 == at && pointers[1].1 == next));
    page.input(Input::Erase { at: next, pointer: 3 });
    assert!(matches!(page.gesture, Gesture::Pinching { .. }));
    for pointer in [2, 1] {
        page.input(Input::Release { at: next, pointer });
    }
    assert_eq!(page.gesture, Gesture::Idle);
    page.input(Input::Draw { at, pointer: 1, kind: FrameKind::Zone });
    page.input(Input::Draw { at: next, pointer: 2, kind: FrameKind::Zone });
    assert!(matches!(page.gesture, Gesture::Pinching { .. }));
    assert!(!page.plans.iter().any(|plan| matches!(plan, Plan::Erase | Plan::AddFrame(..))));
}

#[test]
fn a_click_on_a_port_and_one_on_a_card_connect_too() {
    let mut page = Page::new();
    let port = Side::Top.point(crate::scene::route::card_area(page.centre(1)), 0.0);
    page.click(port, false);
    assert!(matches!(page.gesture, Gesture::Connecting { pointer: None, .. }));
    let layout = Layout::of(&page.design);
    let board = page.board(&layout);
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

#[test]
fn a_drawing_that_stays_as_it_is_is_selected_and_moved_as_a_whole() {
    let mut page = Page { is_locked: true, ..Page::new() };
    let (before, seen) = (page.centre(2), page.camera);
    page.click(before, false);
    assert_eq!(page.selection, Selection::component(ComponentId(2)));
    page.press(before, false);
    let at = page.camera.screen_from_world(before);
    page.input(Input::Move { at: at.offset(60.0, 30.0), pointer: 1 });
    page.input(Input::Release { at: at.offset(60.0, 30.0), pointer: 1 });
    assert_eq!(page.centre(2), before);
    assert!(page.camera.screen_from_world(before).distance(seen.screen_from_world(before)) > 50.0);
    // Nothing is drawn from its port either.
    page.click(Side::Right.point(crate::scene::route::card_area(before), 0.0), false);
    assert_eq!(page.gesture, Gesture::Idle);
}
