//! From the script of a file to what happens. What an event may and must say depends on what it does.

use serde_json::{Map, Value as Json};

use super::error::{Reason, suggestion};
use super::locate::Path;
use super::read::{Failure, component_named, find, limit, set_parameters, unknown_word};
use super::{EventV1, LinkName, SCRIPT_LIMIT};
use crate::design::edit::EditError;
use crate::design::fault::{Fault, FaultKind};
use crate::design::field::{Configurable, Field};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::{Design, LinkRole};
use crate::ids::{FrameId, LinkId};

/// What each action says beside when: the keys that it must have, then those that it may have. A `|` stands between
/// keys of which there must be one.
pub(super) const ACTIONS: [(&str, &[&str], &[&str]); 8] = [
    ("set_users", &["users"], &[]),
    ("kill", &["component"], &["instance"]),
    ("restore", &["component"], &[]),
    ("deploy", &["component"], &[]),
    ("restore_backup", &["component"], &[]),
    ("inject", &["fault", "component|link|frame"], &["instance", "params"]),
    ("clear", &["component|link|frame"], &["instance", "fault"]),
    ("set", &["component|link", "parameter", "value"], &[]),
];

/// Reads all events.
pub(super) fn script(events: Vec<EventV1>, design: &Design) -> Result<Vec<ScriptEvent>, Failure> {
    let path = Path::default().key("script");
    limit(&path, "script events", events.len(), SCRIPT_LIMIT)?;
    events
        .into_iter()
        .enumerate()
        .map(|(position, event)| {
            let path = path.index(position);
            let at_secs = event.at_secs.0;
            if at_secs < 0.0 {
                return Err((path.key("at_secs"), Reason::Edit(EditError::ScriptTime(at_secs))));
            }
            check_keys(&event, &path)?;
            Ok(ScriptEvent { at_secs, action: action(event, design, &path)? })
        })
        .collect()
}

/// Checks that an event says what its action needs, and nothing else.
fn check_keys(event: &EventV1, path: &Path) -> Result<(), Failure> {
    let found = [
        ("component", event.component.is_some()),
        ("instance", event.instance.is_some()),
        ("link", event.link.is_some()),
        ("frame", event.frame.is_some()),
        ("fault", event.fault.is_some()),
        ("params", !event.params.is_empty()),
        ("parameter", event.parameter.is_some()),
        ("value", event.value.is_some()),
        ("users", event.users.is_some()),
    ];
    let Some((_, needed, allowed)) = ACTIONS.iter().find(|(word, ..)| *word == event.action) else {
        let words = ACTIONS.map(|(word, ..)| word);
        return Err(unknown_word(path.key("do"), &event.action, &words));
    };
    let wrong = |key: Option<&str>, problem: String| {
        let path = key.map_or_else(|| path.clone(), |key| path.key(key));
        Err((path, Reason::Event { action: event.action.clone(), problem }))
    };
    let has = |key: &str| found.iter().any(|&(other, there)| other == key && there);
    for keys in *needed {
        let mut there = keys.split('|').filter(|key| has(key));
        if there.next().is_none() {
            return wrong(None, format!("needs {}", alternatives(keys)));
        }
        if let Some(second) = there.next() {
            return wrong(Some(second), format!("takes one of {} only", alternatives(keys)));
        }
    }
    let known =
        |key: &str| allowed.contains(&key) || needed.iter().any(|keys| keys.split('|').any(|other| other == key));
    if let Some((key, _)) = found.iter().find(|(key, there)| *there && !known(key)) {
        return wrong(Some(key), format!("takes no `{key}`"));
    }
    if has("instance") && !has("component") {
        return wrong(Some("instance"), "takes an `instance` of a `component` only".to_owned());
    }
    Ok(())
}

/// Keys for people: "`a`", or "`a`, `b` or `c`".
fn alternatives(keys: &str) -> String {
    let keys: Vec<String> = keys.split('|').map(|key| format!("`{key}`")).collect();
    match keys.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => keys.concat(),
    }
}

