//! A distribution of times: its shape, its mean, and what else the shape needs.

use leptos::prelude::*;

use super::{NumberField, Range, Writing};
use crate::distribution::Distribution;
use crate::editor::scale::Scale;
use crate::editor::shape::{self, Parameter};
use crate::format;
use crate::text::text;
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// Fields for one distribution of times. Changing the shape keeps the mean.
#[component]
pub fn DistributionField(
    /// Present value.
    #[prop(into)]
    value: Signal<Distribution>,
    /// Its name, for screen readers.
    #[prop(into)]
    label: String,
    /// Bounds of the mean [s].
    bounds: (f64, f64),
    /// Gets the new value; the answer is the reason for a refusal.
    on_enter: Callback<Distribution, Result<(), String>>,
    /// Runs before the first change of a pull.
    #[prop(into)]
    on_start: Callback<()>,
    /// Runs when a slider is let go.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let mean = derived(move || value.with(Distribution::mean_secs));
    let shape = memo(move || value.with(Distribution::shape));
    let set_mean = move |secs: f64| on_enter.run(value.get_untracked().with_mean_secs(secs));
    let on_shape = move |event: leptos::ev::Event| {
        if let Some(changed) = shape::with_shape(&value.get_untracked(), &event_target_value(&event)) {
            // The mean stays, so there is nothing to refuse.
            let _ = on_enter.run(changed);
        }
    };
    let named = move |what: &str| format!("{label}: {what}");
    let (mean_label, slider_label, shape_label) =
        (named(text("inspector.mean")), named(text("inspector.mean")), named(text("inspector.shape")));
    view! {
        <div class="field-row">
            <NumberField value=mean writing=Writing::Secs label=mean_label on_enter=set_mean/>
            <select aria-label=shape_label prop:value=move || shape.get() on:change=on_shape>
                {shape::SHAPES
                    .iter()
                    .map(|&word| {
                        view! {
                            <option value=word selected=move || shape.get() == word>
                                {words::say(&format!("shapes.{word}"))}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
        <Range
            value=mean
            scale=Scale::suiting(bounds.0, bounds.1, false)
            label=slider_label
            spoken=derived(move || format::duration(mean.get()))
            on_start=on_start
            on_input=Callback::new(move |secs| {
                let _ = set_mean(secs);
            })
            on_done=on_done
        />
        {move || {
            shape::parameters(shape.get())
                .iter()
                .map(|&parameter| {
                    view! { <ShapeParameter parameter=parameter value=value on_enter=on_enter/> }
                })
                .collect_view()
        }}
    }
}

#[component]
fn ShapeParameter(
    parameter: Parameter,
    value: Signal<Distribution>,
    on_enter: Callback<Distribution, Result<(), String>>,
) -> impl IntoView {
    let label = words::say(&format!("shapes.{}", parameter.key()));
    let writing = if parameter.is_time() { Writing::Secs } else { Writing::Plain };
    let number = derived(move || value.with(|value| shape::get(value, parameter).unwrap_or_default()));
    view! {
        <div class="field-row minor">
            <span class="minor-label">{label.clone()}</span>
            <NumberField
                value=number
                writing=writing
                label=label
                on_enter=move |number| on_enter.run(shape::set(&value.get_untracked(), parameter, number))
            />
        </div>
    }
}
