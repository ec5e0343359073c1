//! A dialog over the page: it takes the focus, and gives it back when it closes.

use leptos::html;
use leptos::prelude::*;

use super::{Icon, IconButton};
use crate::text::text;
use crate::ui::reaction::effect;

/// A dialog that is shown while `open` is true. What it holds is made when it opens.
#[component]
pub fn Dialog(
    /// Identity in the document.
    id: &'static str,
    /// Its title.
    #[prop(into)]
    title: String,
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// What it holds.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only for a dialog that is open already.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let heading = format!("{id}-title");
    let labelled_by = heading.clone();
    view! {
        <dialog
            id=id
            class="help"
            node_ref=dialog
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
            on:click=move |event| {
                // A click on the dialog itself is one on the backdrop: what it shows lies in an element inside.
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <div class="help-inside">
                <div class="help-head">
                    <h2 id=heading>{title}</h2>
                    <IconButton icon=Icon::Close label=text("help.close") on_press=move |()| open.set(false)/>
                </div>
                {move || open.get().then(|| children())}
            </div>
        </dialog>
    }
}
