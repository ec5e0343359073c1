//! The first ten seconds.

use std::collections::BTreeSet;
use std::fs;

use crate::Told;
use crate::page::Page;
use crate::site::FIRST_LOAD;

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

/// Until the first request moves, nothing is fetched but what the build has weighed as first load; the rest comes then.
pub async fn the_first_load_is_what_is_weighed(page: Page) -> Told {
    let weighed = fs::read_to_string(FIRST_LOAD)?;
    let weighed: BTreeSet<&str> = weighed.lines().collect();
    page.window().goto(&page.addresses.page).await?;
    // Names relative to the page, of all that has been asked for, or of that which was asked for before the first dot.
    let fetched = |until: &'static str| {
        let page = page.clone();
        async move {
            let script = format!(
                "const until = {until}; if (until === undefined) return []; \
                 return performance.getEntriesByType('resource').filter((entry) => entry.startTime <= until) \
                 .map((entry) => entry.name.replace(new URL('.', location.href).href, '').split('?')[0]);"
            );
            page.run::<Vec<String>>(&script).await
        }
    };
    let first = "performance.getEntriesByName('headroom-dot')[0]?.startTime";
    page.until("the first request moves", || async { Ok(!fetched(first).await?.is_empty()) }).await?;
    let before = fetched(first).await?;
    if let Some(unweighed) = before.iter().find(|name| !weighed.contains(name.as_str())) {
        return Err(format!("{unweighed} is fetched before the first request moves, and not weighed").into());
    }
    // The page itself is no resource of the page, and the worker's are the worker's.
    let missing = |name: &&&str| !before.iter().any(|fetched| fetched == **name);
    let unseen: Vec<&&str> = weighed.iter().filter(missing).collect();
    if unseen.iter().any(|name| !["index.html", "worker.js", "worker_bg.wasm"].contains(name)) {
        return Err(format!("not all of {unseen:?} is fetched on a first visit").into());
    }
    page.until("the pieces come once it moves", || async {
        Ok(fetched("Infinity").await?.iter().filter(|name| name.ends_with(".wasm")).count() > 3)
    })
    .await
}

/// Pieces that get lost on their way are told about where they were wanted, and come when asked for again.
pub async fn a_piece_that_does_not_come_can_be_asked_for_again(page: Page) -> Told {
    page.expect_complaint("404");
    page.expect_complaint("TypeError");
    page.window().goto(&page.addresses.shaky).await?;
    page.until("it says that something is missing", || async { page.exists(".later [role='alert']").await }).await?;
    page.until("everything comes when asked for again", || async {
        if page.exists(".later button").await? {
            page.click(".later button").await?;
        }
        Ok(page.exists("#palette [data-kind='server']").await? && page.exists("#charts-body").await?)
    })
    .await?;
    page.let_run(1.0).await
}
