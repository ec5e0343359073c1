//! What is done to the built page before it is put in its place: Trunk calls it as a hook.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::command::root;

/// One file of the built page.
struct Weight {
    name: String,
    raw_bytes: usize,
    gzip_bytes: usize,
    brotli_bytes: usize,
}

/// Weighs an optimised page as hosts send it, and refuses one that is heavier than `xtask/budget.txt` allows.
///
/// # Errors
/// In words: outside Trunk, an unreadable file, over budget.
pub fn finish_dist() -> Result<(), String> {
    let folder = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or("`finish-dist` is called by Trunk when it has built the page; run `cargo xtask build`")?;
    list_for_offline(&folder)?;
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile != "release") {
        return Ok(());
    }
    let weights = weigh(&folder)?;
    let row = |raw: usize, gzip: usize, brotli: usize, name: &str| {
        eprintln!("  {:>8.1} {:>8.1} {:>8.1}  {name}", raw as f64 / 1e3, gzip as f64 / 1e3, brotli as f64 / 1e3);
    };
    eprintln!("First load, as it is, in gzip and in brotli [kB]:");
    for Weight { name, raw_bytes, gzip_bytes, brotli_bytes } in &weights {
        row(*raw_bytes, *gzip_bytes, *brotli_bytes, name);
    }
    let sum = |bytes: fn(&Weight) -> usize| weights.iter().map(bytes).sum::<usize>();
    let (gzip, brotli) = (sum(|weight| weight.gzip_bytes), sum(|weight| weight.brotli_bytes));
    let (gzip_most, brotli_most) = (budget("first_load_gzip_bytes")?, budget("first_load_brotli_bytes")?);
    row(sum(|weight| weight.raw_bytes), gzip, brotli, "all");
    eprintln!("  {:>8} {:>8.1} {:>8.1}  at most", "", gzip_most as f64 / 1e3, brotli_most as f64 / 1e3);
    if gzip > gzip_most || brotli > brotli_most {
        return Err("the page is over its budget: see with `twiggy top` what has grown".to_owned());
    }
    Ok(())
}

/// Names the build and its files in the script that keeps them for visits without a connection.
fn list_for_offline(folder: &Path) -> Result<(), String> {
    const SCRIPT: &str = "offline.js";
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    list(folder, &mut files).map_err(|error| failed(folder, error))?;
    files.sort();
    let mut names = vec!["./".to_owned()];
    // FNV-1a over names and contents.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(file).map_err(|error| failed(file, error))?;
        for byte in name.bytes().chain(bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if name != SCRIPT && name != "index.html" {
            names.push(name);
        }
    }
    let path = folder.join(SCRIPT);
    let script = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    let named = script.replacen(r#"const BUILD = "none";"#, &format!(r#"const BUILD = "{hash:016x}";"#), 1).replacen(
        "const FILES = [];",
        &format!("const FILES = {names:?};"),
        1,
    );
    fs::write(&path, named).map_err(|error| failed(&path, error))
}

/// All files below a folder.
fn list(folder: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, into)?;
        } else {
            into.push(path);
        }
    }
    Ok(())
}

/// A number of the budget file.
fn budget(name: &str) -> Result<usize, String> {
    let file = root().join("xtask/budget.txt");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.trim().parse().ok())
        .ok_or_else(|| format!("{}: there is no number for {name}", file.display()))
}

/// Sizes of all files in the folder, heaviest first.
fn weigh(folder: &Path) -> Result<Vec<Weight>, String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut weights = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let path = entry.map_err(|error| failed(folder, error))?.path();
        if path.is_file() {
            let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
            weights.push(Weight {
                name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                raw_bytes: bytes.len(),
                // gzip is deflate and 18 bytes of frame.
                gzip_bytes: miniz_oxide::deflate::compress_to_vec(&bytes, 9).len() + 18,
                brotli_bytes: brotli(&bytes).map_err(|error| failed(&path, error))?,
            });
        }
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.gzip_bytes));
    Ok(weights)
}

/// The size of what hosts send to browsers that take brotli.
fn brotli(bytes: &[u8]) -> std::io::Result<usize> {
    let mut compressed = Vec::new();
    let options = ::brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    ::brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &options)
}
