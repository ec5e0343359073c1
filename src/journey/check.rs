//! Proving a stage: the knee by a sweep, every other claim by a run whose figures are held against bounds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value as Json};

use super::{Expectation, Journey, Proof, Stage};
use crate::design::Design;
use crate::design::Settings;
use crate::design::edit::Edit;
use crate::design::file::script_from_json;
use crate::network::compile;
use crate::sim::report::{RunOptions, Window, run_windows};
use crate::sim::snapshot::{Happening, LogEntry};
use crate::sim::sweep::{Capacity, SweepOptions, find_capacity};
use crate::units::{SimDuration, SimTime};

/// Batches of each window.
const BATCHES: u32 = 10;
/// Seed of every run: claims are proved on one sequence of events that anyone can repeat.
const SEED: u64 = 1;

/// What checking a stage found.
#[derive(Clone, Debug)]
pub struct StageOutcome {
    /// The sweep, where load is the point.
    pub capacity: Option<Capacity>,
    /// Whether the knee lies where the stage says; `None` where load is not the point.
    pub knee_met: Option<bool>,
    /// What every other claim came to.
    pub findings: Vec<Finding>,
}

/// What one claim came to.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The claim.
    pub says: String,
    /// Every bound that was missed, in words, or why it could not be looked at; empty if the claim holds.
    pub missed: Vec<String>,
}

impl StageOutcome {
    /// Whether everything that the stage claims holds.
    pub fn holds(&self) -> bool {
        self.knee_met != Some(false) && self.findings.iter().all(|finding| finding.missed.is_empty())
    }
}

/// Proves `stage` of `journey`. `progress` is called now and then with the share done, 0 to 1.
///
/// # Errors
/// In words, why the design of a stage cannot run.
pub fn check_stage(journey: &Journey, stage: &Stage, mut progress: impl FnMut(f64)) -> Result<StageOutcome, String> {
    let parts = (usize::from(stage.breaks_at.is_some()) + stage.proof.len()).max(1) as f64;
    let mut done = 0.0;
    let mut outcome = StageOutcome { capacity: None, knee_met: None, findings: Vec::new() };
    if let Some(breaks_at) = stage.breaks_at {
        let network = network(&stage.design)?;
        let objective = stage.design.settings().objective;
        let capacity = find_capacity(&network, &objective, &SweepOptions::quick(SEED), |share| progress(share / parts));
        let served = capacity.users.unwrap_or(0);
        outcome.knee_met = Some(served >= stage.users && served < breaks_at);
        outcome.capacity = Some(capacity);
        done += 1.0;
    }
    for proof in &stage.proof {
        progress(done / parts);
        outcome.findings.push(Finding { says: proof.says.clone(), missed: missed(journey, stage, proof)? });
        done += 1.0;
    }
    Ok(outcome)
}

fn network(design: &Design) -> Result<crate::network::Network, String> {
    compile(design).map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// Every bound of `proof` that is missed.
fn missed(journey: &Journey, stage: &Stage, proof: &Proof) -> Result<Vec<String>, String> {
    let mut figures = BTreeMap::from([(None, measure(&stage.design, stage, proof)?)]);
    for reference in proof.expect.iter().filter_map(|expectation| expectation.times.as_ref()) {
        let Some(other) = &reference.stage else { continue };
        if let Entry::Vacant(place) = figures.entry(Some(other.as_str())) {
            let other_stage = journey.stages.iter().find(|stage| stage.key == *other);
            let design = &other_stage.ok_or_else(|| format!("there is no stage `{other}`"))?.design;
            place.insert(measure(design, stage, proof)?);
        }
    }
    Ok(proof.expect.iter().filter_map(|expectation| miss(expectation, &figures)).collect())
}

/// The report of each window, by its name.
type Figures = BTreeMap<String, Json>;

/// Runs `design` as `proof` says.
fn measure(design: &Design, stage: &Stage, proof: &Proof) -> Result<Figures, String> {
    let mut design = design.clone();
    if let Some(script) = &proof.script {
        let file = serde_json::json!({"headroom": 1, "script": script}).to_string();
        let script = script_from_json(&file, &design).map_err(|error| error.to_string())?;
        let settings = Settings { script, ..design.settings().clone() };
        design.apply(Edit::SetSettings(settings)).map_err(|error| error.to_string())?;
    }
    let mut named: Vec<(&String, &[f64; 2])> = proof.windows.iter().collect();
    named.sort_by(|a, b| a.1[0].total_cmp(&b.1[0]));
    let windows: Vec<Window> = named
        .iter()
        .map(|(_, [from, until])| Window {
            start: SimTime::from_secs_f64(*from),
            duration: SimDuration::from_secs_f64(until - from),
        })
        .collect();
    let options = RunOptions {
        users: proof.users.unwrap_or(stage.users),
        warm_up: SimDuration::ZERO,
        duration: SimDuration::from_secs(1),
        seed: SEED,
        batches: BATCHES,
        objective: design.settings().objective,
    };
    let mut reports = run_windows(network(&design)?, &options, &windows, |_| {});
    Ok(named
        .into_iter()
        .zip(&mut reports)
        .map(|((name, _), (report, log))| {
            report.name(&design.settings().title, |id| design.name_of(id));
            let mut figures = serde_json::to_value(&*report).expect("a report is plain data");
            figures["log"] = count_log(log, |id| design.name_of(id));
            (name.clone(), figures)
        })
        .collect())
}

/// Lines of the log by component and by what they tell: `{"Replica 1": {"promoted": 1}}`.
fn count_log<'a>(log: &[LogEntry], name_of: impl Fn(&str) -> Option<&'a str>) -> Json {
    let mut counted = Map::new();
    for entry in log {
        let id = entry.component.to_string();
        let of_component =
            counted.entry(name_of(&id).map_or(id.clone(), str::to_owned)).or_insert_with(|| Json::Object(Map::new()));
        let what = word(&entry.happening);
        let count = of_component.get(&what).and_then(Json::as_u64).unwrap_or(0);
        of_component[what] = Json::from(count + 1);
    }
    Json::Object(counted)
}

