//! What the project needs beside Rust: found where it is installed already, otherwise set up, once.
//!
//! Own copies go to a folder of the user's cache and are named for their version, so that they never meet other
//! projects' and never need to be removed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::command::{cargo, on_path, output, program, root, run};

const TRUNK: &str = "0.21.14";
/// Oldest wasm-opt that is known to read what the compiler writes.
const OLDEST_WASM_OPT: u32 = 130;
/// The package of npm that makes scripts small.
const ESBUILD: &str = "0.28.2";
/// The package of npm that looks for what hinders people, in the version whose rules the page keeps.
const AXE: &str = "axe-core@4.14.1";

/// Programs that build the page.
pub struct PageTools {
    folders: Vec<PathBuf>,
    wasm_bindgen: PathBuf,
    wasm_opt: PathBuf,
    esbuild: PathBuf,
}

impl PageTools {
    /// Finds the tools, or sets up what is missing.
    ///
    /// # Errors
    /// In words, what could not be set up and what to do.
    pub fn set_up() -> Result<Self, String> {
        wasm_target()?;
        let wasm_bindgen = locked_version("wasm-bindgen")?;
        let trunk = cargo_tool("trunk", "trunk", TRUNK, "5 minutes")?;
        let wasm_bindgen = cargo_tool("wasm-bindgen", "wasm-bindgen-cli", &wasm_bindgen, "3 minutes")?;
        let wasm_opt = wasm_opt()?;
        let esbuild = esbuild()?;
        let programs = [&trunk, &wasm_bindgen, &wasm_opt, &esbuild];
        let folders = programs.iter().filter_map(|file| file.parent()).map(Path::to_path_buf).collect();
        Ok(Self { folders, wasm_bindgen, wasm_opt, esbuild })
    }

    /// What makes modules of WebAssembly callable.
    pub fn wasm_bindgen(&self) -> Command {
        program(&self.wasm_bindgen)
    }

    /// What makes them faster.
    pub fn wasm_opt(&self) -> Command {
        program(&self.wasm_opt)
    }

    /// What makes scripts small.
    pub fn esbuild(&self) -> Command {
        program(&self.esbuild)
    }

    /// Trunk, with the other tools where it looks for them.
    pub fn trunk(&self) -> Command {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(self.folders.iter().cloned().chain(env::split_paths(&inherited)))
            .expect("folders that were found on a search path can stand in one");
        // Found here, because not every system looks a program up on the path that it is given.
        let mut trunk = program(self.folders[0].join(format!("trunk{}", env::consts::EXE_SUFFIX)));
        // Trunk understands only `true` and `false` in NO_COLOR, and fails at anything else.
        trunk.env("PATH", path).env("TRUNK_SKIP_VERSION_CHECK", "true").env_remove("NO_COLOR");
        trunk
    }
}

/// A browser and what drives it.
pub struct Browser {
    /// Chromium or Chrome.
    pub browser: PathBuf,
    /// ChromeDriver of the same version.
    pub driver: PathBuf,
}

impl Browser {
    /// Finds Chromium and ChromeDriver, or installs them where the system's package manager has them.
    ///
    /// # Errors
    /// In words, what is missing and what to do.
    pub fn set_up() -> Result<Self, String> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        println!("Installing Chromium and ChromeDriver for the browser stories; about 2 minutes.");
        install_chromium()?;
        Self::find().ok_or_else(|| {
            "Chromium or ChromeDriver is still missing; set CHROMIUM and CHROMEDRIVER to where they are.".to_owned()
        })
    }

    fn find() -> Option<Self> {
        let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
        let mac = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
        let browser = env::var_os("CHROMIUM")
            .map(PathBuf::from)
            .or_else(|| browsers.into_iter().find_map(on_path))
            .or_else(|| mac.is_file().then(|| mac.to_path_buf()))?;
        let driver = env::var_os("CHROMEDRIVER").map(PathBuf::from).or_else(|| on_path("chromedriver"))?;
        Some(Self { browser, driver })
    }
}

/// Sets up everything that any command needs.
///
/// # Errors
/// In words, what could not be set up and what to do.
pub fn set_up_everything() -> Result<(), String> {
    let page = PageTools::set_up()?;
    checks()?;
    let Browser { browser, driver } = Browser::set_up()?;
    let axe = axe()?;
    println!("Everything is there:");
    for folder in &page.folders {
        println!("  {}", folder.display());
    }
    println!("  {}\n  {}\n  {}", browser.display(), driver.display(), axe.display());
    Ok(())
}

/// Formatter and linter, as parts of the toolchain.
///
/// # Errors
/// In words, if they are missing and cannot be added.
pub fn checks() -> Result<(), String> {
    for (part, command) in [("rustfmt", "fmt --version"), ("clippy", "clippy --version")] {
        if output(&mut cargo(command)).is_none() {
            println!("Adding {part} to the toolchain; a few seconds.");
            run(program("rustup").args(["component", "add", part]))
                .map_err(|error| format!("{error}\nInstall {part} for this toolchain, then try again."))?;
        }
    }
    Ok(())
}

fn wasm_target() -> Result<(), String> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"])).ok_or("`rustc` does not run")?;
    if Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown").is_dir() {
        return Ok(());
    }
    println!("Adding the WebAssembly target to the toolchain; about half a minute.");
    run(program("rustup").args(["target", "add", "wasm32-unknown-unknown"])).map_err(|error| {
        format!("{error}\nInstall the standard library for wasm32-unknown-unknown for this toolchain, then try again.")
    })
}

