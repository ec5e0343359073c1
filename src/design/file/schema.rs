//! JSON Schema of the design file, made from the catalogue, so that editors complete and check what people write.
//!
//! Everything that the catalogue knows of a parameter stands here too: unit, range, default, what it does and where
//! its default comes from. Names that refer to other parts of the file are beyond a schema; reading checks them.

use serde_json::{Map, Value as Json, json};

use super::read_script::ACTIONS;
use super::write::json as value_json;
use super::{COMPONENT_LIMIT, LINK_LIMIT, NAME_LIMIT, SCRIPT_LIMIT, TRAFFIC_LIMIT, VERSION};
use crate::design::fault::FaultKind;
use crate::design::field::{Configurable, Control, Field};
use crate::design::traffic::Pattern;
use crate::design::{FrameConfig, FrameKind, ID_LIMIT, Kind, LinkConfig, LinkRole, USERS_RANGE};
use crate::distribution::Distribution;
use crate::objective::Objective;
use crate::text::text;

/// JSON Schema (draft 2020-12) of the design file, version 1.
pub fn design_schema() -> Json {
    let mut definitions = Map::new();
    definitions.insert("distribution".to_owned(), distribution());
    definitions.insert("id".to_owned(), id());
    definitions.insert("name".to_owned(), json!({"type": "string", "maxLength": NAME_LIMIT}));
    definitions.insert("reference".to_owned(), reference());
    for &kind in Kind::ALL {
        definitions.insert(kind.key().to_owned(), component(kind));
    }
    definitions.insert("link".to_owned(), link());
    definitions.insert("frame".to_owned(), frame());
    definitions.insert("event".to_owned(), event());
    definitions.insert("pattern".to_owned(), pattern());
    let components: Vec<Json> = Kind::ALL.iter().map(|kind| defined(kind.key())).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headroom design",
        "description": "A web architecture, its users and what happens to it.",
        "type": "object",
        "additionalProperties": false,
        "required": ["headroom"],
        "properties": {
            "headroom": {"const": VERSION, "description": "Version of the format."},
            "$schema": {"type": "string", "description": "Where this schema stands; of no other meaning."},
            "title": {"$ref": "#/$defs/name", "description": "Title of the design."},
            "users": {
                "type": "integer",
                "minimum": USERS_RANGE.start(),
                "maximum": USERS_RANGE.end(),
                "default": crate::design::Settings::default().users,
                "description": "Registered users at the start.",
            },
            "objective": objective(),
            "traffic": {
                "type": "array",
                "maxItems": TRAFFIC_LIMIT,
                "items": defined("pattern"),
                "description": "How demand changes with time: patterns whose factors are multiplied.",
            },
            "frames": {
                "type": "array",
                "maxItems": COMPONENT_LIMIT,
                "items": defined("frame"),
                "description": "Labelled rectangles that hold components.",
            },
            "components": {
                "type": "array",
                "maxItems": COMPONENT_LIMIT,
                "items": {"oneOf": components},
                "description": "The boxes of the drawing.",
            },
            "links": {
                "type": "array",
                "maxItems": LINK_LIMIT,
                "items": defined("link"),
                "description": "The arrows of the drawing.",
            },
            "script": {
                "type": "array",
                "maxItems": SCRIPT_LIMIT,
                "items": defined("event"),
                "description": "What happens at which simulated second.",
            },
        },
        "$defs": definitions,
    })
}

fn defined(name: &str) -> Json {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// The definition `name` with a sentence of its own.
fn defined_as(name: &str, description: &str) -> Json {
    json!({"$ref": format!("#/$defs/{name}"), "description": description})
}

fn distribution() -> Json {
    let mut schema = schemars::schema_for!(Distribution).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    json!({
        "description": "A distribution of times; a bare number is a constant [s].",
        "anyOf": [{"type": "number", "minimum": 0}, schema],
    })
}

fn pattern() -> Json {
    let mut schema = schemars::schema_for!(Pattern).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    schema
}

fn id() -> Json {
    json!({
        "type": "integer",
        "minimum": 0,
        "maximum": ID_LIMIT,
        "description": "Lasting identity, given in order if it is left out. Random streams follow it.",
    })
}

fn reference() -> Json {
    json!({"type": ["string", "integer"], "description": "The name of another part of the file, or its id."})
}

fn component(kind: Kind) -> Json {
    let key = kind.key();
    let name_key = format!("kinds.{key}.name");
    let name = text(&name_key);
    json!({
        "title": name,
        "description": text(&format!("kinds.{key}.about")),
        "type": "object",
        "additionalProperties": false,
        "required": ["kind"],
        "properties": {
            "id": defined("id"),
            "kind": {"const": key},
            "name": {"$ref": "#/$defs/name", "default": name, "description": "What people call it."},
            "at": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 2,
                "maxItems": 2,
                "default": [0, 0],
                "description": "Centre of its card: x to the right, y downwards.",
            },
            "frame": defined_as("reference", "The innermost frame that it belongs to."),
            "params": parameters(key, &kind.default_config().fields()),
        },
    })
}

fn link() -> Json {
    let roles: Vec<Json> = LinkRole::WORDS
        .iter()
        .map(|word| json!({"const": word, "description": text(&format!("roles.{word}.about"))}))
        .collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["from", "to"],
        "properties": {
            "id": defined("id"),
            "from": defined_as("reference", "The component that asks."),
            "to": defined_as("reference", "The component that answers."),
            "role": {
                "oneOf": roles,
                "description": "What travels; the most usual role between the two if it is left out.",
            },
            "params": parameters("link", &LinkConfig::default().fields()),
        },
    })
}

