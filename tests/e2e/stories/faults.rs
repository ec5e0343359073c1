//! Killing things.

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
