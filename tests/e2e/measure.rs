//! Measures the built page in the browser: how soon it is there, what a frame costs, and whether anything grows while it
//! runs on. Figures depend on the machine; budgets that do not are checked elsewhere.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;
use thirtyfour::WebDriver;

use crate::Told;
use crate::browser::Browser;
use crate::page::Page;
use crate::site::Site;
use crate::stories::files;
use headroom::editor::scale::Scale;

/// What is put into the page to measure it.
const METER: &str = include_str!("meter.js");
/// How long frames are watched [s].
const WATCHED_SECS: f64 = 20.0;
/// Dots that every request of very many parts is to make at least: with fewer of them frames would prove nothing.
const DOTS: u32 = 5_000;
/// How often the page is started to find the usual time.
const STARTS: usize = 5;

/// What the meter has seen. Shares are the median, 95 %, 99 % and the greatest value [ms].
#[derive(Clone, Debug, Deserialize)]
struct Reading {
    frames: u64,
    cost: [f64; 4],
    whole: [f64; 4],
    gap: [f64; 4],
    missed: u64,
    long_tasks: u64,
    longest_task: f64,
    page_bytes: u64,
    worker_bytes: u64,
}

/// What the browser counts of the page.
#[derive(Clone, Copy, Debug)]
struct Counts {
    listeners: f64,
    nodes: f64,
    heap_bytes: f64,
    script_secs: f64,
}

/// How soon the page is there, and what frames cost with a few and with very many parts.
pub async fn frames() -> Told {
    let site = Site::open()?;
    let browser = Browser::start()?;
    starts(&browser, &site).await?;
    println!("\nFrames over {WATCHED_SECS} s [ms]: median, 95 %, 99 %, greatest");
    for load in [
        Load { name: "starter, in its first state", components: 0, users: "", speed: None },
        Load { name: "50 components, a million users", components: 50, users: "1m", speed: None },
        Load { name: "500 components", components: 500, users: "3m", speed: None },
        Load {
            name: "500 components, every request (exact, 1/100x)",
            components: 500,
            users: "20m",
            speed: Some(0.01),
        },
    ] {
        println!("{}", load.name);
        load.watch(&browser, &site).await?;
        if load.components == 500 {
            load.trace(&browser, &site).await?;
        }
    }
    Ok(())
}

/// A page with so much on it.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    components: usize,
    users: &'static str,
    /// Simulated seconds per second, if not as they are.
    speed: Option<f64>,
}

impl Load {
    /// Puts it on the page.
    async fn begin(self, window: WebDriver, site: &Site) -> Told<Page> {
        let page = open(window, site).await?;
        if self.components > 0 {
            let file = files::write("many.json", many(self.components).as_bytes())?;
            page.choose_file(&file).await?;
            page.until("the file is drawn", || async { Ok(page.components().await?.len() == self.components) }).await?;
            page.enter_users(self.users).await?;
        }
        if let Some(speed) = self.speed {
            page.slide("#speed", Scale::speed().place(speed)).await?;
        }
        pause(6.0).await;
        Ok(page)
    }

    /// Watches its frames by the clock.
    async fn watch(self, browser: &Browser, site: &Site) -> Told {
        let page = self.begin(browser.window(1440, 900).await?, site).await?;
        let before = counts(&page).await?;
        let dots_before = dots(&page).await?;
        page.run::<()>("window.meter.start()").await?;
        pause(WATCHED_SECS).await;
        let reading: Reading = page.run("return window.meter.read()").await?;
        let dots_after = dots(&page).await?;
        let after = counts(&page).await?;
        row("  script of a frame", reading.cost);
        row("  all of a frame", reading.whole);
        row("  from frame to frame", reading.gap);
        println!(
            "  {} frames, {} of them late by more than half a frame; {} long tasks, the longest {:.0} ms; dots at the \
             begin and at the end: {dots_before}, {dots_after}; all script {:.1} % of the time",
            reading.frames,
            reading.missed,
            reading.long_tasks,
            reading.longest_task,
            (after.script_secs - before.script_secs) / WATCHED_SECS * 100.0,
        );
        page.no_complaints().await?;
        page.close().await?;
        if self.speed.is_some() && dots_before.min(dots_after) < DOTS {
            return Err(format!("{}: fewer than {DOTS} dots", self.name).into());
        }
        Ok(())
    }

