//! From a drawing to what its file says.

use serde::Serialize;
use serde_json::{Map, Number, Value as Json};

use super::{ComponentV1, EventV1, FileV1, FrameV1, LinkName, LinkV1, Name, ObjectiveV1, ScriptFileV1, VERSION};
use crate::design::Design;
use crate::design::field::{Configurable, Value};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::traffic::Pattern;
use crate::objective::Objective;
use crate::sorted;

/// What the file of `design` says.
pub(super) fn design(design: &Design) -> FileV1 {
    let settings = design.settings();
    let components = names(design.components().map(|component| (component.id.0, component.name.as_str())));
    // Nothing can be said about notes by name.
    let frames = names(design.holding_frames().map(|frame| (frame.id.0, frame.name.as_str())));
    FileV1 {
        headroom: VERSION,
        schema: None,
        title: Some(settings.title.clone()),
        users: Some(settings.users),
        objective: objective(settings.objective),
        traffic: settings.traffic.0.clone(),
        frames: design
            .frames()
            .map(|frame| {
                let area = frame.area;
                FrameV1 {
                    id: Some(frame.id.0),
                    kind: frame.kind.key().to_owned(),
                    name: frame.name.clone(),
                    area: [area.origin.x, area.origin.y, area.width, area.height].map(Figure),
                    params: parameters(&frame.config),
                }
            })
            .collect(),
        components: design
            .components()
            .map(|component| ComponentV1 {
                id: Some(component.id.0),
                kind: component.config.kind().key().to_owned(),
                name: Some(component.name.clone()),
                at: Some([Figure(component.position.x), Figure(component.position.y)]),
                frame: component.frame.map(|frame| name(&frames, frame.0)),
                params: parameters(&component.config),
            })
            .collect(),
        links: design
            .links()
            .map(|link| LinkV1 {
                id: Some(link.id.0),
                from: name(&components, link.from.0),
                to: name(&components, link.to.0),
                role: Some(link.role.word().to_owned()),
                params: parameters(&link.config),
            })
            .collect(),
        script: settings.script.iter().map(|event| script_event(event, &components, &frames)).collect(),
    }
}

/// The names by identity of those that can be called by name.
fn names<'a>(all: impl Iterator<Item = (u32, &'a str)>) -> sorted::Map<u32, &'a str> {
    let all: Vec<(u32, &str)> = all.collect();
    let mut uses: sorted::Map<&str, usize> = sorted::Map::new();
    for (_, name) in &all {
        *uses.get_or_insert_with(name, || 0) += 1;
    }
    all.into_iter().filter(|(_, name)| uses[name] == 1).collect()
}

fn name(names: &sorted::Map<u32, &str>, id: u32) -> Name {
    names.get(&id).map_or(Name::Id(id), |&name| Name::Text(name.to_owned()))
}

fn objective(objective: Objective) -> Option<ObjectiveV1> {
    let Objective { percentile, latency_secs, error_share } = objective;
    (objective != Objective::default()).then_some(ObjectiveV1 {
        percentile: Some(Figure(percentile)),
        latency_secs: Some(Figure(latency_secs)),
        error_share: Some(Figure(error_share)),
    })
}

/// A script of what happens at the very beginning, to parts by their identities.
pub(super) fn at_once(actions: &[Action]) -> ScriptFileV1 {
    let nameless = sorted::Map::new();
    let events = actions.iter().map(|action| ScriptEvent { at_secs: 0.0, action: action.clone() });
    ScriptFileV1 {
        headroom: VERSION,
        schema: None,
        script: events.map(|event| script_event(&event, &nameless, &nameless)).collect(),
    }
}

fn script_event(event: &ScriptEvent, components: &sorted::Map<u32, &str>, frames: &sorted::Map<u32, &str>) -> EventV1 {
    let mut file = EventV1 {
        at_secs: Figure(event.at_secs),
        action: String::new(),
        component: None,
        instance: None,
        link: None,
        frame: None,
        fault: None,
        params: Map::new(),
        parameter: None,
        value: None,
        users: None,
    };
    let (word, target) = match &event.action {
        Action::SetUsers(users) => {
            file.users = Some(*users);
            ("set_users", None)
        }
        Action::Kill(id) => ("kill", Some(Target::Component(*id))),
        Action::KillInstance(id, instance) => ("kill", Some(Target::Instance(*id, *instance))),
        Action::Restore(id) => ("restore", Some(Target::Component(*id))),
        Action::Deploy(id) => ("deploy", Some(Target::Component(*id))),
        Action::RestoreBackup(id) => ("restore_backup", Some(Target::Component(*id))),
        Action::Inject { target, fault } => {
            file.fault = Some(fault.kind().key().to_owned());
            file.params = parameters(fault);
            ("inject", Some(*target))
        }
        Action::Clear { target, fault } => {
            file.fault = fault.map(|fault| fault.key().to_owned());
            ("clear", Some(*target))
        }
        Action::SetParameter { target, key, value } => {
            file.parameter = Some(key.clone());
            file.value = Some(json(value));
            ("set", Some(*target))
        }
    };
    word.clone_into(&mut file.action);
    match target {
        None => {}
        Some(Target::Component(id)) => file.component = Some(name(components, id.0)),
        Some(Target::Instance(id, instance)) => {
            file.component = Some(name(components, id.0));
            file.instance = Some(instance);
        }
        Some(Target::Link(id)) => file.link = Some(LinkName::Id(id.0)),
        Some(Target::Frame(id)) => file.frame = Some(name(frames, id.0)),
    }
    file
}

/// The parameters that are not at their defaults.
fn parameters(config: &impl Configurable) -> Map<String, Json> {
    config
        .fields()
        .into_iter()
        .filter_map(|field| {
            let value = config.get(field.key)?;
            (value != field.default).then(|| (field.key.to_owned(), json(&value)))
        })
        .collect()
}

/// A parameter's value as files write it.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Number(number) => Json::Number(plain(*number)),
        Value::Off => Json::Null,
        Value::Choice(word) => Json::String((*word).to_owned()),
        Value::Flag(flag) => Json::Bool(*flag),
        Value::Time(time) => {
            let mut json = serde_json::to_value(time).expect("a distribution is plain data");
            for entry in json.as_object_mut().expect("a distribution is an object").values_mut() {
                if let Some(number) = entry.as_f64() {
                    *entry = Json::Number(plain(number));
                }
            }
            json
        }
    }
}

/// Writes patterns of traffic with whole numbers as people write them.
pub(super) fn patterns<S: serde::Serializer>(patterns: &[Pattern], serializer: S) -> Result<S::Ok, S::Error> {
    fn with_plain_numbers(json: Json) -> Json {
        match json {
            Json::Number(number) => Json::Number(number.as_f64().map_or(number, plain)),
            Json::Array(list) => list.into_iter().map(with_plain_numbers).collect(),
            Json::Object(map) => map.into_iter().map(|(key, value)| (key, with_plain_numbers(value))).collect(),
            other => other,
        }
    }
    with_plain_numbers(serde_json::to_value(patterns).map_err(serde::ser::Error::custom)?).serialize(serializer)
}

/// The number as a person would write it: without a point if it is whole.
fn plain(number: f64) -> Number {
    // Beyond 2^53 not every whole number is a float, and digits would pretend otherwise.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() < EXACT {
        Number::from(number as i64)
    } else {
        Number::from_f64(number).expect("a design holds finite numbers only")
    }
}

/// A number of the file, written without a point if it is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure(pub(super) f64);

impl serde::Serialize for Figure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        plain(self.0).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Figure {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self)
    }
}
