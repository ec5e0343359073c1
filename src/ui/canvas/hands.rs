//! What people do to the diagram, by pointer and keys, and what lies above it for them: elements for the keyboard, buttons,
//! hints. It comes once the picture moves.

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::html::{self, ElementExt};
use leptos::prelude::*;

use super::minimap::Minimap;
use super::proxies::Proxies;
use super::rename::RenameField;
use super::stage::{Diagram, Tool};
use crate::editor::command::{self, Command, Scope, Touches};
use crate::editor::gesture::Input;
use crate::editor::hit::{self, Spot};
use crate::editor::place::Part;
use crate::format;
use crate::geometry::Point;
use crate::scene::replay::Legend;
use crate::text::{fill, text};
use crate::ui::desk::{keys, use_desk};
use crate::ui::parts::{PathIcon, Show};
use crate::ui::shortcuts;
use crate::ui::use_params;

/// Magnification by one pixel of the wheel.
const WHEEL_ZOOM: f64 = 0.0015;
/// Pixels of one line, for wheels that count lines.
const LINE_PIXELS: f64 = 24.0;
/// How long a finger rests until that means the menu [ms].
const LONG_PRESS_MS: u32 = 550;
/// How far a resting finger may stray [pixels].
const LONG_PRESS_SLACK: f64 = 8.0;

