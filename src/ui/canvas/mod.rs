//! The diagram: canvas, pointer and key gestures, and the moving picture.
//!
//! Two canvases lie above each other: one with cards and links, painted only when something changes, and one with the
//! moving requests. Above them lie the proxies, which the keyboard and screen readers meet.

mod acts;
mod commands;
mod dots;
mod flying;
mod frame;
mod minimap;
pub mod paint;
mod picture;
mod proxies;
mod rename;
mod stage;
mod view;

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::minimap::Minimap;
use self::proxies::Proxies;
use self::rename::RenameField;
pub use self::stage::{Diagram, OpenMenu};
use crate::editor::command::{self, Command, Scope, Touches};
use crate::editor::gesture::Input;
use crate::editor::hit::{self, Spot};
use crate::editor::place::Part;
use crate::embed::params;
use crate::format;
use crate::geometry::Point;
use crate::scene::Theme;
use crate::scene::replay::Legend;
use crate::text::{fill, text};
use crate::ui::desk::use_desk;
use crate::ui::editor::Editor;
use crate::ui::engine::Engine;
use crate::ui::parts::{PathIcon, Show};
use crate::ui::preferences::Preferences;
use crate::ui::reaction::{derived, effect};
use crate::ui::shortcuts;
use crate::ui::use_params;
use crate::web::observe;

/// Magnification by one pixel of the wheel.
const WHEEL_ZOOM: f64 = 0.0015;
/// Pixels of one line, for wheels that count lines.
const LINE_PIXELS: f64 = 24.0;
/// How long a finger rests until that means the menu [ms].
const LONG_PRESS_MS: u32 = 550;
/// How far a resting finger may stray [pixels].
const LONG_PRESS_SLACK: f64 = 8.0;

/// The diagram of what `editor` holds and `engine` tells, in the theme that the person likes.
pub fn new_diagram(editor: Editor, engine: Engine, preferences: Preferences) -> Diagram {
    let prefers_dark = media_signal("(prefers-color-scheme: dark)");
    let theme = derived(move || match preferences.theme.get() {
        params::Theme::Dark => Theme::Dark,
        params::Theme::Auto if prefers_dark.get() => Theme::Dark,
        params::Theme::Light | params::Theme::Auto => Theme::Light,
    });
    let is_still = media_signal("(prefers-reduced-motion: reduce)").into();
    Diagram::new(editor, engine, theme, is_still)
}

/// The diagram, filling its container.
#[component]
pub fn DiagramCanvas() -> impl IntoView {
    let desk = use_desk();
    let diagram = desk.diagram;
    let frame = NodeRef::<html::Div>::new();
    let watch = StoredValue::new_local(None);
    effect(move || {
        if let Some(frame) = frame.get() {
            let on_size = move |width, height| diagram.resize(width, height, window().device_pixel_ratio());
            watch.set_value(observe::size(&frame, on_size).ok());
        }
    });
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
                diagram.editor.dragged.set(None);
                diagram.input(Input::Draw { at, pointer, kind });
                return;
            }
            // It is put down where the pointer is let go.
            Some(Part::Offer(_)) => return,
            None => {}
        }
        let is_space_held = diagram.stage.with_value(|stage| stage.space.is_some());
        let is_pan = event.button() == 1 || diagram.is_hand.get_untracked() || is_space_held;
        if is_space_held {
            diagram.stage.update_value(|stage| stage.space = Some(true));
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

    view! {
        <div
            class="diagram"
            class:is-hand=move || diagram.is_hand.get()
            data-cursor=move || diagram.cursor.get()
            node_ref=frame
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=on_cancel
            on:pointerleave=move |_| diagram.hover(None)
            on:contextmenu=on_menu
            on:wheel=on_wheel
            on:dblclick=on_double_click
            on:keydown=on_key
        >
            <canvas
                id="canvas"
                node_ref=diagram.base
                tabindex="0"
                role="application"
                aria-label=text("diagram.label")
                aria-describedby="diagram-help"
            ></canvas>
            <canvas class="diagram-dots" node_ref=diagram.overlay aria-hidden="true"></canvas>
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
        </div>
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

/// Whether the system fits a media query.
fn media_signal(query: &str) -> RwSignal<bool> {
    let fits = RwSignal::new(false);
    let listener = observe::media(query, move |now| fits.set(now));
    // Kept for as long as the diagram.
    StoredValue::new_local(listener);
    fits
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
    let words = move || match diagram.editor.dragged.get() {
        Some(Part::Offer(offer)) => Some(fill("diagram.put_down", &[("name", &offer.name())])),
        Some(Part::Frame(_)) => Some(text("diagram.draw_frame").to_owned()),
        None if diagram.is_hand.get() => Some(text("diagram.hand").to_owned()),
        None => None,
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
    let classes = ["read", "write", "static"];
    view! {
        <Show when=move || !diagram.is_still.get()>
            <p class="diagram-legend">
                {classes
                    .map(|class| {
                        view! { <span class="class-key" data-class=class>{text(&format!("diagram.classes.{class}")).to_owned()}</span> }
                    })}
                <span>{move || diagram.legend.get().map(words)}</span>
            </p>
        </Show>
    }
}

/// Buttons for what wheel and keys do too.
#[component]
fn ViewButtons() -> impl IntoView {
    let desk = use_desk();
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
        </div>
    }
}

/// Gives the focus to an element of the diagram.
fn focus_proxy(selector: &str) {
    let proxy = document().query_selector(selector).ok().flatten();
    if let Some(proxy) = proxy.and_then(|proxy| proxy.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Refused only for an element that is not on the page.
        let _ = proxy.focus();
    }
}
