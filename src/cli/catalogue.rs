//! `headroom catalogue`: every kind of component with its parameters.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::table::{NOTHING, Table};
use super::{Failure, Verdict, write_json};
use crate::design::field::{Configurable, Control, Field, Value};
use crate::design::preset::{PRESETS, Preset, Setting};
use crate::design::{FrameConfig, Kind, LinkConfig, LinkRole};
use crate::text;

/// Lists the kinds of component: their parameters with unit, range, default and the source of the default.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only this kind, as files write it, like `load_balancer`; `link` or `frame` for the parameters of
    /// those.
    kind: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Catalogue {
    kinds: Vec<Entry>,
    presets: Vec<Shape>,
    link: Vec<Parameter>,
    frame: Vec<Parameter>,
}

#[derive(Debug, Serialize)]
struct Entry {
    kind: &'static str,
    name: String,
    group: &'static str,
    about: String,
    parameters: Vec<Parameter>,
    links_to: Vec<Connection>,
}

/// A part of usual shape, ready to drop.
#[derive(Debug, Serialize)]
struct Shape {
    preset: &'static str,
    name: String,
    about: String,
    parts: Vec<ShapePart>,
    links: Vec<ShapeLink>,
}

#[derive(Debug, Serialize)]
struct ShapePart {
    kind: &'static str,
    name: String,
    parameters: Map<String, Json>,
}

#[derive(Debug, Serialize)]
struct ShapeLink {
    from: String,
    to: String,
    role: &'static str,
    parameters: Map<String, Json>,
}

#[derive(Debug, Serialize)]
struct Connection {
    kind: &'static str,
    roles: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct Parameter {
    key: &'static str,
    label: String,
    about: String,
    unit: &'static str,
    #[serde(flatten)]
    accepts: Accepts,
    default: Json,
    source: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Accepts {
    Number { min: f64, max: f64, whole: bool, optional: bool },
    Choice { choices: &'static [&'static str] },
    Flag,
    Time { min_mean: f64, max_mean: f64 },
}

/// Lists.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let wanted = |key: &str| arguments.kind.as_deref().is_none_or(|kind| kind == key);
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| wanted(kind.key())).collect();
    let (link, frame) = (wanted("link"), wanted("frame"));
    if kinds.is_empty() && !link && !frame {
        return Err(Failure::UnknownKind {
            kind: arguments.kind.clone().unwrap_or_default(),
            known: Kind::ALL.iter().map(|kind| kind.key()).chain(["link", "frame"]).collect::<Vec<_>>().join(", "),
        });
    }
    if arguments.json {
        let presets = PRESETS.iter().filter(|preset| kinds.contains(&preset.kind())).map(shape).collect();
        let kinds = kinds.into_iter().map(entry).collect();
        let link = if link { parameters("link", &LinkConfig::default()) } else { Vec::new() };
        let frame = if frame { parameters("frame", &FrameConfig::default()) } else { Vec::new() };
        write_json(output, &Catalogue { kinds, presets, link, frame });
        return Ok(Verdict::Done);
    }
    for kind in kinds {
        let title = format!("{} ({})", text::text(&format!("kinds.{}.name", kind.key())), kind.key());
        print(output, &title, &kind.default_config())?;
        for preset in PRESETS.iter().filter(|preset| preset.kind() == kind) {
            print_preset(output, preset)?;
        }
    }
    if link {
        print(output, "Links", &LinkConfig::default())?;
    }
    if frame {
        print(output, "Frames", &FrameConfig::default())?;
    }
    Ok(Verdict::Done)
}

