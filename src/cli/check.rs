//! `headroom check`: is a design well formed, and can it run?

use std::io::Write;

use clap::Args;
use serde::Serialize;

use super::{Failure, Verdict, input, write_json};
use crate::network::Severity;

/// Checks a design: is the file well formed, and can what it describes run?
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of the design, `-` for standard input, or the name of an example (starter, replicated, reference).
    design: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Findings {
    title: String,
    components: usize,
    links: usize,
    runs: bool,
    problems: Vec<Finding>,
}

#[derive(Debug, Serialize)]
struct Finding {
    severity: &'static str,
    message: String,
}

/// Checks; a design that cannot run is bad input.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let design = input::design(&arguments.design)?;
    let problems = input::problem_lines(&design);
    let runs = problems.iter().all(|(severity, _)| *severity < Severity::Error);
    let (components, links) = (design.components().count(), design.links().count());
    if arguments.json {
        let problems =
            problems.into_iter().map(|(severity, message)| Finding { severity: severity.key(), message }).collect();
        let title = design.settings().title.clone();
        write_json(output, &Findings { title, components, links, runs, problems });
    } else if runs {
        for (_, line) in &problems {
            writeln!(output, "{line}").map_err(Failure::output)?;
        }
        writeln!(output, "{}: {components} components, {links} links; it can run", design.settings().title)
            .map_err(Failure::output)?;
    }
    input::network(&arguments.design, &design)?;
    Ok(Verdict::Done)
}
