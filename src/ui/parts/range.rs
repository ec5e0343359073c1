//! A slider over a [`Scale`], which may be logarithmic.

use leptos::prelude::*;

use crate::editor::scale::{PLACES, Scale};
use crate::entry::decimal;

/// A slider for one number. While it is being pulled, `on_input` gets each value; `on_done` runs when it is let go.
#[component]
pub fn Range(
    /// Present value.
    #[prop(into)]
    value: Signal<f64>,
    /// How values spread over it.
    scale: Scale,
    /// What it sets, for screen readers.
    #[prop(into)]
    label: String,
    /// The value in words, for screen readers.
    #[prop(into)]
    spoken: Signal<String>,
    /// Runs before the first change of a pull.
    #[prop(optional, into)]
    on_start: Option<Callback<()>>,
    /// Runs with each value on the way.
    #[prop(into)]
    on_input: Callback<f64>,
    /// Runs when the slider is let go.
    #[prop(optional, into)]
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let is_pulled = StoredValue::new(false);
    let place = move || scale.place(value.get());
    let on_input = move |event: leptos::ev::Event| {
        let Some(place) = decimal(&event_target_value(&event)) else { return };
        if !is_pulled.get_value() {
            is_pulled.set_value(true);
            if let Some(on_start) = on_start {
                on_start.run(());
            }
        }
        on_input.run(scale.value(place));
    };
    let on_change = move |_| {
        is_pulled.set_value(false);
        if let Some(on_done) = on_done {
            on_done.run(());
        }
    };
    view! {
        <input
            type="range"
            class="range"
            min="0"
            max=PLACES
            step="1"
            prop:value=move || place().to_string()
            style=("--place", move || format!("{}", place() / PLACES))
            aria-label=label
            aria-valuetext=move || spoken.get()
            on:input=on_input
            on:change=on_change
        />
    }
}