/// What an event does whose keys have been checked.
fn action(event: EventV1, design: &Design, path: &Path) -> Result<Action, Failure> {
    let EventV1 { action: word, component, instance, link, frame, fault, params, parameter, value, users, .. } = event;
    let missing = || (path.clone(), Reason::Event { action: word.clone(), problem: "lacks something".to_owned() });
    if word == "set_users" {
        return Ok(Action::SetUsers(users.ok_or_else(missing)?));
    }
    let target = if let Some(name) = component {
        let id = component_named(design, &name).map_err(|reason| (path.key("component"), reason))?;
        instance.map_or(Target::Component(id), |instance| Target::Instance(id, instance))
    } else if let Some(name) = frame {
        let all = design.holding_frames().map(|frame| (frame.id.0, frame.name.as_str()));
        Target::Frame(find(&name, "frame", all).map(FrameId).map_err(|reason| (path.key("frame"), reason))?)
    } else {
        Target::Link(link_named(design, &link.ok_or_else(missing)?, &path.key("link"))?)
    };
    let kind = fault
        .map(|word| FaultKind::from_key(&word).ok_or_else(|| unknown_word(path.key("fault"), &word, FaultKind::WORDS)));
    let kind = kind.transpose()?;
    Ok(match (word.as_str(), target) {
        ("kill", Target::Instance(id, instance)) => Action::KillInstance(id, instance),
        ("kill", Target::Component(id)) => Action::Kill(id),
        ("restore", Target::Component(id)) => Action::Restore(id),
        ("deploy", Target::Component(id)) => Action::Deploy(id),
        ("restore_backup", Target::Component(id)) => Action::RestoreBackup(id),
        ("inject", _) => Action::Inject { target, fault: injected(kind.ok_or_else(missing)?, params, path)? },
        ("set", _) => {
            let key = parameter.ok_or_else(missing)?;
            let field = field(design, target, &key, path)?;
            let value = field.parse(&value.ok_or_else(missing)?);
            let value = value.map_err(|error| (path.key("value"), Reason::Parameter(error)))?;
            Action::SetParameter { target, key, value }
        }
        _ => Action::Clear { target, fault: kind },
    })
}

fn injected(kind: FaultKind, params: Map<String, Json>, path: &Path) -> Result<Fault, Failure> {
    let mut fault = kind.with_defaults();
    set_parameters(&mut fault, kind.key(), params, &path.key("params"))?;
    Ok(fault)
}

/// The parameter of that name that the component or link of `target` has.
fn field(design: &Design, target: Target, key: &str, path: &Path) -> Result<Field, Failure> {
    let (owner, fields) = match target {
        Target::Link(id) => {
            let link = design.link(id).ok_or_else(|| (path.key("link"), Reason::Edit(EditError::NoLink(id))))?;
            ("a link", link.config.fields())
        }
        Target::Component(id) | Target::Instance(id, _) => {
            let gone = || (path.key("component"), Reason::Edit(EditError::NoComponent(id)));
            let component = design.component(id).ok_or_else(gone)?;
            (component.config.kind().key(), component.config.fields())
        }
        Target::Frame(_) => ("a frame", Vec::new()),
    };
    let suggestion = suggestion(key, fields.iter().map(|field| field.key));
    let found = key.to_owned();
    let unknown = || (path.key("parameter"), Reason::UnknownParameter { owner, found, suggestion });
    fields.into_iter().find(|field| field.key == key).ok_or_else(unknown)
}

fn link_named(design: &Design, name: &LinkName, path: &Path) -> Result<LinkId, Failure> {
    let ends = match name {
        LinkName::Id(id) => return Ok(LinkId(*id)),
        LinkName::Ends(ends) => ends,
    };
    let end = |name, key| component_named(design, name).map_err(|reason| (path.key(key), reason));
    let (from, to) = (end(&ends.from, "from")?, end(&ends.to, "to")?);
    let role = ends
        .role
        .as_deref()
        .map(|word| LinkRole::from_word(word).ok_or_else(|| unknown_word(path.key("role"), word, LinkRole::WORDS)));
    let role = role.transpose()?;
    let links = design.links_from(from);
    let meant: Vec<LinkId> = links
        .into_iter()
        .filter(|link| link.to == to && role.is_none_or(|role| link.role == role))
        .map(|link| link.id)
        .collect();
    match meant[..] {
        [id] => Ok(id),
        [] => Err((path.clone(), Reason::NoSuchLink)),
        _ => Err((path.clone(), Reason::AmbiguousLink { count: meant.len() })),
    }
}
