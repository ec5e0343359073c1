//! Pictures of the page as it is, in light and dark and in three sizes: for people to look at, and for the README.

use std::path::{Path, PathBuf};
use std::time::Duration;

use headroom::editor::scale::Scale;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, prefer_scheme, resize};
use crate::page::Page;
use crate::site::Site;
use crate::stories::files;
use crate::{Told, measure};

const SCHEMES: [&str; 2] = ["light", "dark"];
const SIZES: [(u32, u32); 3] = [(1440, 900), (820, 1180), (390, 844)];
/// Users that the first design cannot serve.
const TOO_MANY_USERS: &str = "300k";
/// How long a picture that does not depend on simulated time is given to settle.
const SETTLE: Duration = Duration::from_millis(600);
/// Heaviest that the README's picture may be [bytes].
const README_BUDGET: u64 = 300_000;

/// Takes all pictures into `target/screenshots`, and the README's into `assets`.
pub async fn take(browser: &Browser, site: &Site) -> Told {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let album = Album { folder: root.join("target/screenshots") };
    std::fs::create_dir_all(&album.folder)?;
    for scheme in SCHEMES {
        let page = Page::new(browser.window(SIZES[0].0, SIZES[0].1).await?, site);
        prefer_scheme(page.window(), scheme).await?;
        page.open("").await?;
        page.let_run(8.0).await?;
        album.take(&page, "running", scheme).await?;

        page.enter_users(TOO_MANY_USERS).await?;
        page.let_run(8.0).await?;
        album.take(&page, "overloaded", scheme).await?;
        page.control("z").await?;

        let database = page.component_called("Database").await?;
        page.click(&format!("#proxies [data-component='{database}']")).await?;
        page.click("#inspector [data-act='kill']").await?;
        page.let_run(6.0).await?;
        album.take(&page, "failed", scheme).await?;
        take_details(&page, &album, scheme).await?;
        page.no_complaints().await?;
        page.close().await?;
        take_editing(browser, site, &album, scheme).await?;
        take_places(browser, site, &album, scheme).await?;
        take_many(browser, site, &album, scheme).await?;
    }
    take_panels(browser, site).await?;
    let readme = root.join("assets/screenshot.png");
    let bytes = std::fs::copy(album.file("overloaded", SCHEMES[0], SIZES[0]), &readme)?;
    println!("{}  {bytes} bytes", readme.display());
    if bytes > README_BUDGET {
        return Err(format!("the README's picture has more than {README_BUDGET} bytes").into());
    }
    Ok(())
}

/// Takes what opens on demand: every tab of a small screen, the inspector of a link, the help sheet, slow motion.
async fn take_details(page: &Page, album: &Album, scheme: &str) -> Told {
    let tabs = page.attributes("[role='tab'][id]", "id").await?;
    for tab in &tabs {
        // Tabs of panels that are closed, or shown on small screens only, cannot be reached.
        if page.click(&format!("#{tab}")).await.is_ok() {
            album.take_one(page, &format!("tab-{tab}"), scheme).await?;
        }
    }
    let link = page.links().await?.into_iter().next().ok_or("there is no link")?;
    page.focus(&format!("#proxies [data-link='{link}']")).await?;
    page.press(Key::Enter).await?;
    album.take_one(page, "link", scheme).await?;
    page.click("#help").await?;
    album.take_one(page, "help", scheme).await?;
    page.press(Key::Escape).await?;
    page.slide("#speed", Scale::speed().place(0.005)).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    album.take_one(page, "slow-motion", scheme).await
}

/// Takes lessons, tasks, what is shared, windows between the usual sizes, and frames inside other pages.
async fn take_places(browser: &Browser, site: &Site, album: &Album, scheme: &str) -> Told {
    let page = Page::new(browser.window(SIZES[0].0, SIZES[0].1).await?, site);
    prefer_scheme(page.window(), scheme).await?;
    for (name, address) in [
        ("journeys", "#journey"),
        ("stage", "#journey=first-million/3-cache-and-cdn"),
        ("tasks", "#interview"),
        ("task", "#interview=url-shortener"),
    ] {
        page.open(address).await?;
        page.until("it has been fetched", || async { Ok(page.text("#guide").await?.len() > 100) }).await?;
        page.let_run(2.0).await?;
        album.take(&page, name, scheme).await?;
    }
    page.open("").await?;
    page.click("#share").await?;
    album.take_one(&page, "share", scheme).await?;
    page.press(Key::Escape).await?;
    for size in [(1100, 700), (1280, 720), (768, 1024)] {
        resize(page.window(), size.0, size.1).await?;
        page.let_run(1.0).await?;
        album.take_sized(&page, "running", scheme, size).await?;
    }
    for size in [(480, 270), (640, 360), (200, 200)] {
        resize(page.window(), size.0, size.1).await?;
        page.open("?embed=1").await?;
        album.take_sized(&page, "embed-waiting", scheme, size).await?;
        page.open("?embed=1&autoplay=1").await?;
        page.until("it runs", || async { Ok(page.clock_secs().await? > 2.0) }).await?;
        album.take_sized(&page, "embed", scheme, size).await?;
    }
    page.no_complaints().await?;
    page.close().await
}

