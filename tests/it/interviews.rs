//! The interviews that come with the page: each task has an answer that passes and one that does not, and both are
//! measured here as the page does it.

use std::fs;
use std::path::{Path, PathBuf};

use headroom::design::Design;
use headroom::interview::{GoalKind, LossOutcome, Prompt, Report, examine, read_index};
use headroom::network::problems;

/// The tasks, by key.
const KEYS: [&str; 5] = ["url-shortener", "photo-sharing", "news-feed", "chat", "ticket-sale"];
const SEED: u64 = 1;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/interviews")
}

fn text(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn prompt(key: &str) -> Prompt {
    Prompt::read(&text(&format!("{key}/prompt.json"))).unwrap_or_else(|error| panic!("{key}: {error}"))
}

fn answer(key: &str, name: &str) -> Design {
    Design::from_json(&text(&format!("{key}/{name}.json"))).unwrap_or_else(|error| panic!("{key}/{name}: {error}"))
}

fn report(key: &str, name: &str) -> Report {
    examine(&prompt(key), &answer(key, name), SEED, |_| {}).expect("the answer runs")
}

#[test]
fn the_list_names_every_task() {
    let entries = read_index(&text("index.json")).expect("well formed");
    let found: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(found, KEYS);
    for entry in &entries {
        assert_eq!(entry.title, prompt(&entry.key).title);
        assert!(entry.about.ends_with('.'));
    }
    let folders = fs::read_dir(folder())
        .expect("readable")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_dir()));
    assert_eq!(folders.count(), KEYS.len());
}

#[test]
fn every_task_grows_and_is_told_in_sentences() {
    for key in KEYS {
        let prompt = prompt(key);
        assert!(prompt.growth_users > prompt.users, "{key}");
        assert!(prompt.statement.ends_with('.') && prompt.facts.iter().all(|fact| fact.ends_with('.')), "{key}");
        let canvas = prompt.canvas();
        assert_eq!((canvas.components().count(), canvas.settings().users), (1, prompt.users), "{key}");
    }
}

#[test]
fn answers_run_without_a_warning() {
    for key in KEYS {
        for name in ["reference", "naive"] {
            let found: Vec<String> = problems(&answer(key, name)).iter().map(ToString::to_string).collect();
            assert!(found.is_empty(), "{key}/{name}: {}", found.join("\n"));
        }
    }
}

#[test]
fn every_task_has_an_answer_that_passes() {
    for key in KEYS {
        let (report, terms) = (report(key, "reference"), prompt(key).terms(SEED));
        let missed: Vec<_> = report.goals(&terms).into_iter().filter(|goal| !goal.met).collect();
        assert!(missed.is_empty(), "{key} misses {missed:?}: {report:#?}");
        assert!(report.capacity.is_some_and(|users| users >= terms.growth_users), "{key}: {report:#?}");
    }
}

#[test]
fn every_task_has_an_answer_that_does_not() {
    for key in KEYS {
        let (report, terms) = (report(key, "naive"), prompt(key).terms(SEED));
        assert!(!report.passes(&terms), "{key}: {report:#?}");
        let missed = |kind| report.goals(&terms).iter().any(|goal| goal.kind == kind && !goal.met);
        assert!(missed(GoalKind::Growth) && missed(GoalKind::Losses), "{key}: {report:#?}");
        assert!(report.losses.iter().all(|loss| loss.outcome == LossOutcome::Lost), "{key}: {report:#?}");
        assert!(report.limiting.is_some(), "{key}: {report:#?}");
    }
}
