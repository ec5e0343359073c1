//! Stepping through a journey.

use thirtyfour::Key;

use crate::Told;
use crate::page::Page;

const FIRST: &str = "#journey=first-million/1-one-server";
const SECOND: &str = "#journey=first-million/2-load-balancer-and-replication";

/// From the switch of modes to the second stage: the slider stands at the stage's users, what stays keeps its identity,
/// the address names the stage, and the browser's buttons lead back.
pub async fn a_journey_is_stepped_through(page: Page) -> Told {
    page.open("").await?;
    let own = page.components().await?;
    page.click("[data-mode='learn'].mode").await?;
    page.click("[data-journey='first-million']").await?;
    page.until_says("#guide", "One web server and a database").await?;
    page.until("the slider stands at the stage's users", || async { Ok(page.users().await? == 20_000) }).await?;
    let first = page.components().await?;
    page.click("#next-stage").await?;
    page.until_says("#guide #stage-title", "Load balancer and replication").await?;
    page.until("the slider stands at the next stage's users", || async { Ok(page.users().await? == 100_000) }).await?;
    let second = page.components().await?;
    let kept = first.iter().filter(|id| second.contains(id)).count();
    if kept < 4 || second.len() <= first.len() {
        return Err(format!("{first:?} became {second:?}").into());
    }
    page.let_run(1.0).await?;
    if !page.address().await?.ends_with(SECOND) {
        return Err(format!("the address is {}", page.address().await?).into());
    }
    page.window().back().await?;
    page.until_says("#guide #stage-title", "One web server and a database").await?;
    page.window().forward().await?;
    page.until_says("#guide #stage-title", "Load balancer and replication").await?;
    // What the person had drawn before lies where it was.
    page.click("[data-mode='play'].mode").await?;
    page.until("the own design is back", || async { Ok(page.components().await? == own) }).await?;
    page.let_run(1.0).await
}

/// A link leads to a stage, and a button does what its script does.
pub async fn a_link_leads_to_a_stage_whose_events_are_buttons(page: Page) -> Told {
    page.open(SECOND).await?;
    page.until_says("#guide #stage-title", "Load balancer and replication").await?;
    page.let_run(1.0).await?;
    let database = page.component_called("Database").await?;
    page.click_button("#guide", "Kill Database").await?;
    page.until("the database is down", || async { Ok(page.component_says(&database).await?.contains("down")) }).await?;
    page.click("#copy-stage").await?;
    page.until_says("#notices", "It is on the clipboard").await?;
    // Taken over as one's own, it stays when the journey is left.
    page.click("#make-own").await?;
    page.until("the mode is Play", || async { page.exists("[data-mode='play'].mode[aria-current]").await }).await?;
    page.component_called("Load balancer").await?;
    page.until("the link has left the address", || async { Ok(!page.address().await?.contains("journey")) }).await?;
    page.press(Key::Escape).await
}

/// Every stage of a journey can be reached by its link.
pub async fn the_first_stage_has_a_link_too(page: Page) -> Told {
    page.open(FIRST).await?;
    page.until_says("#guide #stage-title", "One web server and a database").await
}
