//! From a file to a drawing. Every step is an edit, so that nothing comes about that could not have been drawn.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::error::{FileError, Reason, suggestion};
use super::locate::{Path, locate, path_at};
use super::read_script::script;
use super::{
    COMPONENT_LIMIT, ComponentV1, FILE_LIMIT_BYTES, FileV1, FrameV1, LINK_LIMIT, LinkV1, NAME_LIMIT, Name, ObjectiveV1,
    ScriptFileV1, TRAFFIC_LIMIT, VERSION,
};
use crate::design::edit::{Edit, EditError};
use crate::design::field::{Configurable, FieldError};
use crate::design::script::ScriptEvent;
use crate::design::traffic::{Pattern, Traffic};
use crate::design::{Component, Design, Frame, FrameConfig, FrameKind, Kind, Link, LinkConfig, LinkRole, Settings};
use crate::geometry::{Point, Rect};
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::objective::Objective;
use crate::text;

/// What is wrong, and the path to it; the place in the text is looked up once it is needed.
pub(super) type Failure = (Path, Reason);

/// Reads a design file.
pub(super) fn design(text: &str) -> Result<Design, FileError> {
    let file: FileV1 = parse(text)?;
    build(file).map_err(|failure| placed(text, failure))
}

/// Reads a script that stands in a file of its own, `{"headroom": 1, "script": […]}`, for `design`.
///
/// # Errors
/// What is wrong, and where in the file. That a component exists at all is checked where it is named by name; an
/// identity is taken as it is, as in a design whose component has been removed.
pub fn script_from_json(text: &str, design: &Design) -> Result<Vec<ScriptEvent>, FileError> {
    let file: ScriptFileV1 = parse(text)?;
    let result = script(file.script, design).and_then(|script| {
        // A script must fit into a design; the settings' checks know how.
        let mut copy = design.clone();
        let settings = Settings { script: script.clone(), ..design.settings().clone() };
        copy.apply(Edit::SetSettings(settings))
            .map_err(|error| (Path::default().key("script"), Reason::Edit(error)))?;
        Ok(script)
    });
    result.map_err(|failure| placed(text, failure))
}

fn placed(text: &str, (path, reason): Failure) -> FileError {
    let (line, column) = locate(text, &path);
    FileError { path: path.to_string(), line, column, reason }
}

/// Checks size and version, then the shape of the file.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, FileError> {
    #[derive(Deserialize)]
    struct Version {
        headroom: Option<Json>,
    }

    let whole = |reason| FileError { path: String::new(), line: 0, column: 0, reason };
    if text.len() > FILE_LIMIT_BYTES {
        return Err(whole(Reason::TooLarge { size_bytes: text.len() }));
    }
    let syntax = |error: &serde_json::Error| FileError {
        path: String::new(),
        line: error.line(),
        column: error.column(),
        reason: Reason::Syntax(message(error)),
    };
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| syntax(&error))?;
    let version = serde_json::from_str::<Version>(text).ok().and_then(|version| version.headroom);
    match version {
        None => return Err(whole(Reason::Foreign)),
        Some(Json::Number(number)) if number.as_u64() == Some(VERSION) => {}
        Some(found) => {
            let reason = Reason::Version { found: found.to_string() };
            return Err(placed(text, (Path::default().key("headroom"), reason)));
        }
    }
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = message(&error);
        let suggestion = misspelt(&message);
        let path = path_of_error(text, &error);
        FileError { path, line, column, reason: Reason::Shape { message, suggestion } }
    })
}

/// The path to what serde could not read in `text`, like `components[2].params`; empty for the whole.
pub fn path_of_error(text: &str, error: &serde_json::Error) -> String {
    path_at(text, error.line(), error.column()).to_string()
}

/// serde's message without the place, which is told apart, and without names of Rust types.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    let (start, expected) = text.rsplit_once("expected ").map_or((text, None), |(start, end)| (start, Some(end)));
    let plain = match expected {
        None => return text.to_owned(),
        Some("u64" | "u32") => "a whole number that is not negative",
        Some("f64") => "a number",
        Some("a sequence") => "a list",
        Some("a map") => "an object",
        Some("an array of length 2") => "a list of two numbers: x, y",
        Some("an array of length 4") => "a list of four numbers: left, top, width, height",
        Some(other) if other.starts_with("struct ") => "an object",
        Some(other) => other,
    };
    format!("{start}expected {plain}")
}

/// What was probably meant by the name that serde's message calls unknown; it lists the known ones in backquotes.
fn misspelt(message: &str) -> Option<String> {
    let (found, known) = message.strip_prefix("unknown field `")?.split_once("`, expected one of ")?;
    suggestion(found, known.split('`').skip(1).step_by(2))
}

