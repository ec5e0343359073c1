//! The control that asks to be touched.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// Pulled, stepped by keys, typed: one number of users, shown the same everywhere.
pub async fn the_slider_follows_pointer_keys_and_typing(page: Page) -> Told {
    page.open("?users=1000").await?;
    let spoken = || page.attribute("#users-slider", "aria-valuetext");

    let (x, y) = page.middle("#users-slider").await?;
    let width = page.width("#users-slider").await?;
    // A thousand is three eighths of the way from one to a hundred million.
    let thumb = (x - width / 8, y);
    page.drag(thumb, (thumb.0 + width / 4, y)).await?;
    page.until("pulling the slider brings users", || async { Ok(page.users().await? > 10_000) }).await?;
    let pulled = page.users().await?;

    page.focus("#users-slider").await?;
    page.press(Key::Right).await?;
    page.until("the arrow key brings more", || async { Ok(page.users().await? > pulled) }).await?;
    let stepped = page.users().await?;
    page.press(Key::PageUp).await?;
    page.until("Page Up brings ten times as many", || async { Ok(page.users().await? > 5 * stepped) }).await?;
    page.press(Key::Home).await?;
    page.until("Home leaves one", || async { Ok(page.users().await? == 1) }).await?;

    page.enter_users("2.5k").await?;
    page.until("typing sets the number", || async { Ok(page.users().await? == 2_500) }).await?;
    let said = spoken().await?;
    if !said.contains('2') || said.contains("1,000") {
        return Err(format!("the slider says {said:?} of 2,500 users").into());
    }
    Ok(())
}

/// Nonsense changes nothing, and says so beside the field.
pub async fn a_number_of_users_that_is_none_is_refused(page: Page) -> Told {
    page.open("?users=1000").await?;
    for nonsense in ["many", "-5", "1e99"] {
        page.enter_users(nonsense).await?;
        page.until("it is refused", || async { page.exists("[role='alert']").await }).await?;
        if page.users().await? != 1_000 {
            return Err(format!("{nonsense:?} was taken for {} users", page.users().await?).into());
        }
    }
    page.enter_users("1k").await?;
    page.until("a good number clears the message", || async { Ok(!page.exists("[role='alert']").await?) }).await
}

/// Ten seconds in: the server heats up, and a sentence names it.
pub async fn too_many_users_heat_the_server_and_the_verdict_names_it(page: Page) -> Told {
    page.open("?users=1000").await?;
    let server = page.component_called("Web server").await?;
    page.until_utilisation(&server, 0.1..=20.0).await?;
    page.enter_users("60k").await?;
    page.until_utilisation(&server, 95.0..=100.0).await?;
    page.until_says("#verdict", "Web server").await?;
    page.enter_users("1k").await?;
    // The queue drains first.
    page.until_utilisation(&server, 0.1..=20.0).await
}
