//! A button that shows an icon and says in words what it does.

use leptos::prelude::*;

use super::icon::Icon;

/// A button with an icon; its words are its name for screen readers and its tip for everyone else.
#[component]
pub fn IconButton(
    /// What it shows.
    #[prop(into)]
    icon: Signal<Icon>,
    /// What it does, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Keys that do the same, for the tip.
    #[prop(optional, into)]
    keys: String,
    /// Identity in the document.
    #[prop(optional)]
    id: &'static str,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
    /// Whether it can be used.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it is on, for buttons that switch something.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Whether the words stand beside the icon.
    #[prop(optional)]
    wordy: bool,
    /// Runs when it is used.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let tip = move || if keys.is_empty() { label.get() } else { format!("{} ({keys})", label.get()) };
    view! {
        <button
            type="button"
            id=(!id.is_empty()).then_some(id)
            class=format!("icon-button {class}")
            class:wordy=wordy
            aria-label=move || label.get()
            title=tip
            disabled=move || disabled.get()
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            on:click=move |_| on_press.run(())
        >
            <Icon icon=icon/>
            {wordy.then(|| view! { <span class="words">{move || label.get()}</span> })}
        </button>
    }
}
