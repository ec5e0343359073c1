//! The way back: scrub, step, change something there.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// The moment shown and its digest.
async fn moment(page: &Page) -> Told<String> {
    page.text("#fingerprint").await
}

/// Waits until another moment is shown than `before`, and stays.
async fn until_other(page: &Page, before: &str) -> Told<String> {
    page.until("another moment is shown", || async { Ok(moment(page).await? != before) }).await?;
    page.find("it stays", || async {
        let seen = moment(page).await?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        Ok((moment(page).await? == seen).then_some(seen))
    })
    .await
}

/// Scrubbing rests the run at an earlier moment, and the same moment is the same to the bit however often it is shown.
pub async fn scrubbing_shows_the_same_past_again(page: Page) -> Told {
    page.open("?users=20000&seed=5").await?;
    page.let_run(6.0).await?;
    page.click("#play").await?;
    let live = until_other(&page, "").await?;
    let (x, y) = page.middle("#scrub").await?;
    let half = page.width("#scrub").await? / 2 - 4;
    page.drag((x + half, y), (x, y)).await?;
    let middle = until_other(&page, &live).await?;
    let secs = page.clock_secs().await?;
    if !(1.0..=6.0).contains(&secs) {
        return Err(format!("the middle of the slider is {secs} s").into());
    }
    page.click("#live").await?;
    page.until("the run is shown as far as it has come", || async { Ok(moment(&page).await? == live) }).await?;
    page.drag((x + half, y), (x, y)).await?;
    page.until("the same moment comes back", || async { Ok(moment(&page).await? == middle) }).await?;
    page.focus("#scrub").await?;
    page.press(Key::Home).await?;
    page.until("Home shows the begin", || async { Ok(page.clock_secs().await? == 0.0) }).await?;
    page.press(Key::End).await?;
    page.until("End shows the present", || async { Ok(moment(&page).await? == live) }).await
}

/// The comma key takes events back one by one, the full stop does them again.
pub async fn steps_go_back_and_forth(page: Page) -> Told {
    page.open("?users=20000&seed=5").await?;
    page.let_run(3.0).await?;
    page.focus("#play").await?;
    page.keys().send_keys("k").perform().await?;
    let mut met = vec![until_other(&page, "").await?];
    for _ in 0..3 {
        page.keys().send_keys(",").perform().await?;
        let before = met.last().expect("one was met").clone();
        met.push(until_other(&page, &before).await?);
    }
    for expected in met[1..3].iter().rev() {
        page.keys().send_keys(".").perform().await?;
        page.until("the step is done again", || async { Ok(moment(&page).await? == *expected) }).await?;
    }
    page.keys().send_keys("l").perform().await?;
    page.until("L shows the present", || async { Ok(moment(&page).await? == met[0]) }).await
}

/// The past is shown with the faults that were at work then, and the present with its own.
pub async fn what_was_broken_then_is_broken_there(page: Page) -> Told {
    page.open("?users=2000").await?;
    page.let_run(4.0).await?;
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-component='{server}']")).await?;
    page.click("#inspector .more-faults summary").await?;
    page.click("#inspector [data-fault='slow']").await?;
    let is_slow = || async { Ok(page.component_says(&server).await?.contains("Slow")) };
    page.until("the server says that it is slow", is_slow).await?;
    page.let_run(2.0).await?;
    page.focus("#scrub").await?;
    page.press(Key::Home).await?;
    page.until("it was not slow at first", || async { Ok(!is_slow().await?) }).await?;
    page.click("#play").await?;
    page.until("it becomes slow when it did", is_slow).await?;
    page.click("#live").await?;
    page.until("the button is pressed at present", || {
        page.exists("#inspector [data-fault='slow'][aria-pressed='true']")
    })
    .await
}

/// Whoever changes something in the past begins another run there.
pub async fn a_change_in_the_past_begins_another_run(page: Page) -> Told {
    page.open("?users=20000&seed=5").await?;
    page.let_run(6.0).await?;
    let (x, y) = page.middle("#scrub").await?;
    page.drag((x + page.width("#scrub").await? / 2 - 4, y), (x, y)).await?;
    page.until("an earlier moment is shown", || async { page.exists("#live:not(:disabled)").await }).await?;
    let then = page.clock_secs().await?;
    page.enter_users("3k").await?;
    page.until("there is no other present any more", || async { page.exists("#live:disabled").await }).await?;
    if page.clock_secs().await? > then + 0.5 {
        return Err("the new run did not begin where it was".into());
    }
    page.click("#play").await?;
    page.let_run(2.0).await?;
    if page.users().await? != 3_000 {
        return Err(format!("{} users instead of those set", page.users().await?).into());
    }
    page.until_says("#charts", "You: 3,000 users").await
}
