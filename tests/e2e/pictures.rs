//! Pictures of the page as it is, in light and dark and in three sizes: for people to look at, and for the README.

use std::path::{Path, PathBuf};
use std::time::Duration;

use headroom::editor::scale::Scale;

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
        take_panels(&page, &album, scheme).await?;
        page.no_complaints().await?;
        page.close().await?;
        take_many(browser, site, &album, scheme).await?;
    }
    let readme = root.join("assets/screenshot.png");
    let bytes = std::fs::copy(album.file("overloaded", SCHEMES[0], SIZES[0]), &readme)?;
    println!("{}  {bytes} bytes", readme.display());
    if bytes > README_BUDGET {
        return Err(format!("the README's picture has more than {README_BUDGET} bytes").into());
    }
    Ok(())
}

/// Takes what opens on demand: every tab, the inspector of a link, the help sheet, slow motion.
async fn take_panels(page: &Page, album: &Album, scheme: &str) -> Told {
    let tabs = page.attributes("[role='tab'][id]", "id").await?;
    for tab in &tabs {
        // Tabs of panels that are closed, or shown on small screens only, cannot be reached.
        if page.click(&format!("#{tab}")).await.is_ok() {
            album.take_one(page, &format!("tab-{tab}"), scheme).await?;
        }
    }
    let link = page.links().await?.into_iter().next().ok_or("there is no link")?;
    page.focus(&format!("#proxies [data-link='{link}']")).await?;
    page.press(thirtyfour::Key::Enter).await?;
    album.take_one(page, "link", scheme).await?;
    page.click("#help").await?;
    album.take_one(page, "help", scheme).await?;
    page.press(thirtyfour::Key::Escape).await?;
    page.slide("#speed", Scale::speed().place(0.005)).await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    album.take_one(page, "slow-motion", scheme).await
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
        tokio::time::sleep(SETTLE).await;
        let file = self.file(state, scheme, SIZES[0]);
        page.window().screenshot(&file).await?;
        println!("{}", file.display());
        Ok(())
    }

    fn file(&self, state: &str, scheme: &str, (width, height): (u32, u32)) -> PathBuf {
        self.folder.join(format!("{state}-{scheme}-{width}x{height}.png"))
    }
}
