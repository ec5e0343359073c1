//! Talks with the page that this one stands in, where the address asks for it: does what that page says, as far as the
//! address lets people do the same, and tells it what happens. The messages stand in [`crate::embed::protocol`].

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;

use super::desk::Desk;
use super::verdict;
use crate::editor::command::Touches;
use crate::embed::protocol::{self, Ask, Metrics, Tell};
use crate::learn::figures;
use crate::text::text;
use crate::ui::reaction::effect;

/// Least time between two messages with figures [ms].
const METRICS_EVERY_MS: f64 = 250.0;
/// Any origin, for a host that has not said which it is.
const ANY: &str = "*";

/// Handle to the page around this one.
#[derive(Clone, Copy)]
struct Host {
    desk: Desk,
    /// The only origin that is listened and talked to; `None` if any may.
    origin: StoredValue<Option<String>>,
    /// Whether the host wants figures and the verdict.
    is_subscribed: RwSignal<bool>,
}

/// Talks for as long as the page lives; `origin` is the only one that is listened to, if there is one.
pub fn talk(desk: Desk, origin: Option<String>) {
    let host = Host { desk, origin: StoredValue::new(origin), is_subscribed: RwSignal::new(false) };
    // The page lives as long as its window.
    gloo_events::EventListener::new(&window(), "message", move |event| host.hear(event)).forget();
    host.report();
    host.tell(&Tell::Ready);
}

impl Host {
    fn hear(self, event: &web_sys::Event) {
        let Some(event) = event.dyn_ref::<web_sys::MessageEvent>() else { return };
        let is_host = parent()
            .is_some_and(|parent| event.source().is_some_and(|source| JsValue::from(source) == JsValue::from(parent)));
        let is_right = self.origin.with_value(|origin| origin.as_ref().is_none_or(|origin| *origin == event.origin()));
        if !is_host || !is_right {
            return;
        }
        let data = event.data();
        let said = data.as_string().or_else(|| js_sys::JSON::stringify(&data).ok()?.as_string());
        let Some(said) = said else { return };
        match self.desk.editor.design().with_untracked(|design| protocol::read(&said, design)) {
            Some(Ok(ask)) => self.follow(ask),
            Some(Err(error)) => self.tell(&Tell::Error(error.to_string())),
            None => {}
        }
    }

    fn follow(self, ask: Ask) {
        let (engine, editor) = (self.desk.engine, self.desk.editor);
        match ask {
            Ask::Play => engine.playing.set(true),
            Ask::Pause => engine.playing.set(false),
            Ask::Step => engine.step(),
            Ask::Restart => engine.restart(),
            Ask::SetTheme(theme) => self.desk.preferences.theme.set(theme),
            Ask::Subscribe(on) => self.is_subscribed.set(on),
            Ask::Export => self.tell(&Tell::Exported(editor.design().with_untracked(crate::design::Design::to_json))),
            Ask::Load(design) => {
                let title = design.settings().title.clone();
                editor.open(*design);
                self.tell(&Tell::Loaded(title));
            }
            Ask::Seek(at) => engine.seek(at),
            Ask::SetUsers(_) | Ask::Act(_) if self.desk.reach() < Touches::System => self.refuse(),
            Ask::SetParam(_) if self.desk.reach() < Touches::Drawing => self.refuse(),
            Ask::SetParam(edit) => editor.perform(*edit),
            Ask::SetUsers(users) => engine.users.set(users),
            Ask::Act(action) => engine.act(action),
        }
    }

    /// Tells that the address does not let this be done.
    fn refuse(self) {
        self.tell(&Tell::Error(text("embed.locked").to_owned()));
    }

    /// Tells what changes, from now on.
    fn report(self) {
        let engine = self.desk.engine;
        effect(move || {
            let (is_playing, users, speed) = (engine.playing.get(), engine.users.get(), engine.speed.get());
            self.tell(&Tell::State { is_playing, users, speed, now: engine.latest().now });
        });
        Effect::new(move |told_at_ms: Option<f64>| {
            engine.tick.track();
            let now_ms = js_sys::Date::now();
            let told_at_ms = told_at_ms.unwrap_or(f64::NEG_INFINITY);
            if !self.is_subscribed.get() || now_ms - told_at_ms < METRICS_EVERY_MS {
                return told_at_ms;
            }
            let latest = engine.latest();
            let recent = engine.recent(latest.now);
            let design = self.desk.editor.design();
            let totals = design.with_untracked(|design| figures::told_by_users(design, &latest, recent));
            self.tell(&Tell::Metrics(Metrics {
                now: latest.now,
                users: latest.users,
                arrival_rate: totals.arrival_rate,
                answered_rate: totals.answered_rate(),
                in_flight: totals.in_flight,
                p50_secs: totals.latency.p50_secs,
                p95_secs: totals.latency.p95_secs,
                p99_secs: totals.latency.p99_secs,
            }));
            now_ms
        });
        let verdict = verdict::sentence(engine);
        effect(move || {
            if self.is_subscribed.get() {
                self.tell(&Tell::Verdict(verdict.get()));
            }
        });
    }

    fn tell(self, tell: &Tell) {
        let (Some(parent), Ok(message)) = (parent(), js_sys::JSON::parse(&tell.to_json())) else { return };
        let target = self.origin.with_value(|origin| origin.clone().unwrap_or_else(|| ANY.to_owned()));
        // Refused only for an address that is none; then nobody is there to hear it.
        let _ = parent.post_message(&message, &target);
    }
}

/// The window around this one; `None` if there is none.
fn parent() -> Option<web_sys::Window> {
    let parent = window().parent().ok()??;
    (JsValue::from(&parent) != JsValue::from(&window())).then_some(parent)
}
