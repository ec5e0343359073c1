//! The first ten seconds.

use crate::Told;
use crate::page::Page;

/// Nobody has to press anything: a design is there, time goes on, and the parts have figures.
pub async fn the_page_opens_running(page: Page) -> Told {
    page.open("").await?;
    page.let_run(2.0).await?;
    let components = page.components().await?;
    if components.len() < 4 {
        return Err(format!("the first design has only {components:?}").into());
    }
    page.until("the verdict says something", || async { Ok(!page.text("#verdict").await?.is_empty()) }).await?;
    let server = page.component_called("Web").await?;
    let said = page.component_says(&server).await?;
    page.until("the figures of the server move", || async { Ok(page.component_says(&server).await? != said) }).await
}

/// Whoever gets a broken page reads what to do instead of an empty one.
pub async fn a_page_that_cannot_load_says_so(page: Page) -> Told {
    page.expect_complaint("404");
    page.expect_complaint("CompileError");
    page.expect_complaint("TypeError");
    page.window().goto(&page.addresses.broken).await?;
    page.until("it says that it could not be loaded", || async {
        page.exists("#boot:not([hidden]) [data-when='failed']:not([hidden])").await
    })
    .await
}

/// A frame that grants nothing but scripts has no storage and no origin; the simulation runs all the same.
pub async fn a_sandboxed_frame_runs_it(page: Page) -> Told {
    page.window().goto(&page.addresses.host).await?;
    page.window().enter_frame(0).await?;
    page.until_running().await?;
    page.let_run(2.0).await
}
