//! The command line program as other programs meet it: arguments in; output, messages and exit status out.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::golden::assert_golden;

/// How a run of the program ended.
struct Ended {
    status: i32,
    output: String,
    messages: String,
}

impl Ended {
    #[track_caller]
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "output: {}\nmessages: {}", self.output, self.messages);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.messages.contains(words), "{words:?} is not in {:?}", self.messages);
        self
    }

    #[track_caller]
    fn json(&self) -> Json {
        serde_json::from_str(&self.output).expect("the output is JSON")
    }
}

/// Runs the program with `arguments`, `input` on its standard input.
fn headroom_with(arguments: &[&str], input: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_headroom"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that refuses its input early closes the pipe; that is for the test to judge, not a failure here.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let ended = child.wait_with_output().expect("the program ends");
    Ended {
        status: ended.status.code().expect("no signal"),
        output: String::from_utf8(ended.stdout).expect("text"),
        messages: String::from_utf8(ended.stderr).expect("text"),
    }
}

fn headroom(arguments: &[&str]) -> Ended {
    headroom_with(arguments, "")
}

/// A file of this test's own that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, contents: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("headroom-{}-{name}", std::process::id()));
        std::fs::write(&path, contents).expect("the temporary folder can be written");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a plain name")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a crashed test leaves behind is the system's to clean.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// One server: 2,000 users send 24 requests a second.
const SMALL: &str = r#"{
  "headroom": 1,
  "title": "Small",
  "users": 2000,
  "components": [
    {"id": 1, "kind": "users", "name": "People", "at": [0, 0], "params": {"write_share": 0}},
    {"id": 2, "kind": "server", "name": "Web", "at": [300, 0], "params": {"queries_per_read": 0, "cores": 1}}
  ],
  "links": [{"id": 3, "from": "People", "to": "Web"}]
}"#;

/// [`SMALL`] with a part of it replaced.
fn small(part: &str, replacement: &str) -> String {
    assert!(SMALL.contains(part), "{part} is not in the file");
    SMALL.replacen(part, replacement, 1)
}

#[test]
fn run_prints_tables_for_people() {
    let ended = headroom_with(&["run", "-", "--for", "100s"], SMALL).expect(0);
    for words in ["Small", "2,000 users", "100 s measured after 10 s", "People → Web (requests)", "p99", "95 %"] {
        assert!(ended.output.contains(words), "{words:?} is not in\n{}", ended.output);
    }
    assert_eq!(ended.messages, "", "no progress bar where there is no terminal");
}

#[test]
fn run_reports_figures_with_intervals_under_stable_names() {
    let report = headroom_with(&["run", "-", "--for", "1000s", "--seed", "7", "--json"], SMALL).expect(0).json();
    assert_eq!(report["users"], 2000);
    assert_eq!(report["seed"], 7);
    assert_eq!(report["measured_secs"], 1000.0);
    assert_eq!(report["warm_up_secs"], 10.0);
    assert_eq!(report["fingerprint"].as_str().map(str::len), Some(16));
    let rate = &report["total"]["arrival_rate_per_sec"];
    let (value, half) = (rate["value"].as_f64().unwrap(), rate["ci95_half_width"].as_f64().unwrap());
    assert!((value - 24.0).abs() < 3.0 * half && half < 1.0, "24 requests a second: {value} ± {half}");
    for figure in ["mean_secs", "p50_secs", "p90_secs", "p95_secs", "p99_secs"] {
        let figure = &report["total"]["latency"][figure];
        assert!(figure["value"].as_f64().unwrap() > figure["ci95_half_width"].as_f64().unwrap(), "{figure}");
    }
    assert_eq!(report["components"][1]["name"], "Web");
    assert_eq!(report["components"][1]["component"], "c2");
    let busy = report["components"][1]["utilisation"]["cores"]["value"].as_f64().unwrap();
    assert!((0.1..0.3).contains(&busy), "about 17 reads of 10 ms a second: {busy}");
    assert_eq!(report["links"][0]["role"], "requests");
    assert_eq!(report["objective"]["kept"], true);
}

