//! Names the build: a hash of everything that page and worker are made of. The page refuses a worker of another build,
//! whose messages it could not read. Lists the files of the journeys, so that the command line carries them. And makes
//! lists of all texts, so that the page needs not read JSON to find its words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Style sheets that the running page fetches: by the name of the build, as it fetches the worker.
const LATER_STYLES: [&str; 3] = ["assets/around.css", "assets/guide.css", "assets/panels.css"];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets it"));
    let mut files: Vec<PathBuf> =
        ["Cargo.lock", "Cargo.toml"].iter().chain(&LATER_STYLES).map(|file| root.join(file)).collect();
    for folder in ["src", "assets/text"] {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let mut hash = Fnv::default();
    for file in &files {
        let name = file.strip_prefix(&root).expect("all files lie under the root");
        hash.update(name.to_string_lossy().replace('\\', "/").as_bytes());
        hash.update(&fs::read(file).unwrap_or_default());
    }
    println!("cargo::rustc-env=BUILD_ID={:016x}", hash.0);
    if env::var_os("CARGO_FEATURE_SPLIT").is_some()
        && env::var("TARGET").is_ok_and(|target| target.starts_with("wasm32"))
    {
        // The page can only be cut where it is known what refers to what.
        println!("cargo::rustc-link-arg-bin=app=--emit-relocs");
    }
    embed_journeys(&root);
    list_texts(&root);
    let watched = ["src", "assets/text", "assets/journeys", "Cargo.lock", "Cargo.toml", "build.rs"];
    for watched in watched.iter().chain(&LATER_STYLES) {
        println!("cargo::rerun-if-changed={watched}");
    }
}

/// Writes a list of all files of all journeys with their texts, for the command line to include.
fn embed_journeys(root: &Path) {
    let folder = root.join("assets/journeys");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    // The list of all journeys is for the page, which fetches them one by one.
    let is_of_a_journey = |file: &PathBuf| file.parent().is_some_and(|parent| parent != folder);
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json") && is_of_a_journey(file));
    files.sort();
    let entries: String = files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(&folder).expect("all journeys lie there").to_string_lossy().replace('\\', "/");
            format!("    ({name:?}, include_str!({file:?})),\n")
        })
        .collect();
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it")).join("journeys.rs");
    let list = format!(
        "/// Every file of every journey: its path under `assets/journeys`, and its text.\nconst FILES: &[(&str, &str)] = &[\n{entries}];\n"
    );
    fs::write(&target, list).expect("Cargo's own folder can be written");
}

/// Beginnings and ends of the keys of texts that the first picture may need; all others come later.
const FIRST: [(&str, &str); 4] = [("app.name", ""), ("diagram.", ""), ("pieces.", ""), ("kinds.", ".name")];

/// Writes all texts with their keys, by key: those that the page begins with, and the others.
fn list_texts(root: &Path) {
    let mut files = Vec::new();
    collect(&root.join("assets/text/en"), &mut files);
    let mut texts = BTreeMap::new();
    for file in files {
        let json = fs::read_to_string(&file).expect("the texts can be read");
        flatten(String::new(), serde_json::from_str(&json).expect("the texts are well-formed JSON"), &mut texts);
    }
    let is_first = |key: &str| FIRST.iter().any(|(start, end)| key.starts_with(start) && key.ends_with(end));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo sets it"));
    for (name, with_first) in [("texts_first", true), ("texts_later", false)] {
        let chosen = texts.iter().filter(|(key, _)| is_first(key) == with_first);
        // Signs that no text has: the end of a key, the end of a text.
        let list: String = chosen.map(|(key, text)| format!("{key}\u{1f}{text}\u{1e}")).collect();
        fs::write(out.join(name), list).expect("Cargo's own folder can be written");
    }
}

fn flatten(path: String, value: serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                flatten(path, value, into);
            }
        }
        serde_json::Value::String(text) => {
            into.insert(path, text);
        }
        other => panic!("`{path}` is no text: {other}"),
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// FNV-1a with 64 bits: the same on every machine and in every version of the standard library.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Takes in the length too, so that bytes cannot move from one file to the next unnoticed.
    fn update(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