fn frame() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["kind", "name", "area"],
        "properties": {
            "id": defined("id"),
            "kind": {"enum": FrameKind::ALL.map(FrameKind::key)},
            "name": defined_as("name", "What people call it."),
            "area": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 4,
                "maxItems": 4,
                "description": "Left, top, width, height.",
            },
            "params": parameters("frame", &FrameConfig::default().fields()),
        },
    })
}

fn objective() -> Json {
    let default = Objective::default();
    json!({
        "description": "What the design promises its users.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "percentile": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 100,
                "default": default.percentile,
                "description": "Percentile of latency that is limited.",
            },
            "latency_secs": {
                "type": "number",
                "exclusiveMinimum": 0,
                "default": default.latency_secs,
                "description": "Its limit. Unit: s.",
            },
            "error_share": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "default": default.error_share,
                "description": "Greatest share of requests that may fail.",
            },
        },
    })
}

fn event() -> Json {
    let variants: Vec<Json> = ACTIONS
        .iter()
        .flat_map(|&(action, needed, allowed)| {
            // What may be stated of a fault depends on which it is.
            let faults =
                if action == "inject" { FaultKind::ALL.iter().copied().map(Some).collect() } else { vec![None] };
            faults.into_iter().map(move |fault| event_variant(action, needed, allowed, fault))
        })
        .collect();
    json!({"description": "Something that happens at a stated time.", "oneOf": variants})
}

fn event_variant(action: &str, needed: &[&str], allowed: &[&str], fault: Option<FaultKind>) -> Json {
    let mut required = vec!["at_secs", "do"];
    let mut properties = json!({
        "at_secs": {"type": "number", "minimum": 0, "description": "When. Unit: s of simulated time."},
        "do": {"const": action},
    });
    let mut one_of = None;
    for keys in needed {
        let alternatives: Vec<&str> = keys.split('|').collect();
        for key in &alternatives {
            properties[*key] = event_property(key, fault);
        }
        match alternatives[..] {
            [key] => required.push(key),
            _ => one_of = Some(alternatives.iter().map(|key| json!({"required": [key]})).collect::<Vec<_>>()),
        }
    }
    for key in allowed {
        properties[*key] = event_property(key, fault);
    }
    let mut variant =
        json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
    if let Some(fault) = fault {
        variant["description"] = json!(text(&format!("faults.{}.about", fault.key())));
    }
    if let Some(one_of) = one_of {
        variant["oneOf"] = json!(one_of);
    }
    variant
}

fn event_property(key: &str, fault: Option<FaultKind>) -> Json {
    match key {
        "users" => json!({"type": "integer", "minimum": USERS_RANGE.start(), "maximum": USERS_RANGE.end()}),
        "component" => defined_as("reference", "The component concerned."),
        "frame" => {
            defined_as("reference", "The frame concerned: all that is in it, or all links that cross its border.")
        }
        "instance" => json!({
            "type": "integer",
            "minimum": 0,
            "description": "One machine only, counted from 0; all of them if it is left out.",
        }),
        "link" => json!({
            "description": "The link concerned: its id, or its ends, and its role if several links have the same.",
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["from", "to"],
                    "properties": {
                        "from": defined("reference"),
                        "to": defined("reference"),
                        "role": {"enum": LinkRole::WORDS},
                    },
                },
            ],
        }),
        "fault" => fault.map_or_else(
            || json!({"enum": FaultKind::WORDS, "description": "The fault that ends; all of them if it is left out."}),
            |fault| json!({"const": fault.key()}),
        ),
        "params" => fault.map_or_else(|| json!({}), |fault| parameters(fault.key(), &fault.with_defaults().fields())),
        "parameter" => json!({"type": "string", "description": "The parameter that is set, as under `params`."}),
        _ => json!({"description": "Its value from now on, as under `params`."}),
    }
}

fn parameters(owner: &str, fields: &[Field]) -> Json {
    let properties: Map<String, Json> =
        fields.iter().map(|field| (field.key.to_owned(), parameter(owner, field))).collect();
    json!({
        "description": "Parameters that are not at their defaults.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn parameter(owner: &str, field: &Field) -> Json {
    let label_key = format!("fields.{}.{}.label", field.texts(owner), field.key);
    let label = text(&label_key);
    let mut description = text(&format!("fields.{}.{}.help", field.texts(owner), field.key)).to_owned();
    if !field.unit.is_empty() {
        description.push_str(&format!(" Unit: {}.", field.unit));
    }
    description.push_str(&format!(" Source of the default: {}.", field.source));
    let mut schema = match &field.control {
        &Control::Number { min, max, whole, optional } => {
            let name = if whole { "integer" } else { "number" };
            let kind = if optional { json!([name, "null"]) } else { json!(name) };
            let bound = |number| value_json(&crate::design::field::Value::Number(number));
            json!({"type": kind, "minimum": bound(min), "maximum": bound(max)})
        }
        Control::Choice(words) => json!({"enum": words}),
        Control::Flag => json!({"type": "boolean"}),
        Control::Time { min, max } => {
            description.push_str(&format!(" Mean from {min} to {max}."));
            defined("distribution")
        }
    };
    schema["title"] = json!(label);
    schema["description"] = json!(description);
    schema["default"] = value_json(&field.default);
    schema
}
