//! Names the build: a hash of everything that page and worker are made of. The page refuses a worker of another build,
//! whose messages it could not read.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("Cargo sets it"));
    let mut files = vec![root.join("Cargo.lock"), root.join("Cargo.toml")];
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
    for watched in ["src", "assets/text", "Cargo.lock", "Cargo.toml", "build.rs"] {
        println!("cargo::rerun-if-changed={watched}");
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
