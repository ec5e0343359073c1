//! `headroom render`: a picture of a design.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Verdict, input};
use crate::scene::{Figures, Theme, svg};

/// Draws a design as it lies on the page, as an SVG file.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File of the design, `-` for standard input, or the name of an example (starter, replicated, reference).
    design: String,
    /// Where to write the picture; standard output if left out.
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Use the dark theme.
    #[arg(long)]
    dark: bool,
}

/// Draws.
pub fn run(arguments: &Arguments, output: &mut Vec<u8>) -> Result<Verdict, Failure> {
    let design = input::design(&arguments.design)?;
    let theme = if arguments.dark { Theme::Dark } else { Theme::Light };
    let picture = svg::still(&design, &Figures::default(), theme);
    match &arguments.output {
        Some(path) => std::fs::write(path, picture)
            .map_err(|error| Failure::Unwritable { file: path.display().to_string(), error })?,
        None => output.extend_from_slice(picture.as_bytes()),
    }
    Ok(Verdict::Done)
}
