//! Makes what lies between scripts and modules small: what wasm-bindgen writes for people to read is turned into what
//! browsers need.
//!
//! A function of the browser that a module uses has a name of some thirty letters, half of them a hash, in the module
//! and in its script: neither compresses, and there are hundreds.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, Import, ImportSectionReader, Parser, Payload};

use crate::command::shown;
use crate::tools::PageTools;

/// Makes a module and its script small, both in `folder`; what the script imports from there becomes part of it.
///
/// # Errors
/// In words: an unreadable file, a tool that failed.
pub fn tighten(tools: &PageTools, folder: &Path, script: &str, module: &str) -> Result<(), String> {
    let (script_path, module_path) = (folder.join(script), folder.join(module));
    let failed = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = fs::read(&module_path).map_err(|error| failed(&module_path, &error))?;
    let text = fs::read_to_string(&script_path).map_err(|error| failed(&script_path, &error))?;

    let imports = names_of_imports(&bytes).map_err(|error| failed(&module_path, &error))?;
    // Without the mark, registries of classes that nothing uses would keep those classes.
    let text = text.replace("new FinalizationRegistry", "/* @__PURE__ */ new FinalizationRegistry");
    fs::write(&script_path, rename(&text, &imports)).map_err(|error| failed(&script_path, &error))?;
    // An entry of its own: what it does not hand on, nobody can call.
    let entry = format!("export {{ default }} from \"./{script}\";");
    let small = bundle(tools, folder, &entry)?;
    fs::write(&script_path, &small).map_err(|error| failed(&script_path, &error))?;

    let mut tightened = Module::new();
    Tightener { imports: &imports, script: &small }
        .parse_core_module(&mut tightened, Parser::new(0), &bytes)
        .map_err(|error| failed(&module_path, &error))?;
    fs::write(&module_path, tightened.finish()).map_err(|error| failed(&module_path, &error))
}

/// Makes a script or a style sheet that stands for itself small.
///
/// # Errors
/// In words: an unreadable file, a tool that failed.
pub fn minify(tools: &PageTools, file: &Path) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", file.display());
    let text = fs::read_to_string(file).map_err(failed)?;
    let loader = if file.extension().is_some_and(|ending| ending == "css") { "--loader=css" } else { "--loader=js" };
    let small = esbuild(tools, file.parent().unwrap_or(file), &["--minify", loader], &text)?;
    fs::write(file, small).map_err(failed)
}

/// One script of `entry` and all that it imports, without what is never used.
fn bundle(tools: &PageTools, folder: &Path, entry: &str) -> Result<String, String> {
    let arguments = [
        "--bundle",
        "--minify",
        "--format=esm",
        // Where a browser has it, wasm-bindgen adds to its classes, which keeps those that nothing uses.
        "--define:Symbol.dispose=undefined",
        // Each piece of the page is named anew where it is imported, with the same script.
        "--log-override:duplicate-object-key=silent",
    ];
    esbuild(tools, folder, &arguments, entry)
}

/// Runs esbuild on a text; scripts that it imports lie in `folder`.
fn esbuild(tools: &PageTools, folder: &Path, arguments: &[&str], text: &str) -> Result<String, String> {
    let mut command = tools.esbuild();
    command.current_dir(folder).args(arguments).arg("--log-level=warning");
    let shown = shown(&command);
    let failed = |error| format!("`{shown}` could not be run: {error}");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    // Dropped at once: its end is the end of the text.
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).map_err(failed)?;
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(format!("`{shown}` failed ({})", output.status));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Short names for the imports that wasm-bindgen has named.
fn names_of_imports(module: &[u8]) -> wasmparser::Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let name = import?.name;
            if name.starts_with("__wb") {
                let short = format!("_{:x}", names.len());
                names.entry(name.to_owned()).or_insert(short);
            }
        }
    }
    Ok(names)
}

/// The text with other words for some.
fn rename(text: &str, names: &BTreeMap<String, String>) -> String {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut renamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(is_of_word) {
        let (between, from) = rest.split_at(begin);
        let (word, after) = from.split_at(from.find(|letter| !is_of_word(letter)).unwrap_or(from.len()));
        renamed.push_str(between);
        renamed.push_str(names.get(word).map_or(word, String::as_str));
        rest = after;
    }
    renamed + rest
}

/// Writes a module anew: imports by their short names, exports only where the script names them.
struct Tightener<'a> {
    imports: &'a BTreeMap<String, String>,
    script: &'a str,
}

impl Reencode for Tightener<'_> {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            let name = self.imports.get(import.name).map_or(import.name, String::as_str);
            utils::parse_import(self, imports, Import { name, ..import })?;
        }
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error<Self::Error>> {
        if self.script.contains(export.name) { utils::parse_export(self, exports, export) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{EntityType, ExportKind, TypeSection};

    use super::*;

    #[test]
    fn whole_words_are_renamed() {
        let names =
            [("__wbg_set", "_0"), ("__wbg_set_1", "_1")].map(|(name, short)| (name.to_owned(), short.to_owned()));
        let names = names.into_iter().collect();
        assert_eq!(rename("{__wbg_set_1:f(),__wbg_set: wasm.__wbg_set_2}", &names), "{_1:f(),_0: wasm.__wbg_set_2}");
        assert_eq!(rename("é __wbg_set", &names), "é _0");
        assert_eq!(rename("", &names), "");
    }

    #[test]
    fn imports_are_renamed_and_exports_dropped_that_the_script_does_not_name() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        for name in ["__wbg_click_4f75c2b453083268", "memory_of_page"] {
            imports.import("./page_bg.js", name, EntityType::Function(0));
        }
        let mut exports = ExportSection::new();
        exports.export("used", ExportKind::Func, 0).export("unused", ExportKind::Func, 1);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&exports);
        let module = module.finish();

        let names = names_of_imports(&module).expect("well-formed");
        assert_eq!(names, BTreeMap::from([("__wbg_click_4f75c2b453083268".to_owned(), "_0".to_owned())]));
        let mut tightened = Module::new();
        Tightener { imports: &names, script: "page.used()" }
            .parse_core_module(&mut tightened, Parser::new(0), &module)
            .expect("well-formed");
        let tightened = String::from_utf8_lossy(tightened.as_slice()).into_owned();
        let has = |text: &str| tightened.contains(text);
        assert!(has("_0") && has("memory_of_page") && has("used"));
        assert!(!has("__wbg") && !has("unused"), "{tightened:?}");
    }
}