fn build(file: FileV1) -> Result<Design, Failure> {
    let root = Path::default();
    limit(&root.key("components"), "components", file.components.len(), COMPONENT_LIMIT)?;
    limit(&root.key("frames"), "frames", file.frames.len(), COMPONENT_LIMIT)?;
    limit(&root.key("links"), "links", file.links.len(), LINK_LIMIT)?;
    let mut design = Design::new();
    // Identities that are stated must not be given away first.
    let stated = file.frames.iter().map(|frame| frame.id);
    let stated = stated.chain(file.components.iter().map(|component| component.id));
    let stated = stated.chain(file.links.iter().map(|link| link.id)).flatten();
    let mut next_id = stated.max().map_or(1, |greatest| greatest.saturating_add(1));
    let mut identity = |stated: Option<u32>| {
        stated.unwrap_or_else(|| {
            let id = next_id;
            next_id = next_id.saturating_add(1);
            id
        })
    };
    for (position, frame) in file.frames.into_iter().enumerate() {
        let id = identity(frame.id);
        add_frame(&mut design, id, frame, &root.key("frames").index(position))?;
    }
    for (position, component) in file.components.into_iter().enumerate() {
        let id = identity(component.id);
        add_component(&mut design, id, component, &root.key("components").index(position))?;
    }
    for (position, link) in file.links.into_iter().enumerate() {
        let id = identity(link.id);
        add_link(&mut design, id, link, &root.key("links").index(position))?;
    }
    let defaults = Settings::default();
    if let Some(title) = &file.title {
        limit(&root.key("title"), "characters", title.chars().count(), NAME_LIMIT)?;
    }
    let settings = Settings {
        title: file.title.unwrap_or(defaults.title),
        users: file.users.unwrap_or(defaults.users),
        objective: objective(file.objective.unwrap_or_default(), defaults.objective),
        traffic: traffic(file.traffic)?,
        script: script(file.script, &design)?,
    };
    design.apply(Edit::SetSettings(settings)).map_err(|error| {
        let path = match error {
            EditError::Users(_) => root.key("users"),
            EditError::Objective { .. } => root.key("objective"),
            EditError::Traffic { position, .. } => root.key("traffic").index(position),
            _ => root.clone(),
        };
        (path, Reason::Edit(error))
    })?;
    Ok(design)
}

pub(super) fn limit(path: &Path, what: &'static str, count: usize, limit: usize) -> Result<(), Failure> {
    if count <= limit { Ok(()) } else { Err((path.clone(), Reason::TooMany { what, count })) }
}

fn objective(file: ObjectiveV1, default: Objective) -> Objective {
    Objective {
        percentile: file.percentile.map_or(default.percentile, |figure| figure.0),
        latency_secs: file.latency_secs.map_or(default.latency_secs, |figure| figure.0),
        error_share: file.error_share.map_or(default.error_share, |figure| figure.0),
    }
}

fn add_frame(design: &mut Design, id: u32, frame: FrameV1, path: &Path) -> Result<(), Failure> {
    limit(&path.key("name"), "characters", frame.name.chars().count(), NAME_LIMIT)?;
    let words = FrameKind::ALL.map(FrameKind::key);
    let kind = FrameKind::from_key(&frame.kind).ok_or_else(|| unknown_word(path.key("kind"), &frame.kind, &words))?;
    let [x, y, width, height] = frame.area.map(|figure| figure.0);
    let area = Rect { origin: Point::new(x, y), width, height };
    let mut config = FrameConfig::default();
    set_parameters(&mut config, "a frame", frame.params, &path.key("params"))?;
    apply(design, Edit::AddFrame(Frame { id: FrameId(id), name: frame.name, kind, area, config }), path)
}

fn add_component(design: &mut Design, id: u32, component: ComponentV1, path: &Path) -> Result<(), Failure> {
    let words: Vec<&'static str> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    let kind =
        Kind::from_key(&component.kind).ok_or_else(|| unknown_word(path.key("kind"), &component.kind, &words))?;
    let mut config = kind.default_config();
    set_parameters(&mut config, kind.key(), component.params, &path.key("params"))?;
    let name = component.name.unwrap_or_else(|| text::text(&format!("kinds.{}.name", kind.key())).to_owned());
    limit(&path.key("name"), "characters", name.chars().count(), NAME_LIMIT)?;
    let frame = component.frame.map(|frame| {
        let all = design.holding_frames().map(|frame| (frame.id.0, frame.name.as_str()));
        find(&frame, "frame", all).map(FrameId).map_err(|reason| (path.key("frame"), reason))
    });
    let position = component.at.map_or_else(Point::default, |[x, y]| Point::new(x.0, y.0));
    let component = Component { id: ComponentId(id), name, config, position, frame: frame.transpose()? };
    apply(design, Edit::AddComponent(component), path)
}

