//! The command line program. What it does stands in `headroom::cli`.

/// Reads the arguments, does what they say and exits with the status that the help states.
#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    headroom::cli::main()
}

/// There is no command line in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}
