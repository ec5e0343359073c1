//! Everything that people can meet has its text, and no text waits for something that does not exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use headroom::design::fault::FaultKind;
use headroom::design::field::{Configurable, Control, Field};
use headroom::design::preset::PRESETS;
use headroom::design::{FrameConfig, Kind, LinkConfig, LinkRole};
use headroom::network::{ProblemKind, Severity};
use headroom::text::{self, lookup};

/// Every key of the catalogue's texts that the catalogue asks for.
fn expected() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut choices = BTreeSet::new();
    let mut add_fields = |keys: &mut BTreeSet<String>, owner: &str, fields: Vec<Field>| {
        for field in fields {
            keys.extend(["label", "help"].map(|part| format!("fields.{}.{}.{part}", field.texts(owner), field.key)));
            if let Control::Choice(words) = field.control {
                choices.extend(words.iter().map(|word| format!("choices.{word}")));
            }
        }
    };
    for kind in Kind::ALL {
        keys.extend(["name", "about"].map(|part| format!("kinds.{}.{part}", kind.key())));
        keys.insert(format!("groups.{}", kind.group().key()));
        add_fields(&mut keys, kind.key(), kind.default_config().fields());
    }
    add_fields(&mut keys, "link", LinkConfig::default().fields());
    add_fields(&mut keys, "frame", FrameConfig::default().fields());
    for &fault in FaultKind::ALL {
        keys.extend(["name", "about"].map(|part| format!("faults.{}.{part}", fault.key())));
        add_fields(&mut keys, fault.key(), fault.with_defaults().fields());
    }
    keys.extend(choices);
    for role in LinkRole::WORDS {
        keys.extend(["name", "about"].map(|part| format!("roles.{role}.{part}")));
    }
    keys.extend(ProblemKind::KEYS.iter().map(|key| format!("problems.{key}")));
    keys.extend([Severity::Error, Severity::Warning].map(|severity| format!("severities.{}", severity.key())));
    keys.extend(headroom::distribution::Distribution::SHAPES.map(|shape| format!("shapes.{shape}")));
    for preset in PRESETS {
        keys.extend(["name", "about"].map(|part| format!("presets.{}.{part}", preset.key)));
        keys.extend(preset.parts.iter().map(|part| format!("presets.{}.{}", preset.key, part.name)));
    }
    keys
}

/// The keys of all texts in a file of texts, each as [`lookup`] takes it.
fn keys(file: &str) -> Vec<String> {
    fn flatten(path: &str, value: &serde_json::Value, into: &mut Vec<String>) {
        match value.as_object() {
            Some(entries) => {
                for (key, value) in entries {
                    flatten(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, into);
                }
            }
            None => into.push(path.to_owned()),
        }
    }
    let mut found = Vec::new();
    flatten("", &serde_json::from_str(file).expect("a file of texts is JSON"), &mut found);
    found
}

#[test]
fn everything_in_the_catalogue_has_its_text() {
    for key in expected() {
        let text = lookup(&key).unwrap_or_else(|| panic!("no text for `{key}`"));
        assert!(!text.trim().is_empty(), "the text of `{key}` is empty");
    }
}

#[test]
fn no_text_of_the_catalogue_is_unused() {
    let file = include_str!("../../assets/text/en/catalogue.json");
    let expected = expected();
    for key in keys(file) {
        assert!(expected.contains(&key), "nothing uses `{key}`");
    }
}

#[test]
fn sentences_end_and_places_are_filled() {
    for key in expected().iter().filter(|key| key.ends_with(".about") || key.ends_with(".help")) {
        assert!(text::text(key).ends_with('.'), "`{key}` is no sentence");
    }
}

/// Everything in double quotes that the sources contain, with `{…}` where a value is put in.
fn strings_of_the_sources() -> Vec<String> {
    fn read(folder: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the sources are readable") {
            let path = entry.expect("the sources are readable").path();
            if path.is_dir() {
                read(&path, into);
            } else {
                let source = fs::read_to_string(&path).expect("the sources are readable");
                // A quote character in a literal of its own would swap inside and outside.
                let source = source.replace("'\"'", "").replace("\\\"", "");
                into.extend(source.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }
    let mut found = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// Whether `pattern`, a string of the sources, may become `key`: the same, but for what stands in braces.
fn may_become(pattern: &str, key: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('{') else { return pattern == key };
    let Some((_, end)) = rest.split_once('}') else { return false };
    let Some(inside) = key.strip_prefix(start) else { return false };
    // What is put in has no dots: it is one step of the key.
    let step = inside.find('.').unwrap_or(inside.len());
    start.ends_with('.') && may_become(end, &inside[step..])
}

#[test]
fn no_text_of_the_page_is_unused() {
    let patterns: Vec<String> =
        strings_of_the_sources().into_iter().filter(|text| text.contains('.') && !text.contains(' ')).collect();
    let files = [
        include_str!("../../assets/text/en/page.json"),
        include_str!("../../assets/text/en/editor.json"),
        include_str!("../../assets/text/en/guide.json"),
    ];
    let mut unused: Vec<String> = files
        .into_iter()
        .flat_map(keys)
        .filter(|key| !patterns.iter().any(|pattern| may_become(pattern, key)))
        .collect();
    unused.sort();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn keys_are_matched_step_by_step() {
    assert!(may_become("a.b", "a.b") && may_become("a.{}.c", "a.b.c") && may_become("a.{key}", "a.b"));
    assert!(!may_become("a.{}", "a.b.c") && !may_become("a.b", "a.c") && !may_become("{}", "a"));
}
