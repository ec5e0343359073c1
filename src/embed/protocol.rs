//! Messages between the playground and the page that it stands in.
//!
//! Each is an object with `source`, `version` and `type`, and what belongs to the type. A host page posts those of
//! [`Ask`] to the frame; the frame posts those of [`Tell`] to its parent, once the address says `api=1`. Names follow
//! other products that can be embedded. Here messages are read and written as text; the page carries them.

use serde_json::{Value, json};

use super::component;
use super::params::{Preset, Theme};
use crate::design::edit::Edit;
use crate::design::fault::FaultKind;
use crate::design::script::{Action, Target};
use crate::design::{Design, USERS_RANGE};
use crate::units::SimTime;

/// The version of the messages.
pub const VERSION: u64 = 1;
/// Who a host page says it is.
pub const HOST: &str = "headroom-host";
/// Who the playground says it is.
pub const PLAYGROUND: &str = "headroom";

/// What a host page asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Lets time go on.
    Play,
    /// Stops time.
    Pause,
    /// Advances to the next event.
    Step,
    /// Starts the run anew.
    Restart,
    /// Shows the run at another time that it has been through, and rests there.
    Seek(SimTime),
    /// Sets a parameter of a component.
    SetParam(Box<Edit>),
    /// Sets the number of registered users.
    SetUsers(u64),
    /// Sets light or dark.
    SetTheme(Theme),
    /// Lets something go wrong or be put right.
    Act(Action),
    /// Shows another drawing.
    Load(Box<Design>),
    /// Asks for the drawing.
    Export,
    /// Asks for figures and the verdict, or no longer.
    Subscribe(bool),
}

/// Why a message cannot be followed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Misunderstood {
    /// It is of another version.
    #[error("the version must be {VERSION}, not {0}")]
    Version(Value),
    /// There is no such type.
    #[error("there are no messages of type {0}")]
    Type(Value),
    /// Something is missing, or not what it should be.
    #[error("`{field}` must be {expected}, not {found}")]
    Field {
        /// What is wrong.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is; `null` if it is missing.
        found: Value,
    },
    /// The drawing cannot be read.
    #[error("the design cannot be read: {0}")]
    Design(String),
}

/// Reads a message that somebody has posted; `None` if it is not meant for the playground. `design` tells which
/// components there are.
///
/// # Errors
/// [`Misunderstood`] if it is meant for the playground, but cannot be followed.
pub fn read(text: &str, design: &Design) -> Option<Result<Ask, Misunderstood>> {
    let message: Value = serde_json::from_str(text).ok()?;
    (message["source"] == HOST).then(|| ask(&message, design))
}