/// Takes what editing shows: menus, the search, frames, links being drawn, a mess before and after it is arranged.
async fn take_editing(browser: &Browser, site: &Site, album: &Album, scheme: &str) -> Told {
    let page = Page::new(browser.window(SIZES[0].0, SIZES[0].1).await?, site);
    prefer_scheme(page.window(), scheme).await?;
    page.open("").await?;
    page.let_run(4.0).await?;
    let proxy = |id: &str| format!("#proxies [data-component='{id}']");
    let (users, server) = (page.component_called("Users").await?, page.component_called("Web server").await?);
    let at_server = page.middle(&proxy(&server)).await?;
    page.right_click(at_server).await?;
    album.take_one(&page, "menu-component", scheme).await?;
    page.choose("Faults …").await?;
    album.take_one(&page, "menu-faults", scheme).await?;
    page.choose("Slow").await?;
    album.take_one(&page, "slowed", scheme).await?;
    page.right_click(page.on_canvas(0.5, 0.9).await?).await?;
    album.take_one(&page, "menu-ground", scheme).await?;
    page.press(Key::Escape).await?;
    let port = page.middle(&format!("#proxies [data-port='{users}']")).await?;
    page.drag(port, page.on_canvas(0.35, 0.85).await?).await?;
    album.take_one(&page, "menu-wire", scheme).await?;
    page.choose("Balanced servers").await?;
    album.take_one(&page, "wired", scheme).await?;
    page.click("[data-command='fit']").await?;
    let (from, to) = (page.on_canvas(0.02, 0.02).await?, page.on_canvas(0.7, 0.9).await?);
    page.shift_drag(from, to).await?;
    album.take_one(&page, "several", scheme).await?;
    page.press(Key::Escape).await?;
    for _ in 0..2 {
        page.click("[data-command='zoom_out']").await?;
    }
    let (x, y) = page.middle(&proxy(&server)).await?;
    page.click("#palette [data-frame-kind='zone']").await?;
    album.take_one(&page, "frame-asked", scheme).await?;
    page.drag((x - 120, y - 110), (x + 120, y + 90)).await?;
    album.take_one(&page, "frame-drawn", scheme).await?;
    page.control("k").await?;
    album.take_one(&page, "search", scheme).await?;
    page.keys().send_keys("data").perform().await?;
    album.take_one(&page, "search-typed", scheme).await?;
    page.press(Key::Escape).await?;
    for _ in 0..7 {
        page.click("[data-command='zoom_in']").await?;
    }
    album.take_one(&page, "minimap", scheme).await?;

    let file = files::write("mess.json", mess().as_bytes())?;
    page.choose_file(&file).await?;
    page.until("the file is drawn", || async { Ok(page.components().await?.len() == MESS.len()) }).await?;
    page.let_run(4.0).await?;
    album.take_one(&page, "mess", scheme).await?;
    page.click("[data-command='arrange']").await?;
    tokio::time::sleep(SETTLE).await;
    album.take_one(&page, "mess-arranged", scheme).await?;

    resize(page.window(), 390, 844).await?;
    page.click("[data-command='fit']").await?;
    album.take_narrow(&page, "phone-mess", scheme).await?;
    let server = page.component_called("Web 1").await?;
    page.right_click(page.middle(&proxy(&server)).await?).await?;
    album.take_narrow(&page, "phone-menu", scheme).await?;
    page.press(Key::Escape).await?;
    page.control("k").await?;
    album.take_narrow(&page, "phone-search", scheme).await?;
    page.press(Key::Escape).await?;
    page.no_complaints().await?;
    page.close().await
}

