//! What can be added, by group, with a search.

use leptos::prelude::*;

use super::editor::use_editor;
use super::parts::{Icon, PathIcon, Show};
use crate::design::FrameKind;
use crate::design::kind::Group;
use crate::editor::frames;
use crate::editor::menu::icon_of;
use crate::editor::place::{Offer, Part, free_place};
use crate::entry::small;
use crate::geometry::Rect;
use crate::text::{fill, text};
use crate::ui::desk::use_desk;
use crate::ui::reaction::memo;
use crate::ui::words;

/// The icon of frames.
const FRAME_ICON: &str = "M4 7.5A1.5 1.5 0 0 1 5.5 6M18.5 6A1.5 1.5 0 0 1 20 7.5M20 16.5a1.5 1.5 0 0 1-1.5 1.5\
    M5.5 18A1.5 1.5 0 0 1 4 16.5M9 6h2M13.5 6h2M9 18h2M13.5 18h2M4 11v2M20 11v2";
/// The icon of notes.
const NOTE_ICON: &str = "M5 5h14v9.5L14.5 19H5zM14.5 19v-4.5H19M8 9h8M8 12.5h5";
/// Distance that the pointer must move before a press becomes a drag [CSS px].
const DRAG_STARTS_PX: f64 = 4.0;

/// The parts to add. Dragging one, or clicking it, sets [`crate::ui::editor::Editor::dragged`], which the diagram watches.
#[component]
pub fn Palette() -> impl IntoView {
    let search = RwSignal::new(String::new());
    let found = memo(move || {
        let wanted = small(&search.get());
        let is_found = |part: &Part| small(&name(*part)).contains(&wanted) || small(&about(*part)).contains(&wanted);
        let offers = Offer::all().into_iter().map(Part::Offer);
        offers.chain(FrameKind::ALL.map(Part::Frame)).filter(is_found).collect::<Vec<_>>()
    });
    let groups = move || {
        let found = found.get();
        let of_kinds = Group::ALL.map(Some);
        of_kinds
            .into_iter()
            .chain([None])
            .filter_map(|group| {
                let is_in_group = |part: &Part| match part {
                    Part::Offer(offer) => Some(offer.kind.group()) == group,
                    Part::Frame(_) => group.is_none(),
                };
                let parts: Vec<_> = found.iter().copied().filter(is_in_group).collect();
                let title = match group {
                    Some(group) => words::say(&format!("groups.{}", group.key())),
                    None => words::say("palette.frames"),
                };
                (!parts.is_empty()).then(|| {
                    view! {
                        <details class="palette-group" open=true>
                            <summary>
                                <h3>{title}</h3>
                            </summary>
                            <ul>{parts.into_iter().map(|part| view! { <PaletteItem part/> }).collect_view()}</ul>
                        </details>
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

fn name(part: Part) -> String {
    match part {
        Part::Offer(offer) => offer.name(),
        Part::Frame(kind) => words::say(&format!("frames.{}.name", kind.key())),
    }
}

fn about(part: Part) -> String {
    match part {
        Part::Offer(offer) => offer.about(),
        Part::Frame(kind) => words::say(&format!("frames.{}.about", kind.key())),
    }
}

#[component]
fn PaletteItem(part: Part) -> impl IntoView {
    let editor = use_editor();
    let desk = use_desk();
    // Where the pointer went down; a drag starts once it has moved away from there.
    let pressed_at = StoredValue::new(None::<(i32, i32)>);
    let was_dragged = StoredValue::new(false);
    // What the pointer's click found on the way to the diagram, before letting go took it away.
    let was_chosen = StoredValue::new(false);
    let (path, kind, preset, frame) = match part {
        Part::Offer(offer) => (icon_of(offer), Some(offer.kind.key()), offer.preset.map(|preset| preset.key), None),
        Part::Frame(kind) => (if kind.holds_parts() { FRAME_ICON } else { NOTE_ICON }, None, None, Some(kind.key())),
    };
    let add = move || {
        editor.dragged.set(None);
        let wanted = editor.view_centre.get_untracked();
        match part {
            Part::Offer(offer) => {
                let place = editor.design().with_untracked(|design| free_place(design, wanted));
                editor.place(offer, place);
            }
            Part::Frame(kind) => {
                let Rect { width, height, .. } = frames::usual(kind);
                desk.diagram.add_frame(kind, Rect::centred(wanted, width, height));
            }
        }
        editor.tell(fill("diagram.added", &[("name", &name(part))]));
        // A first part on an empty drawing should be seen to do something.
        desk.engine.tick.update(|tick| *tick += 1);
    };
    let on_down = move |event: leptos::ev::PointerEvent| {
        if event.button() == 0 {
            pressed_at.set_value(Some((event.client_x(), event.client_y())));
            was_dragged.set_value(false);
            was_chosen.set_value(editor.dragged.get_untracked() == Some(part));
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
        if libm::hypot(dx, dy) >= DRAG_STARTS_PX && !was_dragged.get_value() {
            was_dragged.set_value(true);
            pressed_at.set_value(None);
            editor.dragged.set(Some(part));
        }
    };
    let on_click = move |_| {
        let is_pointer = pressed_at.get_value().is_some();
        pressed_at.set_value(None);
        if was_dragged.get_value() {
            // A drag that came back to where it began.
            was_dragged.set_value(false);
        } else if is_pointer && !was_chosen.get_value() {
            // It waits for a place on the diagram.
            editor.dragged.set(Some(part));
        } else {
            // A key adds in the middle, and so does a second click.
            add();
        }
    };
    view! {
        <li>
            <button
                type="button"
                class="palette-item"
                class:chosen=move || editor.dragged.get() == Some(part)
                data-kind=kind
                data-preset=preset
                data-frame-kind=frame
                title=about(part)
                aria-label=fill("palette.add", &[("name", &name(part)), ("about", &about(part))])
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerleave=on_move
                on:click=on_click
            >
                <PathIcon path=path/>
                <span>{name(part)}</span>
            </button>
        </li>
    }
}
