//! A static host like any other: the built page in a folder somewhere below the root, and a page that embeds it.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::{fs, thread};

use tiny_http::{Header, Request, Response, Server};

use crate::Told;

/// Where the page lies: not at the root, for it has to work from any folder.
const FOLDER: &str = "/some/where/";
/// The page without its WebAssembly, as after a broken upload.
const BROKEN: &str = "/broken/";
/// A page of somebody else's that shows ours in a frame without any rights but scripts.
const HOST: &str = "/host.html";
const HOST_PAGE: &str = r#"<!doctype html><html lang="en"><title>A post</title>
<iframe title="Headroom" sandbox="allow-scripts" width="1200" height="800" src="/some/where/index.html"></iframe></html>"#;

/// The running host.
pub struct Site {
    server: Arc<Server>,
    port: u16,
}

impl Site {
    /// Serves the page in `dist` on a free port.
    pub fn open() -> Told<Self> {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
        if !dist.join("index.html").is_file() {
            return Err("there is no page in dist/: `cargo xtask build` builds it".into());
        }
        let server = Arc::new(Server::http("127.0.0.1:0")?);
        let port = server.server_addr().to_ip().ok_or("the host has no port")?.port();
        for _ in 0..4 {
            let (server, dist) = (Arc::clone(&server), dist.clone());
            thread::spawn(move || {
                for request in server.incoming_requests() {
                    // A browser that has gone away in the middle is no failure.
                    let _ = answer(request, &dist);
                }
            });
        }
        Ok(Self { server, port })
    }

    /// The page's address with this query, which begins with `?` or is empty.
    pub fn page(&self, query: &str) -> String {
        format!("http://127.0.0.1:{}{FOLDER}{query}", self.port)
    }

    /// The address of the page whose WebAssembly is missing.
    pub fn broken_page(&self) -> String {
        format!("http://127.0.0.1:{}{BROKEN}", self.port)
    }

    /// The address of a page that embeds ours.
    pub fn host(&self) -> String {
        format!("http://127.0.0.1:{}{HOST}", self.port)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.unblock();
    }
}

fn answer(request: Request, dist: &Path) -> std::io::Result<()> {
    let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
    if path == HOST {
        return request.respond(Response::from_string(HOST_PAGE).with_header(header("Content-Type", "text/html")));
    }
    let is_lost = path.starts_with(BROKEN) && path.ends_with(".wasm");
    let file = path.strip_prefix(FOLDER).or_else(|| path.strip_prefix(BROKEN)).filter(|_| !is_lost);
    match file.and_then(|file| inside(dist, file)).and_then(|file| Some((fs::read(&file).ok()?, file))) {
        Some((bytes, file)) => request.respond(
            Response::from_data(bytes)
                .with_header(header("Content-Type", content_type(&file)))
                // Frames without rights have no origin; hosts that can be embedded say this.
                .with_header(header("Access-Control-Allow-Origin", "*"))
                .with_header(header("Cache-Control", "no-store")),
        ),
        None => request.respond(Response::from_string("not found").with_status_code(404)),
    }
}

/// A file of the folder; `None` for a path that leads out of it.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| folder.join(path))
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("our headers are plain text")
}
