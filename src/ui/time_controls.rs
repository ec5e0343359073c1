//! Run, rest, step, how fast, what time it is in the simulation, and the way back to earlier moments.

use leptos::prelude::*;

use super::engine::use_engine;
use super::parts::{Icon, IconButton};
use super::words;
use crate::bridge::message::SLOW_MOTION;
use crate::editor::scale::{PLACES, Scale, speed_at};
use crate::entry::decimal;
use crate::text::{fill, text};
use crate::ui::reaction::{derived, memo};
use crate::units::{SimDuration, SimTime};

/// Share of the wanted speed below which the run counts as falling behind.
const BEHIND: f64 = 0.9;

/// How far back the slider goes at the speed of real time or below, and the further the faster [s].
const SCRUB_SECS: f64 = 300.0;

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
    let play_icon = derived(move || if engine.playing.get() { Icon::Pause } else { Icon::Play });
    let play_label = derived(move || text(if engine.playing.get() { "time.pause" } else { "time.play" }).to_owned());

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
                <IconButton
                    id="step-back"
                    icon=Icon::StepBack
                    label=text("time.step_back")
                    keys=","
                    on_press=move |()| engine.step_back()
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
                        if let Some(place) = decimal(&event_target_value(&event)) {
                            engine.speed.set(speed_at(place));
                        }
                    }
                />
                <output class="figure speed-wanted">{move || words::speed(engine.speed.get())}</output>
            </label>
            <Scrub/>
        </div>
    }
}

/// A slider over the last minutes of the run, and the way back to its present.
#[component]
fn Scrub() -> impl IntoView {
    let engine = use_engine();
    // Where the thumb is being held; the moment shown follows when the worker has found it.
    let pulled = RwSignal::new(None::<SimTime>);
    let bounds = move || {
        let reach = engine.reach.get();
        let span = SimDuration::from_secs_f64(SCRUB_SECS * engine.speed.get().max(1.0));
        (reach.oldest.max(reach.live - span), reach.live)
    };
    let shown = move || pulled.get().unwrap_or_else(|| engine.watched().now);
    let place = move || {
        let (from, to) = bounds();
        let span = to.since(from).as_secs_f64();
        if span > 0.0 { (shown().since(from).as_secs_f64() / span).min(1.0) } else { 1.0 }
    };
    let is_past = memo(move || engine.is_past());
    let on_input = move |event: leptos::ev::Event| {
        let Some(place) = decimal(&event_target_value(&event)) else { return };
        let (from, to) = untrack(bounds);
        let at = from + SimDuration::from_secs_f64(to.since(from).as_secs_f64() * place / PLACES);
        pulled.set(Some(at));
        engine.seek(at);
    };
    view! {
        <div class="scrub" class:past=move || is_past.get()>
            <input
                id="scrub"
                type="range"
                class="range"
                min="0"
                max=PLACES
                step="1"
                title=text("time.scrub")
                aria-label=text("time.scrub")
                prop:value=move || (place() * PLACES).round().to_string()
                style=("--place", move || format!("{:.4}", place()))
                aria-valuetext=move || words::clock(shown().as_secs_f64())
                on:input=on_input
                on:change=move |_| pulled.set(None)
            />
            <button
                type="button"
                id="live"
                class="text-button"
                title=format!("{} (L)", text("time.live_tip"))
                disabled=move || !is_past.get()
                on:click=move |_| engine.go_live()
            >
                {text("time.live")}
            </button>
        </div>
    }
}
