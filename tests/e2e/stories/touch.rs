//! Fingers: taps, drags, long presses, pinches.

use thirtyfour::prelude::*;

use crate::Told;
use crate::browser::resize;
use crate::page::Page;

/// A finger moves a card, two fingers zoom, a finger that rests opens the menu.
pub async fn fingers_move_pinch_and_open_menus(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    let start = page.middle(&proxy).await?;
    page.until("the card follows the finger", || async {
        page.touch("touchStart", &[start]).await?;
        for step in 1..=6 {
            page.touch("touchMove", &[(start.0, start.1 + 20 * step)]).await?;
        }
        page.touch("touchEnd", &[]).await?;
        // On a machine that is busy the finger has rested so long that it means the menu.
        if page.exists(".menu").await? {
            page.press(Key::Escape).await?;
        }
        Ok(page.middle(&proxy).await?.1 > start.1 + 80)
    })
    .await?;

    let width = page.width(&proxy).await?;
    let (x, y) = page.on_canvas(0.5, 0.85).await?;
    page.touch("touchStart", &[(x - 40, y), (x + 40, y)]).await?;
    for step in 1..=6 {
        page.touch("touchMove", &[(x - 40 + 5 * step, y), (x + 40 - 5 * step, y)]).await?;
    }
    page.touch("touchEnd", &[]).await?;
    page.until("a pinch makes things smaller", || async { Ok(page.width(&proxy).await? < width - 20) }).await?;

    page.touch("touchStart", &[page.middle(&proxy).await?]).await?;
    page.until("a long press opens the menu", || page.exists(".menu")).await?;
    page.touch("touchEnd", &[]).await?;
    page.choose("Kill").await?;
    page.until("it does what was chosen", || async { Ok(page.component_says(&server).await?.contains("down")) }).await
}

/// On a phone a part comes from the sheet with two taps, and is connected with two more.
pub async fn a_phone_adds_and_connects_by_taps(page: Page) -> Told {
    resize(page.window(), 390, 844).await?;
    page.open("").await?;
    let before = page.components().await?;
    page.click(".sheet-tab").await?;
    page.tap(page.middle("#palette [data-kind='cache']").await?).await?;
    page.until_says(".diagram-hint", "Click where").await?;
    page.tap(page.on_canvas(0.5, 0.15).await?).await?;
    let cache = page
        .find("the cache is there", || async {
            Ok(page.components().await?.into_iter().find(|id| !before.contains(id)))
        })
        .await?;
    let server = page.component_called("Web server").await?;
    page.tap(page.middle(&format!("#proxies [data-port='{server}']")).await?).await?;
    page.tap(page.middle(&format!("#proxies [data-component='{cache}']")).await?).await?;
    page.link_between("Web server", "Cache").await.map(drop)
}