    /// Sums up what the main thread does for each of its frames, by that thread's own time: what other threads take from
    /// it on a machine of few cores is left out.
    async fn trace(self, browser: &Browser, site: &Site) -> Told {
        let page = self.begin(browser.traced_window(1440, 900).await?, site).await?;
        pause(WATCHED_SECS / 2.0).await;
        let log = page.window().get_log("performance").await?;
        page.no_complaints().await?;
        page.close().await?;
        let mut events: Vec<TraceEvent> = log
            .iter()
            .filter_map(|entry| serde_json::from_str::<Logged>(&entry.message).ok())
            .map(|logged| logged.message.params)
            .filter(|event| DRAWING.contains(&event.name.as_str()))
            .collect();
        events.sort_by(|one, other| one.ts.total_cmp(&other.ts));
        let Some((end, thread)) = events.iter().rfind(|event| event.name == DRAWING[0]).map(|last| (last.ts, last.tid))
        else {
            return Err("the browser has traced no frame".into());
        };
        events.retain(|event| event.tid == thread && event.ts > end - WATCHED_SECS / 2.0 * 1e6);
        let mut frames: Vec<f64> = Vec::new();
        let (mut is_painted, mut begun, mut covered) = (true, 0.0, 0.0);
        for event in &events {
            // What was done within something else is counted there.
            if event.ts < covered {
                continue;
            }
            covered = event.ts + event.dur;
            let is_callback = event.name == DRAWING[0];
            // A frame begins with its callbacks, which come one after the other.
            if is_callback && (is_painted || event.ts - begun > FRAME_APART_US) {
                frames.push(0.0);
                begun = event.ts;
            }
            is_painted = !is_callback;
            if let Some(frame) = frames.last_mut() {
                *frame += event.tdur / 1e3;
            }
        }
        frames.sort_by(f64::total_cmp);
        let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
        row("  main thread's own time", [0.5, 0.95, 0.99, 1.0].map(at));
        judge("frame_ms", at(0.95), "the slowest twentieth of frames takes the main thread")
    }
}

/// What a browser does on its main thread to draw a frame, as its traces call it; the page's callbacks first.
const DRAWING: [&str; 6] = ["FireAnimationFrame", "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize"];
/// Callbacks further apart than this belong to two frames [µs].
const FRAME_APART_US: f64 = 10_000.0;

/// An entry of the log of traces.
#[derive(Deserialize)]
struct Logged {
    message: LoggedMessage,
}

#[derive(Deserialize)]
struct LoggedMessage {
    params: TraceEvent,
}

/// Something that a thread did: when, for how long, and for how much of its own time [µs].
#[derive(Deserialize)]
struct TraceEvent {
    name: String,
    tid: u64,
    ts: f64,
    dur: f64,
    tdur: f64,
}

/// How many dots are under way.
async fn dots(page: &Page) -> Told<u32> {
    Ok(page.attribute(".diagram-dots", "data-dots").await?.parse()?)
}

