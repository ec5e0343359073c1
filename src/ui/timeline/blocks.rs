//! Blocks of the script, each in a lane of its own.

use leptos::ev;
use leptos::prelude::*;

use super::fields::BlockFields;
use super::{Line, capture, place_of};
use crate::design::script::{ScriptEvent, Target};
use crate::editor::timeline::{self, Block, Grip};
use crate::text::{fill, text};
use crate::ui::editor::Selection;
use crate::ui::parts::Show;
use crate::ui::reaction::memo;
use crate::ui::words;

/// How far an arrow key moves [s], and how far with Control.
const KEY_SECS: (f64, f64) = (1.0, 10.0);
/// Widest part of a block at either end that resizes it [px].
const GRIP_PIXELS: f64 = 8.0;

/// What is being pulled.
#[derive(Clone, Debug)]
struct Pull {
    block: Block,
    grip: Grip,
    /// From the pointer to the begin, or to the end that is pulled [s].
    offset_secs: f64,
    /// The script as it was.
    script: Vec<ScriptEvent>,
}

/// All blocks.
#[component]
pub fn Blocks(line: Line) -> impl IntoView {
    // Lanes stay while one of their blocks is being pulled: they are told apart by their position.
    let n_blocks = memo(move || timeline::blocks(&line.script()).len());
    let lane = move |position: usize| view! { <Lane line=line position=position/> };
    view! {
        <ol class="blocks">{move || (0..n_blocks.get()).map(lane).collect_view()}</ol>
        <Show when=move || n_blocks.get() == 0>
            <p class="quiet">{text("script.empty")}</p>
        </Show>
    }
}

/// One block: pulled by the pointer at its middle or its ends, moved by arrow keys, resized with Shift.
#[component]
fn Lane(line: Line, position: usize) -> impl IntoView {
    let editor = line.editor;
    let pull = StoredValue::new(None::<Pull>);
    let block = memo(move || timeline::blocks(&line.script()).into_iter().nth(position));
    let words = memo(move || {
        let script = line.script();
        let block = block.get()?;
        Some(editor.design().with(|design| words::action(design, &script[block.begin].action)))
    });
    let bounds = move || {
        block.get().map_or((0.0, 0.0), |block| {
            let until = block.until_secs.unwrap_or_else(|| line.length_secs.get());
            (line.place(block.from_secs), line.place(until))
        })
    };
    let spoken = move || {
        let (what, block) = (words.get().unwrap_or_default(), block.get()?);
        let from = words::clock(block.from_secs);
        Some(match block.until_secs {
            Some(until) => fill("script.block", &[("what", &what), ("from", &from), ("until", &words::clock(until))]),
            None => fill("script.moment", &[("what", &what), ("from", &from)]),
        })
    };
    let lasts = move || block.get().is_some_and(|block| block.until_secs.is_some());
    let script_now = move || editor.design().with_untracked(|design| design.settings().script.clone());
    let on_down = move |event: ev::PointerEvent| {
        let (Some(block), Some((secs, _))) =
            (block.get_untracked(), place_of(&event, line.length_secs.get_untracked()))
        else {
            return;
        };
        event.stop_propagation();
        capture(&event);
        let width = event_target_width(&event);
        let x = f64::from(event.offset_x());
        let reach = GRIP_PIXELS.min(width / 3.0);
        let grip = match block.until_secs {
            Some(_) if x <= reach => Grip::Begin,
            Some(_) if x >= width - reach => Grip::End,
            _ => Grip::Whole,
        };
        let held = if grip == Grip::End { block.until_secs.unwrap_or_default() } else { block.from_secs };
        pull.set_value(Some(Pull { offset_secs: held - secs, grip, block, script: script_now() }));
    };
    let on_move = move |event: ev::PointerEvent| {
        let Some((secs, _)) = place_of(&event, line.length_secs.get_untracked()) else { return };
        pull.with_value(|pull| {
            if let Some(pull) = pull {
                let to = secs + pull.offset_secs;
                line.script.set(Some(timeline::moved(&pull.script, &pull.block, pull.grip, to)));
            }
        });
    };
    let on_up = move |_: ev::PointerEvent| {
        if pull.try_update_value(Option::take).flatten().is_some() {
            line.commit();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let Some(block) = block.get_untracked() else { return };
        let step = if event.ctrl_key() || event.meta_key() { KEY_SECS.1 } else { KEY_SECS.0 };
        let by = match event.key().as_str() {
            "ArrowLeft" => -step,
            "ArrowRight" => step,
            "Delete" | "Backspace" => {
                event.prevent_default();
                event.stop_propagation();
                line.script.set(Some(timeline::removed(&script_now(), &block)));
                line.commit();
                return;
            }
            "Escape" => {
                pull.set_value(None);
                line.cancel();
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let (grip, held) = match block.until_secs {
            Some(until) if event.shift_key() => (Grip::End, until),
            _ => (Grip::Whole, block.from_secs),
        };
        line.script.set(Some(timeline::moved(&script_now(), &block, grip, held + by)));
        line.commit();
    };
    let select = move |_| {
        let target = block.get_untracked().and_then(|block| block.target);
        let selection = match target {
            Some(Target::Component(id) | Target::Instance(id, _)) => Selection::component(id),
            Some(Target::Link(id)) => Selection::link(id),
            Some(Target::Frame(_)) | None => return,
        };
        editor.selection.set(selection);
    };
    let remove = move |_| {
        if let Some(block) = block.get_untracked() {
            line.script.set(Some(timeline::removed(&script_now(), &block)));
            line.commit();
        }
    };
    let name = move || words.get().unwrap_or_default();
    view! {
        <li class="lane">
            <button type="button" class="lane-name" on:click=select>{name}</button>
            <div class="line-area">
                <button
                    type="button"
                    class="block"
                    class:lasts=lasts
                    data-block=position.to_string()
                    aria-label=spoken
                    aria-describedby="script-keys"
                    style:left=move || format!("{:.3}%", bounds().0)
                    style:width=move || format!("{:.3}%", bounds().1 - bounds().0)
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=on_up
                    on:pointercancel=move |_| {
                        pull.set_value(None);
                        line.cancel();
                    }
                    on:keydown=on_key
                    on:focus=move |_| line.picked.set(Some(position))
                    on:click=move |_| line.picked.set(Some(position))
                ></button>
            </div>
            <button
                type="button"
                class="icon-button lane-remove"
                aria-label=move || fill("script.remove", &[("what", &name())])
                on:click=remove
            >
                "×"
            </button>
            <Show when=move || line.picked.get() == Some(position)>
                <BlockFields line=line block=block/>
            </Show>
        </li>
    }
}

/// The width of what an event is about [px].
fn event_target_width(event: &ev::PointerEvent) -> f64 {
    use wasm_bindgen::JsCast;
    let element = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.map_or(0.0, |element| element.get_bounding_client_rect().width())
}
