//! Cuts the optimised page into the part that it begins with and the pieces that are fetched later.
//!
//! Where to cut is said in `src/ui/pieces.rs`. Trunk has compiled the page, but what it has put into its folder is still
//! in one piece: here the linked module is taken, cut, and put in its place.

use std::path::{Path, PathBuf};
use std::{env, fs};

use wasm_split_cli_support::{Options, transform};

use crate::command::{root, run};
use crate::glue::tighten;
use crate::tools::PageTools;

/// What modules of this toolchain may use; in pieces it is not written down.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Cuts the page in `folder`; gives the names of the pieces.
///
/// # Errors
/// In words: a page that was not compiled for it, a tool that failed.
pub fn split(tools: &PageTools, folder: &Path) -> Result<Vec<String>, String> {
    let name = name_of_page(folder)?;
    let (_, hash) = name.split_once('-').ok_or_else(|| format!("{name}.js does not carry the hash of its build"))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let module = read(&target.join("wasm32-unknown-unknown/page/app.wasm"))?;
    let work = target.join("split");
    // What is left of the last time would be taken for a piece.
    let _ = fs::remove_dir_all(&work);

    let (script, main) = (format!("./pieces-{hash}.js"), work.join("main.wasm"));
    let mut options = Options::new(&module);
    options.output_dir = &work;
    options.main_out_path = &main;
    options.link_name = &script;
    let main_module = format!("./{name}.js");
    options.main_module = &main_module;
    let parts = transform(options).map_err(|error| format!("the page cannot be cut: {error:?}"))?.split_modules;
    if parts.is_empty() {
        return Err("the page was compiled without its feature `split`; run `cargo xtask build`".to_owned());
    }

    // The hash keeps a piece of another build from being used out of a cache.
    let links = work.join(&script);
    let mut text = String::from_utf8(read(&links)?).map_err(|error| format!("{script}: {error}"))?;
    let optimise = |from: &Path, to: &Path| {
        let mut command = tools.wasm_opt();
        // Which compiler a module comes from is nothing that its readers need.
        run(command.args(FEATURES).args(["-Oz", "--converge", "--strip-producers"]).arg(from).arg("-o").arg(to))
    };
    let mut pieces = Vec::new();
    for part in parts {
        let stem = part.file_stem().unwrap_or_default().to_string_lossy();
        let piece = format!("{}-{hash}.wasm", stem.trim_start_matches("split_"));
        optimise(&part, &folder.join(&piece))?;
        text = text.replace(&format!("\"./{stem}.wasm\""), &format!("\"./{piece}\""));
        pieces.push(piece);
    }
    write(&links, text.as_bytes())?;

    run(tools
        .wasm_bindgen()
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", &name, "--out-dir"])
        .arg(&work)
        .arg(&main))?;
    let (bound, glue) = (format!("{name}_bg.wasm"), format!("{name}.js"));
    tighten(tools, &work, &glue, &bound)?;
    optimise(&work.join(&bound), &folder.join(&bound))?;
    write(&folder.join(&glue), &read(&work.join(&glue))?)?;
    Ok(pieces)
}

/// What Trunk calls the page's script, without its ending.
fn name_of_page(folder: &Path) -> Result<String, String> {
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
    names
        .find_map(|name| name.strip_suffix(".js").filter(|name| name.starts_with("app-")).map(str::to_owned))
        .ok_or_else(|| format!("{}: there is no script of the page", folder.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()))
}
