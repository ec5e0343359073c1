//! A static host like any other: the built page in a folder somewhere below the root, and a page that embeds it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::{fs, thread};

use crate::Told;

/// The files that are fetched until the first request moves, as they were weighed when the page was built.
pub const FIRST_LOAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/first-load.txt");

/// Where the page lies: not at the root, for it has to work from any folder.
const FOLDER: &str = "/some/where/";
/// The page without its WebAssembly, as after a broken upload.
const BROKEN: &str = "/broken/";
/// The page over a bad connection: every piece that is fetched later fails the first time.
const SHAKY: &str = "/shaky/";
/// A page of somebody else's that shows ours in a frame without any rights but scripts.
const HOST: &str = "/host.html";
const HOST_PAGE: &str = r#"<!doctype html><html lang="en"><title>A post</title>
<link rel="icon" href="data:,">
<iframe title="Headroom" sandbox="allow-scripts" width="1200" height="800" src="/some/where/index.html"></iframe></html>"#;

/// An article with the playground in its middle, in a frame without any rights but scripts.
const ARTICLE: &str = "/article.html";
const ARTICLE_PAGE: &str = r#"<!doctype html><html lang="en"><title>An article</title>
<link rel="icon" href="data:,"><h1>Growing</h1>
<iframe title="Headroom" sandbox="allow-scripts" width="700" height="480" src="/some/where/index.html?embed=1"></iframe>
<div style="height:6000px">The end is far.</div></html>"#;
/// A page that talks with the playground, which it opens with a query of its own, and keeps what it hears.
const TALK: &str = "/talk.html";
const TALK_PAGE: &str = r#"<!doctype html><html lang="en"><title>A lesson</title>
<link rel="icon" href="data:,"><script>const heard = []; addEventListener("message", (event) => heard.push(event.data));</script>
<iframe title="Headroom" sandbox="allow-scripts" width="1200" height="800"></iframe>
<script>document.querySelector("iframe").src = "/some/where/index.html" + location.search;</script></html>"#;
/// A page with nothing on it.
const BLANK: &str = "/blank.html";

/// The running host; it runs until the process ends.
pub struct Site {
    port: u16,
}

impl Site {
    /// Serves the page in `dist` on a free port.
    pub fn open() -> Told<Self> {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("dist");
        if !dist.join("index.html").is_file() {
            return Err("there is no page in dist/: `cargo xtask build` builds it".into());
        }
        Self::serve(dist)
    }

    /// Serves a folder on a free port, as if the page were in it.
    pub fn serve(dist: PathBuf) -> Told<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let dist = dist.clone();
                // A browser that goes away in the middle is no failure.
                thread::spawn(move || answer(connection, &dist).ok());
            }
        });
        Ok(Self { port })
    }

    /// The page's address with this query, which begins with `?` or is empty.
    pub fn page(&self, query: &str) -> String {
        format!("http://127.0.0.1:{}{FOLDER}{query}", self.port)
    }

    /// The address of the page whose WebAssembly is missing.
    pub fn broken_page(&self) -> String {
        format!("http://127.0.0.1:{}{BROKEN}", self.port)
    }

    /// The address of the page whose pieces do not come at the first try.
    pub fn shaky_page(&self) -> String {
        format!("http://127.0.0.1:{}{SHAKY}", self.port)
    }

    /// The address of an article with ours in its middle.
    pub fn article(&self) -> String {
        format!("http://127.0.0.1:{}{ARTICLE}", self.port)
    }

    /// The address of a page that talks with ours and hands its query on.
    pub fn talk(&self) -> String {
        format!("http://127.0.0.1:{}{TALK}", self.port)
    }

    /// The address of a page with nothing on it.
    pub fn blank(&self) -> String {
        format!("http://127.0.0.1:{}{BLANK}", self.port)
    }

    /// The address of a page that embeds ours.
    pub fn host(&self) -> String {
        format!("http://127.0.0.1:{}{HOST}", self.port)
    }
}

/// Answers one request and closes the connection.
fn answer(mut connection: TcpStream, dist: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    // "GET /some/where/?users=5 HTTP/1.1"
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let address = request.split(' ').nth(1).unwrap_or_default();
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let found = if is_lost(path)? { None } else { content(path, dist) };
    let (status, kind, body) = match found {
        Some((kind, body)) => ("200 OK", kind, body),
        None => ("404 Not Found", "text/plain", b"not found".to_vec()),
    };
    let length = body.len();
    // Frames without rights have no origin; hosts that can be embedded allow any.
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
    )?;
    connection.write_all(&body)
}

/// Whether the answer gets lost: pieces over the bad connection, until they have been asked for a second time.
fn is_lost(path: &str) -> std::io::Result<bool> {
    static LOST: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some(name) = path.strip_prefix(SHAKY).filter(|name| name.ends_with(".wasm")) else { return Ok(false) };
    let is_first_load = fs::read_to_string(FIRST_LOAD)?.lines().any(|first| first == name);
    Ok(!is_first_load && LOST.lock().is_ok_and(|mut lost| lost.insert(name.to_owned())))
}

/// Type and bytes of what lies at a path.
fn content(path: &str, dist: &Path) -> Option<(&'static str, Vec<u8>)> {
    if path == HOST {
        return Some(("text/html", HOST_PAGE.into()));
    }
    if path == ARTICLE {
        return Some(("text/html", ARTICLE_PAGE.into()));
    }
    if path == TALK {
        return Some(("text/html", TALK_PAGE.into()));
    }
    if path == BLANK {
        return Some(("text/html", b"<!doctype html><title>Blank</title><link rel=icon href=data:,>".to_vec()));
    }
    if path.starts_with(BROKEN) && path.ends_with(".wasm") {
        return None;
    }
    let file = inside(dist, [FOLDER, BROKEN, SHAKY].iter().find_map(|folder| path.strip_prefix(folder))?)?;
    Some((content_type(&file), fs::read(&file).ok()?))
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
