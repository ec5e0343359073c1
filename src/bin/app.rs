//! The page: panic hook, [`headroom::ui::open`]. `boot.js` loads it.

#[cfg(target_arch = "wasm32")]
fn main() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        headroom::web::announce("headroom-crashed", &panic.to_string());
    }));
    headroom::ui::open();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the page, which runs in a browser: `cargo xtask serve` builds and serves it.");
    std::process::exit(2);
}
