//! A number to type, with its unit. What is typed is handed on as text; whoever knows the field says whether it fits.

use leptos::prelude::*;

use super::show::Show;
use crate::entry;
use crate::ui::reaction::effect;
use crate::ui::words;

/// How the number of a field is written and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Plain, with the unit beside the field.
    Plain,
    /// A span of time with its unit in the field [s].
    Secs,
    /// A share in per cent.
    Share,
}

impl Writing {
    /// The value as it stands in the field.
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Plain => entry::editable_number(value),
            Self::Secs => entry::editable_secs(value),
            Self::Share => format!("{} %", entry::editable_number(entry::significant(value * 100.0, 12))),
        }
    }

    /// What the person means; `None` if it is no number.
    pub fn read(self, text: &str) -> Option<f64> {
        match self {
            Self::Plain => entry::parse_number(text),
            Self::Secs => entry::parse_secs(text),
            Self::Share => {
                let text = text.trim();
                // A bare number in a field of per cents is in per cents.
                entry::parse_number(text.strip_suffix('%').unwrap_or(text)).map(|percent| percent / 100.0)
            }
        }
    }
}

/// A field for one number. A text that is refused gives way to the old value, with the reason beside it.
#[component]
pub fn NumberField(
    /// Present value.
    #[prop(into)]
    value: Signal<f64>,
    /// How it is written.
    writing: Writing,
    /// What it sets, for screen readers.
    #[prop(into)]
    label: String,
    /// Unit beside the field; empty for none.
    #[prop(optional)]
    unit: &'static str,
    /// Whether it can be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Gets the new value; the answer is the reason for a refusal.
    on_enter: impl Fn(f64) -> Result<(), String> + 'static,
) -> impl IntoView {
    let refusal = RwSignal::new(None::<String>);
    // Counts refusals, so that the field is written anew although its value is the old one.
    let refusals = RwSignal::new(0_u32);
    let shown = move || {
        refusals.track();
        writing.write(value.get())
    };
    // Another value, from wherever, makes the refusal old.
    effect(move || {
        value.track();
        refusal.set(None);
    });
    let on_change = move |event: leptos::ev::Event| {
        let entered = event_target_value(&event);
        let before = value.get_untracked();
        let result = match writing.read(&entered) {
            Some(number) if number == before => Ok(()),
            Some(number) => on_enter(number),
            None => Err(words::not_a_number(&entered)),
        };
        match result {
            Ok(()) => refusal.set(None),
            Err(reason) => refusal.set(Some(words::refused(&reason, &writing.write(before)))),
        }
        refusals.update(|count| *count += 1);
    };
    view! {
        <span class="number-field">
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                spellcheck="false"
                aria-label=label
                aria-invalid=move || refusal.with(Option::is_some).then_some("true")
                disabled=move || disabled.get()
                prop:value=shown
                on:change=on_change
            />
            {(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })}
        </span>
        <Show when=move || refusal.with(Option::is_some)>
            <p class="refusal" role="alert">{move || refusal.get()}</p>
        </Show>
    }
}
