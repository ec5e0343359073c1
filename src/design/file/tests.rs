use super::*;
use crate::design::edit::EditError;
use crate::design::fault::{Direction, Fault, FaultKind, Partition, Slow};
use crate::design::field::{Configurable, Value};
use crate::design::script::{Action, ScriptEvent, Target};
use crate::design::{FrameKind, LinkRole};
use crate::distribution::Distribution;
use crate::ids::{ComponentId, FrameId, LinkId};
use crate::objective::Objective;

const BY_HAND: &str = r#"{
  "headroom": 1,
  "title": "By hand",
  "users": 2000,
  "objective": {"latency_secs": 0.2},
  "frames": [{"kind": "region", "name": "Europe", "area": [0, -100, 900, 300]}],
  "components": [
    {"kind": "users", "at": [0, 0]},
    {"kind": "server", "name": "Web", "at": [300, 0.5], "frame": "Europe", "params": {"cores": 8, "queue_limit": null}},
    {"kind": "sql_database", "name": "Data", "at": [600, 0], "params": {"read_work": 0.002}}
  ],
  "links": [
    {"from": "Users", "to": "Web", "params": {"latency": {"shape": "constant", "mean_secs": 0.02}}},
    {"from": "Web", "to": "Data"}
  ],
  "script": [
    {"at_secs": 30, "do": "kill", "component": "Web", "instance": 0},
    {"at_secs": 40.5, "do": "set_users", "users": 5000},
    {"at_secs": 60, "do": "restore", "component": "Web"}
  ]
}"#;

/// The message about [`BY_HAND`] with one part of it replaced.
fn complaint(part: &str, replacement: &str) -> String {
    assert!(BY_HAND.contains(part), "{part} is not in the file");
    Design::from_json(&BY_HAND.replacen(part, replacement, 1)).expect_err(replacement).to_string()
}

#[test]
fn a_file_written_by_hand_is_read() {
    let design = Design::from_json(BY_HAND).expect("well formed");
    let settings = design.settings();
    assert_eq!((settings.title.as_str(), settings.users), ("By hand", 2000));
    assert_eq!(settings.objective, Objective { latency_secs: 0.2, ..Objective::default() });
    let web = design.component_named("Web").expect("listed");
    assert_eq!(web.config.get("cores"), Some(Value::Number(8.0)));
    assert_eq!(web.config.get("queue_limit"), Some(Value::Off));
    assert_eq!(web.config.get("concurrency"), Some(Value::Number(200.0)), "the default");
    let frame = design.frame(web.frame.expect("in Europe")).expect("listed");
    assert_eq!((frame.name.as_str(), frame.kind), ("Europe", FrameKind::Region));
    let roles: Vec<LinkRole> = design.links().map(|link| link.role).collect();
    assert_eq!(roles, [LinkRole::Requests, LinkRole::Queries], "the most usual ones");
    let latency = design.links().next().expect("listed").config.latency;
    assert_eq!(latency, Distribution::constant(0.02));
    assert_eq!(
        settings.script,
        [
            ScriptEvent { at_secs: 30.0, action: Action::KillInstance(web.id, 0) },
            ScriptEvent { at_secs: 40.5, action: Action::SetUsers(5000) },
            ScriptEvent { at_secs: 60.0, action: Action::Restore(web.id) },
        ]
    );
}

#[test]
fn a_design_survives_file_and_link() {
    let design = Design::from_json(BY_HAND).expect("well formed");
    let text = design.to_json();
    assert_eq!(Design::from_json(&text).as_ref(), Ok(&design), "{text}");
    assert_eq!(Design::from_json(&text).expect("read above").to_json(), text);
    assert_eq!(Design::from_link(&design.to_link()).as_ref(), Ok(&design));
}

#[test]
fn what_is_written_has_a_line_for_each_part() {
    let text = Design::from_json(BY_HAND).expect("well formed").to_json();
    let line = r#"    {"id": 3, "kind": "server", "name": "Web", "at": [300, 0.5], "frame": "Europe", "params": {"cores": 8, "queue_limit": null}},"#;
    assert!(text.lines().any(|found| found == line), "{text}");
    assert!(text.contains("\n    {\"id\": 6, \"from\": \"Web\", \"to\": \"Data\", \"role\": \"queries\"}\n"), "{text}");
}

