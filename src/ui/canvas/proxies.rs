//! Elements over cards and links, transparent and focusable: for the keyboard, for screen readers, and for whoever
//! tests the page. The pointer's events pass through them to the diagram.

use leptos::prelude::*;

use super::stage::Diagram;
use crate::editor::hit::Spot;
use crate::format;
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, LinkId};
use crate::scene::figures::State;
use crate::scene::route::Side;
use crate::text::{fill, text};

/// The proxies, moved and magnified all at once as the camera moves.
#[component]
pub fn Proxies(diagram: Diagram) -> impl IntoView {
    let design = diagram.editor.design();
    let camera = diagram.camera;
    let transform = move || {
        let camera = camera.get();
        let Point { x, y } = camera.screen_from_world(Point::default());
        format!("translate({x}px, {y}px) scale({})", camera.zoom)
    };
    let components =
        Memo::new(move |_| design.with(|design| design.components().map(|one| one.id).collect::<Vec<_>>()));
    let links = Memo::new(move |_| design.with(|design| design.links().map(|one| one.id).collect::<Vec<_>>()));
    view! {
        <div
            id="proxies"
            role="group"
            aria-label=text("diagram.label")
            style:transform=transform
            style=("--zoom", move || camera.get().zoom.to_string())
        >
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
    let area = Memo::new(move |_| {
        design.with(|design| {
            design.component(id).map(|component| crate::scene::route::card_area(component.position)).unwrap_or_default()
        })
    });
    let name = Memo::new(move |_| {
        diagram.track_turn(id.0);
        component_name(diagram, id)
    });
    let is_selected = move || diagram.editor.selection.with(|selection| selection.components.contains(&id));
    view! {
        <div
            class="proxy"
            data-component=id.to_string()
            role="button"
            tabindex="0"
            aria-label=name
            aria-pressed=move || is_selected().to_string()
            style:transform=move || at(area.get())
            style:width=move || format!("{}px", area.get().width)
            style:height=move || format!("{}px", area.get().height)
            on:focus=move |_| {
                diagram.reveal(id);
                diagram.focus(Some(Spot::Component(id)));
            }
            on:blur=move |_| diagram.focus(None)
        ></div>
        <div
            class="proxy-port"
            data-port=id.to_string()
            style:transform=move || {
                let Point { x, y } = Side::Right.point(area.get(), 0.0);
                format!("translate({x}px, {y}px)")
            }
        ></div>
    }
}

#[component]
fn LinkProxy(diagram: Diagram, id: LinkId) -> impl IntoView {
    let design = diagram.editor.design();
    // The layout is no signal, so it is made for this one link: moving either end moves it.
    let area = Memo::new(move |_| {
        design.track();
        diagram.stage.with_value(|stage| {
            let middle = stage.layout.routes.get(&id).map(|route| route.at(0.5)).unwrap_or_default();
            Rect::centred(middle, 24.0, 24.0)
        })
    });
    let name = Memo::new(move |_| {
        diagram.track_turn(id.0);
        link_name(diagram, id)
    });
    let is_selected = move || diagram.editor.selection.with(|selection| selection.links.contains(&id));
    view! {
        <div
            class="proxy proxy-link"
            data-link=id.to_string()
            role="button"
            tabindex="0"
            aria-label=name
            aria-pressed=move || is_selected().to_string()
            style:transform=move || at(area.get())
            on:focus=move |_| diagram.focus(Some(Spot::Link(id)))
            on:blur=move |_| diagram.focus(None)
        ></div>
    }
}

fn at(area: Rect) -> String {
    format!("translate({}px, {}px)", area.origin.x, area.origin.y)
}

/// `Web server: server, cores 62 %, 120/s, 3 waiting`.
fn component_name(diagram: Diagram, id: ComponentId) -> String {
    let mut parts = Vec::new();
    let name = diagram.editor.design().with(|design| {
        design.component(id).map(|component| {
            parts.push(text(&format!("kinds.{}.name", component.config.kind().key())).to_owned());
            component.name.clone()
        })
    });
    diagram.stage.with_value(|stage| {
        let Some(figures) = stage.figures.components.get(&id) else { return };
        if figures.state() == State::Down {
            parts.push(text("diagram.down").to_owned());
            return;
        }
        if let Some((resource, share)) = figures.scarcest {
            let resource = text(&format!("diagram.resources.{}", resource.key())).to_owned();
            parts.push(format!("{resource} {}", format::share(share)));
        }
        parts.push(format::quantity(figures.throughput, text("diagram.per_second")));
        if figures.waiting > 0 {
            parts.push(fill("diagram.waiting", &[("count", &format::count(figures.waiting as f64))]));
        }
    });
    format!("{}: {}", name.unwrap_or_default(), parts.join(", "))
}

/// `Link from Users to Web server: requests, 120 per second`.
fn link_name(diagram: Diagram, id: LinkId) -> String {
    let named = diagram.editor.design().with(|design| {
        let link = design.link(id)?;
        let (from, to) = (design.component(link.from)?, design.component(link.to)?);
        let role = text(&format!("diagram.roles.{}", link.role.word())).to_owned();
        Some(fill("diagram.link_name", &[("from", &from.name), ("to", &to.name), ("role", &role)]))
    });
    let rate = diagram.stage.with_value(|stage| stage.figures.links.get(&id).map(|figures| figures.attempt_rate));
    match (named, rate) {
        (Some(named), Some(rate)) => format!("{named}, {}", format::quantity(rate, text("diagram.per_second"))),
        (named, _) => named.unwrap_or_default(),
    }
}
