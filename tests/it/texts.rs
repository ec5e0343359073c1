//! Everything that people can meet has its text, and no text waits for something that does not exist.

use std::collections::BTreeSet;

use headroom::design::field::{Configurable, Control, Field};
use headroom::design::{Kind, LinkConfig, LinkRole};
use headroom::network::{ProblemKind, Severity};
use headroom::text::{self, lookup};

/// Every key of the catalogue's texts that the catalogue asks for.
fn expected() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut choices = BTreeSet::new();
    let mut add_fields = |keys: &mut BTreeSet<String>, owner: &str, fields: Vec<Field>| {
        for field in fields {
            keys.extend(["label", "help"].map(|part| format!("fields.{owner}.{}.{part}", field.key)));
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
    keys.extend(choices);
    for role in LinkRole::WORDS {
        keys.extend(["name", "about"].map(|part| format!("roles.{role}.{part}")));
    }
    keys.extend(ProblemKind::KEYS.iter().map(|key| format!("problems.{key}")));
    keys.extend([Severity::Error, Severity::Warning].map(|severity| format!("severities.{}", severity.key())));
    keys.extend(headroom::distribution::Distribution::SHAPES.map(|shape| format!("shapes.{shape}")));
    keys.extend(["presets.replica.name", "presets.replica.about"].map(str::to_owned));
    keys
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
    for key in text::keys(file) {
        assert!(expected.contains(&key), "nothing uses `{key}`");
    }
}

#[test]
fn sentences_end_and_places_are_filled() {
    for key in expected().iter().filter(|key| key.ends_with(".about") || key.ends_with(".help")) {
        assert!(text::text(key).ends_with('.'), "`{key}` is no sentence");
    }
}