#[test]
fn parts_of_the_same_name_are_called_by_identity() {
    let text = BY_HAND.replace("\"name\": \"Data\"", "\"name\": \"Web\"");
    let error = Design::from_json(&text).expect_err("who is Web?");
    assert_eq!(
        error.to_string(),
        "`links[0].to` (line 13, column 29): `Web` could mean any of 2 components; give its `id` instead"
    );
    let mut design = Design::from_json(BY_HAND).expect("well formed");
    let data = design.component_named("Data").expect("listed").id;
    design.apply(crate::design::edit::Edit::Rename(data, "Web".to_owned())).expect("any name will do");
    assert_eq!(Design::from_json(&design.to_json()), Ok(design));
}

#[test]
fn complaints_say_what_where_and_what_was_expected() {
    for (part, replacement, expected) in [
        (
            "\"cores\": 8",
            "\"cores\": -4",
            "`components[1].params.cores` (line 9, column 96): -4 is out of range; expected 1 to 256 cores",
        ),
        (
            "\"cores\"",
            "\"core\"",
            "`components[1].params.core` (line 9, column 95): server has no parameter `core`; did you mean `cores`?",
        ),
        (
            "\"kind\": \"server\"",
            "\"kind\": \"servr\"",
            "`components[1].kind` (line 9, column 14): `servr` is not known; expected one of users, dns, load_balancer, \
             gateway, server, websocket_service, machine, container_pool, pipeline, cache, sql_database, nosql_database, \
             database_balancer, shard_router, session_store, cdn, object_storage, queue, worker, third_party, \
             monitoring; did you mean `server`?",
        ),
        (
            "\"to\": \"Data\"",
            "\"to\": \"Dato\"",
            "`links[1].to` (line 14, column 27): there is no component `Dato`; did you mean `Data`?",
        ),
        ("\"to\": \"Data\"", "\"to\": 77", "`links[1].to` (line 14, column 27): there is no component c77"),
        (
            "{\"from\": \"Web\", \"to\": \"Data\"}",
            "{\"from\": \"Data\", \"to\": \"Web\"}",
            "`links[1]` (line 14, column 5): sql_database cannot be connected to server",
        ),
        ("\"users\": 2000", "\"users\": 0", "`users` (line 4, column 12): 0 users; expected 1 to 100,000,000"),
        (
            "0.2}",
            "-1}",
            "`objective` (line 5, column 16): 99th percentile under -1 s, 0.001 failed; expected a percentile between 0 and 100, a time above 0 and a share from 0 to 1",
        ),
        (
            "\"do\": \"kill\"",
            "\"do\": \"kil\"",
            "`script[0].do` (line 17, column 27): `kil` is not known; expected one of set_users, kill, restore, deploy, \
             restore_backup, inject, clear, set; did you mean `kill`?",
        ),
        (", \"users\": 5000", "", "`script[1]` (line 18, column 5): `set_users` needs `users`"),
        (
            "40.5",
            "-40.5",
            "`script[1].at_secs` (line 18, column 17): the script names -40.5 s; expected a time that is finite and not negative",
        ),
        (
            "\"headroom\": 1",
            "\"headroom\": 2",
            "`headroom` (line 2, column 15): version 2 is not known; expected `\"headroom\": 1`",
        ),
        ("\"headroom\": 1", "\"headphones\": 1", "this is no Headroom file; expected an object with `\"headroom\": 1`"),
    ] {
        assert_eq!(complaint(part, replacement), expected);
    }
}

#[test]
fn misshapen_files_are_told_by_line() {
    let message = complaint("\"title\"", "\"titel\"");
    assert!(message.starts_with("`titel` (line 3, column "), "{message}");
    assert!(message.contains("unknown field `titel`") && message.ends_with("did you mean `title`?"), "{message}");
    let message = complaint("2000", "\"many\"");
    assert!(message.contains("expected a whole number that is not negative"), "{message}");
    let message = complaint("[0, 0]", "[0]");
    assert!(message.starts_with("`components[0].at"), "{message}");
    let truncated = Design::from_json(&BY_HAND[..BY_HAND.len() / 2]).expect_err("half of it");
    assert!(matches!(truncated.reason, Reason::Syntax(_)), "{truncated}");
    assert!(truncated.line > 1, "{truncated}");
}

