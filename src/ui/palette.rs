//! What can be added, by group, with a search.

use leptos::prelude::*;

use super::editor::use_editor;
use super::engine::use_engine;
use super::parts::{Icon, PathIcon};
use crate::design::kind::Group;
use crate::editor::place::{Offer, free_place};
use crate::scene::icon;
use crate::text::{fill, text};
use crate::ui::words;

/// Distance that the pointer must move before a press becomes a drag [CSS px].
const DRAG_STARTS_PX: f64 = 4.0;

/// The parts to add. Dragging one sets [`crate::ui::editor::Editor::dragged_kind`], which the diagram watches.
#[component]
pub fn Palette() -> impl IntoView {
    let search = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let wanted = search.get().to_lowercase();
        let is_found = |offer: &Offer| {
            offer.name().to_lowercase().contains(&wanted) || offer.about().to_lowercase().contains(&wanted)
        };
        Offer::all().into_iter().filter(is_found).collect::<Vec<_>>()
    });
    let groups = move || {
        let found = found.get();
        Group::ALL
            .into_iter()
            .filter_map(|group| {
                let offers: Vec<_> = found.iter().copied().filter(|offer| offer.kind.group() == group).collect();
                (!offers.is_empty()).then(|| {
                    view! {
                        <section class="palette-group">
                            <h3>{words::say(&format!("groups.{}", group.key()))}</h3>
                            <ul>
                                {offers.into_iter().map(|offer| view! { <PaletteItem offer=offer/> }).collect_view()}
                            </ul>
                        </section>
                    }
                })
            })
            .collect_view()
    };
    view! {
        <div class="palette-search">
            <Icon icon=Icon::Search/>
            <input
                type="search"
                placeholder=text("palette.search")
                aria-label=text("palette.search")
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
            />
        </div>
        <div class="palette-groups">{groups}</div>
        <Show when=move || found.with(Vec::is_empty)>
            <p class="quiet">{text("palette.none")}</p>
        </Show>
        <p class="quiet palette-hint">{text("palette.hint")}</p>
    }
}

#[component]
fn PaletteItem(offer: Offer) -> impl IntoView {
    let editor = use_editor();
    let engine = use_engine();
    // Where the pointer went down; a drag starts once it has moved away from there.
    let pressed_at = StoredValue::new(None::<(i32, i32)>);
    let was_dragged = StoredValue::new(false);
    let path = offer.preset.map_or_else(|| icon::of_kind(offer.kind), icon::of_preset);
    let add = move || {
        let wanted = editor.view_centre.get_untracked();
        let place = editor.design().with_untracked(|design| free_place(design, wanted));
        editor.place(offer, place);
        // A first part on an empty drawing should be seen to do something.
        engine.tick.update(|tick| *tick += 1);
    };
    let on_down = move |event: leptos::ev::PointerEvent| {
        if event.button() == 0 {
            pressed_at.set_value(Some((event.client_x(), event.client_y())));
            was_dragged.set_value(false);
            // The diagram must get the pointer's later events, which touch would otherwise keep here.
            let target = event_target::<web_sys::Element>(&event);
            if target.has_pointer_capture(event.pointer_id()) {
                let _ = target.release_pointer_capture(event.pointer_id());
            }
        }
    };
    let on_move = move |event: leptos::ev::PointerEvent| {
        let Some((x, y)) = pressed_at.get_value() else { return };
        let (dx, dy) = (f64::from(event.client_x() - x), f64::from(event.client_y() - y));
        if libm::hypot(dx, dy) >= DRAG_STARTS_PX && editor.dragged_kind.get_untracked().is_none() {
            was_dragged.set_value(true);
            pressed_at.set_value(None);
            editor.dragged_preset.set(offer.preset);
            editor.dragged_kind.set(Some(offer.kind));
        }
    };
    let on_click = move |_| {
        pressed_at.set_value(None);
        if !was_dragged.get_value() {
            add();
        }
        was_dragged.set_value(false);
    };
    view! {
        <li>
            <button
                type="button"
                class="palette-item"
                data-kind=offer.kind.key()
                data-preset=offer.preset.map(|preset| preset.key)
                title=offer.about()
                aria-label=fill("palette.add", &[("name", &offer.name()), ("about", &offer.about())])
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerleave=on_move
                on:click=on_click
            >
                <PathIcon path=path/>
                <span>{offer.name()}</span>
            </button>
        </li>
    }
}