/// What lies above the diagram, and listens to it.
#[component]
pub fn Hands() -> impl IntoView {
    let desk = use_desk();
    let diagram = desk.diagram;
    let frame = diagram.frame_element;
    diagram.take_hold();
    watch_drags_from_palette(diagram, frame);
    let long_press = StoredValue::new_local(None::<(Point, Timeout)>);
    // Where nothing can be done, the browser's own menu serves better than an empty one.
    let has_menus = desk.reach() > Touches::View;

    let place =
        move |event: &ev::PointerEvent| place_in(frame, f64::from(event.client_x()), f64::from(event.client_y()));
    let on_down = move |event: ev::PointerEvent| {
        diagram.bubble.set(None);
        diagram.stage.update_value(|stage| stage.is_pressed = true);
        if event.button() > 1 {
            return;
        }
        let (at, pointer) = (place(&event), event.pointer_id());
        if let Some(frame) = frame.get_untracked() {
            // Refused only if the pointer is gone already.
            let _ = frame.set_pointer_capture(pointer);
        }
        match diagram.editor.dragged.get_untracked() {
            Some(Part::Frame(kind)) => {
                diagram.has_put_down();
                diagram.input(Input::Draw { at, pointer, kind });
                return;
            }
            // It is put down where the pointer is let go.
            Some(Part::Offer(_)) => return,
            None => {}
        }
        let is_space_held = diagram.stage.with_value(|stage| stage.space.is_some());
        let tool = diagram.tool.get_untracked();
        let is_pan = event.button() == 1 || tool == Tool::Hand || is_space_held;
        if is_space_held {
            diagram.stage.update_value(|stage| stage.space = Some(true));
        }
        if tool == Tool::Erase && !is_pan {
            diagram.input(Input::Erase { at, pointer });
            return;
        }
        if !is_pan {
            diagram.press_dot(at);
        }
        if event.button() == 1 {
            // Else the middle button starts the browser's own scrolling.
            event.prevent_default();
        }
        let is_second = long_press.with_value(Option::is_some);
        long_press.set_value(None);
        if event.pointer_type() != "mouse" && !is_second && has_menus {
            let client = (f64::from(event.client_x()), f64::from(event.client_y()));
            let timer = Timeout::new(LONG_PRESS_MS, move || {
                diagram.input(Input::Cancel);
                diagram.open_menu_at(client);
            });
            long_press.set_value(Some((at, timer)));
        }
        // More than one thing is selected with Shift, or with Ctrl as in lists.
        let is_shift = event.shift_key() || event.ctrl_key() || event.meta_key();
        diagram.input(Input::Press { at, pointer, is_shift, is_pan });
    };
    let on_move = move |event: ev::PointerEvent| {
        let at = place(&event);
        let has_strayed = move |press: &Option<(Point, Timeout)>| {
            press.as_ref().is_some_and(|(from, _)| from.distance(at) > LONG_PRESS_SLACK)
        };
        if long_press.with_value(has_strayed) {
            long_press.set_value(None);
        }
        diagram.input(Input::Move { at, pointer: event.pointer_id() });
        diagram.hover(Some(at).filter(|_| event.pointer_type() != "touch"));
    };
    let on_up = move |event: ev::PointerEvent| {
        long_press.set_value(None);
        diagram.stage.update_value(|stage| stage.is_pressed = false);
        diagram.release_dot(place(&event));
        diagram.input(Input::Release { at: place(&event), pointer: event.pointer_id() });
    };
    let on_cancel = move |_| {
        long_press.set_value(None);
        diagram.stage.update_value(|stage| {
            stage.is_pressed = false;
            stage.pressed_dot = None;
        });
        diagram.input(Input::Cancel);
    };
    let on_menu = move |event: ev::MouseEvent| {
        if !has_menus {
            return;
        }
        event.prevent_default();
        // Keys and long presses have opened it already.
        if diagram.menu.with_untracked(Option::is_none) {
            diagram.input(Input::Cancel);
            diagram.open_menu_at((f64::from(event.client_x()), f64::from(event.client_y())));
        }
    };
    let params = use_params();
    let has_nav = params.with_value(|params| params.nav);
    let on_wheel = move |event: ev::WheelEvent| {
        // Inside another page the wheel scrolls that page, as everywhere else on it.
        if !params.with_value(|params| params.wheel) && !event.ctrl_key() && !event.meta_key() {
            return;
        }
        event.prevent_default();
        let pixels = if event.delta_mode() == web_sys::WheelEvent::DOM_DELTA_LINE {
            event.delta_y() * LINE_PIXELS
        } else {
            event.delta_y()
        };
        // Pinching on a touchpad arrives as a wheel with Ctrl, in much smaller steps.
        let pixels = if event.ctrl_key() { pixels * 6.0 } else { pixels };
        let at = place_in(frame, f64::from(event.client_x()), f64::from(event.client_y()));
        diagram.zoom(libm::exp(-pixels * WHEEL_ZOOM), Some(at));
    };
    let on_double_click = move |event: ev::MouseEvent| {
        let at = place_in(frame, f64::from(event.client_x()), f64::from(event.client_y()));
        let camera = diagram.camera.get_untracked();
        let world = camera.world_from_screen(at);
        let spot = diagram.stage.with_value(|stage| hit::spot(&stage.layout, world, camera.zoom));
        match spot {
            _ if !desk.offers(Command::Rename) => {}
            Spot::Component(_) | Spot::Frame(_) => diagram.renaming.set(Some(spot)),
            Spot::Ground => desk.ask_for_part(Some(world)),
            Spot::Port(_) | Spot::Link(_) | Spot::Border(..) => {}
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.is_composing() || diagram.renaming.get_untracked().is_some() {
            return;
        }
        let has_focus = diagram.stage.with_value(|stage| stage.focused.is_some());
        let scope = if has_focus { Scope::Thing } else { Scope::Diagram };
        let found = shortcuts::with_press(&event, |press| command::command(press, scope, desk.with_single_keys()));
        let Some(found) = found else { return };
        match found {
            // The browser hands the clipboard over in an event of its own; the space bar is waited for.
            Command::Paste | Command::TogglePlaying => return,
            Command::Menu if !has_menus => return,
            _ => {}
        }
        event.prevent_default();
        event.stop_propagation();
        desk.run(found);
    };

    // They listen for as long as this is kept.
    let listening = StoredValue::new_local(None);
    frame.on_load(move |frame| {
        let handles = [
            frame.on(ev::pointerdown, on_down),
            frame.on(ev::pointermove, on_move),
            frame.on(ev::pointerup, on_up),
            frame.on(ev::pointercancel, on_cancel),
            frame.on(ev::pointerleave, move |_| diagram.hover(None)),
            frame.on(ev::contextmenu, on_menu),
            frame.on(ev::wheel, on_wheel),
            frame.on(ev::dblclick, on_double_click),
            frame.on(ev::keydown, on_key),
        ];
        listening.set_value(Some(handles));
    });
    view! {
        <Proxies diagram/>
        <p id="diagram-help" class="visually-hidden">{text("diagram.help")}</p>
        <Hint diagram/>
        <LegendLine diagram/>
        {has_nav
            .then(|| {
                view! {
                    <Minimap diagram/>
                    <ViewButtons/>
                }
            })}
        {move || diagram.renaming.get().map(|spot| view! { <RenameField diagram spot/> })}
    }
}

/// Shows where a part from the palette would land while it is over the diagram, and puts it there.
fn watch_drags_from_palette(diagram: Diagram, frame: NodeRef<html::Div>) {
    let is_over = move |event: &ev::PointerEvent| {
        let rect = frame.get_untracked()?.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let is_inside = (rect.left()..=rect.right()).contains(&x) && (rect.top()..=rect.bottom()).contains(&y);
        // What lies over the diagram takes the drop for itself: whoever drops a part on a panel does not want it.
        let is_covered = || {
            let below = document().element_from_point(x as f32, y as f32);
            below.is_none_or(|below| below.closest(".diagram").ok().flatten().is_none())
        };
        (is_inside && !is_covered()).then(|| Point::new(x - rect.left(), y - rect.top()))
    };
    let moves = window_event_listener(ev::pointermove, move |event| {
        if diagram.editor.dragged.get_untracked().is_some() {
            diagram.drag_over(is_over(&event));
        }
    });
    let ups = window_event_listener(ev::pointerup, move |event| {
        if diagram.editor.dragged.get_untracked().is_none() {
            return;
        }
        match is_over(&event) {
            Some(at) => diagram.drop_at(at),
            None => diagram.editor.dragged.set(None),
        }
    });
    let cancels = window_event_listener(ev::pointercancel, move |_| diagram.editor.dragged.set(None));
    on_cleanup(move || {
        moves.remove();
        ups.remove();
        cancels.remove();
    });
}

/// A point of the window as a point of the view [pixels].
fn place_in(frame: NodeRef<html::Div>, x: f64, y: f64) -> Point {
    frame.get_untracked().map_or_else(Point::default, |frame| {
        let rect = frame.get_bounding_client_rect();
        Point::new(x - rect.left(), y - rect.top())
    })
}

/// What the next click or drag does, where that is not what it usually does.
#[component]
fn Hint(diagram: Diagram) -> impl IntoView {
    let and_again = move |words: String| {
        if diagram.keeps_tool.get() { format!("{words} {}", text("tools.again")) } else { words }
    };
    let words = move || match (diagram.editor.dragged.get(), diagram.tool.get()) {
        (Some(Part::Offer(offer)), _) => Some(and_again(fill("diagram.put_down", &[("name", &offer.name())]))),
        (Some(Part::Frame(_)), _) => Some(and_again(text("diagram.draw_frame").to_owned())),
        (None, Tool::Hand) => Some(text("diagram.hand").to_owned()),
        (None, Tool::Erase) => Some(text("tools.erase").to_owned()),
        (None, Tool::Pointer) => {
            diagram.editor.is_locked().then(|| fill("tools.is_locked", &[("keys", &keys(Command::Lock))]))
        }
    };
    view! { <p class="diagram-hint" class:shown=move || words().is_some() role="status">{words}</p> }
}

/// What the moving dots mean.
#[component]
fn LegendLine(diagram: Diagram) -> impl IntoView {
    let words = move |legend: Legend| {
        let requests = format::count(legend.requests_per_dot as f64);
        let requests = if legend.is_exact && legend.requests_per_dot == 1 {
            text("diagram.legend.exact").to_owned()
        } else if legend.requests_per_dot == 1 {
            text("diagram.legend.one").to_owned()
        } else {
            fill("diagram.legend.many", &[("count", &requests)])
        };
        let pace = if legend.slowness >= 1.0 {
            fill("diagram.legend.slower", &[("factor", &format::number(legend.slowness))])
        } else {
            fill("diagram.legend.faster", &[("factor", &format::number(1.0 / legend.slowness))])
        };
        format!("{requests}, {pace}")
    };
    let desk = use_desk();
    let classes = ["read", "write", "static"];
    view! {
        <Show when=move || !diagram.is_still.get()>
            <p class="diagram-legend" on:pointerdown=|event| event.stop_propagation()>
                {classes
                    .map(|class| {
                        view! { <span class="class-key" data-class=class>{text(&format!("diagram.classes.{class}")).to_owned()}</span> }
                    })}
                <span class="legend-pace">{move || diagram.legend.get().map(words)}</span>
                <button type="button" id="what" on:click=move |_| desk.help_open.set(true)>
                    {text("diagram.legend.more")}
                </button>
            </p>
        </Show>
    }
}

/// Buttons for what wheel and keys do too.
#[component]
fn ViewButtons() -> impl IntoView {
    let desk = use_desk();
    let is_zen = desk.preferences.is_zen;
    let button = move |path: &'static str, command: Command| {
        let label = text(&format!("commands.{}", command.row().key)).to_owned();
        let tip = desk.tip(command);
        view! {
            <button
                type="button"
                aria-label=label
                title=tip
                data-command=command.row().key
                on:click=move |_| desk.run(command)
            >
                <PathIcon path=path/>
            </button>
        }
    };
    // Presses on the buttons are none of the diagram's.
    view! {
        <div
            class="view-buttons"
            on:pointerdown=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
            on:contextmenu=|event| event.stop_propagation()
        >
            {button("M12 5v14M5 12h14", Command::ZoomIn)}
            {button("M5 12h14", Command::ZoomOut)}
            {button("M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", Command::Fit)}
            {desk
                .offers(Command::Arrange)
                .then(|| button("M3 9.5h5v5H3zM16 4h5v5h-5zM16 15h5v5h-5zM8 12h4M16 6.5h-4v11h4", Command::Arrange))}
            {move || is_zen.get().then(|| button("M4 5h16v14H4zM9 5v14M9 15h11", Command::Zen))}
        </div>
    }
}
