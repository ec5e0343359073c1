//! Reading designs and scripts, from files, from standard input, or by the name of an example.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Failure;
use crate::design::Design;
use crate::design::examples::Example;
use crate::design::file::{FILE_LIMIT_BYTES, script_from_json};
use crate::design::script::ScriptEvent;
use crate::network::{Network, Problem, Severity, compile, problems};

/// Reads the design that `source` names: a file, standard input for `-`, or an example where there is no such file.
pub fn design(source: &str) -> Result<Design, Failure> {
    let example = Example::ALL.into_iter().find(|example| example.key == source);
    if let Some(example) = example.filter(|_| !Path::new(source).exists()) {
        return Ok(example.design());
    }
    Design::from_json(&text(source)?).map_err(|error| Failure::Malformed { file: source.to_owned(), error })
}

/// Reads a script for `design`.
pub fn script(source: &str, design: &Design) -> Result<Vec<ScriptEvent>, Failure> {
    script_from_json(&text(source)?, design).map_err(|error| Failure::Malformed { file: source.to_owned(), error })
}

/// Makes `design`, read from `source`, ready to run.
pub fn network(source: &str, design: &Design) -> Result<Network, Failure> {
    compile(design).map_err(|found| Failure::CannotRun {
        file: source.to_owned(),
        problems: found
            .iter()
            .filter(|problem| problem.severity() == Severity::Error)
            .map(|problem| format!("  {}", line(design, problem)))
            .collect::<Vec<_>>()
            .join("\n"),
    })
}

/// All problems of `design`, a line each, with what they are about.
pub fn problem_lines(design: &Design) -> Vec<(Severity, String)> {
    problems(design).iter().map(|problem| (problem.severity(), line(design, problem))).collect()
}

fn line(design: &Design, problem: &Problem) -> String {
    let component = problem.component.and_then(|id| design.component(id));
    let link = problem.link.and_then(|id| design.link(id));
    let place = match (component, link) {
        (_, Some(link)) => format!(" ({})", link.id),
        (Some(component), None) => format!(" ({})", component.id),
        (None, None) => String::new(),
    };
    format!("{}{place}: {problem}", problem.severity().key())
}

/// Reads the text of a file, or of standard input for `-`, up to the size that a design may have.
fn text(source: &str) -> Result<String, Failure> {
    let unreadable = |error| Failure::Unreadable { file: source.to_owned(), error };
    let mut bytes = Vec::new();
    let input: Box<dyn Read> =
        if source == "-" { Box::new(io::stdin()) } else { Box::new(File::open(source).map_err(unreadable)?) };
    input.take(FILE_LIMIT_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > FILE_LIMIT_BYTES {
        return Err(Failure::TooLarge { file: source.to_owned(), limit_bytes: FILE_LIMIT_BYTES });
    }
    String::from_utf8(bytes).map_err(|_| Failure::NotText { file: source.to_owned() })
}
