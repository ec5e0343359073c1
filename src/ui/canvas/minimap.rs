//! The whole drawing, small, with the part that is seen. It shows itself once not everything is in view.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::stage::Diagram;
use crate::geometry::{Point, Rect};
use crate::text::text;
use crate::ui::parts::Show;
use crate::ui::reaction::memo;

/// Extent of the map [pixels].
const SIZE: (f64, f64) = (168.0, 112.0);
/// Views with less than this, across or down, have no room for a map [pixels].
const LEAST: (f64, f64) = (560.0, 300.0);

/// Distance between the map and the lower right corner of the view [pixels].
const MARGIN: (f64, f64) = (12.0, 56.0);

/// The upper left corner of the map in a view of this extent [pixels]; beyond it where there is no room for a map.
pub fn corner(view: (f64, f64)) -> (f64, f64) {
    if has_room(view) { (view.0 - SIZE.0 - MARGIN.0, view.1 - SIZE.1 - MARGIN.1) } else { view }
}

fn has_room((width, height): (f64, f64)) -> bool {
    width >= LEAST.0 && height >= LEAST.1
}

/// The map.
#[component]
pub fn Minimap(diagram: Diagram) -> impl IntoView {
    let map = NodeRef::<html::Div>::new();
    let seen = move || {
        let size = diagram.stage.with_value(|stage| stage.size);
        (diagram.camera.get().visible(size.0, size.1), size)
    };
    // What there is, and with it what is seen: nobody should drag the view out of the map.
    let bounds = memo(move || {
        diagram.laid_out.track();
        let bounds = diagram.stage.with_value(|stage| stage.layout.bounds());
        bounds.unwrap_or_default().inflate(60.0)
    });
    let is_shown = memo(move || {
        let ((visible, size), bounds) = (seen(), bounds.get());
        has_room(size) && !visible.holds(bounds.inflate(-70.0))
    });
    let view_box = move || {
        let all = bounds.get().union(seen().0);
        (all, format!("{} {} {} {}", all.origin.x, all.origin.y, all.width.max(1.0), all.height.max(1.0)))
    };
    let boxes = move || {
        diagram.laid_out.track();
        let outline = |area: &Rect| {
            format!(
                "M{:.0} {:.0}h{:.0}v{:.0}h{:.0}z",
                area.origin.x, area.origin.y, area.width, area.height, -area.width
            )
        };
        diagram.stage.with_value(|stage| {
            let cards: String = stage.layout.cards.values().map(outline).collect();
            let frames: String = stage.layout.frames.values().map(outline).collect();
            (cards, frames)
        })
    };
    let look = move |event: &ev::PointerEvent| {
        let Some(map) = map.get_untracked() else { return };
        let rect = map.get_bounding_client_rect();
        let (all, _) = untrack(view_box);
        // The drawing is shown whole and in the middle, so one scale holds for both directions.
        let scale = (rect.width() / all.width.max(1.0)).min(rect.height() / all.height.max(1.0));
        let from_middle = (
            f64::from(event.client_x()) - rect.left() - rect.width() / 2.0,
            f64::from(event.client_y()) - rect.top() - rect.height() / 2.0,
        );
        let wanted = all.centre().offset(from_middle.0 / scale, from_middle.1 / scale);
        let camera = diagram.camera.get_untracked();
        let (width, height) = diagram.stage.with_value(|stage| stage.size);
        let now = camera.world_from_screen(Point::new(width / 2.0, height / 2.0));
        diagram.look(camera.panned((now.x - wanted.x) * camera.zoom, (now.y - wanted.y) * camera.zoom));
    };
    view! {
        <Show when=move || is_shown.get()>
            <div
                id="minimap"
                node_ref=map
                role="img"
                aria-label=text("diagram.minimap")
                style:width=format!("{}px", SIZE.0)
                style:height=format!("{}px", SIZE.1)
                style:right=format!("{}px", MARGIN.0)
                style:bottom=format!("{}px", MARGIN.1)
                on:pointerdown=move |event| {
                    event.stop_propagation();
                    if let Some(map) = map.get_untracked() {
                        // Refused only if the pointer is gone already.
                        let _ = map.set_pointer_capture(event.pointer_id());
                    }
                    look(&event);
                }
                on:pointermove=move |event| {
                    event.stop_propagation();
                    if event.buttons() & 1 == 1 {
                        look(&event);
                    }
                }
                on:dblclick=|event| event.stop_propagation()
            >
                <svg viewBox=move || view_box().1 aria-hidden="true">
                    <path class="map-frames" d=move || boxes().1></path>
                    <path class="map-cards" d=move || boxes().0></path>
                    <rect
                        class="map-view"
                        x=move || seen().0.origin.x.to_string()
                        y=move || seen().0.origin.y.to_string()
                        width=move || seen().0.width.to_string()
                        height=move || seen().0.height.to_string()
                    ></rect>
                </svg>
            </div>
        </Show>
    }
}
