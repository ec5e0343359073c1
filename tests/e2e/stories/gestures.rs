//! Drawing by pointer: wires, frames, marquees, menus.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// The words of the entries of the open menu.
async fn offered(page: &Page) -> Told<Vec<String>> {
    page.until("the menu is open", || page.exists(".menu")).await?;
    page.texts(".menu [role^='menuitem'] .words").await
}

/// A link that is let go on open ground offers what its start can call and nothing else; what is picked is added and
/// connected, and one undo takes back both.
pub async fn a_wire_let_go_on_the_ground_offers_only_what_fits(page: Page) -> Told {
    page.open("").await?;
    let users = page.component_called("Users").await?;
    let before = page.components().await?;
    let port = page.middle(&format!("#proxies [data-port='{users}']")).await?;
    let ground = page.on_canvas(0.4, 0.85).await?;
    page.drag(port, ground).await?;
    let offered = offered(&page).await?;
    let has = |name: &str| offered.iter().any(|words| words == name);
    if !has("Load balancer") || !has("Balanced servers") || has("SQL database") {
        return Err(format!("users are offered {offered:?}").into());
    }
    page.choose("Load balancer").await?;
    page.link_between("Users", "Load balancer").await?;
    page.control("z").await?;
    page.until("one undo takes back part and link", || async { Ok(page.components().await? == before) }).await?;
    // A link that means nothing says why, at the pointer. What was added may have moved the view.
    let port = page.middle(&format!("#proxies [data-port='{users}']")).await?;
    let database = page.component_called("Database").await?;
    page.drag(port, page.middle(&format!("#proxies [data-component='{database}']")).await?).await?;
    page.until_says(".bubble", "Users and Database have nothing to say to each other").await
}

/// Users, a balancer, two servers, a database and a cache, drawn in eight acts.
pub async fn six_parts_are_drawn_in_eight_acts(page: Page) -> Told {
    page.open_empty().await?;
    // 1: drag.
    let users = page.add("[data-kind='users']", 0.12, 0.4).await?;
    // 2 and 3: a link, and what it leads to.
    page.wire_to(&users, 0.27, 0.4, "Balanced servers").await?;
    page.until("there are four parts", || async { Ok(page.components().await?.len() == 4) }).await?;
    // 4 and 5: both servers are selected, so a link from one comes from both.
    let server = page.component_called("Server:").await?;
    page.wire_to(&server, 0.86, 0.3, "SQL database").await?;
    page.link_between("Server", "SQL database").await?;
    page.link_between("Server 2", "SQL database").await?;
    // 6: both again; 7 and 8: the cache.
    page.shift_click_both(["Server:", "Server 2:"]).await?;
    page.wire_to(&server, 0.75, 0.7, "Cache").await?;
    page.link_between("Server 2", "Cache").await?;
    page.until("it runs", || async { Ok(page.clock_secs().await? > 1.0) }).await
}

/// A frame is drawn from corner to corner, takes its parts along, and lets go of what is dragged out of it.
pub async fn frames_hold_what_is_dropped_in_them(page: Page) -> Told {
    page.open("").await?;
    for _ in 0..2 {
        page.click("[data-command='zoom_out']").await?;
    }
    let database = page.component_called("Database").await?;
    let proxy = format!("#proxies [data-component='{database}']");
    let (x, y) = page.middle(&proxy).await?;
    page.click("#palette [data-frame-kind='zone']").await?;
    page.drag((x - 110, y - 100), (x + 110, y + 90)).await?;
    page.until_says_name("#proxies [data-frame]", "zone, holds 1").await?;
    // By its name, with everything in it.
    page.drag((x - 60, y - 90), (x - 60, y + 60)).await?;
    page.until("the database has moved along", || async { Ok(page.middle(&proxy).await?.1 > y + 100) }).await?;
    page.until_says_name("#proxies [data-frame]", "holds 1").await?;
    // Out of it, and by undo into it again.
    let inside = page.middle(&proxy).await?;
    page.drag(inside, (inside.0 - 40, inside.1 - 260)).await?;
    page.until_says_name("#proxies [data-frame]", "holds 0").await?;
    page.control("z").await?;
    page.until_says_name("#proxies [data-frame]", "holds 1").await?;
    // Ctrl and G puts a frame around what is selected, with Shift it goes.
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-component='{server}']")).await?;
    page.control("g").await?;
    page.until("there are two frames", || async {
        Ok(page.attributes("[data-frame]", "data-frame").await?.len() == 2)
    })
    .await?;
    page.keys()
        .key_down(Key::Control)
        .key_down(Key::Shift)
        .send_keys("g")
        .key_up(Key::Shift)
        .key_up(Key::Control)
        .perform()
        .await?;
    page.until("one is left", || async { Ok(page.attributes("[data-frame]", "data-frame").await?.len() == 1) }).await
}