/// What happened, as one word: `failover_started`.
fn word(happening: &Happening) -> String {
    let json = serde_json::to_value(happening).expect("a happening is plain data");
    let variant = json.as_str().or_else(|| json.as_object()?.keys().next().map(String::as_str)).unwrap_or_default();
    let mut word = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// How `expectation` is missed, in words; `None` if it holds.
fn miss(expectation: &Expectation, figures: &BTreeMap<Option<&str>, Figures>) -> Option<String> {
    let Expectation { figure, window, at_least, at_most, times } = expectation;
    let found = |stage: Option<&str>, window: &str, figure: &str| {
        figures.get(&stage).and_then(|figures| figures.get(window)).and_then(|report| value(report, figure))
    };
    let Some(measured) = found(None, window, figure) else {
        return Some(format!("`{figure}` in {window}: nothing was measured"));
    };
    let (factor, of) = match times {
        None => (1.0, String::new()),
        Some(reference) => {
            let other = reference.figure.as_deref().unwrap_or(figure);
            let other_window = reference.window.as_deref().unwrap_or(window);
            let Some(factor) = found(reference.stage.as_deref(), other_window, other) else {
                return Some(format!("`{other}` in {other_window}: nothing was measured to compare with"));
            };
            (factor, format!(" times {factor}"))
        }
    };
    if let Some(least) = at_least.filter(|least| measured < least * factor) {
        return Some(format!("`{figure}` in {window} is {measured}; expected at least {least}{of}"));
    }
    if let Some(most) = at_most.filter(|most| measured > most * factor) {
        return Some(format!("`{figure}` in {window} is {measured}; expected at most {most}{of}"));
    }
    None
}

/// The number at `path` of a report: keys by name, entries of lists by their `name`, their identity or their position,
/// and of an estimate its value. A log line that never came counts zero.
fn value(report: &Json, path: &str) -> Option<f64> {
    let mut at = report;
    for step in path.split('/') {
        let next = match at {
            Json::Array(list) => list
                .iter()
                .find(|entry| ["name", "component", "link", "region"].iter().any(|key| entry[*key] == *step))
                .or_else(|| list.get(step.parse::<usize>().ok()?)),
            _ => at.get(step),
        };
        match next {
            Some(next) => at = next,
            None if path.starts_with("log/") => return Some(0.0),
            None => return None,
        }
    }
    at.as_f64().or_else(|| at.get("value")?.as_f64()).or_else(|| at.as_bool().map(f64::from))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ids::ComponentId;

    #[test]
    fn figures_are_found_by_name() {
        let report = json!({
            "total": {"error_share": {"value": 0.25, "ci95_half_width": null}, "latency": null},
            "components": [{"component": "c1", "name": "Web", "instances": [{"count": 3}, {"count": 4}]}],
            "objective": {"kept": true},
            "log": {"Web": {"killed": 2}},
        });
        for (path, expected) in [
            ("total/error_share", Some(0.25)),
            ("components/Web/instances/1/count", Some(4.0)),
            ("components/c1/instances/0/count", Some(3.0)),
            ("objective/kept", Some(1.0)),
            ("log/Web/killed", Some(2.0)),
            ("log/Web/restored", Some(0.0)),
            ("total/latency/p99_secs", None),
            ("components/App/instances", None),
        ] {
            assert_eq!(value(&report, path), expected, "{path}");
        }
    }

    #[test]
    fn bounds_may_be_multiples_of_other_figures() {
        let figures = BTreeMap::from([(
            None,
            BTreeMap::from([("a".to_owned(), json!({"rate": 10})), ("b".to_owned(), json!({"rate": 16}))]),
        )]);
        let expect = |json: Json| miss(&serde_json::from_value(json).expect("well formed"), &figures);
        assert_eq!(expect(json!({"figure": "rate", "in": "b", "at_least": 1.5, "times": {"in": "a"}})), None);
        assert!(expect(json!({"figure": "rate", "in": "b", "at_most": 1.5, "times": {"in": "a"}})).is_some());
        assert!(expect(json!({"figure": "rate", "in": "a", "at_least": 11})).is_some());
        assert!(
            expect(json!({"figure": "speed", "in": "a", "at_least": 0})).is_some(),
            "nothing measured proves nothing"
        );
    }

    #[test]
    fn lines_of_the_log_are_counted_by_what_they_tell() {
        let entry =
            |happening| LogEntry { at: SimTime::ZERO, component: ComponentId(3), instance: 0, link: None, happening };
        let log = [entry(Happening::Killed), entry(Happening::Promoted { lost_writes: 1 }), entry(Happening::Killed)];
        let counted = count_log(&log, |_| Some("Primary"));
        assert_eq!(counted, json!({"Primary": {"killed": 2, "promoted": 1}}));
    }
}
