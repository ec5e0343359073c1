//! Killing things.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// The log tells the whole story: killed, noticed, a replica promoted; the replica's lag can be read meanwhile.
pub async fn a_dead_primary_is_replaced_by_its_replica(page: Page) -> Told {
    page.open("?users=10000&speed=10").await?;
    let database = page.component_called("Database").await?;
    let replica = page.add("[data-preset='replica']", 0.5, 0.8).await?;
    page.click(&format!("#proxies [data-component='{replica}']")).await?;
    page.until("the inspector tells the replica's lag", || async {
        Ok(page.text("#inspector").await?.contains("Behind the primary"))
    })
    .await?;

    page.click(&format!("#proxies [data-component='{database}']")).await?;
    page.click("#inspector [data-act='kill'] button").await?;
    page.until("the diagram says that it is down", || async {
        Ok(page.component_says(&database).await?.contains("down"))
    })
    .await?;
    page.until_says("#charts", "Database was killed").await?;
    page.until_says("#charts", "The loss of the primary was noticed").await?;
    page.until_says("#charts", "Read replica is the primary now").await?;

    page.click("#inspector [data-act='restore'] button").await?;
    page.until("the old primary is up again", || async { Ok(!page.component_says(&database).await?.contains("down")) })
        .await
}

/// A fault begins with its usual strength; set to another while it lasts, it has that from then on.
pub async fn a_fault_is_as_strong_as_people_say(page: Page) -> Told {
    page.open("?users=400&speed=5").await?;
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-component='{server}']")).await?;
    page.until_utilisation(&server, 0.1..=15.0).await?;
    page.click("#inspector [data-fault='slow']").await?;
    let factor = "#inspector [data-field='factor'] input:not([type='range'])";
    page.until("how slow it is can be set", || async {
        Ok(page.exists(factor).await? && page.value(factor).await? == "5")
    })
    .await?;
    page.click(factor).await?;
    page.control("a").await?;
    page.keys().send_keys("1000").send_keys(Key::Enter).perform().await?;
    page.until_utilisation(&server, 90.0..=100.0).await?;
    page.click("#inspector [data-fault='slow']").await?;
    page.until("it is not slow any more", || async { Ok(!page.exists(factor).await?) }).await?;
    page.until_utilisation(&server, 0.1..=15.0).await
}

/// A component is cut off from everybody, and joined again by what puts right.
pub async fn a_part_is_cut_off_and_joined_again(page: Page) -> Told {
    page.open("?users=400").await?;
    let database = page.component_called("Database").await?;
    page.click(&format!("#proxies [data-component='{database}']")).await?;
    page.let_run(1.0).await?;
    let cut = "#inspector [data-fault='partition']";
    page.click(cut).await?;
    let pressed = format!("{cut}[aria-pressed='true']");
    page.until("it is cut off", || page.exists(&pressed)).await?;
    page.until("requests fail", || async { Ok(page.text("#verdict").await?.contains("fail")) }).await?;
    page.click("#inspector [data-act='restore'] button").await?;
    page.until("it is joined again", || async { Ok(!page.exists(&pressed).await?) }).await
}
