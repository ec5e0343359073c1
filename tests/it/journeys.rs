//! The journeys that the program carries: all of them read, all their designs can run, and from stage to stage whatever
//! stays keeps its identity, its kind and its place. That stages do what they claim is the command's business
//! (`headroom journeys check`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use headroom::journey::Journey;
use headroom::journey::outline::{self, Outline};
use headroom::network::problems;

use crate::golden::assert_golden;

/// The stages that each journey must have, in order.
const STAGES: &[(&str, &[&str])] = &[
    (
        "blogging-platform",
        &[
            "1-single-server",
            "2-separate-database",
            "3-load-balancer",
            "4-replication",
            "5-cache",
            "6-cdn",
            "7-stateless-servers",
            "8-message-queue",
            "9-horizontal-and-vertical",
            "10-microservices",
        ],
    ),
    (
        "first-million",
        &["1-one-server", "2-load-balancer-and-replication", "3-cache-and-cdn", "4-workers-and-queue", "5-containers"],
    ),
    (
        "one-million-web-app",
        &[
            "1-single-machine",
            "2-database-apart",
            "2b-relational-or-nosql",
            "3-vertical-scaling",
            "4-horizontal-scaling",
            "5-load-balancer",
            "6-database-instances",
            "7-cache-and-cdn",
        ],
    ),
    (
        "photo-sharing",
        &[
            "1-one-machine",
            "2-managed-database",
            "3-web-client-apart",
            "4-balancers-and-autoscaling",
            "5-object-storage-and-cdn",
            "6-viral-profile",
            "7-websocket-service",
            "8-sharding",
            "9-monitoring",
        ],
    ),
    (
        "zero-to-millions",
        &[
            "1-single-server",
            "2-web-and-data-tier",
            "3-vertical-and-horizontal",
            "4-load-balancer",
            "5-replication",
            "5b-two-primaries",
            "5c-circular-replication",
            "6-cache",
            "7-cdn",
            "8-stateful-servers",
            "9-stateless-servers",
            "10-availability-zones",
            "11-observability",
        ],
    ),
];

/// The list of all journeys, for the page.
const INDEX: &str = "index.json";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/journeys")
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("names are plain")).collect();
    names.sort();
    names
}

