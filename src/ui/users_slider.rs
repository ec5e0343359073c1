//! The control that asks to be touched: how many people use the system, from one to a hundred million.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::editor::use_editor;
use super::engine::use_engine;
use crate::design::USERS_RANGE;
use crate::design::edit::Edit;
use crate::editor::scale::{PLACES, Scale, next_notch};
use crate::entry::decimal;
use crate::entry::significant;
use crate::format;
use crate::learn::explain::Capacity;
use crate::text::{fill, text};
use crate::ui::parts::Show;
use crate::ui::reaction::effect;

/// Numbers that get a mark below the slider.
const MARKS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// Slider and field for the number of users. Pulling it acts on the run at once; letting go makes it an edit of the
/// design that can be undone.
#[component]
pub fn UsersSlider() -> impl IntoView {
    let engine = use_engine();
    let editor = use_editor();
    let scale = Scale::users();
    let users = engine.users;
    let place = move || scale.place(users.get() as f64);
    let refused = RwSignal::new(false);
    // Counts entries, so that the field is written anew after one that was refused or changed nothing.
    let entries = RwSignal::new(0_u32);

    // Another number, from wherever, makes the refusal old.
    effect(move || {
        users.track();
        refused.set(false);
    });
    let commit = move || {
        let users = users.get_untracked();
        let settings = editor.design().with_untracked(|design| design.settings().clone());
        if settings.users != users {
            editor.perform(Edit::SetSettings(crate::design::Settings { users, ..settings }));
        }
    };
    let set = move |number: u64| {
        users.set(number.clamp(*USERS_RANGE.start(), *USERS_RANGE.end()));
        commit();
    };
    let times = move |factor: f64| set((users.get_untracked() as f64 * factor).round() as u64);
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => set(next_notch(users.get_untracked(), true)),
            "ArrowDown" | "ArrowLeft" => set(next_notch(users.get_untracked(), false)),
            "PageUp" => times(10.0),
            "PageDown" => times(0.1),
            "Home" => set(*USERS_RANGE.start()),
            "End" => set(*USERS_RANGE.end()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // The wheel belongs to the page until the slider has been picked.
    let on_wheel = move |event: leptos::ev::WheelEvent| {
        let slider = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if slider.is_some() && slider == document().active_element() && event.delta_y() != 0.0 {
            event.prevent_default();
            set(next_notch(users.get_untracked(), event.delta_y() < 0.0));
        }
    };
    let on_input = move |event: leptos::ev::Event| {
        if let Some(place) = decimal(&event_target_value(&event)) {
            users.set(scale.value(place) as u64);
        }
    };
    let on_entry = move |event: leptos::ev::Event| {
        let entered = format::parse_count(&event_target_value(&event)).filter(|users| USERS_RANGE.contains(users));
        refused.set(entered.is_none());
        if let Some(number) = entered {
            set(number);
        }
        entries.update(|count| *count += 1);
    };
    let knee = move || match engine.known_capacity() {
        Some(Capacity::UpTo(users)) => Some(users),
        _ => None,
    };
    let strain = move || match knee() {
        Some(knee) if users.get() > knee => "over",
        Some(knee) if users.get() as f64 > knee as f64 * 0.7 => "near",
        Some(_) => "under",
        None => "unknown",
    };

    view! {
        <div class="users" data-strain=strain>
            <label class="users-entry">
                <span class="users-label">{text("slider.label")}</span>
                <input
                    id="users-entry"
                    type="text"
                    inputmode="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=text("slider.entry")
                    aria-invalid=move || refused.get().then_some("true")
                    prop:value=move || {
                        entries.track();
                        format::grouped(users.get())
                    }
                    on:change=on_entry
                    on:input=move |_| refused.set(false)
                    on:focus=move |event| {
                        event_target::<web_sys::HtmlInputElement>(&event).select();
                    }
                />
            </label>
            <div class="users-track">
                <input
                    id="users-slider"
                    type="range"
                    min="0"
                    max=PLACES
                    step="1"
                    prop:value=move || place().round().to_string()
                    style=("--place", move || format!("{:.4}", place() / PLACES))
                    aria-label=text("slider.label")
                    aria-valuetext=move || {
                        fill("slider.spoken", &[("users", &format::grouped(users.get()))])
                    }
                    on:input=on_input
                    on:change=move |_| commit()
                    on:keydown=on_key
                    on:wheel=on_wheel
                />
                {move || {
                    knee()
                        .map(|knee| {
                            let about = format::count(significant(knee as f64, 2));
                            let place = scale.place(knee as f64) / PLACES;
                            let tip = fill("slider.knee", &[("users", &about)]);
                            view! {
                                <span
                                    class="knee"
                                    style=("--place", format!("{place:.4}"))
                                    title=tip
                                >
                                    <span class="knee-label" aria-hidden="true">
                                        {about}
                                    </span>
                                </span>
                            }
                        })
                }}
                <div class="marks" aria-hidden="true">
                    {MARKS
                        .iter()
                        .map(|&mark| {
                            let place = scale.place(mark as f64) / PLACES;
                            view! { <span style=("--place", format!("{place:.4}"))>{format::count(mark as f64)}</span> }
                        })
                        .collect_view()}
                </div>
            </div>
            <Show when=move || refused.get()>
                <p class="refusal" role="alert">{text("slider.refused")}</p>
            </Show>
        </div>
    }
}
