//! `headroom schema`: the JSON Schema of what is read and of what is printed.

use clap::{Args, ValueEnum};

use super::{Failure, Verdict, write_json};
use crate::sim::report::Report;
use crate::sim::report::compare::Comparison;
use crate::sim::sweep::Capacity;

/// Prints the JSON Schema of a format.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Of which format.
    #[arg(value_enum)]
    of: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Design files.
    Design,
    /// What `run --json` prints.
    Report,
    /// What `sweep --json` prints.
    Capacity,
    /// What `compare --json` prints.
    Comparison,
}

/// Prints.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    match arguments.of {
        Format::Design => write_json(output, &crate::design::file::design_schema()),
        Format::Report => write_json(output, &schemars::schema_for!(Report)),
        Format::Comparison => write_json(output, &schemars::schema_for!(Comparison)),
        Format::Capacity => write_json(output, &schemars::schema_for!(Capacity)),
    }
    Ok(Verdict::Done)
}
