//! The page is there soon, and the engine works beside it, not in it.

use crate::page::Page;
use crate::{Told, measure};

/// Longest that half of the frames may take under load [ms]. A frame takes 16.7 ms where nothing is in the way. The slow
/// ones are told but not judged: whatever else the machine does makes them, too.
const MEDIAN_LIMIT_MS: f64 = 34.0;

/// From the click on a link to a request on its way, within the budget.
pub async fn the_first_dot_moves_soon(page: Page) -> Told {
    page.open("").await?;
    let look = "return performance.getEntriesByName('headroom-dot')[0]?.startTime ?? null";
    let taken_ms = page.find("a dot moves", || async { page.run::<Option<f64>>(look).await }).await?;
    println!("          the first dot moves after {taken_ms:.0} ms");
    measure::judge_first_dot(taken_ms)
}

/// A million users at full speed: the simulation cannot keep up, the page still answers.
pub async fn the_page_keeps_its_frames_under_load(page: Page) -> Told {
    page.open("?users=1000000&speed=10").await?;
    page.let_run(0.5).await?;
    let mut frames: Vec<f64> = page
        .window()
        .execute_async(
            "const done = arguments[0], taken = []; let last = performance.now();
             const frame = (now) => {
                 taken.push(now - last); last = now;
                 if (taken.length < 180) requestAnimationFrame(frame); else done(taken.slice(2));
             };
             requestAnimationFrame(frame);",
            Vec::new(),
        )
        .await?
        .convert()?;
    frames.sort_by(f64::total_cmp);
    let percentile = |share: f64| frames[(frames.len() as f64 * share) as usize];
    let (median, p95) = (percentile(0.5), percentile(0.95));
    println!("          time between frames under load: median {median:.1} ms, p95 {p95:.1} ms");
    if median > MEDIAN_LIMIT_MS {
        return Err(format!("half of the frames took more than {median:.1} ms").into());
    }
    Ok(())
}