/// Lets the page run for `minutes` and fails if it grows: memory, listeners, elements, frames that come late.
pub async fn soak(minutes: f64) -> Told {
    let site = Site::open()?;
    let browser = Browser::start()?;
    let page = open(browser.window(1440, 900).await?, &site).await?;
    page.enter_users("10k").await?;
    // Rings fill and pools find their size.
    pause(60.0).await;
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8} {:>10} {:>10}",
        "minute", "page MB", "engine MB", "heap MB", "listeners", "nodes", "late", "p95 ms", "long tasks"
    );
    let (first, begin) = (take(&page).await?, Instant::now());
    let mut rows: Vec<(Counts, Reading)> = Vec::new();
    let every = (minutes * 60.0 / 30.0).clamp(5.0, 60.0);
    while begin.elapsed().as_secs_f64() < minutes * 60.0 {
        page.run::<()>("window.meter.start()").await?;
        pause(every).await;
        let (counts, reading) = take(&page).await?;
        println!(
            "{:>8.1} {:>10.2} {:>10.2} {:>10.2} {:>10} {:>8} {:>8} {:>10.1} {:>10}",
            begin.elapsed().as_secs_f64() / 60.0,
            reading.page_bytes as f64 / 1e6,
            reading.worker_bytes as f64 / 1e6,
            counts.heap_bytes / 1e6,
            counts.listeners,
            counts.nodes,
            reading.missed,
            reading.gap[1],
            reading.long_tasks,
        );
        rows.push((counts, reading));
    }
    page.no_complaints().await?;
    page.close().await?;
    grown(&first, &rows)
}

/// Fails if the later part of a soak is worse than the earlier one.
fn grown(first: &(Counts, Reading), rows: &[(Counts, Reading)]) -> Told {
    let Some((counts, reading)) = rows.last() else { return Err("the soak was too short to tell".into()) };
    let thirds = (rows.len() / 3).max(1);
    let late = |rows: &[(Counts, Reading)]| {
        let frames: u64 = rows.iter().map(|row| row.1.frames).sum();
        rows.iter().map(|row| row.1.missed).sum::<u64>() as f64 / frames.max(1) as f64
    };
    let (early, latest) = (late(&rows[..thirds]), late(&rows[rows.len() - thirds..]));
    println!("frames late: {:.2} % in the first third, {:.2} % in the last", early * 100.0, latest * 100.0);
    let checks = [
        (counts.listeners <= first.0.listeners * 1.1 + 20.0, "listeners have become more"),
        (counts.nodes <= first.0.nodes * 1.2 + 200.0, "elements have become more"),
        (reading.page_bytes <= first.1.page_bytes + (2 << 20), "the page's memory has grown by more than 2 MB"),
        (reading.worker_bytes <= first.1.worker_bytes + (4 << 20), "the engine's memory has grown by more than 4 MB"),
        (counts.heap_bytes <= first.0.heap_bytes + 8e6, "the heap has grown by more than 8 MB"),
        (latest <= 2.0 * early + 0.02, "more frames come late than at the beginning"),
    ];
    let failed: Vec<&str> = checks.iter().filter(|check| !check.0).map(|check| check.1).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ").into()) }
}

/// How long it takes until something is seen and until it moves.
async fn starts(browser: &Browser, site: &Site) -> Told {
    let mut times: Vec<[f64; 3]> = Vec::new();
    for _ in 0..STARTS {
        let page = open(browser.window(1440, 900).await?, site).await?;
        let mark = |name: &'static str| {
            let page = page.clone();
            async move {
                page.find(name, || async {
                    page.run::<Option<f64>>(&format!("return window.meter.mark('{name}')")).await
                })
                .await
            }
        };
        times.push([
            mark("first-contentful-paint").await?,
            mark("headroom-picture").await?,
            mark("headroom-dot").await?,
        ]);
        page.close().await?;
    }
    println!("From the start of loading, the median of {STARTS} [ms]:");
    let mut median = 0.0;
    for (position, name) in ["first paint", "the diagram", "first moving dot"].into_iter().enumerate() {
        let mut values: Vec<f64> = times.iter().map(|time| time[position]).collect();
        values.sort_by(f64::total_cmp);
        median = values[values.len() / 2];
        println!("  {name:<20} {median:>8.0}");
    }
    judge_first_dot(median)
}

/// Fails if the first dot moves after so long a time [ms] that it is over its budget.
pub fn judge_first_dot(taken_ms: f64) -> Told {
    judge("first_dot_ms", taken_ms, "the first dot moves after")
}

