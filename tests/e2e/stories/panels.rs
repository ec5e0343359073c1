//! The panel below the diagram: charts, tables, traces, events and the script.

use headroom::editor::scale::Scale;
use thirtyfour::prelude::*;

use crate::Told;
use crate::page::Page;

/// A span pulled on one chart is what all charts show, until it is let go of; the same by keys; the same as a table.
pub async fn charts_are_zoomed_by_brush_and_told_as_tables(page: Page) -> Told {
    page.open("?users=20000").await?;
    page.let_run(5.0).await?;
    let chart = "[data-chart='latency'] canvas";
    let (x, y) = page.middle(chart).await?;
    let width = page.width(chart).await?;
    page.drag((x - width / 6, y), (x + width / 6, y)).await?;
    page.until("the span is chosen", || async { page.exists("#charts-unzoom").await }).await?;
    let described = page.attribute("[data-chart='errors'] canvas", "aria-label").await?;
    if described.contains("over 1") {
        return Err(format!("the other chart still shows a minute: {described}").into());
    }
    page.click("#charts-unzoom").await?;
    page.until("the last minute is back", || async { Ok(!page.exists("#charts-unzoom").await?) }).await?;

    page.focus(chart).await?;
    page.press(Key::Left).await?;
    page.until_says("[data-chart='latency'] [aria-live]", "p99").await?;
    for _ in 0..5 {
        page.keys().key_down(Key::Shift).send_keys(Key::Left).key_up(Key::Shift).perform().await?;
    }
    page.press(Key::Enter).await?;
    page.until("keys choose a span too", || async { page.exists("#charts-unzoom").await }).await?;
    page.press(Key::Escape).await?;
    page.until("Escape lets go of it", || async { Ok(!page.exists("#charts-unzoom").await?) }).await?;

    page.click("#charts-table").await?;
    page.until("figures stand in tables", || async { page.exists("[data-chart='latency'] table td").await }).await?;

    page.click("[data-panel='saturation']").await?;
    page.reload().await?;
    page.until("the tab is remembered", || page.exists("[data-panel='saturation'][aria-selected='true']")).await
}

/// Rows of the table of components select them; the heat map tells its percentiles.
pub async fn the_scarcest_part_leads_and_selects(page: Page) -> Told {
    page.open("?users=60000").await?;
    let server = page.component_called("Web server").await?;
    page.until_utilisation(&server, 90.0..=100.0).await?;
    page.click("[data-panel='saturation']").await?;
    page.until("the server stands first", || async {
        Ok(page.attribute(".busiest tbody tr", "data-row").await? == server)
    })
    .await?;
    page.click(".busiest tbody tr .row-button").await?;
    page.until("it is selected", || async { page.exists(".busiest tbody tr.selected").await }).await?;
    page.until_says(".busiest tbody tr", "Cores").await?;
    page.click("[data-panel='latency']").await?;
    page.until("latency spreads", || async {
        let says = page.text("[data-chart='spread'] .legend").await?;
        Ok(says.contains("p99") && !says.contains('–'))
    })
    .await
}

/// One of the slowest requests, and one whose dot is clicked: where its time went.
pub async fn a_trace_tells_why_it_was_slow(page: Page) -> Told {
    page.open("?users=20000").await?;
    page.let_run(4.0).await?;
    page.click("[data-panel='traces']").await?;
    page.click("#play").await?;
    page.until("there are slow requests", || async { page.exists(".trace-line").await }).await?;
    page.click(".trace-line").await?;
    page.until("its calls are shown", || async { Ok(page.attributes(".waterfall .span", "class").await?.len() >= 2) })
        .await?;
    page.until("some held up the answer", || async { page.exists(".waterfall .span.critical").await }).await?;
    let why = page.text(".trace-why").await?;
    if !why.contains('%') || why.contains("traces.") {
        return Err(format!("why it was slow: {why:?}").into());
    }
    let told = page.attribute(".waterfall .span-name", "aria-label").await?;
    if !told.contains("waited") {
        return Err(format!("a span says {told:?}").into());
    }
    page.click("#unpin").await?;
    // The run rests, and so do the dots.
    pick_a_dot(&page, ".trace-why").await
}