#[test]
fn identities_are_unique_and_bounded() {
    let duplicate = BY_HAND
        .replace("{\"kind\": \"users\"", "{\"id\": 9, \"kind\": \"users\"")
        .replace("{\"kind\": \"server\"", "{\"id\": 9, \"kind\": \"server\"");
    let error = Design::from_json(&duplicate).expect_err("9 twice");
    assert_eq!((error.path.as_str(), error.reason), ("components[1].id", Reason::Edit(EditError::IdTaken(9))));
    let great = BY_HAND.replacen("{\"kind\": \"users\"", "{\"id\": 4294967295, \"kind\": \"users\"", 1);
    assert!(Design::from_json(&great).is_err());
}

#[test]
fn sizes_are_limited() {
    let padded = format!("{BY_HAND}{}", " ".repeat(FILE_LIMIT_BYTES));
    let error = Design::from_json(&padded).expect_err("too large");
    assert_eq!(error.reason, Reason::TooLarge { size_bytes: padded.len() });
    let links = vec!["{\"from\": 1, \"to\": 2}"; LINK_LIMIT + 1].join(",");
    let error = Design::from_json(&format!("{{\"headroom\": 1, \"links\": [{links}]}}")).expect_err("too many");
    assert_eq!(error.to_string(), "`links` (line 1, column 26): there are 10001 links; expected at most 10000");
    assert!(complaint("\"By hand\"", &format!("\"{}\"", "x".repeat(NAME_LIMIT + 1))).contains("201 characters"));
    let deep = "[".repeat(100_000);
    assert!(matches!(Design::from_json(&deep).expect_err("too deep").reason, Reason::Syntax(_)));
}

#[test]
fn a_script_may_stand_in_a_file_of_its_own() {
    let design = Design::from_json(BY_HAND).expect("well formed");
    let web = design.component_named("Web").expect("listed").id;
    let script =
        script_from_json(r#"{"headroom": 1, "script": [{"at_secs": 5, "do": "kill", "component": "Web"}]}"#, &design);
    assert_eq!(script, Ok(vec![ScriptEvent { at_secs: 5.0, action: Action::Kill(web) }]));
    let error =
        script_from_json(r#"{"headroom": 1, "script": [{"at_secs": 5, "do": "set_users", "users": 0}]}"#, &design);
    assert_eq!(error.expect_err("no users").reason, Reason::Edit(EditError::Users(0)));
}

#[test]
fn damaged_links_are_refused() {
    let link = Design::from_json(BY_HAND).expect("well formed").to_link();
    assert_eq!(Design::from_link(""), Err(ShareLinkError::Version));
    assert_eq!(Design::from_link(&link[1..]), Err(ShareLinkError::Version));
    assert_eq!(Design::from_link("a*"), Err(ShareLinkError::Letters));
    assert!(Design::from_link(&link[..link.len() / 2]).is_err());
    // A bomb: a thousandth of what it swells to.
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 64 * FILE_LIMIT_BYTES], 9);
    let bomb = format!("a{}", base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bomb));
    assert_eq!(Design::from_link(&bomb), Err(ShareLinkError::Compressed));
}

/// A site in a zone whose script uses every form of event.
const FAULTS: &str = r#"{
  "headroom": 1,
  "frames": [{"id": 9, "kind": "zone", "name": "Zone A", "area": [0, 0, 100, 100]}],
  "components": [
    {"id": 1, "kind": "users", "name": "People"},
    {"id": 2, "kind": "server", "name": "Web", "frame": "Zone A", "params": {"instances": 4}}
  ],
  "links": [{"id": 3, "from": "People", "to": "Web"}],
  "script": [
    {"at_secs": 1, "do": "inject", "component": "Web", "instance": 2, "fault": "slow", "params": {"factor": 8}},
    {"at_secs": 2, "do": "inject", "link": {"from": "People", "to": "Web"}, "fault": "partition", "params": {"direction": "back"}},
    {"at_secs": 3, "do": "inject", "frame": "Zone A", "fault": "crash"},
    {"at_secs": 4, "do": "clear", "frame": "Zone A"},
    {"at_secs": 5, "do": "clear", "component": "Web", "instance": 2, "fault": "slow"},
    {"at_secs": 6, "do": "set", "component": "Web", "parameter": "queue_limit", "value": null},
    {"at_secs": 7, "do": "set", "component": "Web", "parameter": "cpu_discipline", "value": "processor_sharing"},
    {"at_secs": 8, "do": "set", "link": 3, "parameter": "retries", "value": 2}
  ]
}"#;