#[test]
fn the_same_seed_prints_the_same_bytes() {
    let run = |seed| headroom_with(&["run", "-", "--for", "30s", "--seed", seed, "--json"], SMALL).expect(0).output;
    assert_eq!(run("1"), run("1"));
    assert_ne!(run("1"), run("2"));
}

#[test]
fn run_says_by_its_status_whether_an_objective_is_kept() {
    headroom_with(&["run", "-", "--for", "20s", "--objective", "p99<1s,errors<1%"], SMALL).expect(0);
    headroom_with(&["run", "-", "--for", "20s", "--objective", "p50<1ms"], SMALL).expect(1);
}

#[test]
fn overload_is_reported_as_growth_and_not_as_a_latency() {
    let overloaded = small("\"cores\": 1", "\"cores\": 1, \"concurrency\": 1000000, \"memory_per_request_mb\": 0");
    let overloaded = overloaded.replace("\"write_share\": 0", "\"write_share\": 0, \"patience_secs\": null");
    let overloaded = overloaded.replace("\"to\": \"Web\"", "\"to\": \"Web\", \"params\": {\"timeout_secs\": null}");
    let arguments = ["run", "-", "--users", "50k", "--for", "60s", "--json"];
    let report = headroom_with(&arguments, &overloaded).expect(0).json();
    assert_eq!(report["total"]["in_flight_growth"]["growing"], true);
    assert_eq!(report["total"]["latency"], Json::Null);
    assert_eq!(report["objective"]["kept"], false);
    // 600 requests a second arrive, 420 of which are reads of 10 ms for the one core.
    let growth = report["total"]["in_flight_growth"]["per_sec"]["value"].as_f64().unwrap();
    assert!((200.0..600.0).contains(&growth), "{growth} more each second");
}

#[test]
fn a_script_from_a_file_replaces_the_one_of_the_design() {
    let script = Scratch::new(
        "script.json",
        br#"{"headroom": 1, "script": [{"at_secs": 20, "do": "kill", "component": "Web"}]}"#,
    );
    let arguments = ["run", "-", "--for", "20s", "--json", "--script", script.path()];
    let report = headroom_with(&arguments, SMALL).expect(0).json();
    let down = report["total"]["outcomes"]["target_down"]["share"]["value"].as_f64().unwrap();
    assert!((0.4..0.6).contains(&down), "dead for the second half: {down}");
    let availability = report["components"][1]["availability"]["value"].as_f64().unwrap();
    assert!((availability - 0.5).abs() < 0.01, "{availability}");
}

