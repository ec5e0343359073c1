//! Designs that travel: as links, and inside other pages.

use crate::Told;
use crate::page::Page;

/// A link restores design, users, seed and what was looked at, and leaves whoever opens it their own way on.
pub async fn a_link_brings_everything_along(page: Page) -> Told {
    page.open("?seed=7").await?;
    page.add("[data-kind='cache']", 0.5, 0.8).await?;
    page.enter_users("12,345").await?;
    let drawn = page.components().await?;
    page.click("#share").await?;
    page.until("there is a link", || async { Ok(page.value("#share-link").await?.contains('#')) }).await?;
    let link = page.value("#share-link").await?;
    let (_, letters) = link.split_once('#').ok_or("the link carries nothing")?;
    let letters = format!("#{letters}");
    page.forget_everything().await?;
    page.open(&letters).await?;
    if page.components().await? != drawn || page.users().await? != 12_345 {
        return Err(format!("{:?} with {} users came back", page.components().await?, page.users().await?).into());
    }
    page.until_says("#fingerprint", "seed 7").await?;
    page.let_run(1.0).await
}

/// A damaged link gets a message, and the design stays.
pub async fn a_damaged_link_is_explained(page: Page) -> Told {
    page.open("#bdamaged").await?;
    page.until_says("#notices", "could not be read").await?;
    page.component_called("Web server").await?;
    page.let_run(1.0).await
}

/// In another page the playground waits for a click, and rests while it is out of view; the wheel scrolls the article.
pub async fn an_embedded_page_behaves_as_a_guest(page: Page) -> Told {
    page.window().goto(&page.addresses.article).await?;
    page.window().enter_frame(0).await?;
    page.until_running().await?;
    for absent in ["#palette", "#inspector", ".top-bar"] {
        if page.exists(absent).await? {
            return Err(format!("{absent} is there").into());
        }
    }
    page.window().enter_default_frame().await?;
    let before = page.scrolled().await?;
    page.turn_wheel_over("iframe", 300).await?;
    page.until("the article has scrolled", || async { Ok(page.scrolled().await? > before) }).await?;
    page.scroll_to(0).await?;

    page.window().enter_frame(0).await?;
    let clock = page.clock_secs().await?;
    if clock > 0.0 {
        return Err(format!("it runs without being asked: {clock} s").into());
    }
    page.click_in_frame("#start").await?;
    page.let_run(1.0).await?;
    page.window().enter_default_frame().await?;
    page.scroll_to(5000).await?;
    page.window().enter_frame(0).await?;
    page.until("it rests out of view", || async {
        let before = page.clock_secs().await?;
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        Ok(page.clock_secs().await? == before)
    })
    .await?;
    page.window().enter_default_frame().await?;
    page.scroll_to(0).await?;
    page.window().enter_frame(0).await?;
    page.let_run(1.0).await
}