fn ask(message: &Value, design: &Design) -> Result<Ask, Misunderstood> {
    if message["version"] != VERSION {
        return Err(Misunderstood::Version(message["version"].clone()));
    }
    let wrong = |field: &'static str, expected: &'static str| Misunderstood::Field {
        field,
        expected,
        found: message[field].clone(),
    };
    let component = || {
        let named = message["component"].as_str().and_then(|name| component(design, name));
        named.map(|component| component.id).ok_or_else(|| wrong("component", "the name or identity of a component"))
    };
    let preset = || {
        let preset = Preset {
            component: component()?.to_string(),
            key: message["key"].as_str().unwrap_or_default().to_owned(),
            value: message["value"].to_string(),
        };
        preset.edit(design).ok_or_else(|| wrong("value", "a value that the component's parameter `key` can take"))
    };
    let kind = message["type"].as_str().ok_or_else(|| Misunderstood::Type(message["type"].clone()))?;
    Ok(match kind {
        "play" => Ask::Play,
        "pause" => Ask::Pause,
        "step" => Ask::Step,
        "restart" => Ask::Restart,
        "seek" => {
            let secs = message["simulatedSecs"].as_f64().filter(|secs| *secs >= 0.0);
            Ask::Seek(SimTime::from_secs_f64(secs.ok_or_else(|| wrong("simulatedSecs", "a number of seconds"))?))
        }
        "setParam" => Ask::SetParam(Box::new(preset()?)),
        "setUsers" => {
            let users = message["users"].as_u64().filter(|users| USERS_RANGE.contains(users));
            Ask::SetUsers(users.ok_or_else(|| wrong("users", "a whole number from 1 to 100000000"))?)
        }
        "setTheme" => {
            let theme = message["theme"].as_str().and_then(Theme::from_key);
            Ask::SetTheme(theme.ok_or_else(|| wrong("theme", "\"light\", \"dark\" or \"auto\""))?)
        }
        "inject" => {
            let fault = message["fault"].as_str().and_then(FaultKind::from_key);
            let fault = fault.ok_or_else(|| wrong("fault", "the name of a fault"))?;
            let component = component()?;
            Ask::Act(match fault {
                FaultKind::Crash => Action::Kill(component),
                _ => Action::Inject { target: Target::Component(component), fault: fault.with_defaults() },
            })
        }
        "clearFault" => Ask::Act(Action::Clear { target: Target::Component(component()?), fault: None }),
        "load" => {
            let design = Design::from_json(&message["design"].to_string());
            Ask::Load(Box::new(design.map_err(|error| Misunderstood::Design(error.to_string()))?))
        }
        "export" => Ask::Export,
        "subscribe" => Ask::Subscribe(message["on"].as_bool().unwrap_or(true)),
        _ => return Err(Misunderstood::Type(message["type"].clone())),
    })
}

/// What the playground tells its host page.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// It listens.
    Ready,
    /// Another drawing is shown, with this title.
    Loaded(String),
    /// How the run goes on has changed.
    State {
        /// Whether time goes on.
        is_playing: bool,
        /// Registered users.
        users: u64,
        /// Simulated seconds per real second that are wanted.
        speed: f64,
        /// Simulated time.
        now: SimTime,
    },
    /// Figures of the last seconds.
    Metrics(Metrics),
    /// What happens, as people read it.
    Verdict(String),
    /// The drawing, as files write it.
    Exported(String),
    /// A message could not be followed, for a reason.
    Error(String),
}

/// Figures of the last seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Simulated time.
    pub now: SimTime,
    /// Registered users.
    pub users: u64,
    /// Requests that users sent [req/s].
    pub arrival_rate: f64,
    /// Requests that were answered [req/s].
    pub answered_rate: f64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Median of the latency [s].
    pub p50_secs: f64,
    /// 95th percentile of the latency [s].
    pub p95_secs: f64,
    /// 99th percentile of the latency [s].
    pub p99_secs: f64,
}

