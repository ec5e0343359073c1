//! What is done to the built page before it is put in its place: Trunk calls it as a hook.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::command::root;
use crate::glue::{minify, tighten};
use crate::split::split;
use crate::tools::PageTools;

/// The list of what is fetched until the first request moves: the browser story that watches a visit reads it.
const FIRST_LOAD: &str = "target/first-load.txt";
/// What the browser keeps for visits without a connection; fetched once everything else is there.
const OFFLINE: &str = "offline.js";
/// What loads the page.
const BOOT: &str = "boot.js";
/// The picture that is shown first; there is another one for dark screens, of the same weight.
const STILL: &str = "still/light.svg";

/// One file of the built page.
struct Weight {
    name: String,
    bytes: usize,
    gzip_bytes: usize,
    brotli_bytes: usize,
}

/// Cuts an optimised page into pieces, makes its scripts and later styles small, weighs it as hosts send it, and refuses
/// one that is heavier than `xtask/budget.txt` allows.
///
/// # Errors
/// In words: outside Trunk, an unreadable file, over budget.
pub fn finish_dist() -> Result<(), String> {
    let folder = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or("`finish-dist` is called by Trunk when it has built the page; run `cargo xtask build`")?;
    if env::var("TRUNK_PROFILE").is_ok_and(|profile| profile != "release") {
        return list_for_offline(&folder);
    }
    let tools = PageTools::set_up()?;
    let mut pieces = split(&tools, &folder)?;
    tighten(&tools, &folder, "worker.js", "worker_bg.wasm")?;
    minify(&tools, &folder.join(BOOT))?;
    let styles = later_styles(&folder)?;
    for style in &styles {
        minify(&tools, &folder.join(style))?;
    }
    pieces.extend(styles);
    list_for_offline(&folder)?;
    let weights = weigh(&folder)?;
    let is_first = |name: &str| {
        name == STILL || !(name.contains('/') || name == OFFLINE || pieces.iter().any(|piece| piece == name))
    };
    let (first, later): (Vec<&Weight>, Vec<&Weight>) = weights.iter().partition(|weight| is_first(&weight.name));
    let pieces: Vec<&Weight> = later.into_iter().filter(|weight| pieces.contains(&weight.name)).collect();
    let list: String = first.iter().map(|weight| format!("{}\n", weight.name)).collect();
    fs::write(root().join(FIRST_LOAD), list).map_err(|error| format!("{FIRST_LOAD}: {error}"))?;

    row(["as it is", "gzip", "brotli", "[kB]"]);
    let first_load = tell("first load: all that is fetched until the first request moves", &first);
    tell("pieces: fetched after that, or when something in them is wanted before", &pieces);
    let everything = sum(&weights.iter().collect::<Vec<_>>());
    row([&kb(everything.0), &kb(everything.1), &kb(everything.2), "everything: journeys and tasks, too"]);
    let is_over = [
        ("first_load_gzip_bytes", first_load.1),
        ("first_load_brotli_bytes", first_load.2),
        ("everything_gzip_bytes", everything.1),
        ("everything_brotli_bytes", everything.2),
    ]
    .map(|(name, bytes)| {
        let most = budget(name)?;
        if bytes > most {
            eprintln!("{name} is {bytes}; at most {most} in xtask/budget.txt");
        }
        Ok::<bool, String>(bytes > most)
    });
    for is_over in is_over {
        if is_over? {
            return Err("the page is over its budget: see with `twiggy top` what has grown".to_owned());
        }
    }
    Ok(())
}

/// Style sheets that the page does not begin with: `index.html` does not name them.
fn later_styles(folder: &Path) -> Result<Vec<String>, String> {
    let page = folder.join("index.html");
    let html = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| name.ends_with(".css") && !html.contains(name)).collect())
}

/// Prints these files and their sum, which it gives: as it is, in gzip, in brotli [bytes].
fn tell(what: &str, weights: &[&Weight]) -> (usize, usize, usize) {
    for Weight { name, bytes, gzip_bytes, brotli_bytes } in weights {
        row([&kb(*bytes), &kb(*gzip_bytes), &kb(*brotli_bytes), name]);
    }
    let all = sum(weights);
    row([&kb(all.0), &kb(all.1), &kb(all.2), what]);
    all
}

fn sum(weights: &[&Weight]) -> (usize, usize, usize) {
    weights.iter().fold((0, 0, 0), |(bytes, gzip, brotli), weight| {
        (bytes + weight.bytes, gzip + weight.gzip_bytes, brotli + weight.brotli_bytes)
    })
}

fn row([bytes, gzip, brotli, what]: [&str; 4]) {
    eprintln!("  {bytes:>8} {gzip:>8} {brotli:>8}  {what}");
}

fn kb(bytes: usize) -> String {
    format!("{:.1}", bytes as f64 / 1e3)
}

/// Names the build and its files in the script that keeps them for visits without a connection.
fn list_for_offline(folder: &Path) -> Result<(), String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    list(folder, &mut files).map_err(|error| failed(folder, error))?;
    files.sort();
    let mut names = vec!["./".to_owned()];
    // FNV-1a over names and contents.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        let name = name_in(folder, file);
        let bytes = fs::read(file).map_err(|error| failed(file, error))?;
        for byte in name.bytes().chain(bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if name != OFFLINE && name != "index.html" {
            names.push(name);
        }
    }
    let path = folder.join(OFFLINE);
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

/// Sizes of all files of the page, heaviest first.
fn weigh(folder: &Path) -> Result<Vec<Weight>, String> {
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut files = Vec::new();
    list(folder, &mut files).map_err(|error| failed(folder, error))?;
    let mut weights = Vec::new();
    for path in files {
        let bytes = fs::read(&path).map_err(|error| failed(&path, error))?;
        weights.push(Weight {
            name: name_in(folder, &path),
            bytes: bytes.len(),
            // gzip is deflate and 18 bytes of frame.
            gzip_bytes: miniz_oxide::deflate::compress_to_vec(&bytes, 9).len() + 18,
            brotli_bytes: brotli(&bytes).map_err(|error| failed(&path, error))?,
        });
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.gzip_bytes));
    Ok(weights)
}

/// The name of a file of the page as an address has it.
fn name_in(folder: &Path, file: &Path) -> String {
    file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// The size of what hosts send to browsers that take brotli.
fn brotli(bytes: &[u8]) -> std::io::Result<usize> {
    let mut compressed = Vec::new();
    let options = ::brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    ::brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &options)
}
