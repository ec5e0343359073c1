//! What axe finds wrong, and what a screen reader meets.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::json;
use thirtyfour::prelude::*;

use crate::Told;
use crate::browser::{prefer_scheme, resize};
use crate::page::Page;

/// Rules that axe follows: those of WCAG 2.2, levels A and AA, and its own of good practice.
const RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] })
        .then((results) => done(results.violations.map((v) => ({
            id: v.id, help: v.help, nodes: v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')) }))))
        .catch((error) => done([{ id: 'error', help: String(error), nodes: [] }]));";

#[derive(Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<String>,
}

/// Opens the page in light or dark, with axe in it.
async fn open_with(page: &Page, axe: &str, scheme: &str) -> Told {
    prefer_scheme(page.window(), scheme).await?;
    resize(page.window(), 1440, 900).await?;
    page.open("").await?;
    page.window().execute(axe, vec![]).await?;
    Ok(())
}

/// Nothing that axe knows of is wrong: in light and dark, with panels, menu, search and help, wide and narrow.
pub async fn axe_finds_nothing_wrong(page: Page) -> Told {
    let axe = std::fs::read_to_string(axe()?)?;
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        open_with(&page, &axe, scheme).await?;
        page.let_run(1.0).await?;
        wrong.extend(found(&page, scheme, "opened").await?);
        let server = page.component_called("Web server").await?;
        page.click(&format!("#proxies [data-component='{server}']")).await?;
        wrong.extend(found(&page, scheme, "server selected").await?);
        page.control("g").await?;
        page.until("there is a frame", || page.exists("[data-frame]")).await?;
        wrong.extend(found(&page, scheme, "frame selected").await?);
        page.right_click(page.middle(&format!("#proxies [data-component='{server}']")).await?).await?;
        page.until("the menu is open", || page.exists(".menu")).await?;
        wrong.extend(found(&page, scheme, "menu").await?);
        page.press(Key::Escape).await?;
        page.control("k").await?;
        page.until("the search is open", || page.exists("#search[open]")).await?;
        wrong.extend(found(&page, scheme, "search").await?);
        page.press(Key::Escape).await?;
        page.click("#help").await?;
        page.until("the keys are shown", || page.exists(".help[open]")).await?;
        wrong.extend(found(&page, scheme, "help").await?);
        page.press(Key::Escape).await?;
        for tab in page.attributes("[data-panel]", "data-panel").await? {
            page.click(&format!("[data-panel='{tab}']")).await?;
            match tab.as_str() {
                "script" => {
                    page.click("#add-fault").await?;
                    page.click("#add-point").await?;
                }
                "traces" => {
                    page.until("there are slow requests", || page.exists(".trace-line")).await?;
                    page.click(".trace-line").await?;
                }
                _ => {}
            }
            wrong.extend(found(&page, scheme, &tab).await?);
        }
        resize(page.window(), 390, 844).await?;
        page.let_run(0.5).await?;
        wrong.extend(found(&page, scheme, "phone").await?);
    }
    verdict(wrong)
}

/// The same of all that is not the playground itself: lessons, tasks and their report, dialogs, an empty drawing, the
/// sheets of a phone, and a page inside another.
pub async fn axe_finds_nothing_wrong_in_lessons_tasks_and_dialogs(page: Page) -> Told {
    let axe = std::fs::read_to_string(axe()?)?;
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        open_with(&page, &axe, scheme).await?;
        for (button, dialog) in [("#share", "#share-dialog"), ("#designs", "#designs-dialog")] {
            page.click(button).await?;
            let (is_open, is_late) = (format!("{dialog}[open]"), format!("{dialog} .later"));
            page.until("the dialog is open", || page.exists(&is_open)).await?;
            page.until("it has been fetched", || async { Ok(!page.exists(&is_late).await?) }).await?;
            wrong.extend(found(&page, scheme, dialog).await?);
            page.press(Key::Escape).await?;
        }
        page.click("[data-mode='learn'].mode").await?;
        page.until("there are journeys", || page.exists("[data-journey]")).await?;
        wrong.extend(found(&page, scheme, "journeys").await?);
        page.click("[data-journey='first-million']").await?;
        page.until("there is a stage", || page.exists("#stage-title")).await?;
        wrong.extend(found(&page, scheme, "a stage").await?);
        page.click("[data-mode='interview'].mode").await?;
        page.until("there are tasks", || page.exists("[data-interview]")).await?;
        wrong.extend(found(&page, scheme, "tasks").await?);
        page.click("[data-interview='url-shortener']").await?;
        page.until("the task can be begun", || page.exists("#start-interview")).await?;
        wrong.extend(found(&page, scheme, "a task").await?);
        page.click("[data-mode='play'].mode").await?;
        page.until("the own design is back", || async { Ok(page.components().await?.len() > 1) }).await?;
        resize(page.window(), 390, 844).await?;
        for sheet in page.texts(".sheet-tabs .sheet-tab").await? {
            page.click_button(".sheet-tabs", &sheet).await?;
            wrong.extend(found(&page, scheme, &sheet).await?);
        }
        resize(page.window(), 1440, 900).await?;
        page.open_empty().await?;
        page.window().execute(&axe, vec![]).await?;
        wrong.extend(found(&page, scheme, "nothing drawn").await?);
        page.open("?embed=1").await?;
        page.window().execute(&axe, vec![]).await?;
        wrong.extend(found(&page, scheme, "inside another page").await?);
        page.forget_everything().await?;
    }
    verdict(wrong)
}

fn verdict(mut wrong: Vec<String>) -> Told {
    wrong.dedup();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n          ").into()) }
}

async fn found(page: &Page, scheme: &str, state: &str) -> Told<Vec<String>> {
    let violations: Vec<Violation> = page.window().execute_async(RUN, vec![]).await?.convert()?;
    Ok(violations
        .into_iter()
        .map(|one| format!("{scheme}, {state}: {} ({}): {}", one.id, one.help, one.nodes.join(" | ")))
        .collect())
}

/// The file of axe-core: where the variable AXE says, else where `cargo xtask setup` puts it.
fn axe() -> Told<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    folder("AXE")
        .or_else(|| cache.map(|cache| cache.join("headroom-tools/axe-core/node_modules/axe-core/axe.min.js")))
        .filter(|file| file.is_file())
        .ok_or_else(|| "axe-core is missing: `cargo xtask setup` installs it, or AXE says where it is".into())
}

/// The diagram as a screen reader meets it, with live figures left out.
pub async fn a_screen_reader_meets_the_diagram_as_a_list(page: Page) -> Told {
    page.open("?autoplay=0").await?;
    page.until("all parts are there", || async { Ok(page.components().await?.len() == 4) }).await?;
    let server = page.component_called("Web server").await?;
    page.click(&format!("#proxies [data-component='{server}']")).await?;
    page.control("g").await?;
    page.until("there is a frame", || page.exists("[data-frame]")).await?;
    let tree = tree(&page).await?;
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/golden/tree.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(golden.parent().expect("it has a folder"))?;
        std::fs::write(&golden, &tree)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(&golden)?;
    if tree == expected {
        return Ok(());
    }
    let first = tree.lines().zip(expected.lines()).find(|(now, before)| now != before);
    Err(format!("the tree differs from {} (UPDATE_GOLDEN=1 rewrites it), first in {first:?}", golden.display()).into())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    node_id: String,
    #[serde(default)]
    ignored: bool,
    role: Option<Value>,
    name: Option<Value>,
    #[serde(default)]
    child_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Value {
    #[serde(default)]
    value: serde_json::Value,
}

impl Node {
    fn says(value: &Option<Value>) -> &str {
        value.as_ref().and_then(|value| value.value.as_str()).unwrap_or_default()
    }
}

/// Roles and names of everything in the diagram, one a line, indented; digits as `#`.
async fn tree(page: &Page) -> Told<String> {
    page.window().cdp().send_raw("Accessibility.enable", json!({})).await?;
    let answer = page.window().cdp().send_raw("Accessibility.getFullAXTree", json!({})).await?;
    let nodes: Vec<Node> = serde_json::from_value(answer["nodes"].clone())?;
    let main = nodes.iter().find(|node| Node::says(&node.role) == "main").ok_or("the page has no main part")?;
    let mut lines = String::new();
    write(main, &nodes, 0, &mut lines);
    Ok(lines)
}

fn write(node: &Node, nodes: &[Node], depth: usize, lines: &mut String) {
    let (role, name) = (Node::says(&node.role), Node::says(&node.name));
    // What only groups says nothing.
    let is_silent = node.ignored || matches!(role, "none" | "generic" | "InlineTextBox" | "StaticText");
    if !is_silent {
        let name: String = name.chars().map(|letter| if letter.is_ascii_digit() { '#' } else { letter }).collect();
        lines.push_str(&format!("{}{role} {name:?}\n", "  ".repeat(depth)));
    }
    for id in &node.child_ids {
        if let Some(child) = nodes.iter().find(|child| child.node_id == *id) {
            write(child, nodes, depth + usize::from(!is_silent), lines);
        }
    }
}
