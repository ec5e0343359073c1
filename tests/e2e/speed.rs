//! Runs the benchmark in a worker of the browser, and prints what it posts.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Told;
use crate::browser::Browser;
use crate::site::Site;

/// How long it may take until the next line.
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs the benchmark in `folder`.
pub async fn measure(folder: Option<&String>) -> Told {
    let folder = folder.ok_or("`--speed` needs the folder that `cargo xtask bench` has built")?;
    let site = Site::serve(PathBuf::from(folder))?;
    let browser = Browser::start()?;
    let window = browser.window(800, 600).await?;
    window.goto(site.page("")).await?;
    let mut seen = 0;
    let mut last = Instant::now();
    let outcome = loop {
        let lines = window.execute("return window.lines.slice(arguments[0])", vec![seen.into()]).await?;
        let lines: Vec<Option<String>> = lines.convert()?;
        if !lines.is_empty() {
            last = Instant::now();
        }
        seen += lines.len();
        lines.iter().flatten().for_each(|line| println!("{line}"));
        if lines.iter().any(Option::is_none) {
            break Ok(());
        }
        if last.elapsed() > PATIENCE {
            break Err("the benchmark has got stuck".into());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    window.quit().await?;
    outcome
}
