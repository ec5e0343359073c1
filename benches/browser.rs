//! How fast the engine is as WebAssembly: the cases of the native benchmark in a web worker. Each line of the table is
//! posted to the page that started the worker, and `null` at the end.
//!
//! `cargo xtask bench` builds this with the feature `bench`, as the worker of the page is built, and runs it in Chromium.

#[cfg(target_arch = "wasm32")]
mod cases;

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::{JsCast, JsValue};
    use web_sys::DedicatedWorkerGlobalScope;

    /// Requests per second that the reference design should reach at least.
    const TARGET: f64 = 2e6;
    const PAGE_BYTES: f64 = 65_536.0;

    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let performance = scope.performance().expect("workers have a clock");
    let machine = cases::Machine {
        clock: &|| performance.now() / 1e3,
        // The memory of a module only grows.
        peak_memory: &|| Some(core::arch::wasm32::memory_size(0) as f64 * PAGE_BYTES),
    };
    let post = |value: &JsValue| scope.post_message(value).expect("texts can be posted");
    cases::measure(&machine, TARGET, |line| post(&JsValue::from_str(line)));
    post(&JsValue::NULL);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the engine's benchmark for the browser: `cargo xtask bench` builds and runs it.");
    std::process::exit(2);
}
