//! `headroom journeys`: the journeys that the program carries, and the proof that their stages do what they claim.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::progress::Progress;
use super::table::{NOTHING, Table};
use super::{Failure, Verdict};
use crate::format;
use crate::journey::{Journey, Stage, StageOutcome, check_stage};

include!(concat!(env!("OUT_DIR"), "/journeys.rs"));

/// Journeys: how designs grow stage by stage, each stage proved by simulation.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists all journeys and their stages.
    List,
    /// Prints a journey: what happens at each stage, and what proves it.
    Show {
        /// The journey, as `list` names it.
        journey: String,
    },
    /// Proves every stage: how many users it serves, what gives way first, and whether its claims hold.
    Check {
        /// Only this journey, or this stage of one, as `journey` or `journey/stage`.
        only: Option<String>,
        /// Reads the journeys from this folder instead: for their authors.
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
    },
}

/// Lists, shows or checks.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    match &arguments.what {
        What::List => {
            let mut rows = Table::left(["journey", "stage", "title", "users"]);
            for journey in all(&embedded())? {
                rows.row([journey.key.clone(), String::new(), journey.title.clone(), String::new()]);
                for stage in &journey.stages {
                    rows.row([
                        String::new(),
                        stage.key.clone(),
                        stage.title.clone(),
                        format::grouped(stage.users).replace(format::THIN_SPACE, " "),
                    ]);
                }
            }
            output.write_all(rows.print().as_bytes()).map_err(Failure::output)?;
            Ok(Verdict::Done)
        }
        What::Show { journey } => {
            let journey = one(&embedded(), journey)?;
            output.write_all(text(&journey).as_bytes()).map_err(Failure::output)?;
            Ok(Verdict::Done)
        }
        What::Check { only, from } => {
            let files = from.as_deref().map_or_else(|| Ok(embedded()), read_folder)?;
            check(&files, only.as_deref(), output)
        }
    }
}

/// Paths relative to the folder of all journeys, and their texts, in order of the paths.
type Files = Vec<(String, String)>;

/// The files that the program carries.
fn embedded() -> Files {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// The files of all journeys in `folder`.
fn read_folder(folder: &Path) -> Result<Files, Failure> {
    let unreadable = |path: &Path| {
        let file = path.display().to_string();
        move |error| Failure::Unreadable { file, error }
    };
    let entries = |path: &Path| -> Result<Vec<PathBuf>, Failure> {
        let found = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        found.map_err(unreadable(path))
    };
    let mut files = Files::new();
    for journey in entries(folder)?.iter().filter(|path| path.is_dir()) {
        for file in entries(journey)? {
            let name = file.strip_prefix(folder).expect("all journeys lie there").to_string_lossy().replace('\\', "/");
            files.push((name, fs::read_to_string(&file).map_err(unreadable(&file))?));
        }
    }
    files.sort();
    Ok(files)
}

/// All journeys by key.
fn all(files: &Files) -> Result<Vec<Journey>, Failure> {
    let mut keys: Vec<&str> = files.iter().filter_map(|(path, _)| path.split_once('/')).map(|(key, _)| key).collect();
    keys.dedup();
    keys.into_iter().map(|key| one(files, key)).collect()
}

fn one(files: &Files, key: &str) -> Result<Journey, Failure> {
    let text_of = |file: &str| {
        files.iter().find(|(path, _)| path.split_once('/') == Some((key, file))).map(|(_, text)| text.as_str())
    };
    if text_of("journey.json").is_none() {
        let known = files.iter().filter_map(|(path, _)| path.strip_suffix("/journey.json")).collect::<Vec<_>>();
        return Err(Failure::UnknownJourney { journey: key.to_owned(), known: known.join(", ") });
    }
    Ok(Journey::read(key, text_of)?)
}

fn text(journey: &Journey) -> String {
    let mut text = format!("{}\n{}\n", journey.title, journey.about);
    for stage in &journey.stages {
        text += &format!("\n{}: {}\n{}\n", stage.key, stage.title, stage.text);
        text += &match stage.breaks_at {
            Some(breaks_at) => {
                format!("Serves {} users, no longer {}.\n", format::grouped(stage.users), format::grouped(breaks_at))
            }
            None => format!("Looked at with {} users.\n", format::grouped(stage.users)),
        };
        for proof in &stage.proof {
            text += &format!("- {}\n", proof.says);
        }
    }
    text.replace(format::THIN_SPACE, " ")
}

fn check(files: &Files, only: Option<&str>, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let (journey, stage) = match only {
        None => (None, None),
        Some(path) => path.split_once('/').map_or((Some(path), None), |(journey, stage)| (Some(journey), Some(stage))),
    };
    let journeys = match journey {
        Some(key) => vec![one(files, key)?],
        None => all(files)?,
    };
    let mut rows = Table::left(["stage", "stated users", "served", "gives way first", "claims", "rule"]);
    let mut missed = String::new();
    for journey in &journeys {
        for stage in journey.stages.iter().filter(|known| stage.is_none_or(|wanted| known.key == wanted)) {
            let name = format!("{}/{}", journey.key, stage.key);
            let progress = Progress::new(&name);
            let outcome = check_stage(journey, stage, |done| progress.show(done)).map_err(|reason| Failure::Stage {
                journey: journey.key.clone(),
                stage: stage.key.clone(),
                reason,
            })?;
            drop(progress);
            rows.row(row(&name, stage, &outcome));
            for finding in outcome.findings.iter().filter(|finding| !finding.missed.is_empty()) {
                missed += &format!("\n{name}: {}\n  {}\n", finding.says, finding.missed.join("\n  "));
            }
            if outcome.knee_met == Some(false) {
                missed += &format!("\n{name}: the knee does not lie between the stated users and the next stage's.\n");
            }
        }
    }
    output.write_all(rows.print().as_bytes()).map_err(Failure::output)?;
    output.write_all(missed.as_bytes()).map_err(Failure::output)?;
    Ok(if missed.is_empty() { Verdict::Done } else { Verdict::Missed })
}

fn row(name: &str, stage: &Stage, outcome: &StageOutcome) -> [String; 6] {
    let capacity = outcome.capacity.as_ref();
    let served = capacity.map_or_else(
        || NOTHING.to_owned(),
        |capacity| capacity.users.map_or_else(|| "none".to_owned(), format::grouped),
    );
    let limiting = capacity.and_then(|capacity| capacity.limiting.as_ref()).map(|limiting| {
        let component = stage.design.components().find(|component| component.id.to_string() == limiting.component);
        let name = component.map_or(limiting.component.as_str(), |component| component.name.as_str());
        format!("{} of {name}", limiting.resource)
    });
    let held = outcome.findings.iter().filter(|finding| finding.missed.is_empty()).count();
    [
        name.to_owned(),
        format::grouped(stage.users),
        served,
        limiting.unwrap_or_else(|| NOTHING.to_owned()),
        if outcome.findings.is_empty() { NOTHING.to_owned() } else { format!("{held} of {}", outcome.findings.len()) },
        if outcome.holds() { "met".to_owned() } else { "MISSED".to_owned() },
    ]
}