/// Fails if what was measured [ms] is over the budget of that name.
fn judge(name: &str, taken_ms: f64, what: &str) -> Told {
    let most = include_str!("../../xtask/budget.txt").lines().find_map(|line| line.strip_prefix(name));
    let most: f64 = most.ok_or_else(|| format!("xtask/budget.txt has no number for {name}"))?.trim().parse()?;
    if taken_ms > most {
        return Err(format!("{what} {taken_ms:.1} ms; at most {most:.0} in xtask/budget.txt").into());
    }
    Ok(())
}

/// A page with the meter in it.
async fn open(window: WebDriver, site: &Site) -> Told<Page> {
    window.cdp().send_raw("Performance.enable", json!({})).await?;
    window.cdp().send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": METER })).await?;
    let page = Page::new(window, site);
    page.open("").await?;
    Ok(page)
}

async fn take(page: &Page) -> Told<(Counts, Reading)> {
    let window = page.window();
    window.cdp().send_raw("HeapProfiler.collectGarbage", json!({})).await?;
    Ok((counts(page).await?, page.run("return window.meter.read()").await?))
}

async fn counts(page: &Page) -> Told<Counts> {
    let metrics = page.window().cdp().send_raw("Performance.getMetrics", json!({})).await?;
    let of = |name: &str| {
        let entry = metrics["metrics"].as_array()?.iter().find(|metric| metric["name"] == name)?;
        entry["value"].as_f64()
    };
    let of = |name: &str| of(name).ok_or_else(|| format!("the browser does not count {name}"));
    Ok(Counts {
        listeners: of("JSEventListeners")?,
        nodes: of("Nodes")?,
        heap_bytes: of("JSHeapUsedSize")?,
        script_secs: of("ScriptDuration")?,
    })
}

async fn pause(secs: f64) {
    tokio::time::sleep(Duration::from_secs_f64(secs)).await;
}

/// A design of so many components, a multiple of 25: cells of users, a balancer, 16 servers, 3 caches, 4 databases.
pub fn many(components: usize) -> String {
    let mut parts = Vec::new();
    let mut links = Vec::new();
    let cells = components / 25;
    let across = (cells as f64).sqrt().ceil() as usize;
    for cell in 0..cells {
        let (left, top) = ((cell % across) as f64 * 1250.0, (cell / across) as f64 * 1150.0);
        let mut part = |kind: &str, number: usize, column: f64, row: f64| {
            let name = format!("{} {}", kind.replace('_', " "), cell * 16 + number);
            let at = [left + column * 272.0, top + row * 128.0];
            parts.push(json!({ "kind": kind, "name": name, "at": at }));
            name
        };
        let users = part("users", 1, 0.0, 3.5);
        let balancer = part("load_balancer", 1, 1.0, 3.5);
        let servers: Vec<String> = (0..16)
            .map(|server| part("server", server + 1, 2.0 + (server / 8) as f64 * 0.75, (server % 8) as f64))
            .collect();
        let stores: Vec<String> = (0..3)
            .map(|cache| ("cache", cache))
            .chain((0..4).map(|database| ("sql_database", database)))
            .enumerate()
            .map(|(row, (kind, number))| part(kind, number + 1, 3.75, row as f64 + 0.5))
            .collect();
        links.push(json!({ "from": users, "to": balancer }));
        for (position, server) in servers.iter().enumerate() {
            links.push(json!({ "from": balancer, "to": server }));
            links.push(json!({ "from": server, "to": stores[position % 3] }));
            links.push(json!({ "from": server, "to": stores[3 + position % 4] }));
        }
    }
    json!({ "headroom": 1, "title": "Many parts", "users": 1_000_000, "components": parts, "links": links }).to_string()
}

fn row(name: &str, [median, p95, p99, greatest]: [f64; 4]) {
    println!("{name:<24} {median:>7.2} {p95:>7.2} {p99:>7.2} {greatest:>7.1}");
}
