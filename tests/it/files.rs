//! Files and links: what is written comes back, and nothing that is read does harm.

use headroom::design::Design;
use headroom::design::examples::Example;
use headroom::design::file::Reason;
use headroom::network::{compile, problems};
use proptest::prelude::*;

use crate::random::{changes, drawn, property};

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn designs_survive_their_file_and_their_link(all in changes(0..60)) {
        let design = drawn(&all);
        let text = design.to_json();
        let read = Design::from_json(&text);
        prop_assert_eq!(read.as_ref(), Ok(&design), "{}", text);
        prop_assert_eq!(read.expect("compared above").to_json(), text);
        prop_assert_eq!(Design::from_link(&design.to_link()), Ok(design));
    }

    #[test]
    fn whatever_is_read_can_be_used(text in mutated()) {
        match Design::from_json(&text) {
            Ok(design) => {
                // It was accepted, so it must be a design like any other.
                prop_assert_eq!(Design::from_json(&design.to_json()), Ok(design.clone()));
                prop_assert_eq!(compile(&design).is_err(), problems(&design).iter().any(is_error));
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn whatever_is_said_in_good_form_is_read_or_refused(text in misshapen()) {
        match Design::from_json(&text) {
            Ok(design) => prop_assert_eq!(Design::from_json(&design.to_json()), Ok(design)),
            Err(error) => {
                // It is well-formed, so there is a place to point at.
                prop_assert!(!matches!(error.reason, Reason::Syntax(_)), "{}", error);
                let lines = text.lines().count();
                prop_assert!(error.line <= lines, "{} of {} lines", error, lines);
                prop_assert!(error.line > 0 || matches!(error.reason, Reason::Foreign), "{}", error);
            }
        }
    }

    #[test]
    fn letters_at_random_are_refused(text in ".{0,200}") {
        prop_assert!(Design::from_json(&text).is_err());
    }

    #[test]
    fn links_at_random_do_no_harm(letters in "a?[A-Za-z0-9_-]{0,200}") {
        // Some are valid by chance; none may panic.
        let _either = Design::from_link(&letters);
    }

    #[test]
    fn damaged_links_do_no_harm(position: prop::sample::Index, letter in "[A-Za-z0-9_-]", cut: bool) {
        let mut link = Example::REPLICATED.design().to_link();
        let at = position.index(link.len());
        if cut {
            link.truncate(at);
            prop_assert!(Design::from_link(&link).is_err());
        } else {
            link.replace_range(at..=at, &letter);
            let _either = Design::from_link(&link);
        }
    }
}

fn is_error(problem: &headroom::network::Problem) -> bool {
    problem.severity() == headroom::network::Severity::Error
}

/// The file of an example after some damage: cuts, swaps, and numbers and words that do not belong there.
fn mutated() -> impl Strategy<Value = String> {
    let text = proptest::sample::select(&Example::ALL[..]).prop_map(|example| example.design().to_json());
    let scraps = proptest::sample::select(
        &[
            "-1",
            "0",
            "1e308",
            "4294967295",
            "1e999",
            "null",
            "true",
            "\"\"",
            "\"a\"",
            "[]",
            "{}",
            "[",
            "}",
            ",",
            ":",
            "\"",
            "\\",
            "\u{0}",
            "ü",
            "\"Users\"",
            "\"Cache\"",
            "\"params\": {}",
            "\"kind\": \"cache\"",
            "0.5",
        ][..],
    );
    let damage = (any::<prop::sample::Index>(), 0_usize..12, scraps);
    (text, proptest::collection::vec(damage, 1..4)).prop_map(|(text, damages)| {
        let mut letters: Vec<char> = text.chars().collect();
        for (at, removed, scrap) in damages {
            let at = at.index(letters.len());
            let end = (at + removed).min(letters.len());
            letters.splice(at..end, scrap.chars());
        }
        letters.into_iter().collect()
    })
}

/// The file of an example with some of its values replaced by others, still well-formed.
fn misshapen() -> impl Strategy<Value = String> {
    let text = proptest::sample::select(&Example::ALL[..]).prop_map(Example::file);
    let strange = prop_oneof![
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        any::<i64>().prop_map(|number| serde_json::json!(number)),
        (0..12_u32).prop_map(|number| serde_json::json!(number)),
        "[a-zA-Z ]{0,8}".prop_map(|text| serde_json::json!(text)),
        proptest::sample::select(&["Users", "DNS", "server", "cache", "requests", "kill"][..])
            .prop_map(|text| serde_json::json!(text)),
        Just(serde_json::json!(null)),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
        Just(serde_json::json!({"shape": "uniform", "min_secs": 2, "max_secs": 1})),
    ];
    let damage = (any::<prop::sample::Index>(), strange);
    (text, proptest::collection::vec(damage, 1..3)).prop_map(|(text, damages)| {
        let mut file: serde_json::Value = serde_json::from_str(text).expect("the examples are JSON");
        for (place, strange) in damages {
            let mut places = Vec::new();
            pointers(&file, String::new(), &mut places);
            let place: &String = place.get(&places);
            *file.pointer_mut(place).expect("just listed") = strange;
        }
        format!("{file:#}")
    })
}

/// The places of all values in `value`, as JSON pointers.
fn pointers(value: &serde_json::Value, at: String, into: &mut Vec<String>) {
    let inside: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (step, value) in inside {
        pointers(value, format!("{at}/{step}"), into);
    }
    if !at.is_empty() {
        into.push(at);
    }
}

#[test]
fn every_beginning_of_a_file_is_refused() {
    let text = Example::STARTER.design().to_json();
    let whole = text.trim_end().len();
    for end in 0..whole {
        assert!(Design::from_json(&text[..end]).is_err(), "{}", &text[..end]);
    }
}

#[test]
fn every_example_runs_without_complaint_and_is_written_as_its_file_is() {
    for example in Example::ALL {
        let design = example.design();
        assert_eq!(problems(&design), [], "{}", example.key);
        assert!(compile(&design).is_ok(), "{}", example.key);
        assert_eq!(design.to_json(), example.file(), "{}", example.key);
    }
}

#[test]
fn the_published_schema_changes_on_purpose_only() {
    let schema = serde_json::to_string_pretty(&headroom::design::file::design_schema()).expect("plain data");
    crate::golden::assert_golden("design-schema.json", &format!("{schema}\n"));
}
