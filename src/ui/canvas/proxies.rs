//! Elements over cards and links, transparent and focusable: for the keyboard, for screen readers, and for whoever
//! tests the page. The pointer's events pass through them to the diagram.

use leptos::prelude::*;

use super::stage::{Diagram, is_small};
use crate::design::script::Target;
use crate::editor::hit::Spot;
use crate::editor::menu;
use crate::entry::small;
use crate::format;
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::scene::FRAME_HEAD;
use crate::scene::figures::State;
use crate::scene::route::Side;
use crate::text::{fill, text};
use crate::ui::reaction::memo;

/// The proxies, moved and magnified all at once as the camera moves.
#[component]
pub fn Proxies(diagram: Diagram) -> impl IntoView {
    let design = diagram.editor.design();
    let camera = diagram.camera;
    let transform = move || {
        let camera = camera.get();
        let Point { x, y } = camera.screen_from_world(Point::default());
        format!("translate({}, {}) scale({})", px(x), px(y), factor(camera.zoom))
    };
    let components = memo(move || design.with(|design| design.components().map(|one| one.id).collect::<Vec<_>>()));
    let frames = memo(move || design.with(|design| design.frames().map(|one| one.id).collect::<Vec<_>>()));
    let links = memo(move || design.with(|design| design.links().map(|one| one.id).collect::<Vec<_>>()));
    view! {
        <div
            id="proxies"
            role="group"
            aria-label=text("diagram.label")
            class:many=move || design.with(|design| !is_small(design))
            style:transform=transform
            style=("--zoom", move || factor(camera.get().zoom))
        >
            <For each=move || frames.get() key=|id| *id let:id>
                <FrameProxy diagram id/>
            </For>
            <For each=move || components.get() key=|id| *id let:id>
                <ComponentProxy diagram id/>
            </For>
            <For each=move || links.get() key=|id| *id let:id>
                <LinkProxy diagram id/>
            </For>
        </div>
    }
}

#[component]
fn ComponentProxy(diagram: Diagram, id: ComponentId) -> impl IntoView {
    let design = diagram.editor.design();
    let area = memo(move || {
        design.with(|design| {
            design.component(id).map(|component| crate::scene::route::card_area(component.position)).unwrap_or_default()
        })
    });
    let name = memo(move || {
        diagram.track_turn(id.0);
        component_name(diagram, id)
    });
    let is_selected = move || diagram.editor.selection.with(|selection| selection.components.contains(&id));
    view! {
        <div
            class="proxy"
            data-component=id.to_string()
            role="button"
            aria-haspopup="menu"
            tabindex="0"
            aria-label=name
            aria-pressed=move || is_selected().to_string()
            style:left=move || px(area.get().origin.x)
            style:top=move || px(area.get().origin.y)
            style:width=move || px(area.get().width)
            style:height=move || px(area.get().height)
            on:focus=move |event| {
                diagram.take_turn(id.0);
                // Whoever points at it, or comes back to it from a menu that was pointed at, sees it already.
                if event_target::<web_sys::Element>(&event).matches(":focus-visible").unwrap_or(true) {
                    diagram.reveal(&[id]);
                }
                diagram.focus(Some(Spot::Component(id)));
            }
            on:blur=move |_| diagram.focus(None)
        ></div>
        <div
            class="proxy-port"
            data-port=id.to_string()
            style:left=move || px(Side::Right.point(area.get(), 0.0).x)
            style:top=move || px(Side::Right.point(area.get(), 0.0).y)
        ></div>
    }
}

#[component]
fn LinkProxy(diagram: Diagram, id: LinkId) -> impl IntoView {
    let area = memo(move || {
        diagram.laid_out.track();
        diagram.stage.with_value(|stage| {
            let middle = stage.layout.routes.get(&id).map(|route| route.at(0.5)).unwrap_or_default();
            Rect::centred(middle, 24.0, 24.0)
        })
    });
    let name = memo(move || {
        diagram.track_turn(id.0);
        link_name(diagram, id)
    });
    let is_selected = move || diagram.editor.selection.with(|selection| selection.links.contains(&id));
    view! {
        <div
            class="proxy proxy-link"
            data-link=id.to_string()
            role="button"
            aria-haspopup="menu"
            tabindex="0"
            aria-label=name
            aria-pressed=move || is_selected().to_string()
            style:left=move || px(area.get().origin.x)
            style:top=move || px(area.get().origin.y)
            on:focus=move |_| {
                diagram.take_turn(id.0);
                diagram.focus(Some(Spot::Link(id)));
            }
            on:blur=move |_| diagram.focus(None)
        ></div>
    }
}

