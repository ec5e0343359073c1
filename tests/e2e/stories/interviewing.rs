//! A task from its choice to the report.

use crate::Told;
use crate::page::Page;

/// The canvas is blank but for the users; the clock can be skipped; the report tells what is missing, and a design that
/// passes can be had afterwards.
pub async fn an_interview_ends_with_a_measured_report(page: Page) -> Told {
    page.open("").await?;
    let own = page.components().await?;
    page.click("[data-mode='interview'].mode").await?;
    page.click("[data-interview='url-shortener']").await?;
    page.click("#start-interview").await?;
    page.until("the canvas is blank but for the users", || async { Ok(page.components().await?.len() == 1) }).await?;
    page.until_says("#interview-phase", "Requirements").await?;
    page.click("#skip-phase").await?;
    page.until_says("#interview-phase", "Data and interfaces").await?;

    // Nothing to measure yet: it says why.
    page.click("#finish-interview").await?;
    page.until("it says what is missing", || async { page.exists("#guide .refusal").await }).await?;

    let users = page.component_called("Users").await?;
    let server = page.add("[data-kind='server']", 0.6, 0.3).await?;
    page.connect(&users, &server).await?;
    let database = page.add("[data-kind='sql_database']:not([data-preset])", 0.6, 0.75).await?;
    page.connect(&server, &database).await?;
    page.click("#finish-interview").await?;
    page.until_slowly("the report is there", || async { page.exists("#report[open] .goal").await }).await?;
    for (goal, met) in [("growth", "false"), ("losses", "false")] {
        if page.attribute(&format!("[data-goal='{goal}']"), "data-met").await? != met {
            return Err(format!("the goal {goal} is not {met}: {}", page.text("#report").await?).into());
        }
    }
    page.until_says("[data-goal='losses']", "Single points of failure").await?;
    page.until_says("#report-first", "gives way").await?;
    page.click("#show-reference").await?;
    page.component_called("Load balancer A").await?;
    page.click("[data-mode='play'].mode").await?;
    page.until("the own design is back", || async { Ok(page.components().await? == own) }).await
}
