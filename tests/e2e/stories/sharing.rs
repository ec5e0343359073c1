//! Designs that travel: as links, and inside other pages.

use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// A link restores design, users, seed and what was looked at, and leaves whoever opens it their own way on.
pub async fn a_link_brings_everything_along(page: Page) -> Told {
    page.open("?seed=7").await?;
    page.add("[data-kind='cache']", 0.5, 0.8).await?;
    page.enter_users("12,345").await?;
    let database = page.component_called("Database").await?;
    page.click(&format!("#proxies [data-component='{database}']")).await?;
    page.until_says("#inspector", "Connections").await?;
    page.click("#inspector [data-act='kill'] button").await?;
    page.until("it is dead", || async { Ok(page.component_says(&database).await?.contains("down")) }).await?;
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
    page.until("what was dead is dead", || async { Ok(page.component_says(&database).await?.contains("down")) })
        .await?;
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

/// What a host page hears of a type, the last one.
async fn heard(page: &Page, kind: &str) -> Told<serde_json::Value> {
    page.find(&format!("the host hears of {kind:?}"), || async {
        let last =
            format!("return heard.findLast((one) => one.source === 'headroom' && one.type === {kind:?}) ?? null");
        page.run::<Option<serde_json::Value>>(&last).await
    })
    .await
}

/// A message of the host to the playground; `rest` is the rest of the object.
async fn say(page: &Page, rest: &str) -> Told {
    let post = format!(
        "document.querySelector('iframe').contentWindow.postMessage({{ source: 'headroom-host', version: 1, {rest} }}, '*')"
    );
    page.run(&post).await
}

/// The page around it runs it, sets users, breaks a part, and hears figures and the verdict.
pub async fn a_host_page_talks_with_the_playground(page: Page) -> Told {
    page.window().goto(&format!("{}?embed=1&api=1&nav=0", page.addresses.talk)).await?;
    heard(&page, "ready").await?;
    say(&page, "type: 'subscribe'").await?;
    say(&page, "type: 'setUsers', users: 20000").await?;
    say(&page, "type: 'play'").await?;
    page.until("the host hears that it runs with so many users", || async {
        let state = heard(&page, "state").await?;
        Ok(state["playing"] == true && state["users"] == 20_000)
    })
    .await?;
    page.until("figures come", || async {
        let metrics = heard(&page, "metrics").await?;
        Ok(metrics["answeredPerSec"].as_f64() > Some(1.0) && metrics["p99Secs"].as_f64() > Some(0.0))
    })
    .await?;
    say(&page, "type: 'inject', component: 'Web server', fault: 'crash'").await?;
    page.until("the verdict names what is dead", || async {
        Ok(heard(&page, "verdict").await?["words"].as_str().is_some_and(|words| words.contains("Web server is down")))
    })
    .await?;
    say(&page, "type: 'clearFault', component: 'Nobody'").await?;
    let error = heard(&page, "error").await?;
    if !error["reason"].as_str().is_some_and(|reason| reason.contains("`component` must be")) {
        return Err(format!("the host hears {error}").into());
    }
    say(&page, "type: 'export'").await?;
    let design = heard(&page, "export").await?;
    if design["design"]["components"].as_array().map(Vec::len) != Some(4) {
        return Err(format!("the host gets {design}").into());
    }
    page.window().enter_frame(0).await?;
    if page.width(".view-buttons").await? > 0 {
        return Err("the buttons are shown in spite of nav=0".into());
    }
    // Parts can be broken here, but the drawing stays as it is.
    page.focus("#proxies [data-component]").await?;
    page.keys().key_down(Key::Shift).send_keys(Key::F10).key_up(Key::Shift).perform().await?;
    page.until("the menu is open", || page.exists(".menu")).await?;
    let offered = page.texts(".menu [role^='menuitem'] .words").await?;
    if offered.iter().any(|words| words == "Delete" || words == "Rename") {
        return Err(format!("a drawing that stays as it is offers {offered:?}").into());
    }
    page.press(Key::Escape).await
}

/// What comes before `start` is not waited for, and the host sets a parameter and goes back in time.
pub async fn a_host_page_chooses_when_to_begin_and_what_to_change(page: Page) -> Told {
    page.window().goto(&format!("{}?embed=1&ui=full&api=1&start=90", page.addresses.talk)).await?;
    heard(&page, "ready").await?;
    page.window().enter_frame(0).await?;
    page.until("it stands at its beginning", || async { Ok(page.clock_secs().await? == 90.0) }).await?;
    page.window().enter_default_frame().await?;
    say(&page, "type: 'setParam', component: 'Web server', key: 'cores', value: 16").await?;
    page.until("the server has so many cores", || async {
        say(&page, "type: 'export'").await?;
        let design = heard(&page, "export").await?["design"].take();
        let parts = design["components"].as_array().cloned().unwrap_or_default();
        Ok(parts.iter().any(|part| part["name"] == "Web server" && part["params"]["cores"] == 16))
    })
    .await?;
    say(&page, "type: 'seek', simulatedSecs: 30").await?;
    page.window().enter_frame(0).await?;
    page.until("it stands where the host wants it", || async { Ok(page.clock_secs().await? == 30.0) }).await
}
