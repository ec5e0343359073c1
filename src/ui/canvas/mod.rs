//! The diagram: canvas, pointer and key gestures, and the moving picture.
//!
//! Two canvases lie above each other: one with cards and links, painted only when something changes, and one with the
//! moving requests. Above them lie the proxies, which the keyboard and screen readers meet.

mod acts;
mod dots;
mod flying;
mod frame;
pub mod paint;
mod proxies;
mod stage;
mod view;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use self::proxies::Proxies;
use self::stage::Diagram;
use crate::design::edit::Edit;
use crate::editor::command::{self, Command};
use crate::editor::gesture::{Gesture, Input};
use crate::editor::hit::{self, Spot};
use crate::embed::params;
use crate::format;
use crate::geometry::Point;
use crate::ids::ComponentId;
use crate::scene::Theme;
use crate::scene::replay::Legend;
use crate::text::{fill, text};
use crate::ui::editor::use_editor;
use crate::ui::engine::use_engine;
use crate::ui::preferences::use_preferences;
use crate::ui::use_params;
use crate::web::observe;

/// Magnification by one pixel of the wheel.
const WHEEL_ZOOM: f64 = 0.0015;
/// Pixels of one line, for wheels that count lines.
const LINE_PIXELS: f64 = 24.0;

/// The diagram, filling its container.
#[component]
pub fn DiagramCanvas() -> impl IntoView {
    let prefers_dark = media_signal("(prefers-color-scheme: dark)");
    let preferences = use_preferences();
    let theme = Signal::derive(move || match preferences.theme.get() {
        params::Theme::Dark => Theme::Dark,
        params::Theme::Auto if prefers_dark.get() => Theme::Dark,
        params::Theme::Light | params::Theme::Auto => Theme::Light,
    });
    let is_still = media_signal("(prefers-reduced-motion: reduce)").into();
    let diagram = Diagram::new(use_editor(), use_engine(), theme, is_still);
    let frame = NodeRef::<html::Div>::new();
    let watch = StoredValue::new_local(None);
    Effect::new(move |_| {
        if let Some(frame) = frame.get() {
            let on_size = move |width, height| diagram.resize(width, height, window().device_pixel_ratio());
            watch.set_value(observe::size(&frame, on_size).ok());
        }
    });
    watch_drags_from_palette(diagram, frame);

    let place =
        move |event: &ev::PointerEvent| place_in(frame, f64::from(event.client_x()), f64::from(event.client_y()));
    let on_down = move |event: ev::PointerEvent| {
        if event.button() > 1 {
            return;
        }
        if let Some(frame) = frame.get_untracked() {
            // Refused only if the pointer is gone already.
            let _ = frame.set_pointer_capture(event.pointer_id());
        }
        let is_pan = event.button() == 1;
        if is_pan {
            // Else the middle button starts the browser's own scrolling.
            event.prevent_default();
        }
        diagram.input(Input::Press {
            at: place(&event),
            pointer: event.pointer_id(),
            is_shift: event.shift_key(),
            is_pan,
        });
    };
    let on_move = move |event: ev::PointerEvent| {
        diagram.input(Input::Move { at: place(&event), pointer: event.pointer_id() });
        diagram.hover(Some(place(&event)).filter(|_| event.pointer_type() != "touch"));
    };
    let on_up = move |event: ev::PointerEvent| {
        diagram.input(Input::Release { at: place(&event), pointer: event.pointer_id() });
    };
    let params = use_params();
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
        let spot =
            diagram.stage.with_value(|stage| hit::spot(&stage.layout, camera.world_from_screen(at), camera.zoom));
        if let Spot::Component(id) = spot {
            diagram.renaming.set(Some(id));
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.alt_key() || event.is_composing() || diagram.renaming.get_untracked().is_some() {
            return;
        }
        let focused = diagram.stage.with_value(|stage| stage.focused);
        let is_control = event.ctrl_key() || event.meta_key();
        let Some(command) = command::command(&event.key(), is_control, event.shift_key()) else { return };
        let is_at_rest = diagram.stage.with_value(|stage| stage.gesture == Gesture::Idle);
        if focused.is_none() && is_at_rest && event.key() == " " {
            // On the ground the space bar belongs to the run.
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        diagram.command(command, focused);
    };

    view! {
        <div
            class="diagram"
            node_ref=frame
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=move |_| diagram.input(Input::Cancel)
            on:pointerleave=move |_| diagram.hover(None)
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
            <LegendLine diagram/>
            <ViewButtons diagram/>
            {move || diagram.renaming.get().map(|id| view! { <RenameField diagram id/> })}
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
        if diagram.editor.dragged_kind.get_untracked().is_some() {
            diagram.drag_over(is_over(&event));
        }
    });
    let ups = window_event_listener(ev::pointerup, move |event| {
        if diagram.editor.dragged_kind.get_untracked().is_none() {
            return;
        }
        match is_over(&event) {
            Some(at) => {
                diagram.keep_camera();
                diagram.editor.drop_dragged(diagram.landing_place(at));
            }
            None => diagram.editor.dragged_kind.set(None),
        }
    });
    let cancels = window_event_listener(ev::pointercancel, move |_| diagram.editor.dragged_kind.set(None));
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
fn ViewButtons(diagram: Diagram) -> impl IntoView {
    let button = move |key: &'static str, path: &'static str, command: Command| {
        let label = text(key);
        view! {
            <button type="button" aria-label=label title=label on:click=move |_| diagram.command(command, None)>
                <svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6"
                    stroke-linecap="round" aria-hidden="true">
                    <path d=path></path>
                </svg>
            </button>
        }
    };
    // Presses on the buttons are none of the diagram's.
    view! {
        <div class="view-buttons" on:pointerdown=|event| event.stop_propagation() on:dblclick=|event| event.stop_propagation()>
            {button("diagram.zoom_in", "M12 5v14M5 12h14", Command::ZoomIn)}
            {button("diagram.zoom_out", "M5 12h14", Command::ZoomOut)}
            {button("diagram.fit", "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5", Command::Fit)}
        </div>
    }
}

/// Edits the name of a component in its place.
#[component]
fn RenameField(diagram: Diagram, id: ComponentId) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let before = diagram
        .editor
        .design()
        .with_untracked(|design| design.component(id).map(|component| component.name.clone()))
        .unwrap_or_default();
    let shown = before.clone();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Before it is selected: a new value would drop the selection.
            field.set_value(&shown);
            // Refused only for an element that is not on the page.
            let _ = field.focus();
            field.select();
        }
    });
    let close = move || {
        diagram.renaming.set(None);
        focus_proxy(id);
    };
    let commit = move || {
        // Closing takes the focus away, which commits again.
        if diagram.renaming.get_untracked().is_none() {
            return;
        }
        let name = field.get_untracked().map(|field| field.value().trim().to_owned()).unwrap_or_default();
        if !name.is_empty() && name != before {
            diagram.editor.perform(Edit::Rename(id, name));
        }
        close();
    };
    let on_blur = commit.clone();
    let area = move || {
        let camera = diagram.camera.get();
        let area = diagram.stage.with_value(|stage| stage.layout.cards.get(&id).copied()).unwrap_or_default();
        (camera.screen_from_world(area.origin), area.width * camera.zoom)
    };
    view! {
        <input
            class="rename"
            type="text"
            maxlength="80"
            aria-label=text("diagram.rename")
            node_ref=field
            style:transform=move || {
                let (Point { x, y }, _) = area();
                format!("translate({x}px, {y}px)")
            }
            style:width=move || format!("{}px", area().1.max(140.0))
            on:keydown=move |event: ev::KeyboardEvent| {
                event.stop_propagation();
                match event.key().as_str() {
                    "Enter" => commit(),
                    "Escape" => close(),
                    _ => {}
                }
            }
            on:pointerdown=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
            on:blur=move |_| on_blur()
        />
    }
}

/// Gives the focus back to the proxy of a component.
fn focus_proxy(id: ComponentId) {
    let proxy = document().query_selector(&format!("[data-component='{id}']")).ok().flatten();
    if let Some(proxy) = proxy.and_then(|proxy| proxy.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Refused only for an element that is not on the page.
        let _ = proxy.focus();
    }
}
