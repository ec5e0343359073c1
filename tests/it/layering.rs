//! Who may use whom, read off the paths in the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the crate, and those that each may use beside itself and the single files. Whoever stands in no list
/// of another is used by the binaries only.
const ALLOWED: &[(&str, &[&str])] = &[
    ("theory", &[]),
    ("design", &["theory"]),
    ("network", &["theory", "design"]),
    (
        "sim",
        &[
            "theory",
            "network",
            "design::script",
            "design::traffic",
            "design::fault",
            "design::field",
            "design::kind",
            "design::ComponentConfig",
            "design::LinkConfig",
            "design::LinkRole",
            "design::FrameKind",
            "design::place",
            "design::price",
            "design::USERS_RANGE",
            "design::link",
            "design::Kind",
        ],
    ),
    ("interview", &["theory", "design", "network", "sim"]),
    ("bridge", &["theory", "design", "network", "sim", "interview"]),
    ("journey", &["theory", "design", "network", "sim"]),
    ("learn", VIEWERS),
    ("embed", VIEWERS),
    ("editor", VIEWERS),
    ("scene", VIEWERS),
    (
        "cli",
        &["theory", "design", "network", "sim", "bridge", "journey", "interview", "learn", "embed", "editor", "scene"],
    ),
    ("web", &["theory", "design", "network", "sim", "bridge", "learn", "embed", "editor", "scene"]),
    (
        "ui",
        &[
            "theory",
            "design",
            "network",
            "sim",
            "bridge",
            "journey",
            "interview",
            "learn",
            "embed",
            "editor",
            "scene",
            "web",
        ],
    ),
    (
        "bin",
        &[
            "theory",
            "design",
            "network",
            "sim",
            "bridge",
            "journey",
            "interview",
            "learn",
            "embed",
            "editor",
            "scene",
            "cli",
            "web",
            "ui",
        ],
    ),
];

/// What looks at designs and snapshots and knows nothing of the engine.
const VIEWERS: &[&str] = &["theory", "design", "network", "sim::snapshot", "scene", "editor"];

/// Modules of one file, which know only each other and `theory`.
const SINGLE: &[&str] = &["units", "ids", "geometry", "distribution", "objective", "text", "format", "entry", "sorted"];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are readable") {
        let path = entry.expect("the sources are readable").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// The paths into the crate that a source names, each as `module::item`: `crate::a::{b, c}` gives `a::b` and `a::c`.
fn paths(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().expect("a split has a first part"))
        .collect::<Vec<_>>()
        .join(" ");
    let mut found = Vec::new();
    for start in ["crate::", "headroom::"] {
        for (at, _) in code.match_indices(start) {
            // `subcrate::` is another word.
            if code[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
                continue;
            }
            expand(&code[at + start.len()..], "", &mut found);
        }
    }
    found
}

/// Reads one path at the start of `code` behind `prefix`, with its groups in braces. Returns what is left.
fn expand<'a>(code: &'a str, prefix: &str, into: &mut Vec<String>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = expand(rest, prefix, into).trim_start();
            match rest.chars().next() {
                Some(',') => rest = &rest[1..],
                Some('}') => return &rest[1..],
                _ => return rest,
            }
        }
    }
    let end = code.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(code.len());
    let (word, rest) = code.split_at(end);
    if word.is_empty() {
        return rest;
    }
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    if let Some(rest) = rest.strip_prefix("::") {
        return expand(rest, &path, into);
    }
    into.push(path);
    // An alias: `a as b`.
    let rest = rest.trim_start();
    rest.strip_prefix("as ").map_or(rest, |alias| {
        alias.trim_start().trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_')
    })
}

fn may_use(module: &str, path: &str) -> bool {
    let begins = |allowed: &&str| path == *allowed || path.starts_with(&format!("{allowed}::"));
    let single = SINGLE.iter().any(begins);
    match ALLOWED.iter().find(|(name, _)| *name == module) {
        Some((_, allowed)) => single || begins(&module) || allowed.iter().any(begins),
        None => single || begins(&"theory"),
    }
}

#[test]
fn modules_use_only_what_stands_below_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in &files {
        let relative = file.strip_prefix(&root).expect("found below the root");
        let first = relative.iter().next().expect("a file has a name").to_string_lossy();
        let module = first.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        assert!(
            SINGLE.contains(&module) || ALLOWED.iter().any(|(name, _)| *name == module),
            "{module} has no place in the layers yet: list it in this test"
        );
        let source = fs::read_to_string(file).expect("the sources are readable");
        for path in paths(&source) {
            seen += 1;
            if !may_use(module, &path) {
                wrong.push(format!("{} uses {path}", relative.display()));
            }
        }
    }
    assert!(seen > 50, "only {seen} paths were found, so the search is broken");
    assert!(wrong.is_empty(), "wrong direction:\n{}", wrong.join("\n"));
}

#[test]
fn paths_are_read_through_groups_and_aliases() {
    let source = "use crate::{a::{B as C, d::E}, f}; // crate::comment\nlet x = crate::g::h(); $crate::i::J";
    assert_eq!(paths(source), ["a::B", "a::d::E", "f", "g::h", "i::J"]);
}

#[test]
fn directions_are_told_apart() {
    assert!(may_use("design", "geometry::Point") && may_use("sim", "design::script::Action"));
    assert!(may_use("scene", "sim::snapshot::Snapshot") && !may_use("scene", "sim::engine::Simulation"));
    assert!(!may_use("design", "network::compile") && !may_use("units", "design::Design"));
    assert!(!may_use("sim", "design::Design") && !may_use("bridge", "ui::App"));
}