/// Shift and drag selects; several things are put in line, spread, duplicated and taken back.
pub async fn several_things_are_selected_and_put_in_line(page: Page) -> Told {
    page.open("").await?;
    let all = page.components().await?;
    let (from, to) = (page.on_canvas(0.02, 0.02).await?, page.on_canvas(0.98, 0.85).await?);
    page.shift_drag(from, to).await?;
    page.until_says("#inspector", "things are selected").await?;
    page.click("#inspector [data-command='align_top']").await?;
    page.until("all stand in one row", || async {
        let mut rows = Vec::new();
        for id in &all {
            rows.push(page.middle(&format!("#proxies [data-component='{id}']")).await?.1);
        }
        Ok(rows.iter().all(|row| (row - rows[0]).abs() <= 1))
    })
    .await?;
    page.control("z").await?;
    page.press(Key::Escape).await?;
    // Duplicate takes the links along; the copy is in service.
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-component='{server}']")).await?;
    page.control("d").await?;
    page.link_between("Users", "Web server 2").await?;
    page.link_between("Web server 2", "Database").await?;
    // Copies come back from the clipboard, after a cut too.
    page.control("x").await?;
    page.until("it is gone", || async { Ok(page.components().await? == all) }).await?;
    page.control("v").await?;
    page.link_between("Web server 2", "Database").await.map(drop)
}

/// The right button opens the menu of what is there; a link is cut and put right, a server slowed and killed.
pub async fn menus_break_things_and_put_them_right(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    page.right_click(page.middle(&proxy).await?).await?;
    page.choose("Faults …").await?;
    page.choose("Slow").await?;
    page.until("the server says that it is slow", || async {
        Ok(page.component_says(&server).await?.contains("Slow"))
    })
    .await?;
    page.until("so does the inspector", || page.exists("#inspector [data-fault='slow'][aria-pressed='true']")).await?;
    page.right_click(page.middle(&proxy).await?).await?;
    page.choose("Kill").await?;
    page.until("it is down", || async { Ok(page.component_says(&server).await?.contains("down")) }).await?;
    page.right_click(page.middle(&proxy).await?).await?;
    page.choose("Put right").await?;
    page.until("it is up and quick again", || async {
        let said = page.component_says(&server).await?;
        Ok(!said.contains("down") && !said.contains("Slow"))
    })
    .await?;
    let link = page.link_between("Web server", "Database").await?;
    page.right_click(page.middle(&format!("#proxies [data-link='{link}']")).await?).await?;
    page.choose("Partition").await?;
    let name = format!("#proxies [data-link='{link}']");
    page.until_says_name(&name, "Partition").await?;
    page.click("#inspector [data-act='restore'] button").await?;
    page.until("the link is whole", || async { Ok(!page.attribute(&name, "aria-label").await?.contains("Partition")) })
        .await?;
    // Escape closes a menu and leaves everything as it is.
    page.right_click(page.on_canvas(0.5, 0.9).await?).await?;
    page.until("the menu of the ground is open", || page.exists(".menu")).await?;
    page.press(Key::Escape).await?;
    page.until("it is closed", || async { Ok(!page.exists(".menu").await?) }).await
}

