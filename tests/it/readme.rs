//! The README names only what exists.

use std::fs;
use std::path::Path;
use std::process::Command;

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn readme() -> String {
    fs::read_to_string(project("README.md")).expect("there is a README")
}

/// The words after `start`, for each line that has it, up to a comment.
fn commands<'a>(text: &'a str, start: &str) -> Vec<Vec<&'a str>> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(start))
        .map(|rest| rest.split('#').next().unwrap_or_default().split_whitespace().collect())
        .collect()
}

#[test]
fn every_command_of_the_program_is_understood() {
    let text = readme();
    let commands = commands(&text, "cargo run --release -- ");
    assert!(commands.len() >= 6, "{commands:?}");
    for words in commands {
        let arguments = words.iter().map(|word| word.trim_matches('\''));
        // With `--help` at the end everything before it is still checked for being known, and nothing is done.
        let ended = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .args(arguments)
            .arg("--help")
            .output()
            .expect("the program starts");
        assert!(ended.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn every_command_of_the_project_is_there() {
    let text = readme();
    let main = fs::read_to_string(project("xtask/src/main.rs")).expect("there is an xtask");
    let tasks = commands(&text, "cargo xtask ");
    assert!(tasks.len() >= 2, "{tasks:?}");
    for words in tasks {
        assert!(main.contains(&format!("Some(\"{}\")", words[0])), "cargo xtask {}", words[0]);
    }
    let manifest = fs::read_to_string(project("Cargo.toml")).expect("there is a manifest");
    for words in commands(&text, "cargo bench --bench ") {
        assert!(manifest.contains(&format!("name = \"{}\"", words[0])), "cargo bench --bench {}", words[0]);
    }
}

#[test]
fn every_file_named_is_there() {
    let text = readme();
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|to| !to.starts_with('#'));
    let quoted = text.split('`').skip(1).step_by(2).filter(|word| word.contains('/') && !word.contains(' '));
    let mut seen = 0;
    // What is built or taken by a command need not be there: the page, and pictures of it.
    let made = |path: &&str| path.starts_with("http") || *path == "dist/" || path.ends_with(".png");
    for path in linked.chain(quoted).filter(|path| !made(path)) {
        assert!(project(path).exists(), "{path}");
        seen += 1;
    }
    assert!(seen >= 5, "only {seen} files are named");
}
