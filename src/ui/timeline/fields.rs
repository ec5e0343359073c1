//! When a block begins and ends, and how strong its fault is, to be typed: for whoever does not pull.

use leptos::prelude::*;

use super::Line;
use crate::design::fault::{Fault, FaultKind};
use crate::design::field::{Configurable, Control, Field, Value};
use crate::design::script::{Action, ScriptEvent};
use crate::editor::timeline::{self, Block, Grip};
use crate::text::text;
use crate::ui::parts::{NumberField, Writing};
use crate::ui::reaction::{derived, memo};
use crate::ui::words;

/// The fields of one block.
#[component]
pub fn BlockFields(
    /// Where it stands.
    line: Line,
    /// Which.
    block: Memo<Option<Block>>,
) -> impl IntoView {
    let lasts = memo(move || block.get().is_some_and(|block| block.until_secs.is_some()));
    let kind = memo(move || fault(line, block).map(|fault| fault.kind()));
    let time = move |grip: Grip, label: &'static str| {
        let secs = derived(move || {
            block
                .get()
                .map_or(0.0, |block| if grip == Grip::End { block.until_secs } else { None }.unwrap_or(block.from_secs))
        });
        let on_enter = move |secs: f64| {
            change(line, block, |script, block| timeline::moved(script, block, grip, secs));
            Ok(())
        };
        view! {
            <label class="block-field">
                <span>{text(label)}</span>
                <NumberField value=secs writing=Writing::Secs label=text(label) on_enter=on_enter/>
            </label>
        }
    };
    let strength = move |kind: FaultKind, field: Field| {
        let (label, key) = (words::field_label(kind.key(), &field), field.key);
        let value = derived(move || match fault(line, block).and_then(|fault| fault.get(key)) {
            Some(Value::Number(number)) => number,
            _ => 0.0,
        });
        let (writing, unit) = (words::writing(&field), if field.unit == "s" { "" } else { field.unit });
        let on_enter = move |number: f64| {
            let Some(mut fault) = untrack(move || fault(line, block)) else { return Ok(()) };
            fault.set(key, Value::Number(number)).map_err(|error| words::field_error(&field, &error))?;
            change(line, block, |script, block| with_fault(script, block, fault));
            Ok(())
        };
        view! {
            <label class="block-field">
                <span>{label.clone()}</span>
                <NumberField value=value writing=writing label=label unit=unit on_enter=on_enter/>
            </label>
        }
    };
    let strengths = move || {
        let kind = kind.get()?;
        let fields = kind.with_defaults().fields().into_iter();
        let numbers = fields.filter(|field| matches!(field.control, Control::Number { .. }));
        Some(numbers.map(|field| strength(kind, field)).collect_view())
    };
    view! {
        <div class="block-fields">
            {move || {
                let begin = if lasts.get() { Grip::Begin } else { Grip::Whole };
                time(begin, "script.begins")
            }}
            {move || lasts.get().then(|| time(Grip::End, "script.ends"))}
            {strengths}
        </div>
    }
}

/// The fault that a block lets begin; `None` if it is something else.
fn fault(line: Line, block: Memo<Option<Block>>) -> Option<Fault> {
    match line.script().get(block.get()?.begin)?.action {
        Action::Inject { ref fault, .. } => Some(fault.clone()),
        _ => None,
    }
}

/// Makes one edit of the script.
fn change(line: Line, block: Memo<Option<Block>>, change: impl FnOnce(&[ScriptEvent], &Block) -> Vec<ScriptEvent>) {
    let Some(block) = block.get_untracked() else { return };
    let before = untrack(move || line.script());
    let after = change(&before, &block);
    // Whoever is moved beyond others changes places with them; the fields go along.
    let known: Vec<(f64, Option<f64>)> = timeline::blocks(&before).iter().map(times).collect();
    let moved = timeline::blocks(&after).iter().position(|block| !known.contains(&times(block)));
    if moved.is_some() {
        line.picked.set(moved);
    }
    line.script.set(Some(after));
    line.commit();
}

/// The script with another fault where a block begins.
fn with_fault(script: &[ScriptEvent], block: &Block, new: Fault) -> Vec<ScriptEvent> {
    let mut script = script.to_vec();
    if let Some(ScriptEvent { action: Action::Inject { fault, .. }, .. }) = script.get_mut(block.begin) {
        *fault = new;
    }
    script
}

const fn times(block: &Block) -> (f64, Option<f64>) {
    (block.from_secs, block.until_secs)
}