/// Whoever does not drag clicks: a part and its place, a port and its target, what is picked up and where it goes.
pub async fn every_drag_has_a_click_that_does_the_same(page: Page) -> Told {
    page.open("").await?;
    let before = page.components().await?;
    page.click("#palette [data-kind='cache']").await?;
    page.until_says(".diagram-hint", "Click where").await?;
    page.click_at(page.on_canvas(0.75, 0.8).await?).await?;
    let cache = page
        .find("the cache is there", || async {
            Ok(page.components().await?.into_iter().find(|id| !before.contains(id)))
        })
        .await?;
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-port='{server}']")).await?;
    page.click(&format!("#proxies [data-component='{cache}']")).await?;
    page.link_between("Web server", "Cache").await?;
    let proxy = format!("#proxies [data-component='{cache}']");
    let start = page.middle(&proxy).await?;
    page.right_click(start).await?;
    page.choose("Pick up; click to put down").await?;
    let goal = page.on_canvas(0.3, 0.8).await?;
    page.keys().move_to(goal.0, goal.1).click().perform().await?;
    page.until("it has been put down there", || async { Ok((page.middle(&proxy).await?.0 - goal.0).abs() < 20) })
        .await?;
    page.control("z").await?;
    page.until("and one undo takes it back", || async { Ok((page.middle(&proxy).await?.0 - start.0).abs() < 3) }).await
}

/// Everything is laid out from left to right in one step.
pub async fn arranging_is_one_step(page: Page) -> Told {
    page.open("").await?;
    let proxy = |id: &str| format!("#proxies [data-component='{id}']");
    let users = page.component_called("Users").await?;
    let database = page.component_called("Database").await?;
    let from = page.middle(&proxy(&users)).await?;
    page.drag(from, page.on_canvas(0.9, 0.85).await?).await?;
    page.press(Key::Escape).await?;
    page.click("[data-command='arrange']").await?;
    page.until("users stand to the left of the database", || async {
        Ok(page.middle(&proxy(&users)).await?.0 < page.middle(&proxy(&database)).await?.0)
    })
    .await?;
    page.click("#undo").await?;
    page.until("one undo takes it back", || async {
        Ok(page.middle(&proxy(&users)).await?.0 > page.middle(&proxy(&database)).await?.0)
    })
    .await
}

/// T and a click write a note, which is moved by its middle; the eraser takes it away, and one undo brings it back.
pub async fn notes_are_written_moved_and_erased(page: Page) -> Told {
    const NOTE: &str = "#proxies [data-frame]";
    page.open("").await?;
    page.keys().send_keys("t").perform().await?;
    page.until_says(".diagram-hint", "Drag from corner to corner").await?;
    page.click_at(page.on_canvas(0.4, 0.75).await?).await?;
    page.until("its words are asked for", || page.is_focused(".rename")).await?;
    page.control("a").await?;
    page.keys().send_keys("Reads outnumber writes").send_keys(Key::Enter).perform().await?;
    page.until_says_name(NOTE, "Note: Reads outnumber writes").await?;
    let middle = page.middle(NOTE).await?;
    page.drag(middle, (middle.0 + 96, middle.1)).await?;
    page.until("it has moved", || async { Ok(page.middle(NOTE).await?.0 > middle.0 + 48) }).await?;
    page.keys().send_keys("e").perform().await?;
    page.until_says(".diagram-hint", "What is drawn over goes").await?;
    page.click_at(page.middle(NOTE).await?).await?;
    page.until("it is gone", || async { Ok(!page.exists(NOTE).await?) }).await?;
    page.keys().send_keys("v").perform().await?;
    page.until("the pointer is back", || async { Ok(page.text(".diagram-hint").await?.is_empty()) }).await?;
    page.control("z").await?;
    page.until_says_name(NOTE, "Note: Reads outnumber writes").await
}

/// With Q, a part that was chosen once is put down as often as the person clicks.
pub async fn a_tool_that_is_kept_puts_down_again_and_again(page: Page) -> Told {
    page.open("").await?;
    let before = page.components().await?.len();
    page.keys().send_keys("q").perform().await?;
    page.until_says("#announcer", "again and again").await?;
    page.click("#palette [data-kind='server']").await?;
    page.until_says(".diagram-hint", "once only").await?;
    for (more, across) in [(1, 0.3), (2, 0.6)] {
        page.click_at(page.on_canvas(across, 0.8).await?).await?;
        page.until("another server stands there", || async { Ok(page.components().await?.len() == before + more) })
            .await?;
    }
    page.press(Key::Escape).await?;
    page.until("nothing more is put down", || async { Ok(page.text(".diagram-hint").await?.is_empty()) }).await
}