impl Tell {
    /// The message as text.
    pub fn to_json(&self) -> String {
        let mut message = match self {
            Self::Ready => json!({ "type": "ready" }),
            Self::Loaded(title) => json!({ "type": "loaded", "title": title }),
            Self::State { is_playing, users, speed, now } => json!({
                "type": "state",
                "playing": is_playing,
                "users": users,
                "speed": speed,
                "simulatedSecs": now.as_secs_f64(),
            }),
            Self::Metrics(metrics) => json!({
                "type": "metrics",
                "simulatedSecs": metrics.now.as_secs_f64(),
                "users": metrics.users,
                "arrivalsPerSec": metrics.arrival_rate,
                "answeredPerSec": metrics.answered_rate,
                "inFlight": metrics.in_flight,
                "p50Secs": metrics.p50_secs,
                "p95Secs": metrics.p95_secs,
                "p99Secs": metrics.p99_secs,
            }),
            Self::Verdict(words) => json!({ "type": "verdict", "words": words }),
            Self::Exported(design) => {
                let design: Value = serde_json::from_str(design).expect("designs are written as JSON");
                json!({ "type": "export", "design": design })
            }
            Self::Error(reason) => json!({ "type": "error", "reason": reason }),
        };
        message["source"] = PLAYGROUND.into();
        message["version"] = VERSION.into();
        message.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::examples::starter;
    use crate::design::field::Value as FieldValue;

    fn read_as_host(mut message: Value) -> Option<Result<Ask, Misunderstood>> {
        message["source"] = HOST.into();
        message["version"] = VERSION.into();
        read(&message.to_string(), &starter())
    }

    #[test]
    fn what_a_host_asks_is_understood() {
        let design = starter();
        let web = design.component_named("Web server").expect("the starter has one").id;
        for (message, meant) in [
            (json!({ "type": "play" }), Ask::Play),
            (json!({ "type": "setUsers", "users": 250_000 }), Ask::SetUsers(250_000)),
            (json!({ "type": "setTheme", "theme": "dark" }), Ask::SetTheme(Theme::Dark)),
            (json!({ "type": "seek", "simulatedSecs": 2.5 }), Ask::Seek(SimTime::from_secs_f64(2.5))),
            (
                json!({ "type": "setParam", "component": "Web server", "key": "cores", "value": 16 }),
                Ask::SetParam(Box::new(Edit::SetParameter(web, "cores", FieldValue::Number(16.0)))),
            ),
            (json!({ "type": "inject", "component": "Web server", "fault": "crash" }), Ask::Act(Action::Kill(web))),
            (
                json!({ "type": "inject", "component": web.to_string(), "fault": "slow" }),
                Ask::Act(Action::Inject { target: Target::Component(web), fault: FaultKind::Slow.with_defaults() }),
            ),
            (
                json!({ "type": "clearFault", "component": "Web server" }),
                Ask::Act(Action::Clear { target: Target::Component(web), fault: None }),
            ),
            (json!({ "type": "subscribe" }), Ask::Subscribe(true)),
            (json!({ "type": "subscribe", "on": false }), Ask::Subscribe(false)),
        ] {
            assert_eq!(read_as_host(message.clone()), Some(Ok(meant)), "{message}");
        }
    }

    #[test]
    fn what_is_not_for_us_is_left_alone() {
        for text in ["", "hello", "{}", "[1]", r#"{"source":"react-devtools","type":"play"}"#] {
            assert_eq!(read(text, &starter()), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_followed_says_why() {
        for (message, words) in [
            (json!({ "type": "fly" }), "there are no messages of type \"fly\""),
            (json!({ "type": "setUsers", "users": 0 }), "`users` must be a whole number from 1 to 100000000, not 0"),
            (json!({ "type": "setUsers" }), "`users` must be a whole number from 1 to 100000000, not null"),
            (json!({ "type": "clearFault", "component": "x" }), "`component` must be the name or identity"),
            (json!({ "type": "inject", "component": "Web server", "fault": "boredom" }), "`fault` must be"),
            (json!({ "type": "seek", "simulatedSecs": "soon" }), "`simulatedSecs` must be"),
            (json!({ "type": "setParam", "component": "Web server", "key": "cores", "value": -1 }), "`value` must be"),
            (json!({ "type": "setParam", "component": "Web server", "key": "charm", "value": 1 }), "`value` must be"),
            (json!({ "type": "load", "design": { "headroom": 99 } }), "the design cannot be read: "),
        ] {
            let error = read_as_host(message.clone()).expect("it is for us").expect_err("it cannot be followed");
            assert!(error.to_string().contains(words), "{message}: {error}");
        }
        let old = read(r#"{"source":"headroom-host","version":0,"type":"play"}"#, &starter());
        assert_eq!(old, Some(Err(Misunderstood::Version(0.into()))));
    }

    #[test]
    fn a_drawing_goes_out_and_comes_in_again() {
        let told: Value = serde_json::from_str(&Tell::Exported(starter().to_json()).to_json()).expect("it is JSON");
        assert_eq!(
            (&told["source"], &told["version"], &told["type"]),
            (&json!(PLAYGROUND), &json!(1), &json!("export"))
        );
        let back = read_as_host(json!({ "type": "load", "design": told["design"] }));
        assert_eq!(back, Some(Ok(Ask::Load(Box::new(starter())))));
    }
}
