//! Looking around, and the gestures that other editors have taught people: wheel, space, middle button, pen, double
//! click, borders, map.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::Told;
use crate::page::{Page, Point};

/// A pointer of another sort than the left button of a mouse.
#[derive(Clone, Copy)]
enum Pointer {
    /// The wheel, pressed.
    MiddleButton,
    /// A pen.
    Pen,
}

/// Presses, moves in steps and lets go.
async fn drag_by(page: &Page, pointer: Pointer, from: Point, to: Point) -> Told {
    const STEPS: i64 = 8;
    let (button, buttons, sort) = match pointer {
        Pointer::MiddleButton => ("middle", 4, "mouse"),
        Pointer::Pen => ("left", 1, "pen"),
    };
    let at = |step: i64| (from.0 + (to.0 - from.0) * step / STEPS, from.1 + (to.1 - from.1) * step / STEPS);
    let send = async |what: &str, (x, y): Point, buttons: u32| -> Told {
        let event = json!({
            "type": what, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1, "pointerType": sort,
        });
        page.window().cdp().send_raw("Input.dispatchMouseEvent", event).await?;
        Ok(())
    };
    send("mouseMoved", from, 0).await?;
    send("mousePressed", from, buttons).await?;
    for step in 1..=STEPS {
        send("mouseMoved", at(step), buttons).await?;
    }
    send("mouseReleased", to, 0).await
}

/// The wheel zooms about the pointer; Space, the middle button and the hand move the view, and nothing of the drawing.
pub async fn the_view_follows_wheel_space_middle_button_and_hand(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    let (before, width) = (page.middle(&proxy).await?, page.width(&proxy).await?);
    page.turn_wheel_over(&proxy, -240).await?;
    page.until("the card has grown", || async { Ok(page.width(&proxy).await? > width) }).await?;
    let (x, y) = page.middle(&proxy).await?;
    if (x - before.0).abs() > 3 || (y - before.1).abs() > 3 {
        return Err(format!("what is under the pointer went from {before:?} to {:?}", (x, y)).into());
    }
    let ground = page.on_canvas(0.5, 0.9).await?;
    let moved_by = async |from: Point, wanted: Point| -> Told {
        page.until("the view has moved", || async {
            let (x, y) = page.middle(&proxy).await?;
            Ok((x - from.0 - wanted.0).abs() <= 2 && (y - from.1 - wanted.1).abs() <= 2)
        })
        .await
    };
    let from = page.middle(&proxy).await?;
    drag_by(&page, Pointer::MiddleButton, ground, (ground.0 + 60, ground.1 - 40)).await?;
    moved_by(from, (60, -40)).await?;
    let from = page.middle(&proxy).await?;
    page.keys()
        .key_down(' ')
        .move_to(from.0, from.1)
        .click_and_hold()
        .move_to(from.0 - 20, from.1 + 10)
        .move_to(from.0 - 50, from.1 + 30)
        .release()
        .key_up(' ')
        .perform()
        .await?;
    moved_by(from, (-50, 30)).await?;
    page.focus("#canvas").await?;
    page.keys().send_keys("h").perform().await?;
    let from = page.middle(&proxy).await?;
    page.drag(from, (from.0 + 30, from.1 - 30)).await?;
    moved_by(from, (30, -30)).await?;
    page.keys().send_keys("v").perform().await?;
    // All that was the view: there is nothing to take back.
    if !page.exists("#undo:disabled").await? {
        return Err("the drawing has been changed".into());
    }
    Ok(())
}

/// A pen moves a card; a double click names it, or adds a part where nothing is.
pub async fn a_pen_moves_and_a_double_click_names_and_adds(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    let (x, y) = page.middle(&proxy).await?;
    drag_by(&page, Pointer::Pen, (x, y), (x + 10, y + 70)).await?;
    page.until("the pen has moved it", || async { Ok(page.middle(&proxy).await?.1 > y + 40) }).await?;
    let (x, y) = page.middle(&proxy).await?;
    page.keys().move_to(x, y).double_click().perform().await?;
    page.until("it can be named", || page.exists(".rename")).await?;
    page.control("a").await?;
    page.keys().send_keys("Shop").send_keys(Key::Enter).perform().await?;
    page.component_called("Shop").await?;
    let (x, y) = page.on_canvas(0.1, 0.9).await?;
    page.keys().move_to(x, y).double_click().perform().await?;
    page.until("a part can be looked for", || page.exists("#search[open]")).await?;
    page.keys().send_keys("cdn").send_keys(Key::Enter).perform().await?;
    page.component_called("CDN").await.map(drop)
}

/// A frame is resized by its border, and the map moves the view.
pub async fn a_border_resizes_and_the_map_moves_the_view(page: Page) -> Told {
    page.open("").await?;
    let server = page.component_called("Web server").await?;
    let proxy = format!("#proxies [data-component='{server}']");
    page.click(&proxy).await?;
    page.control("g").await?;
    page.until("there is a frame", || page.exists("[data-frame]")).await?;
    let right: f64 =
        page.run("return document.querySelector('#proxies [data-frame]').getBoundingClientRect().right").await?;
    let width = async || -> Told<String> { page.value("#inspector [data-field='extent'] input").await };
    let before = width().await?;
    // Beside the link that crosses the border in its middle.
    let border = (right.round() as i64, page.middle(&proxy).await?.1 + 45);
    page.drag(border, (border.0 + 40, border.1)).await?;
    page.until("it is wider", || async { Ok(width().await? != before) }).await?;
    page.press(Key::Escape).await?;
    for _ in 0..6 {
        page.click("[data-command='zoom_in']").await?;
    }
    page.until("there is a map", || page.exists("#minimap")).await?;
    // It may have left the sight by now.
    let left = format!("return document.querySelector(\"{proxy}\").getBoundingClientRect().left");
    let from: f64 = page.run(&left).await?;
    let (x, y) = page.middle("#minimap").await?;
    page.drag((x, y), (x - 25, y)).await?;
    page.until("the view has moved", || async { Ok(page.run::<f64>(&left).await? > from + 40.0) }).await
}
