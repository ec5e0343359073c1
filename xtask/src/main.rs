//! `cargo xtask`: everything about the project that is more than one command of Cargo.

mod finish;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        Some("finish-dist") => finish::finish_dist(),
        _ => Err("usage: cargo xtask finish-dist".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
