//! Building and serving the page.

use std::net::TcpListener;

use crate::command::run;
use crate::tools::PageTools;

/// Builds the optimised page into `dist`.
///
/// # Errors
/// In words, what failed.
pub fn build(arguments: &[String]) -> Result<(), String> {
    let tools = PageTools::set_up()?;
    println!("Building the optimised page; about 4 minutes the first time, less than one later.");
    run(tools.trunk().args(["build", "--release", "--features", "split"]).args(arguments))?;
    println!("The page is in dist/.");
    Ok(())
}

/// Builds the optimised page, serves it until interrupted, and builds it again when a source file changes.
///
/// # Errors
/// In words, what failed.
pub fn serve(arguments: &[String]) -> Result<(), String> {
    let tools = PageTools::set_up()?;
    let mut trunk = tools.trunk();
    trunk.args(["serve", "--release", "--features", "split"]).args(arguments);
    if arguments.iter().any(|argument| argument.starts_with("--port") || argument.starts_with("-p")) {
        println!("Building the optimised page, then serving it; about 4 minutes the first time.");
    } else {
        let port = free_port();
        trunk.args(["--port", &port.to_string()]);
        println!("Building the optimised page; about 4 minutes the first time, less than one later.");
        println!("When Trunk says that it listens, open  http://127.0.0.1:{port}/");
    }
    run(&mut trunk)
}

/// The usual port, or one near it if that is taken.
fn free_port() -> u16 {
    (8080..8180).find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).unwrap_or(8080)
}