/// A program in exactly this version: on the search path, in the cache, or compiled into it.
fn cargo_tool(name: &str, package: &str, version: &str, takes: &str) -> Result<PathBuf, String> {
    let fits = |file: &Path| output(Command::new(file).arg("--version")).is_some_and(|said| said.contains(version));
    let folder = cache()?.join(format!("{name}-{version}"));
    let own = folder.join("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    if let Some(found) = on_path(name).into_iter().chain([own.clone()]).find(|file| fits(file)) {
        return Ok(found);
    }
    println!("Compiling {package} {version} into {}; about {takes}, once.", folder.display());
    let install = |locked: &[&str]| {
        let mut command = cargo("install");
        command.args(locked).args(["--root".as_ref(), folder.as_os_str()]).arg(format!("{package}@{version}"));
        run(&mut command)
    };
    // The versions in its lock file were tried together; one of them may have been withdrawn since.
    install(&["--locked"]).or_else(|_| install(&[]))?;
    if fits(&own) { Ok(own) } else { Err(format!("{} does not run", own.display())) }
}

/// wasm-opt: on the search path if it is young enough, in the cache, or from npm.
fn wasm_opt() -> Result<PathBuf, String> {
    let fits = |file: &Path| {
        // "wasm-opt version 132 (version_132)"
        output(Command::new(file).arg("--version"))
            .and_then(|said| said.split_whitespace().nth(2)?.parse::<u32>().ok())
            .is_some_and(|version| version >= OLDEST_WASM_OPT)
    };
    let folder = cache()?.join("binaryen");
    let own = folder.join("node_modules/.bin").join(if cfg!(windows) { "wasm-opt.cmd" } else { "wasm-opt" });
    if let Some(found) = on_path("wasm-opt").into_iter().chain([own.clone()]).find(|file| fits(file)) {
        return Ok(found);
    }
    let missing =
        format!("wasm-opt is missing: install Node.js, which brings npm, or binaryen {OLDEST_WASM_OPT} or later.");
    println!("Installing binaryen (wasm-opt) from npm into {}; about half a minute, once.", folder.display());
    npm_install(&folder, "binaryen", &missing)?;
    if fits(&own) { Ok(own) } else { Err(format!("{} does not run or is too old", own.display())) }
}

/// esbuild: on the search path in exactly this version, in the cache, or from npm.
fn esbuild() -> Result<PathBuf, String> {
    let fits = |file: &Path| output(Command::new(file).arg("--version")).is_some_and(|said| said.trim() == ESBUILD);
    let folder = cache()?.join(format!("esbuild-{ESBUILD}"));
    let own = folder.join("node_modules/.bin").join(if cfg!(windows) { "esbuild.cmd" } else { "esbuild" });
    if let Some(found) = on_path("esbuild").into_iter().chain([own.clone()]).find(|file| fits(file)) {
        return Ok(found);
    }
    let missing = format!("esbuild is missing: install Node.js, which brings npm, or esbuild {ESBUILD}.");
    println!("Installing esbuild from npm into {}; some seconds, once.", folder.display());
    npm_install(&folder, &format!("esbuild@{ESBUILD}"), &missing)?;
    if fits(&own) { Ok(own) } else { Err(format!("{} does not run", own.display())) }
}

/// axe-core, which looks for what hinders people: where AXE says, in the cache, or from npm.
///
/// # Errors
/// In words, what could not be installed and what to do.
pub fn axe() -> Result<PathBuf, String> {
    let folder = cache()?.join("axe-core");
    let own = folder.join("node_modules/axe-core/axe.min.js");
    if let Some(found) =
        env::var_os("AXE").map(PathBuf::from).into_iter().chain([own.clone()]).find(|file| file.is_file())
    {
        return Ok(found);
    }
    println!("Installing axe-core from npm into {}; some seconds, once.", folder.display());
    npm_install(&folder, AXE, "axe-core is missing: install Node.js, which brings npm, or set AXE to its file.")?;
    if own.is_file() { Ok(own) } else { Err(format!("{} is not there", own.display())) }
}

/// Installs a package of npm into a folder of its own; `missing` says what to do where there is no npm.
fn npm_install(folder: &Path, package: &str, missing: &str) -> Result<(), String> {
    let npm = on_path("npm").ok_or_else(|| missing.to_owned())?;
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(Command::new(npm).args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(folder).arg(package))
}

fn install_chromium() -> Result<(), String> {
    let by_hand = "Install Chromium (or Chrome) and the ChromeDriver of the same version, or set CHROMIUM and \
                   CHROMEDRIVER to where they are; then try again.";
    let Some(apt) = on_path("apt-get") else {
        return Err(by_hand.to_owned());
    };
    let is_root = output(program("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let apt_get = |arguments: &[&str]| {
        let mut command = if is_root { program(&apt) } else { program("sudo") };
        if !is_root {
            // Never asks for a password: this may run where nobody can type one.
            command.arg("--non-interactive").arg(&apt);
        }
        run(command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments))
    };
    let installed = apt_get(&["update"]).and_then(|()| {
        // Debian's names, then Ubuntu's.
        apt_get(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"]).or_else(|_| {
            apt_get(&["install", "--yes", "--no-install-recommends", "chromium-browser", "chromium-chromedriver"])
        })
    });
    installed.map_err(|error| format!("{error}\n{by_hand}"))
}

/// The version of a package that `Cargo.lock` names.
fn locked_version(package: &str) -> Result<String, String> {
    let file = root().join("Cargo.lock");
    let lock = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    version_in_lock(&lock, package).ok_or_else(|| format!("{}: there is no package `{package}`", file.display()))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

/// Where own copies of tools live.
fn cache() -> Result<PathBuf, String> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_CACHE_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".cache")))
        .or_else(|| folder("LOCALAPPDATA"))
        .map(|cache| cache.join("headroom-tools"))
        .ok_or_else(|| "There is no place for tools: set XDG_CACHE_HOME or HOME.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    #[test]
    fn the_version_of_the_very_package_is_read() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
