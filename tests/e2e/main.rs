//! Stories of the built page in a real browser: what a person does with pointer and keys, and what they then see.
//!
//! `cargo test --test e2e -- [NAME…]` runs the stories whose names contain one of these words, against the page in
//! `dist`; `cargo test --test e2e -- --pictures [panels]` takes pictures instead, `-- --frames` measures how soon the page is there
//! and what its frames cost, `-- --soak MINUTES` whether anything grows while it runs on, and `-- --speed FOLDER` runs
//! the benchmark that `cargo xtask bench` has built into a folder. A story fails on any error in the browser's console,
//! violations of the content security policy included. `CHROMIUM` and `CHROMEDRIVER` name the programs to use.

mod browser;
mod measure;
mod page;
mod pictures;
mod site;
mod speed;
mod stories;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use browser::Browser;
use page::Page;
use site::Site;

/// Anything that makes a story fail, in words.
type Failure = Box<dyn std::error::Error + Send + Sync>;
/// How a story ends.
type Told<T = ()> = Result<T, Failure>;

/// A story that takes longer than this has got stuck.
const LONGEST_STORY: Duration = Duration::from_secs(120);

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.first().map(String::as_str) {
        Some("--pictures") => take_pictures(words.get(1).map(String::as_str)).await,
        Some("--frames") => measure::frames().await,
        Some("--soak") => measure::soak(words.get(1).and_then(|minutes| minutes.parse().ok()).unwrap_or(30.0)).await,
        Some("--speed") => speed::measure(words.get(1)).await,
        _ => tell(&words).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn take_pictures(only: Option<&str>) -> Told {
    let site = Site::open()?;
    let browser = Browser::start()?;
    match only {
        Some("panels") => pictures::take_panels(&browser, &site).await,
        _ => pictures::take(&browser, &site).await,
    }
}

async fn tell(words: &[String]) -> Told {
    let site = Site::open()?;
    let browser = Browser::start()?;
    let chosen: Vec<_> = stories::all()
        .into_iter()
        .filter(|story| words.is_empty() || words.iter().any(|word| story.name.contains(word.as_str())))
        .collect();
    if chosen.is_empty() {
        return Err(format!("no story is called like {words:?}").into());
    }
    let mut failed = Vec::new();
    for story in chosen {
        let start = Instant::now();
        let outcome = tell_one(&story, &browser, &site).await;
        println!(
            "{:>6.1} s  {}  {}",
            start.elapsed().as_secs_f64(),
            if outcome.is_ok() { "ok    " } else { "FAILED" },
            story.name
        );
        if let Err(failure) = outcome {
            println!("          {failure}");
            failed.push(story.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("stories that failed: {}", failed.join(", ")).into()) }
}

async fn tell_one(story: &stories::Story, browser: &Browser, site: &Site) -> Told {
    let page = Page::new(browser.window(1440, 900).await?, site);
    let outcome = match tokio::time::timeout(LONGEST_STORY, (story.tell)(page.clone())).await {
        Ok(outcome) => outcome,
        Err(_) => Err("it got stuck".into()),
    };
    let outcome = match outcome {
        Ok(()) => page.no_complaints().await,
        Err(failure) => {
            // Whoever reads the failure wants to know what the browser complained about, too.
            let complaints =
                page.no_complaints().await.err().map(|more| format!("\n          {more}")).unwrap_or_default();
            Err(format!("{failure}{complaints}").into())
        }
    };
    if outcome.is_err() {
        page.keep_picture(story.name).await?;
    }
    page.close().await?;
    outcome
}
