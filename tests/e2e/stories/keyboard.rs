//! Without a pointer.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// Types what is looked for in the search and takes the first that is found.
async fn search(page: &Page, words: &str) -> Told {
    page.until("the search is open", || page.exists("#search[open] input")).await?;
    page.until("it has the focus", || page.is_focused("#search input")).await?;
    page.keys().send_keys(words).send_keys(Key::Enter).perform().await?;
    page.until("the search is closed", || async { Ok(!page.exists("#search[open]").await?) }).await
}

/// Opens the list of targets of what has the focus, and takes the entry that begins with these letters.
async fn connect_to(page: &Page, letters: &str, name: &str) -> Told {
    page.keys().send_keys("c").perform().await?;
    page.until("the targets are listed", || page.exists(".menu")).await?;
    page.keys().send_keys(letters).send_keys(Key::Enter).perform().await?;
    page.until(&format!("{name} has the focus"), || async { Ok(page.focused_name().await?.starts_with(name)) }).await
}

/// A three-tier design is drawn, run, broken and read by keys alone.
pub async fn three_tiers_are_drawn_broken_and_read_by_keys_alone(page: Page) -> Told {
    page.open("").await?;
    // The skip link is the first stop of the Tab key.
    page.keys().send_keys(Key::Tab).send_keys(Key::Enter).perform().await?;
    page.until("the diagram has the focus", || async { Ok(!page.focused_name().await?.is_empty()) }).await?;
    page.control("a").await?;
    page.press(Key::Delete).await?;
    page.until("the drawing is empty", || async { Ok(page.components().await?.is_empty()) }).await?;
    page.keys().send_keys("n").perform().await?;
    search(&page, "users").await?;
    page.until("the users have the focus", || async { Ok(page.focused_name().await?.starts_with("Users")) }).await?;
    connect_to(&page, "server", "Server").await?;
    connect_to(&page, "sql", "SQL database").await?;
    page.link_between("Server", "SQL database").await?;
    page.until("it runs by itself", || async { Ok(page.clock_secs().await? > 2.0) }).await?;
    // Shift and Tab leads back to the server, whose menu kills it.
    let server = page.component_called("Server").await?;
    page.until("the server has the focus", || async {
        page.keys().key_down(Key::Shift).send_keys(Key::Tab).key_up(Key::Shift).perform().await?;
        Ok(page.focused_name().await?.starts_with("Server:"))
    })
    .await?;
    page.keys().key_down(Key::Shift).send_keys(Key::F10).key_up(Key::Shift).perform().await?;
    page.until("its menu is open", || page.exists(".menu")).await?;
    page.keys().send_keys("k").send_keys(Key::Enter).perform().await?;
    page.until("it is down, and the users hear of it", || async {
        Ok(page.component_says(&server).await?.contains("down"))
    })
    .await?;
    page.until_says("#verdict", "Server is down").await?;
    // And the whole way back.
    page.keys().key_down(Key::Shift).send_keys("x").key_up(Key::Shift).perform().await?;
    page.until("everything is put right", || async { Ok(!page.component_says(&server).await?.contains("down")) })
        .await?;
    // Nothing selected: the details tell of the whole design.
    page.press(Key::Escape).await?;
    page.until("the latency can be read", || async {
        let text = page.text("#inspector").await?;
        let latency = text.split_once("p99").map(|(_, after)| after.chars().take(24).collect::<String>());
        Ok(latency.is_some_and(|latency| latency.contains("ms") || latency.contains(" s")))
    })
    .await
}

/// Things are moved, renamed, found and grouped by keys; each move is said.
pub async fn things_are_moved_renamed_and_found_by_keys(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    page.control("f").await?;
    search(&page, "web").await?;
    page.until("it has the focus", || page.is_focused(&proxy)).await?;
    let start = page.middle(&proxy).await?;
    page.keys().key_down(Key::Shift).send_keys(Key::Down).key_up(Key::Shift).perform().await?;
    page.until("arrows move it", || async { Ok(page.middle(&proxy).await?.1 > start.1 + 10) }).await?;
    page.until_says("#announcer", "Web server: column").await?;
    page.press(Key::F2).await?;
    page.until("its name can be edited", || page.is_focused(".rename")).await?;
    page.control("a").await?;
    page.keys().send_keys("Front").send_keys(Key::Enter).perform().await?;
    page.component_called("Front").await?;
    page.control("k").await?;
    search(&page, "show everything").await?;
    page.control("k").await?;
    search(&page, "put a frame").await?;
    page.until_says_name("#proxies [data-frame]", "holds 1").await?;
    // Every key in the sheet comes from the table that the handler reads.
    page.keys().key_down(Key::Shift).send_keys("?").key_up(Key::Shift).perform().await?;
    page.until_says("#keys", "Ctrl Shift G").await
}

/// Alt Z leaves the diagram alone on the page, Alt R locks what is drawn, digits lead to the groups of parts, and Ctrl ' takes
/// the points of the grid away.
pub async fn the_view_is_cleared_the_drawing_locked_and_parts_are_reached_by_keys(page: Page) -> Told {
    let with_alt =
        async |letter: &str| page.keys().key_down(Key::Alt).send_keys(letter).key_up(Key::Alt).perform().await;
    page.open("").await?;
    let is_seen = async |selector: &str| {
        page.run::<bool>(&format!("return !!document.querySelector('{selector}')?.checkVisibility()")).await
    };
    with_alt("z").await?;
    page.until("only the diagram and the dock are left", || async {
        Ok(!is_seen(".top-bar").await? && !is_seen("#inspector").await? && is_seen("#users-slider").await?)
    })
    .await?;
    with_alt("z").await?;
    page.until("all is back", || async { is_seen(".top-bar").await }).await?;
    with_alt("r").await?;
    page.until_says(".diagram-hint", "Locked").await?;
    let server = page.component_called("Web server").await?;
    page.focus(&format!("#proxies [data-component='{server}']")).await?;
    page.press(Key::Delete).await?;
    page.until_says("#announcer", "stays as it is").await?;
    page.component_called("Web server").await?;
    with_alt("r").await?;
    page.until("it is unlocked", || async { Ok(page.text(".diagram-hint").await?.is_empty()) }).await?;
    page.keys().send_keys("2").perform().await?;
    page.until("the second group has the focus", || page.is_focused(".palette-group:nth-of-type(2) .palette-item"))
        .await?;
    page.control("'").await?;
    page.until("the grid is not wanted any more", || async {
        page.run::<bool>("return localStorage['headroom.preferences']?.includes('\"has_grid\":false') ?? false").await
    })
    .await
}