fn journey(key: &str) -> Journey {
    let folder = folder().join(key);
    let texts: BTreeMap<String, String> = names_in(&folder)
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(folder.join(&name)).expect("readable");
            (name, text)
        })
        .collect();
    Journey::read(key, |name| texts.get(name).map(String::as_str)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_journey_has_its_stages_and_no_file_too_many() {
    let mut known: Vec<&str> = STAGES.iter().map(|(key, _)| *key).chain([INDEX]).collect();
    known.sort_unstable();
    assert_eq!(names_in(&folder()), known, "journeys");
    for (key, stages) in STAGES {
        let found: Vec<String> = journey(key).stages.into_iter().map(|stage| stage.key).collect();
        assert_eq!(found, *stages, "{key}");
        let designs = names_in(&folder().join(key)).len() - 1;
        assert_eq!(designs, stages.len(), "{key}: each design belongs to a stage");
    }
}

#[test]
fn every_stage_runs_without_a_warning_and_claims_something() {
    for (key, _) in STAGES {
        for stage in journey(key).stages {
            let found: Vec<String> = problems(&stage.design).iter().map(ToString::to_string).collect();
            assert!(found.is_empty(), "{key}/{}: {}", stage.key, found.join("\n"));
            assert!(!stage.proof.is_empty(), "{key}/{}", stage.key);
            assert!(stage.proof.iter().all(|proof| !proof.expect.is_empty()), "{key}/{}", stage.key);
            assert_eq!(stage.design.settings().users, stage.users, "{key}/{}: users of stage and design", stage.key);
        }
    }
}

#[test]
fn stated_users_grow_and_knees_lie_below_the_next_load() {
    for (key, _) in STAGES {
        let stages = journey(key).stages;
        for pair in stages.windows(2) {
            assert!(pair[0].users <= pair[1].users, "{key}/{}", pair[1].key);
        }
        for (position, stage) in stages.iter().enumerate() {
            let Some(breaks_at) = stage.breaks_at else { continue };
            assert!(stage.users < breaks_at, "{key}/{}", stage.key);
            // Where load is the point again, it is what this stage no longer carried.
            if let Some(next) = stages[position + 1..].iter().find(|next| next.breaks_at.is_some()) {
                assert!(breaks_at <= next.users, "{key}/{} and {}", stage.key, next.key);
            }
        }
    }
}

#[test]
fn what_stays_keeps_its_identity_kind_and_place() {
    for (key, _) in STAGES {
        for pair in journey(key).stages.windows(2) {
            let [before, after] = pair else { unreachable!("pairs") };
            for component in before.design.components() {
                let named = after.design.components().find(|other| other.name == component.name);
                let same = after.design.component(component.id);
                let context = format!("{key}/{}: {}", after.key, component.name);
                assert_eq!(same.map(|same| &same.name), named.map(|named| &named.name), "{context}");
                let Some(same) = same else { continue };
                assert_eq!(same.config.kind(), component.config.kind(), "{context}");
                assert_eq!(same.position, component.position, "{context}");
            }
            for link in before.design.links() {
                let Some(same) = after.design.link(link.id) else { continue };
                assert_eq!((same.from, same.to), (link.from, link.to), "{key}/{}: {}", after.key, link.id);
            }
        }
    }
}

#[test]
fn no_two_parts_of_a_stage_lie_upon_each_other() {
    for (key, _) in STAGES {
        for stage in journey(key).stages {
            let parts: Vec<_> = stage.design.components().collect();
            for (position, part) in parts.iter().enumerate() {
                for other in &parts[position + 1..] {
                    let (across, down) = (part.position.x - other.position.x, part.position.y - other.position.y);
                    let apart = across.abs() >= 140.0 || down.abs() >= 85.0;
                    assert!(apart, "{key}/{}: {} and {}", stage.key, part.name, other.name);
                }
            }
        }
    }
}

/// The page reads the list first, in the order in which it shows it, and a journey when somebody opens it.
#[test]
fn the_list_of_all_tells_what_the_journeys_say() {
    let text = fs::read_to_string(folder().join(INDEX)).expect("there is a list");
    let mut keys: Vec<String> =
        outline::read_index(&text).expect("it can be read").into_iter().map(|e| e.key).collect();
    let entries: Vec<String> = keys
        .iter()
        .map(|key| {
            let journey = journey(key);
            let entry = serde_json::json!({
                "key": key,
                "title": journey.title,
                "about": journey.about,
                "stages": journey.stages.len(),
                "users": journey.stages.last().expect("a journey has stages").users,
            });
            format!("    {entry}")
        })
        .collect();
    let found = format!("{{\n  \"journeys\": [\n{}\n  ]\n}}\n", entries.join(",\n"));
    assert_golden("../../../assets/journeys/index.json", &found);
    keys.sort();
    let known: Vec<&str> = STAGES.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, known);
}

/// What the page reads leniently is what the strict reader finds.
#[test]
fn outlines_tell_what_the_journeys_say() {
    for (key, _) in STAGES {
        let text = fs::read_to_string(folder().join(key).join("journey.json")).expect("readable");
        let (outline, journey) = (Outline::read(&text).expect("well formed"), journey(key));
        assert_eq!((&outline.title, outline.stages.len()), (&journey.title, journey.stages.len()));
        for (told, stage) in outline.stages.iter().zip(&journey.stages) {
            let found = (&told.key, &told.title, &told.text, told.users, told.breaks_at);
            assert_eq!(found, (&stage.key, &stage.title, &stage.text, stage.users, stage.breaks_at));
            assert_eq!(told.claims.len(), stage.proof.len());
            for (claim, proof) in told.claims.iter().zip(&stage.proof) {
                assert_eq!((&claim.says, claim.users), (&proof.says, proof.users));
                let acts: usize = claim.acts(&stage.design).iter().map(Vec::len).sum();
                let events = proof.script.as_ref().and_then(|script| script.as_array()).map_or(0, Vec::len);
                assert_eq!(acts, events, "{key}/{}: {}", stage.key, proof.says);
            }
        }
    }
}