#[test]
fn sweep_finds_the_knee() {
    // One core, reads of 10 ms on average and static files of 0.3 ms: somewhat less than 100 / 0.68 requests a second.
    let near_the_knee = small("\"users\": 2000", "\"users\": 10000");
    let capacity = headroom_with(&["sweep", "-", "--quick", "--json"], &near_the_knee).expect(0).json();
    let (users, missed) = (capacity["users"].as_u64().unwrap(), capacity["missed_at"].as_u64().unwrap());
    assert!((9_000..12_500).contains(&users), "{users}");
    assert!(missed > users && missed as f64 <= users as f64 * 1.021, "{users} to {missed}");
    assert_eq!(capacity["limiting"]["component"], "c2");
    assert_eq!(capacity["limiting"]["resource"], "cores");
    // The same again for people, and with more users asked for than it serves.
    let text = headroom_with(&["sweep", "-", "--quick", "--users", "50k"], &near_the_knee).expect(1).output;
    for words in ["Serves ", " users; misses it at ", "the cores of Web", "kept", "missed: "] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

#[test]
fn sweep_says_so_if_not_even_one_user_is_served() {
    let alone = small("\"users\": 2000", "\"users\": 1");
    let hopeless = headroom_with(&["sweep", "-", "--quick", "--objective", "p50<100us"], &alone).expect(1);
    assert!(hopeless.output.contains("Misses it with a single user"), "{}", hopeless.output);
}

#[test]
fn check_accepts_what_can_run() {
    let ended = headroom_with(&["check", "-"], SMALL).expect(0);
    assert!(ended.output.contains("2 components, 1 links; it can run"), "{}", ended.output);
    for example in ["starter", "replicated", "reference"] {
        assert_eq!(headroom(&["check", example, "--json"]).expect(0).json()["runs"], true);
    }
}

#[test]
fn render_draws_the_design() {
    let picture = headroom_with(&["render", "-"], SMALL).expect(0).output;
    assert!(picture.starts_with("<svg ") && picture.contains("Web"), "{picture}");
    let file = Scratch::new("picture.svg", b"");
    let dark = headroom_with(&["render", "-", "--dark", "-o", file.path()], SMALL).expect(0).output;
    assert_eq!(dark, "");
    let written = std::fs::read_to_string(file.path()).expect("written");
    assert!(written.starts_with("<svg ") && written != picture, "the dark one");
}

#[test]
fn catalogue_lists_every_parameter() {
    let ended = headroom(&["catalogue", "--json"]).expect(0);
    assert_golden("catalogue.json", &ended.output);
    let text = headroom(&["catalogue"]).expect(0).output;
    let catalogue = ended.json();
    let kinds = catalogue["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), headroom::design::Kind::ALL.len());
    for kind in kinds {
        for parameter in kind["parameters"].as_array().unwrap() {
            let key = parameter["key"].as_str().unwrap();
            assert!(text.contains(key), "{key} is not in the table");
            for described in ["label", "about", "source"] {
                let words = parameter[described].as_str().unwrap();
                assert!(!words.is_empty() && !words.contains("fields."), "{described} of {key}: {words:?}");
            }
        }
    }
    let one = headroom(&["catalogue", "cache"]).expect(0).output;
    assert!(one.contains("capacity_entries") && !one.contains("think_time"), "{one}");
    headroom(&["catalogue", "toaster"]).expect(2).says("no kind `toaster`").says("load_balancer");
}

#[test]
fn schemas_describe_what_is_read_and_printed() {
    for of in ["design", "report", "capacity"] {
        let ended = headroom(&["schema", of]).expect(0);
        assert!(ended.json()["$schema"].is_string());
        assert_golden(&format!("{of}-schema.json"), &ended.output);
    }
}

/// Every kind of bad input ends with status 2 and a message that names file, place and what was expected.
#[test]
fn bad_designs_are_refused_with_reasons() {
    let refused = |design: &str| headroom_with(&["run", "-", "--for", "1s"], design).expect(2);
    // An unknown field.
    refused(&small("\"title\"", "\"titel\"")).says("headroom: -: ").says("titel").says("did you mean `title`");
    // A negative number of cores.
    refused(&small("\"cores\": 1", "\"cores\": -4"))
        .says("`components[1].params.cores` (line 7, ")
        .says("-4 is out of range; expected 1 to 256 cores");
    // Truncated JSON.
    refused(&SMALL[..SMALL.len() / 2]).says("-: ").says("not JSON").says("line ");
    // A dangling link.
    refused(&small("\"to\": \"Web\"", "\"to\": \"Wab\"")).says("`links[0].to`").says("there is no component `Wab`");
    // A cycle of calls that wait for each other.
    let second = r#"{"id": 4, "kind": "server", "name": "Api", "at": [600, 0]}"#;
    let cycle = small("\n  ],\n  \"links\": [", &format!(",\n    {second}\n  ],\n  \"links\": ["));
    let cycle = cycle.replace(
        "\"to\": \"Web\"}]",
        "\"to\": \"Web\"}, {\"from\": \"Web\", \"to\": \"Api\"}, {\"from\": \"Api\", \"to\": \"Web\"}]",
    );
    refused(&cycle).says("cannot run").says("Web").says("Api").says("circle");
    headroom_with(&["check", "-"], &cycle).expect(2).says("circle");
    headroom_with(&["sweep", "-"], &cycle).expect(2).says("circle");
    // No design at all.
    refused("[1, 2]").says("-: ");
    refused("").says("not JSON");
    refused(&small("\"headroom\": 1", "\"headroom\": 99")).says("version 99 is not known");
}

#[test]
fn a_file_of_50_mb_is_refused_without_being_read() {
    let file = Scratch::new("large.json", b"");
    std::fs::File::create(file.path()).expect("created").set_len(50_000_000).expect("a sparse file");
    headroom(&["check", file.path()]).expect(2).says(file.path()).says("larger than 1048576 bytes; expected a design");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    headroom(&["run", "no-such-design.json"]).expect(2).says("no-such-design.json: cannot be read: ");
    let binary = Scratch::new("binary.json", &[0xff, 0xfe, 0x00]);
    headroom(&["check", binary.path()]).expect(2).says("not UTF-8 text; expected JSON");
    headroom(&["render", "starter", "-o", "no/such/folder/out.svg"]).expect(2).says("out.svg: cannot be written");
}

#[test]
fn bad_arguments_are_refused_with_what_was_expected() {
    headroom(&["run", "starter", "--users", "0"]).expect(2).says("from 1 to 100,000,000");
    headroom(&["run", "starter", "--for", "soon"]).expect(2).says("a time like 60s");
    headroom(&["run", "starter", "--for", "0s"]).expect(2).says("cannot be cut into 20 batches");
    headroom(&["sweep", "starter", "--objective", "p99<5"]).expect(2).says("the limit has no unit").says("p99<500ms");
    headroom(&["schema", "weather"]).expect(2).says("design").says("report");
    headroom(&["frobnicate"]).expect(2).says("frobnicate");
    headroom(&[]).expect(2).says("Usage");
    let script = Scratch::new("bad-script.json", br#"{"headroom": 1, "script": [{"at_secs": 1, "do": "explode"}]}"#);
    headroom(&["run", "starter", "--script", script.path()]).expect(2).says(script.path()).says("script[0].do");
}

#[test]
fn journeys_are_listed_shown_and_proved() {
    let list = headroom(&["journeys", "list"]).expect(0).output;
    assert!(list.contains("first-million") && list.contains("1-one-server"), "{list}");
    let shown = headroom(&["journeys", "show", "first-million"]).expect(0).output;
    assert!(shown.contains("Serves 20,000 users, no longer 100,000."), "{shown}");
    let proved = headroom(&["journeys", "check", "first-million/1-one-server"]).expect(0).output;
    assert!(proved.contains("cores of Web server") && proved.trim_end().ends_with("met"), "{proved}");
    headroom(&["journeys", "show", "nowhere"]).expect(2).says("expected one of").says("first-million");
}

#[test]
fn compare_gives_paired_differences() {
    let arguments = ["compare", "starter", "replicated", "--users", "20k", "--for", "10s", "--warmup", "2s"];
    let table = headroom(&arguments).expect(0).output;
    assert!(table.contains("A: From one web server") && table.contains("latency_p99_secs"), "{table}");
    let json = headroom(&[&arguments[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(json["users"], 20_000);
    assert!(json["figures"].as_array().is_some_and(|figures| figures.len() > 10), "{json}");
}

#[test]
fn traces_are_printed_as_trees() {
    let arguments = ["run", "starter", "--users", "5k", "--for", "5s", "--trace", "2"];
    let text = headroom(&arguments).expect(0).output;
    assert!(text.contains("Requests chosen without bias") && text.contains("  Database"), "{text}");
    let json = headroom(&[&arguments[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(json["traces"]["slowest"].as_array().map(Vec::len), Some(2));
}