#[component]
fn FrameProxy(diagram: Diagram, id: FrameId) -> impl IntoView {
    let design = diagram.editor.design();
    let area = memo(move || design.with(|design| design.frame(id).map(|one| one.area)).unwrap_or_default());
    let name = move || {
        design.with(|design| {
            let Some(frame) = design.frame(id) else { return String::new() };
            if !frame.kind.holds_parts() {
                return fill("tools.note", &[("words", &frame.name)]);
            }
            let kind = small(text(&format!("frames.{}.name", frame.kind.key())));
            let count = crate::editor::frames::content(design, id).components.len().to_string();
            fill("diagram.frame_name", &[("name", &frame.name), ("kind", &kind), ("count", &count)])
        })
    };
    // What it can be taken hold of by.
    let height = move || {
        let is_note = design.with(|design| design.frame(id).is_some_and(|frame| !frame.kind.holds_parts()));
        if is_note { area.get().height } else { FRAME_HEAD }
    };
    let is_selected = move || diagram.editor.selection.with(|selection| selection.frames.contains(&id));
    view! {
        <div
            class="proxy proxy-frame"
            data-frame=id.to_string()
            role="button"
            aria-haspopup="menu"
            tabindex="0"
            aria-label=name
            aria-pressed=move || is_selected().to_string()
            style:left=move || px(area.get().origin.x)
            style:top=move || px(area.get().origin.y)
            style:width=move || px(area.get().width)
            style:height=move || px(height())
            on:focus=move |_| diagram.focus(Some(Spot::Frame(id)))
            on:blur=move |_| diagram.focus(None)
        ></div>
    }
}

/// A length as CSS writes it. Proxies have places, not transforms of their own: of those browsers cannot bear many.
fn px(length: f64) -> String {
    format!("{}px", format::plain(length, 3))
}

/// A factor as CSS writes it: exact to less than a pixel over the whole of the screen.
fn factor(factor: f64) -> String {
    format::plain(factor, 6)
}

/// `Web server: server, cores 62 %, 120/s, 3 waiting`. Follows nothing: turns tell when it has to be read anew.
fn component_name(diagram: Diagram, id: ComponentId) -> String {
    let mut parts = Vec::new();
    let name = diagram.editor.design().with_untracked(|design| {
        design.component(id).map(|component| {
            parts.push(text(&format!("kinds.{}.name", component.config.kind().key())).to_owned());
            component.name.clone()
        })
    });
    diagram.stage.with_value(|stage| {
        let Some(figures) = stage.figures.components.get(&id) else { return };
        if figures.state == State::Down {
            parts.push(text("diagram.down").to_owned());
            return;
        }
        if let Some((resource, share)) = figures.scarcest {
            let resource = text(&format!("diagram.resources.{}", resource.key())).to_owned();
            parts.push(format!("{resource} {}", format::share(share)));
        }
        parts.push(format::quantity(figures.throughput, text("diagram.per_second")));
        parts.extend(figures.p99_secs.map(|secs| format!("p99 {}", format::duration(secs))));
        if figures.waiting > 0 {
            parts.push(fill("diagram.waiting", &[("count", &format::count(figures.waiting as f64))]));
        }
    });
    parts.extend(faults(diagram, Target::Component(id)));
    format!("{}: {}", name.unwrap_or_default(), parts.join(", "))
}

/// `Link from Users to Web server: requests, 120 per second`.
fn link_name(diagram: Diagram, id: LinkId) -> String {
    let mut parts = vec![diagram.editor.design().with_untracked(|design| menu::link_name(design, id))];
    let rate = diagram.stage.with_value(|stage| stage.figures.links.get(&id).map(|figures| figures.attempt_rate));
    parts.extend(rate.map(|rate| format::quantity(rate, text("diagram.per_second"))));
    parts.extend(faults(diagram, Target::Link(id)));
    parts.join(", ")
}

/// What is wrong there, in words.
fn faults(diagram: Diagram, target: Target) -> Vec<String> {
    diagram.engine.at_work.with_untracked(|at_work| {
        at_work.at(target).map(|fault| text(&format!("faults.{}.name", fault.key())).to_owned()).collect()
    })
}
