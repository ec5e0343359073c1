//! Run, rest, step, how fast, and what time it is in the simulation.

use leptos::prelude::*;

use super::engine::use_engine;
use super::parts::{Icon, IconButton};
use super::words;
use crate::bridge::message::SLOW_MOTION;
use crate::editor::scale::{PLACES, Scale, speed_at};
use crate::text::{fill, text};

/// Share of the wanted speed below which the run counts as falling behind.
const BEHIND: f64 = 0.9;

/// Controls of simulated time.
#[component]
pub fn TimeControls() -> impl IntoView {
    let engine = use_engine();
    let scale = Scale::speed();
    let place = move || scale.place(engine.speed.get());
    let is_behind = move || {
        let (wanted, reached) = (engine.speed.get(), engine.speed_reached.get());
        engine.playing.get() && reached > 0.0 && reached < wanted * BEHIND
    };
    let pace = move || {
        if !engine.playing.get() {
            return text("time.paused").to_owned();
        }
        let shown = if is_behind() { engine.speed_reached.get() } else { engine.speed.get() };
        fill("time.as_wanted", &[("speed", &words::speed(shown))])
    };
    let pace_tip =
        move || is_behind().then(|| fill("time.behind", &[("reached", &words::speed(engine.speed_reached.get()))]));
    let clock = move || {
        let secs = engine.watched().now.as_secs_f64();
        if engine.speed.get() <= SLOW_MOTION { words::fine_clock(secs) } else { words::clock(secs) }
    };
    let play_icon = Signal::derive(move || if engine.playing.get() { Icon::Pause } else { Icon::Play });
    let play_label =
        Signal::derive(move || text(if engine.playing.get() { "time.pause" } else { "time.play" }).to_owned());

    view! {
        <div class="time" role="group" aria-label=text("time.label")>
            <div class="time-buttons">
                <IconButton
                    id="play"
                    class="primary"
                    icon=play_icon
                    label=play_label
                    keys="Space"
                    on_press=move |()| engine.toggle_playing()
                />
                <IconButton id="step" icon=Icon::Step label=text("time.step") keys="." on_press=move |()| engine.step()/>
                <IconButton
                    id="restart"
                    icon=Icon::Restart
                    label=text("time.restart")
                    keys="R"
                    on_press=move |()| engine.restart()
                />
            </div>
            <div class="time-readings">
                <output id="clock" class="figure" title=text("time.clock")>
                    {clock}
                </output>
                <output id="speed-reached" class:behind=is_behind title=pace_tip>
                    {pace}
                </output>
            </div>
            <label class="speed">
                <span class="visually-hidden">{text("time.speed")}</span>
                <input
                    id="speed"
                    type="range"
                    class="range"
                    min="0"
                    max=PLACES
                    step="1"
                    title=move || format!("{} ([ ])", text("time.speed"))
                    prop:value=move || place().round().to_string()
                    style=("--place", move || format!("{:.4}", place() / PLACES))
                    aria-valuetext=move || words::speed(engine.speed.get())
                    on:input=move |event| {
                        if let Ok(place) = event_target_value(&event).parse::<f64>() {
                            engine.speed.set(speed_at(place));
                        }
                    }
                />
                <output class="figure speed-wanted">{move || words::speed(engine.speed.get())}</output>
            </label>
        </div>
    }
}