#[test]
fn faults_and_settings_of_a_script_are_read_and_written() {
    let design = Design::from_json(FAULTS).expect("well-formed");
    let actions: Vec<Action> = design.settings().script.iter().map(|event| event.action.clone()).collect();
    let (web, zone, link) = (ComponentId(2), FrameId(9), LinkId(3));
    let machine = Target::Instance(web, 2);
    let set = |target, key: &str, value| Action::SetParameter { target, key: key.to_owned(), value };
    assert_eq!(
        actions,
        [
            Action::Inject { target: machine, fault: Fault::Slow(Slow { factor: 8.0 }) },
            Action::Inject {
                target: Target::Link(link),
                fault: Fault::Partition(Partition { direction: Direction::Back })
            },
            Action::Inject { target: Target::Frame(zone), fault: Fault::Crash },
            Action::Clear { target: Target::Frame(zone), fault: None },
            Action::Clear { target: machine, fault: Some(FaultKind::Slow) },
            set(Target::Component(web), "queue_limit", Value::Off),
            set(Target::Component(web), "cpu_discipline", Value::Choice("processor_sharing")),
            set(Target::Link(link), "retries", Value::Number(2.0)),
        ]
    );
    assert_eq!(Design::from_json(&design.to_json()), Ok(design.clone()));
    // Messages to the engine carry the same.
    let bytes = postcard::to_allocvec(&actions).expect("plain data");
    assert_eq!(postcard::from_bytes::<Vec<Action>>(&bytes), Ok(actions));
}

#[test]
fn complaints_about_events_name_what_is_missing_or_too_much() {
    let message = |event: &str| {
        let text =
            format!(r#"{{"headroom": 1, "components": [{{"kind": "server", "name": "Web"}}], "script": [{event}]}}"#);
        Design::from_json(&text).expect_err("wrong").to_string()
    };
    for (event, complaint) in [
        (r#"{"at_secs": 1, "do": "inject", "component": "Web"}"#, "`inject` needs `fault`"),
        (r#"{"at_secs": 1, "do": "inject", "fault": "slow"}"#, "`inject` needs `component`, `link` or `frame`"),
        (
            r#"{"at_secs": 1, "do": "inject", "fault": "slow", "component": "Web", "frame": 3}"#,
            "`inject` takes one of `component`, `link` or `frame` only",
        ),
        (r#"{"at_secs": 1, "do": "inject", "fault": "slw", "component": "Web"}"#, "did you mean `slow`?"),
        (
            r#"{"at_secs": 1, "do": "inject", "fault": "slow", "component": "Web", "params": {"factr": 2}}"#,
            "slow has no parameter `factr`; did you mean `factor`?",
        ),
        (
            r#"{"at_secs": 1, "do": "inject", "fault": "slow", "component": "Web", "params": {"factor": 0}}"#,
            "0 is out of range; expected 1 to 10000",
        ),
        (r#"{"at_secs": 1, "do": "kill", "component": "Web", "fault": "slow"}"#, "`kill` takes no `fault`"),
        (
            r#"{"at_secs": 1, "do": "set", "component": "Web", "parameter": "core", "value": 2}"#,
            "server has no parameter `core`; did you mean `cores`?",
        ),
        (r#"{"at_secs": 1, "do": "set", "component": "Web", "parameter": "cores", "value": 0}"#, "`script[0].value`"),
        (r#"{"at_secs": 1, "do": "clear", "link": {"from": "Web", "to": "Web"}}"#, "there is no such link"),
    ] {
        let message = message(event);
        assert!(message.contains(complaint), "{event}: {message}");
    }
}