/// Kind, name and frame of the parts of a drawing of the size that interviews end with.
#[rustfmt::skip]
const MESS: [(&str, &str, &str); 30] = [
    ("users", "Readers", ""), ("users", "Authors", ""), ("dns", "DNS", ""), ("cdn", "CDN", ""),
    ("load_balancer", "Front", ""), ("gateway", "Gateway", ""), ("server", "Web 1", "Zone A"),
    ("server", "Web 2", "Zone A"), ("server", "Web 3", "Zone B"), ("server", "Web 4", "Zone B"),
    ("cache", "Pages", "Zone A"), ("cache", "Sessions", "Zone B"), ("sql_database", "Posts", "Zone A"),
    ("sql_database", "Posts copy", "Zone B"), ("sql_database", "Accounts", ""), ("queue", "Jobs", ""),
    ("worker", "Resizer", ""), ("worker", "Mailer", ""), ("worker", "Indexer", ""),
    ("object_storage", "Pictures", ""), ("nosql_database", "Feeds", ""), ("server", "Feed service", ""),
    ("server", "Account service", ""), ("server", "Search service", ""), ("nosql_database", "Index", ""),
    ("third_party", "Mail", ""), ("load_balancer", "Inner", ""), ("cache", "Hot feeds", ""),
    ("server", "Upload service", ""), ("queue", "Events", ""),
];

/// Who calls whom in it.
#[rustfmt::skip]
const MESS_LINKS: [(&str, &str); 38] = [
    ("Readers", "DNS"), ("Readers", "CDN"), ("Readers", "Front"), ("Authors", "Gateway"), ("CDN", "Front"),
    ("Front", "Web 1"), ("Front", "Web 2"), ("Front", "Web 3"), ("Front", "Web 4"), ("Web 1", "Pages"),
    ("Web 2", "Pages"), ("Web 3", "Sessions"), ("Web 4", "Sessions"), ("Web 1", "Posts"), ("Web 2", "Posts"),
    ("Web 3", "Posts"), ("Web 4", "Posts"), ("Posts", "Posts copy"), ("Web 3", "Posts copy"), ("Gateway", "Account service"),
    ("Gateway", "Upload service"), ("Gateway", "Inner"), ("Inner", "Feed service"), ("Inner", "Search service"),
    ("Account service", "Accounts"), ("Upload service", "Pictures"), ("Upload service", "Jobs"), ("Resizer", "Jobs"),
    ("Mailer", "Jobs"), ("Mailer", "Mail"), ("Resizer", "Pictures"), ("Feed service", "Hot feeds"),
    ("Feed service", "Feeds"), ("Feed service", "Events"), ("Indexer", "Events"), ("Indexer", "Index"),
    ("Search service", "Index"), ("DNS", "Front"),
];

/// A drawing of thirty parts, each put down where there was room at the time.
fn mess() -> String {
    let places = (0..MESS.len()).map(|index| {
        // Eleven is prime to thirty, so that every place is taken once.
        let place = index * 11 % MESS.len();
        [(place % 6) as f64 * 260.0 + (index % 3) as f64 * 24.0, (place / 6) as f64 * 168.0 + (index % 2) as f64 * 32.0]
    });
    let parts = MESS.iter().zip(places).map(|((kind, name, frame), at)| {
        let mut part = json!({ "kind": kind, "name": name, "at": at });
        if !frame.is_empty() {
            part["frame"] = json!(frame);
        }
        part
    });
    let parts: Vec<_> = parts.collect();
    let links: Vec<_> = MESS_LINKS.iter().map(|(from, to)| json!({ "from": from, "to": to })).collect();
    let frames = [
        json!({ "kind": "zone", "name": "Zone A", "area": [0, -240, 420, 160] }),
        json!({ "kind": "zone", "name": "Zone B", "area": [520, -240, 420, 160] }),
    ];
    json!({ "headroom": 1, "title": "A mess", "users": 100_000, "frames": frames, "components": parts, "links": links })
        .to_string()
}

