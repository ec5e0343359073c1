//! ChromeDriver as a process of ours, and browser windows from it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use thirtyfour::common::capabilities::chrome::ChromeCapabilities;
use thirtyfour::common::log::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

use crate::Told;

/// A running ChromeDriver; it ends with this value.
pub struct Browser {
    process: Child,
    port: u16,
}

impl Browser {
    /// Starts ChromeDriver on a free port.
    pub fn start() -> Told<Self> {
        let program = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut process =
            Command::new(&program)
                .arg("--port=0")
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| format!("{program}: {error}; `cargo xtask setup` installs what is missing"))?;
        let mut said = BufReader::new(process.stdout.take().expect("its output is piped")).lines();
        // "ChromeDriver was started successfully on port 38213."
        let port = said
            .find_map(|line| line.ok()?.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .ok_or_else(|| format!("{program} did not start"))?;
        // Read to the end, so that it never waits for a reader.
        std::thread::spawn(move || said.for_each(drop));
        Ok(Self { process, port })
    }

    /// A window of a browser without a past, with this inner size [px].
    pub async fn window(&self, width: u32, height: u32) -> Told<WebDriver> {
        self.window_with(width, height, |_| Ok(())).await
    }

    /// The same, and the browser notes what its main thread does; see [`WebDriver::get_log`] of `performance`.
    pub async fn traced_window(&self, width: u32, height: u32) -> Told<WebDriver> {
        let noted = serde_json::json!({
            "traceCategories": "devtools.timeline",
            "enableNetwork": false,
            "enablePage": false,
        });
        self.window_with(width, height, |capabilities| {
            capabilities.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
            capabilities.add_experimental_option("perfLoggingPrefs", noted)?;
            Ok(())
        })
        .await
    }

    async fn window_with(
        &self,
        width: u32,
        height: u32,
        wish: impl FnOnce(&mut ChromeCapabilities) -> Told,
    ) -> Told<WebDriver> {
        let mut capabilities = DesiredCapabilities::chrome();
        if let Ok(program) = std::env::var("CHROMIUM") {
            capabilities.set_binary(&program)?;
        }
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"] {
            capabilities.add_arg(argument)?;
        }
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        wish(&mut capabilities)?;
        let window = WebDriver::new(format!("http://127.0.0.1:{}", self.port), capabilities).await?;
        resize(&window, width, height).await?;
        Ok(window)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Gives the page exactly this many pixels, whatever the window's frame takes.
pub async fn resize(window: &WebDriver, width: u32, height: u32) -> Told {
    let metrics =
        serde_json::json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
    window.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
    Ok(())
}

/// Lets the page believe that the person prefers light or dark.
pub async fn prefer_scheme(window: &WebDriver, scheme: &str) -> Told {
    let features = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    window.cdp().send_raw("Emulation.setEmulatedMedia", features).await?;
    Ok(())
}
