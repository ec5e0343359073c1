//! What can go wrong with a component, a link or a frame, as buttons that begin and end it.

use leptos::prelude::*;

use super::parameters::{Owner, Parameters};
use crate::design::fault::FaultKind;
use crate::design::field::Configurable;
use crate::design::script::Target;
use crate::editor::faults::lasts;
use crate::text::text;
use crate::ui::desk::use_desk;
use crate::ui::parts::{Icon, IconButton, Show};
use crate::ui::reaction::derived;
use crate::ui::words;

/// A button for each fault; it is pressed while the fault is at work.
#[component]
pub fn FaultButtons(
    /// What is struck.
    target: Target,
    /// Which faults there are.
    kinds: Vec<FaultKind>,
) -> impl IntoView {
    let desk = use_desk();
    let is_at_work = move |fault: FaultKind| desk.engine.is_struck(desk.editor, target, fault);
    let button = move |fault: FaultKind| {
        let key = fault.key();
        view! {
            <button
                type="button"
                class="text-button fault"
                data-fault=key
                title=words::say(&format!("faults.{key}.about"))
                aria-pressed=move || lasts(fault).then(|| is_at_work(fault).to_string())
                on:click=move |_| desk.engine.switch_fault(desk.editor, target, fault)
            >
                {words::say(&format!("faults.{key}.name"))}
            </button>
        }
        .into_any()
    };
    let strength = move |fault: FaultKind| {
        view! {
            <Show when=move || is_at_work(fault)>
                <Parameters owner=Owner::Fault(target, fault)/>
            </Show>
        }
    };
    let tunable = kinds.clone().into_iter().filter(|fault| lasts(*fault) && !fault.with_defaults().fields().is_empty());
    let (foremost, others): (Vec<FaultKind>, Vec<FaultKind>) =
        kinds.into_iter().partition(|fault| matches!(fault, FaultKind::Slow | FaultKind::Partition));
    let is_open = others.iter().any(|fault| untrack(|| is_at_work(*fault)));
    view! {
        <div class="faults">{foremost.into_iter().map(button).collect_view()}</div>
        <details class="hint more-faults" open=is_open>
            <summary>
                <span class="parameter-label">{text("inspector.more_faults")}</span>
            </summary>
            <div class="faults">{others.into_iter().map(button).collect_view()}</div>
            <p class="quiet">{text("inspector.fault_hint")}</p>
        </details>
        {tunable.map(strength).collect_view()}
    }
}

/// A button that puts right what is wrong there; it can be used while `is_wrong` holds.
#[component]
pub fn RestoreButton(
    /// What was struck.
    target: Target,
    /// Whether anything is wrong beside faults that last.
    #[prop(optional, into)]
    is_wrong: Signal<bool>,
    /// Whether it can always be used.
    #[prop(optional)]
    always: bool,
) -> impl IntoView {
    let desk = use_desk();
    let is_struck =
        move || desk.is_cut_off(target) || desk.engine.at_work.with(|at_work| at_work.at(target).next().is_some());
    view! {
        <span data-act="restore">
            <IconButton
                wordy=true
                icon=Icon::Restore
                label=text("inspector.restore")
                disabled=derived(move || !always && !is_wrong.get() && !is_struck())
                on_press=move |()| desk.restore(target)
            />
        </span>
    }
}