/// Takes every tab of the panel below the diagram: of a run that does well, of one that is failing, and of its past.
pub async fn take_panels(browser: &Browser, site: &Site) -> Told {
    let album = Album { folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots") };
    std::fs::create_dir_all(&album.folder)?;
    for scheme in SCHEMES {
        for (state, users) in [("well", "9000"), ("failing", "40000")] {
            let page = Page::new(browser.window(SIZES[0].0, SIZES[0].1).await?, site);
            prefer_scheme(page.window(), scheme).await?;
            page.open(&format!("?users={users}&speed=4")).await?;
            page.let_run(25.0).await?;
            page.click("[data-panel='script']").await?;
            page.click("#add-fault").await?;
            page.click("#add-point").await?;
            page.click("[data-panel='traces']").await?;
            page.until("there are slow requests", || page.exists(".trace-line")).await?;
            page.click(".trace-line").await?;
            let tabs = page.attributes("[data-panel]", "data-panel").await?;
            for size in [SIZES[0], SIZES[2]] {
                resize(page.window(), size.0, size.1).await?;
                if size == SIZES[2] {
                    page.click(".sheet-tabs .sheet-tab:last-child").await?;
                }
                for tab in &tabs {
                    page.click(&format!("[data-panel='{tab}']")).await?;
                    album.take_sized(&page, &format!("panel-{tab}-{state}"), scheme, size).await?;
                }
            }
            resize(page.window(), SIZES[0].0, SIZES[0].1).await?;
            page.click("[data-panel='latency']").await?;
            let chart = "[data-chart='latency'] canvas";
            let ((x, y), width) = (page.middle(chart).await?, page.width(chart).await?);
            page.drag((x - width / 6, y), (x + width / 4, y)).await?;
            album.take_one(&page, &format!("panel-zoomed-{state}"), scheme).await?;
            page.click("#charts-table").await?;
            album.take_one(&page, &format!("panel-table-{state}"), scheme).await?;
            page.click("#charts-table").await?;
            page.click("[data-panel='overview']").await?;
            let ((x, y), width) = (page.middle("#scrub").await?, page.width("#scrub").await?);
            page.drag((x + width / 2 - 4, y), (x, y)).await?;
            album.take_one(&page, &format!("panel-past-{state}"), scheme).await?;
            page.no_complaints().await?;
            page.close().await?;
        }
    }
    Ok(())
}

/// Takes drawings of 50 and of 500 components.
async fn take_many(browser: &Browser, site: &Site, album: &Album, scheme: &str) -> Told {
    for (components, users) in [(50, "500k"), (500, "5m")] {
        let page = Page::new(browser.window(SIZES[0].0, SIZES[0].1).await?, site);
        prefer_scheme(page.window(), scheme).await?;
        page.open("").await?;
        let file = files::write("many.json", measure::many(components).as_bytes())?;
        page.choose_file(&file).await?;
        page.until("the file is drawn", || async { Ok(page.components().await?.len() == components) }).await?;
        page.enter_users(users).await?;
        tokio::time::sleep(Duration::from_secs(8)).await;
        album.take_one(&page, &format!("{components}-components"), scheme).await?;
        page.no_complaints().await?;
        page.close().await?;
    }
    Ok(())
}

struct Album {
    folder: PathBuf,
}

impl Album {
    /// Takes the page in all sizes and leaves it in the first.
    async fn take(&self, page: &Page, state: &str, scheme: &str) -> Told {
        for size in SIZES {
            resize(page.window(), size.0, size.1).await?;
            // Panels and charts have found their new places once simulated time goes on.
            page.let_run(1.0).await?;
            let file = self.file(state, scheme, size);
            page.window().screenshot(&file).await?;
            println!("{}", file.display());
        }
        resize(page.window(), SIZES[0].0, SIZES[0].1).await
    }

    /// Takes the page as it is, in the first size.
    async fn take_one(&self, page: &Page, state: &str, scheme: &str) -> Told {
        self.take_sized(page, state, scheme, SIZES[0]).await
    }

    /// Takes the page as it is, in the size that it has.
    async fn take_sized(&self, page: &Page, state: &str, scheme: &str, size: (u32, u32)) -> Told {
        tokio::time::sleep(SETTLE).await;
        let file = self.file(state, scheme, size);
        page.window().screenshot(&file).await?;
        println!("{}", file.display());
        Ok(())
    }

    /// Takes the page as it is on a phone.
    async fn take_narrow(&self, page: &Page, state: &str, scheme: &str) -> Told {
        self.take_sized(page, state, scheme, SIZES[2]).await
    }

    fn file(&self, state: &str, scheme: &str, (width, height): (u32, u32)) -> PathBuf {
        self.folder.join(format!("{state}-{scheme}-{width}x{height}.png"))
    }
}