fn shape(preset: &Preset) -> Shape {
    let said = |key: &str| text::text(&format!("presets.{}.{key}", preset.key)).to_owned();
    let values = |settings: &[(&'static str, Setting)]| {
        settings.iter().map(|(key, setting)| ((*key).to_owned(), json(&setting.value()))).collect()
    };
    let parts = preset.parts.iter().map(|part| ShapePart {
        kind: part.kind.key(),
        name: said(part.name),
        parameters: values(part.values),
    });
    let links = preset.links.iter().map(|link| ShapeLink {
        from: said(preset.parts[link.from].name),
        to: said(preset.parts[link.to].name),
        role: link.role.word(),
        parameters: values(link.values),
    });
    Shape {
        preset: preset.key,
        name: said("name"),
        about: said("about"),
        parts: parts.collect(),
        links: links.collect(),
    }
}

fn print_preset(output: &mut Vec<u8>, preset: &Preset) -> Result<(), Failure> {
    let shape = shape(preset);
    let listed = |parameters: &Map<String, Json>| {
        let all: Vec<String> = parameters.iter().map(|(key, value)| format!("{key} {value}")).collect();
        if all.is_empty() { NOTHING.to_owned() } else { all.join(", ") }
    };
    let mut rows = Table::left(["  part", "what", "parameters"]);
    for part in &shape.parts {
        rows.row([format!("  {}", part.name), part.kind.to_owned(), listed(&part.parameters)]);
    }
    for link in &shape.links {
        rows.row([format!("  {} → {}", link.from, link.to), link.role.to_owned(), listed(&link.parameters)]);
    }
    writeln!(output, "Preset: {} ({})\n{}", shape.name, shape.preset, rows.print()).map_err(Failure::output)
}

fn entry(kind: Kind) -> Entry {
    let links_to = Kind::ALL
        .iter()
        .filter(|target| !kind.roles_to(**target).is_empty())
        .map(|target| Connection {
            kind: target.key(),
            roles: kind.roles_to(*target).iter().copied().map(LinkRole::word).collect(),
        })
        .collect();
    Entry {
        kind: kind.key(),
        name: text::text(&format!("kinds.{}.name", kind.key())).to_owned(),
        group: kind.group().key(),
        about: text::text(&format!("kinds.{}.about", kind.key())).to_owned(),
        parameters: parameters(kind.key(), &kind.default_config()),
        links_to,
    }
}

fn parameters(owner: &str, config: &impl Configurable) -> Vec<Parameter> {
    let described = |field: Field| Parameter {
        key: field.key,
        label: text::text(&format!("fields.{}.{}.label", field.texts(owner), field.key)).to_owned(),
        about: text::text(&format!("fields.{}.{}.help", field.texts(owner), field.key)).to_owned(),
        unit: field.unit,
        accepts: match field.control {
            Control::Number { min, max, whole, optional } => Accepts::Number { min, max, whole, optional },
            Control::Choice(choices) => Accepts::Choice { choices },
            Control::Flag => Accepts::Flag,
            Control::Time { min, max } => Accepts::Time { min_mean: min, max_mean: max },
        },
        default: json(&field.default),
        source: field.source,
    };
    config.fields().into_iter().map(described).collect()
}

/// A value as files write it.
fn json(value: &Value) -> Json {
    match value {
        Value::Number(number) => json!(number),
        Value::Off => Json::Null,
        Value::Choice(word) => json!(word),
        Value::Flag(flag) => json!(flag),
        Value::Time(time) => json!(time),
    }
}

fn print(output: &mut Vec<u8>, title: &str, config: &impl Configurable) -> Result<(), Failure> {
    let mut rows = Table::left(["  parameter", "default", "unit", "accepts", "source of the default"]);
    for field in config.fields() {
        let unit = if field.unit.is_empty() { NOTHING } else { field.unit };
        rows.row([
            format!("  {}", field.key),
            words(&field.default),
            unit.to_owned(),
            accepts(&field.control),
            field.source.to_owned(),
        ]);
    }
    writeln!(output, "{title}\n{}", rows.print()).map_err(Failure::output)
}

/// What a parameter accepts, in few words; its unit has a column of its own.
fn accepts(control: &Control) -> String {
    match control {
        Control::Number { min, max, optional: true, .. } => format!("{min} to {max}, or null"),
        Control::Number { min, max, .. } => format!("{min} to {max}"),
        Control::Choice(choices) => choices.join(", "),
        Control::Flag => "true, false".to_owned(),
        Control::Time { min, max } => format!("a distribution with a mean of {min} to {max}"),
    }
}

/// A default in few words.
fn words(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Off => "null".to_owned(),
        Value::Choice(word) => (*word).to_owned(),
        Value::Flag(flag) => flag.to_string(),
        Value::Time(time) => {
            let json = json!(time);
            let figures = json.as_object().into_iter().flatten().filter(|(key, _)| *key != "shape");
            let figures: Vec<String> = figures.map(|(key, value)| format!("{key} {value}")).collect();
            format!("{}, {}", time.shape(), figures.join(", "))
        }
    }
}
