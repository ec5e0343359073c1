//! Editing as people know it, and nothing lost.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// Control and Z takes back what was drawn, Control and Y brings it again, and the simulation goes on throughout.
pub async fn undo_and_redo_by_keys(page: Page) -> Told {
    page.open("").await?;
    let before = page.components().await?;
    let added = page.add("[data-kind='cache']", 0.5, 0.8).await?;
    page.control("z").await?;
    page.until("undo takes it back", || async { Ok(page.components().await? == before) }).await?;
    page.control("y").await?;
    page.until("redo brings it again", || async { Ok(page.components().await?.contains(&added)) }).await?;
    page.click("#undo").await?;
    page.until("the button undoes, too", || async { Ok(page.components().await? == before) }).await?;
    page.let_run(1.0).await
}

/// What was drawn, named and set is there after a reload.
pub async fn a_reload_keeps_the_design(page: Page) -> Told {
    page.open("").await?;
    let added = page.add("[data-kind='server']", 0.5, 0.8).await?;
    page.click("#title").await?;
    page.keys().key_down(Key::Control).send_keys("a").key_up(Key::Control).perform().await?;
    page.keys().send_keys("Mine").send_keys(Key::Enter).perform().await?;
    page.enter_users("12k").await?;
    page.until("the users are set", || async { Ok(page.users().await? == 12_000) }).await?;
    let (components, links) = (page.components().await?, page.links().await?);
    page.reload().await?;
    page.until("all components are there", || async { Ok(page.components().await? == components) }).await?;
    if !components.contains(&added) || page.links().await? != links {
        return Err("the drawing is another one".into());
    }
    let (title, users) = (page.value("#title").await?, page.users().await?);
    if (title.as_str(), users) != ("Mine", 12_000) {
        return Err(format!("after the reload the design is called {title:?} and has {users} users").into());
    }
    page.let_run(1.0).await
}

/// Everything can be done without a pointer.
pub async fn parts_are_added_and_removed_by_keys_alone(page: Page) -> Told {
    page.open("").await?;
    let before = page.components().await?;
    page.focus("#palette [data-kind='cache']").await?;
    page.press(Key::Enter).await?;
    let added = page
        .find("Enter adds the part", || async {
            Ok(page.components().await?.into_iter().find(|id| !before.contains(id)))
        })
        .await?;
    page.focus(&format!("#proxies [data-component='{added}']")).await?;
    page.press(Key::Delete).await?;
    page.until("Delete removes it", || async { Ok(page.components().await? == before) }).await
}
