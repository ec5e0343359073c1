//! What the product is for: see what breaks, add what helps, see that it helps.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// A balancer, two servers, a cache and a read replica are drawn while the simulation goes on; the overloaded server
/// cools down, and nothing starts anew.
pub async fn more_servers_bring_relief_in_the_same_run(page: Page) -> Told {
    page.open("?users=60000").await?;
    let users = page.component_called("Users").await?;
    let dns = page.component_called("DNS").await?;
    let server = page.component_called("Web server").await?;
    let database = page.component_called("Database").await?;
    page.until_utilisation(&server, 95.0..=100.0).await?;
    let overloaded_at = page.clock_secs().await?;
    // Room for more.
    for _ in 0..3 {
        page.click("[data-command='zoom_out']").await?;
    }

    let balancer = page.add("[data-kind='load_balancer']", 0.28, 0.78).await?;
    let second = page.add("[data-kind='server']", 0.52, 0.72).await?;
    let third = page.add("[data-kind='server']", 0.52, 0.9).await?;
    for target in [&server, &second, &third] {
        page.connect(&balancer, target).await?;
    }
    for caller in [&second, &third] {
        page.connect(caller, &database).await?;
    }
    page.connect(&users, &balancer).await?;
    page.connect(&dns, &balancer).await?;
    // Users and DNS no longer go to the server themselves.
    for (from, to) in [("Users", "Web server"), ("DNS", "Web server")] {
        let link = page.link_between(from, to).await?;
        page.click(&format!("#proxies [data-link='{link}']")).await?;
        page.press(Key::Delete).await?;
        page.until("the link is gone", || async { Ok(!page.links().await?.contains(&link)) }).await?;
    }
    for one in [&server, &second, &third] {
        page.until_utilisation(one, 20.0..=75.0).await?;
    }

    let cache = page.add("[data-kind='cache']", 0.8, 0.78).await?;
    for one in [&server, &second, &third] {
        page.connect(one, &cache).await?;
    }
    page.until("the cache answers", || async {
        Ok(page.utilisation(&cache).await?.is_some_and(|per_cent| per_cent > 0.0))
    })
    .await?;
    let busy = page.utilisation(&database).await?.ok_or("the database has no figures")?;
    let replica = page.add("[data-preset='replica']", 0.9, 0.15).await?;
    page.until("the replica takes reads", || async {
        Ok(page.utilisation(&replica).await?.is_some_and(|per_cent| per_cent > 0.0))
    })
    .await?;
    page.until("the primary has less to do", || async {
        Ok(page.utilisation(&database).await?.is_some_and(|per_cent| per_cent < busy))
    })
    .await?;
    let now = page.clock_secs().await?;
    if now <= overloaded_at {
        return Err(format!("the run was at {overloaded_at} s and is at {now} s").into());
    }
    let verdict = page.text("#verdict").await?;
    if verdict.contains("cannot run") { Err(verdict.into()) } else { Ok(()) }
}