fn add_link(design: &mut Design, id: u32, link: LinkV1, path: &Path) -> Result<(), Failure> {
    let end = |name: &Name, key| {
        let id = component_named(design, name).map_err(|reason| (path.key(key), reason))?;
        let kind = design.component(id).map(|component| component.config.kind());
        kind.map(|kind| (id, kind)).ok_or_else(|| (path.key(key), Reason::Edit(EditError::NoComponent(id))))
    };
    let ((from, from_kind), (to, to_kind)) = (end(&link.from, "from")?, end(&link.to, "to")?);
    let role = match link.role {
        Some(word) => {
            LinkRole::from_word(&word).ok_or_else(|| unknown_word(path.key("role"), &word, LinkRole::WORDS))?
        }
        None => *from_kind
            .roles_to(to_kind)
            .first()
            .ok_or_else(|| (path.clone(), Reason::NoRole { from: from_kind.key(), to: to_kind.key() }))?,
    };
    let mut config = LinkConfig::default();
    set_parameters(&mut config, "a link", link.params, &path.key("params"))?;
    apply(design, Edit::AddLink(Link { id: LinkId(id), from, to, role, config }), path)
}

fn apply(design: &mut Design, edit: Edit, path: &Path) -> Result<(), Failure> {
    design.apply(edit).map(|_| ()).map_err(|error| {
        let path = match error {
            EditError::IdTaken(_) | EditError::IdTooGreat(_) => path.key("id"),
            _ => path.clone(),
        };
        (path, Reason::Edit(error))
    })
}

pub(super) fn set_parameters(
    config: &mut impl Configurable,
    owner: &'static str,
    params: Map<String, Json>,
    path: &Path,
) -> Result<(), Failure> {
    let fields = config.fields();
    for (key, json) in params {
        let path = path.key(&key);
        let Some(field) = fields.iter().find(|field| field.key == key) else {
            let suggestion = suggestion(&key, fields.iter().map(|field| field.key));
            return Err((path, Reason::UnknownParameter { owner, found: key, suggestion }));
        };
        let fail = |error: FieldError| (path.clone(), Reason::Parameter(error));
        let value = field.parse(&json).map_err(fail)?;
        config.set(field.key, value).map_err(fail)?;
    }
    Ok(())
}

fn traffic(patterns: Vec<Pattern>) -> Result<Traffic, Failure> {
    let path = Path::default().key("traffic");
    limit(&path, "traffic patterns", patterns.len(), TRAFFIC_LIMIT)?;
    for (position, pattern) in patterns.iter().enumerate() {
        if let Pattern::Points { points, .. } = pattern {
            limit(&path.index(position), "traffic points", points.len(), TRAFFIC_LIMIT)?;
        }
    }
    Ok(Traffic(patterns))
}

pub(super) fn component_named(design: &Design, name: &Name) -> Result<ComponentId, Reason> {
    find(name, "component", design.components().map(|component| (component.id.0, component.name.as_str())))
        .map(ComponentId)
}

/// The identity that `name` means. One that is stated is taken as it is: the edit that uses it checks it, and a script
/// may speak of a component that has been removed.
pub(super) fn find<'a>(
    name: &Name,
    what: &'static str,
    all: impl Iterator<Item = (u32, &'a str)>,
) -> Result<u32, Reason> {
    let text = match name {
        Name::Id(id) => return Ok(*id),
        Name::Text(text) => text,
    };
    let all: Vec<(u32, &str)> = all.collect();
    let found: Vec<u32> = all.iter().filter(|(_, name)| name == text).map(|&(id, _)| id).collect();
    match found[..] {
        [id] => Ok(id),
        [] => {
            let suggestion = suggestion(text, all.iter().map(|&(_, name)| name));
            Err(Reason::NoSuchName { what, name: text.clone(), suggestion })
        }
        _ => Err(Reason::Ambiguous { what, name: text.clone(), count: found.len() }),
    }
}

pub(super) fn unknown_word(path: Path, found: &str, expected: &[&'static str]) -> Failure {
    let suggestion = suggestion(found, expected.iter().copied());
    (path, Reason::UnknownWord { found: found.to_owned(), expected: expected.to_vec(), suggestion })
}
