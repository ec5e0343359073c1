//! The benchmark of the engine, natively and in the browser.

use std::fs;

use crate::command::{cargo, root, run};
use crate::tools::{Browser, PageTools};

/// Measures the engine natively, then as WebAssembly in a worker of Chromium.
///
/// # Errors
/// In words, what failed.
pub fn bench() -> Result<(), String> {
    println!("── native ──");
    run(&mut cargo("bench --bench engine"))?;
    println!("\n── WebAssembly in a worker of the browser ──");
    let tools = PageTools::set_up()?;
    let Browser { browser, driver } = Browser::set_up()?;
    // As the worker of the page is built.
    run(&mut cargo(
        "build --profile engine --target wasm32-unknown-unknown --no-default-features --features bench --bin speed",
    ))?;
    let module = root().join("target/wasm32-unknown-unknown/engine/speed.wasm");
    let folder = root().join("target/bench");
    run(tools.wasm_bindgen().args(["--target", "web", "--out-name", "speed", "--out-dir"]).arg(&folder).arg(&module))?;
    let bound = folder.join("speed_bg.wasm");
    run(tools.wasm_opt().arg("-O1").arg(&bound).arg("-o").arg(&bound))?;
    let page = folder.join("index.html");
    fs::copy(root().join("benches/browser.html"), &page).map_err(|error| format!("{}: {error}", page.display()))?;
    let mut command = cargo("test --test e2e -- --speed");
    run(command.arg(&folder).env("CHROMIUM", browser).env("CHROMEDRIVER", driver))
}