/// In slow motion a request is picked while it is under way, and told of once it has ended.
pub async fn a_request_under_way_can_be_picked(page: Page) -> Told {
    page.open("?users=20000").await?;
    page.let_run(1.0).await?;
    page.slide("#speed", Scale::speed().place(0.002)).await?;
    page.until_says(".diagram-legend", "every request").await?;
    page.click("#play").await?;
    pick_a_dot(&page, "#trace:not(:has(#unpin)) [data-under-way], #trace #unpin").await?;
    page.slide("#speed", Scale::speed().place(1.0)).await?;
    page.click("#play").await?;
    page.until("it has ended", || page.exists(".trace-why")).await
}

/// Clicks along the way from the users to the server until a dot has been met.
async fn pick_a_dot(page: &Page, met: &str) -> Told {
    let users = page.component_called("Users").await?;
    let server = page.component_called("Web server").await?;
    let (from, to) = (
        page.middle(&format!("#proxies [data-component='{users}']")).await?,
        page.middle(&format!("#proxies [data-component='{server}']")).await?,
    );
    for part in 0..200 {
        let x = from.0 + (to.0 - from.0) * (part % 50) / 50;
        let y = from.1 + (to.1 - from.1) * (part % 50) / 50 + [0, 6, -6, 12][part as usize / 50];
        page.keys().move_to(x, y).click().perform().await?;
        if page.exists(met).await? {
            return Ok(());
        }
    }
    Err("no dot could be picked".into())
}

/// A line of the log selects what it is about and shows its moment.
pub async fn events_lead_to_their_moment(page: Page) -> Told {
    page.open("?users=2000").await?;
    page.let_run(2.0).await?;
    let database = page.component_called("Database").await?;
    page.click(&format!("#proxies [data-component='{database}']")).await?;
    page.click("#inspector [data-act='kill']").await?;
    page.until_says("#charts", "Database was killed").await?;
    page.until_says("#charts", "Alert").await?;
    page.click("[data-panel='events']").await?;
    page.let_run(3.0).await?;
    let now = page.clock_secs().await?;
    page.until_says(".events li:last-child", "Database was killed").await?;
    page.click(".events li:last-child .event").await?;
    page.until("its moment is shown", || async { Ok(page.clock_secs().await? < now - 1.0) }).await?;
    page.until("and the present can be had again", || async { page.exists("#live:not(:disabled)").await }).await
}

/// Faults are added, pulled, moved by keys, removed and brought back; a point of the curve is dragged.
pub async fn the_script_is_edited_on_a_timeline(page: Page) -> Told {
    page.open("?users=2000").await?;
    page.click("[data-panel='script']").await?;
    page.click("#add-fault").await?;
    let block = ".block[data-block='0']";
    page.until("there is a block", || async { page.exists(block).await }).await?;
    let says = || page.attribute(block, "aria-label");
    let first = says().await?;

    let (x, y) = page.middle(block).await?;
    page.drag((x, y), (x + 90, y)).await?;
    page.until("it is pulled to another time", || async { Ok(says().await? != first) }).await?;
    let pulled = says().await?;
    page.control("z").await?;
    page.until("pulling is undone", || async { Ok(says().await? == first) }).await?;
    page.focus(block).await?;
    page.press(Key::Right).await?;
    page.until("an arrow key moves it", || async { Ok(says().await? != first) }).await?;
    if says().await? == pulled {
        return Err("a key moved it as far as the pointer".into());
    }
    page.press(Key::Delete).await?;
    page.until("it is removed", || async { Ok(!page.exists(block).await?) }).await?;
    page.control("z").await?;
    page.until("and brought back", || async { page.exists(block).await }).await?;

    page.click("#add-point").await?;
    let point = ".point[data-point='2']";
    page.until("the curve has points", || async { page.exists(point).await }).await?;
    let before = page.attribute(point, "aria-label").await?;
    let (x, y) = page.middle(point).await?;
    page.drag((x, y), (x - 60, y + 20)).await?;
    page.until("the point is dragged", || async { Ok(page.attribute(point, "aria-label").await? != before) }).await?;
    page.control("z").await?;
    page.until("and back", || async { Ok(page.attribute(point, "aria-label").await? == before) }).await
}
