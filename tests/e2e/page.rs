//! The page as a person has it before them: what they read, where they point, what they type. Nothing here calls the
//! page's functions; script is used to read only.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::json;
use thirtyfour::action_chain::ActionChain;
use thirtyfour::prelude::*;

use crate::site::Site;
use crate::{Failure, Told};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often to look whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A place in the window [px].
pub type Point = (i64, i64);

/// A window with the page in it.
#[derive(Clone)]
pub struct Page {
    window: WebDriver,
    /// Addresses to open.
    pub addresses: Addresses,
    /// Parts of console messages that a story expects.
    expected: Arc<Mutex<Vec<&'static str>>>,
}

/// Where the test's host has what.
#[derive(Clone)]
pub struct Addresses {
    /// Ours.
    pub page: String,
    /// The page without its WebAssembly.
    pub broken: String,
    /// The page whose pieces do not come at the first try.
    pub shaky: String,
    /// A page that embeds ours.
    pub host: String,
    /// A long article with ours in the middle.
    pub article: String,
    /// A page that talks with ours.
    pub talk: String,
    /// A page of the same host with nothing on it.
    pub blank: String,
}

impl Page {
    /// A window where nothing is open yet.
    pub fn new(window: WebDriver, site: &Site) -> Self {
        let addresses = Addresses {
            page: site.page(""),
            broken: site.broken_page(),
            shaky: site.shaky_page(),
            host: site.host(),
            article: site.article(),
            talk: site.talk(),
            blank: site.blank(),
        };
        Self { window, addresses, expected: Arc::default() }
    }

    /// The window.
    pub const fn window(&self) -> &WebDriver {
        &self.window
    }

    /// Opens the page with a query or a fragment, which begins with `?` or `#` or is empty, and waits until it runs.
    pub async fn open(&self, query: &str) -> Told {
        self.window.goto(format!("{}{query}", self.addresses.page)).await?;
        self.until_running().await
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Told {
        self.window.refresh().await?;
        self.until_running().await
    }

    /// Waits until the page has taken the place of the loading message, with all that stands around the diagram.
    pub async fn until_running(&self) -> Told {
        self.until("the page starts", || async {
            let is_here = self.exists("#boot[hidden]").await? && self.exists("#canvas ~ #proxies").await?;
            Ok(is_here && !self.exists(".later").await?)
        })
        .await
    }

    /// Waits until `holds` says so.
    pub async fn until<F: Future<Output = Told<bool>>>(&self, what: &str, mut holds: impl FnMut() -> F) -> Told {
        self.find(what, || {
            let holds = holds();
            async move { Ok(holds.await?.then_some(())) }
        })
        .await
    }

    /// Waits until `look` finds something.
    pub async fn find<T, F: Future<Output = Told<Option<T>>>>(
        &self,
        what: &str,
        mut look: impl FnMut() -> F,
    ) -> Told<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = look().await;
            match seen {
                Ok(Some(found)) => return Ok(found),
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(LOOK_EVERY).await,
                Ok(None) => return Err(format!("waited in vain until {what}").into()),
                Err(failure) => return Err(format!("while waiting until {what}: {failure}").into()),
            }
        }
    }

    /// The value of a script's expression; `arguments[0]` is the selector.
    async fn read<T: DeserializeOwned>(&self, expression: &str, selector: &str) -> Told<T> {
        let script = format!("const element = document.querySelector(arguments[0]); return {expression};");
        Ok(self.window.execute(script, vec![json!(selector)]).await?.convert()?)
    }

    /// Runs a script and gives what it returns.
    pub async fn run<T: DeserializeOwned>(&self, script: &str) -> Told<T> {
        Ok(self.window.execute(script, Vec::new()).await?.convert()?)
    }

    /// Moves a slider to a place on its scale.
    pub async fn slide(&self, selector: &str, place: f64) -> Told {
        let script = "const slider = document.querySelector(arguments[0]); slider.value = arguments[1]; \
                      slider.dispatchEvent(new Event('input', { bubbles: true }));";
        self.window.execute(script, vec![json!(selector), json!(place)]).await?;
        Ok(())
    }

    /// Whether there is such an element.
    pub async fn exists(&self, selector: &str) -> Told<bool> {
        self.read("element !== null", selector).await
    }

    /// What an element says; empty if it is not there.
    pub async fn text(&self, selector: &str) -> Told<String> {
        self.read("element ? element.textContent.trim() : ''", selector).await
    }

    /// The value of a field; empty if it is not there.
    pub async fn value(&self, selector: &str) -> Told<String> {
        self.read("element ? String(element.value) : ''", selector).await
    }

    /// An attribute; empty if it is not there.
    pub async fn attribute(&self, selector: &str, name: &str) -> Told<String> {
        self.read(&format!("element ? (element.getAttribute({name:?}) ?? '') : ''"), selector).await
    }

    /// This attribute of all such elements.
    pub async fn attributes(&self, selector: &str, name: &str) -> Told<Vec<String>> {
        let expression =
            format!("[...document.querySelectorAll(arguments[0])].map((e) => e.getAttribute({name:?}) ?? '')");
        self.read(&expression, selector).await
    }

    /// The identities of the components on the drawing.
    pub async fn components(&self) -> Told<Vec<String>> {
        self.attributes("#proxies [data-component]", "data-component").await
    }

    /// The identities of the links on the drawing.
    pub async fn links(&self) -> Told<Vec<String>> {
        self.attributes("#proxies [data-link]", "data-link").await
    }

    /// The name of a component, with its live figures, as a screen reader says it.
    pub async fn component_says(&self, id: &str) -> Told<String> {
        self.attribute(&format!("#proxies [data-component='{id}']"), "aria-label").await
    }

    /// The utilisation that a component's name tells, in per cent; `None` if it tells none.
    pub async fn utilisation(&self, id: &str) -> Told<Option<f64>> {
        let said = self.component_says(id).await?;
        let before = said.split_once('%').map(|(before, _)| before.trim_end());
        Ok(before.and_then(|before| {
            before.rsplit(|letter: char| !letter.is_ascii_digit() && letter != '.').next()?.parse().ok()
        }))
    }

    /// Waits until a component's utilisation [%] lies in the range.
    pub async fn until_utilisation(&self, id: &str, range: std::ops::RangeInclusive<f64>) -> Told {
        self.until(&format!("the utilisation of {id} lies in {range:?} %"), || async {
            Ok(self.utilisation(id).await?.is_some_and(|per_cent| range.contains(&per_cent)))
        })
        .await
    }

    /// Waits until an element's text has these words.
    pub async fn until_says(&self, selector: &str, words: &str) -> Told {
        self.until(&format!("{selector} says {words:?}"), || async { Ok(self.text(selector).await?.contains(words)) })
            .await
    }

    /// The component whose name begins with these words.
    pub async fn component_called(&self, name: &str) -> Told<String> {
        self.find(&format!("there is a component called {name:?}"), || async {
            for id in self.components().await? {
                if self.component_says(&id).await?.starts_with(name) {
                    return Ok(Some(id));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Simulated time on the page's clock [s].
    pub async fn clock_secs(&self) -> Told<f64> {
        let shown = self.text("#clock").await?;
        let parts: Option<Vec<f64>> =
            shown.trim_end_matches(" s").split(':').map(|part| part.trim().parse().ok()).collect();
        let parts = parts.ok_or_else(|| format!("the clock shows {shown:?}"))?;
        Ok(parts.into_iter().fold(0.0, |sum, part| sum * 60.0 + part))
    }

    /// Waits until the clock has gone on by `secs`.
    pub async fn let_run(&self, secs: f64) -> Told {
        let start = self.clock_secs().await?;
        self.until(&format!("the clock goes on by {secs} s"), || async { Ok(self.clock_secs().await? >= start + secs) })
            .await
    }

    /// Users that the page simulates, as its field shows them.
    pub async fn users(&self) -> Told<u64> {
        let shown = self.value("#users-entry").await?;
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        digits.parse().map_err(|_| format!("the field for users shows {shown:?}").into())
    }

    /// Types a number of users, as a person does.
    pub async fn enter_users(&self, users: &str) -> Told {
        self.click("#users-entry").await?;
        self.keys().key_down(Key::Control).send_keys("a").key_up(Key::Control).perform().await?;
        self.keys().send_keys(users).send_keys(Key::Enter).perform().await?;
        Ok(())
    }

    /// Pointer and keys, at a person's quick pace.
    pub fn keys(&self) -> ActionChain {
        self.window.action_chain_with_delay(None, Some(Duration::from_millis(16)))
    }

    /// Presses a key with Control held.
    pub async fn control(&self, key: &str) -> Told {
        Ok(self.keys().key_down(Key::Control).send_keys(key).key_up(Key::Control).perform().await?)
    }

    /// Presses keys where the focus is.
    pub async fn press(&self, key: Key) -> Told {
        Ok(self.keys().send_keys(key).perform().await?)
    }

    /// Gives an element the focus, as the Tab key would after some presses.
    pub async fn focus(&self, selector: &str) -> Told {
        let focused: bool =
            self.read("(element?.focus(), element !== null && document.activeElement === element)", selector).await?;
        if focused { Ok(()) } else { Err(format!("{selector} cannot be focused").into()) }
    }

    /// The middle of an element, once it is where a pointer reaches it.
    pub async fn middle(&self, selector: &str) -> Told<Point> {
        let expression = "(() => {
            if (!element) return [null, 'it is not there'];
            let box = element.getBoundingClientRect();
            const is_outside = (box) => box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth;
            if (is_outside(box)) {
                element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
                box = element.getBoundingClientRect();
            }
            const [x, y] = [Math.round(box.left + box.width / 2), Math.round(box.top + box.height / 2)];
            const hit = document.elementFromPoint(x, y);
            // The elements that stand for parts of the diagram let the pointer through to it.
            const diagram = element.closest('#proxies') && document.getElementById('canvas').parentElement;
            const reached = hit !== null && (element.contains(hit) || hit.contains(element) || diagram?.contains(hit));
            if (reached && box.width > 0) return [[x, y], ''];
            // What a panel has scrolled out of its sight is scrolled to, and looked for again.
            if (!diagram) element.scrollIntoView({ block: 'center', inline: 'nearest' });
            return [null, hit ? hit.outerHTML.slice(0, 120) + ' is over it' : 'it is outside the window'];
        })()";
        let mut hindrance = String::new();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let (point, why): (Option<Point>, String) = self.read(expression, selector).await?;
            if let Some(point) = point {
                return Ok(point);
            }
            hindrance = why;
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(format!("the pointer does not reach {selector}: {hindrance}").into())
    }

    /// The width of an element [px].
    pub async fn width(&self, selector: &str) -> Told<i64> {
        let width: f64 = self.read("element ? element.getBoundingClientRect().width : 0", selector).await?;
        Ok(width as i64)
    }

    /// The link from a component to another, by their names.
    pub async fn link_between(&self, from: &str, to: &str) -> Told<String> {
        self.find(&format!("there is a link from {from} to {to}"), || async {
            let says = self.attributes("#proxies [data-link]", "aria-label").await?;
            let position = says.iter().position(|says| says.contains(&format!("from {from} to {to}")));
            Ok(match position {
                Some(position) => self.links().await?.into_iter().nth(position),
                None => None,
            })
        })
        .await
    }

    /// Clicks in the middle of an element.
    pub async fn click(&self, selector: &str) -> Told {
        let (x, y) = self.middle(selector).await?;
        Ok(self.keys().move_to(x, y).click().perform().await?)
    }

    /// Clicks in the middle of an element of the first frame, which is entered, and stays in it. The click is made from
    /// outside: in a frame of another origin, ChromeDriver takes places in the frame for places in the window.
    pub async fn click_in_frame(&self, selector: &str) -> Told {
        let (x, y) = self.middle(selector).await?;
        self.window.enter_default_frame().await?;
        let corner = "((box) => [Math.round(box.left + element.clientLeft), Math.round(box.top + element.clientTop)])\
                      (element.getBoundingClientRect())";
        let (left, top): Point = self.read(corner, "iframe").await?;
        self.click_at((left + x, top + y)).await?;
        Ok(self.window.enter_frame(0).await?)
    }

    /// Clicks on a button inside an element, by its words.
    pub async fn click_button(&self, inside: &str, words: &str) -> Told {
        let mark = format!(
            "(() => {{ const found = [...element.querySelectorAll('button')].find((b) => b.textContent.trim() === {words:?}); \
             found?.setAttribute('data-story', 'meant'); return Boolean(found); }})()"
        );
        self.until(&format!("{inside} has a button {words:?}"), || async { self.read(&mark, inside).await }).await?;
        self.click(&format!("{inside} [data-story='meant']")).await
    }

    /// The whole address.
    pub async fn address(&self) -> Told<String> {
        Ok(self.window.current_url().await?.to_string())
    }

    /// Forgets what the browser has kept for the page, which is left for that.
    pub async fn forget_everything(&self) -> Told {
        self.window.goto(&self.addresses.blank).await?;
        self.window.execute("localStorage.clear()", Vec::new()).await?;
        Ok(())
    }

    /// How far down the page is scrolled [px].
    pub async fn scrolled(&self) -> Told<f64> {
        self.read("window.scrollY", "html").await
    }

    /// Scrolls the page.
    pub async fn scroll_to(&self, y: u32) -> Told {
        self.read::<()>(&format!("void window.scrollTo(0, {y})"), "html").await
    }

    /// Turns the wheel by so many pixels with the pointer over an element.
    pub async fn turn_wheel_over(&self, selector: &str, pixels: i64) -> Told {
        let (x, y) = self.middle(selector).await?;
        let wheel = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": pixels });
        self.window.cdp().send_raw("Input.dispatchMouseEvent", wheel).await?;
        Ok(())
    }

    /// Waits like [`Page::until`] for something that takes as long as a hundred ordinary things.
    pub async fn until_slowly<F: Future<Output = Told<bool>>>(&self, what: &str, mut holds: impl FnMut() -> F) -> Told {
        let deadline = Instant::now() + 5 * PATIENCE;
        while !holds().await? {
            if Instant::now() > deadline {
                return Err(format!("waited in vain until {what}").into());
            }
            tokio::time::sleep(10 * LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Presses at one place, moves in small steps and lets go at another.
    pub async fn drag(&self, from: Point, to: Point) -> Told {
        const STEPS: i64 = 12;
        let at = |step: i64| (from.0 + (to.0 - from.0) * step / STEPS, from.1 + (to.1 - from.1) * step / STEPS);
        let mut actions = self.keys().move_to(from.0, from.1).click_and_hold();
        for step in 1..=STEPS {
            let (x, y) = at(step);
            actions = actions.move_to(x, y);
        }
        Ok(actions.release().perform().await?)
    }

    /// A place on the canvas, as shares of its width and height.
    pub async fn on_canvas(&self, across: f64, down: f64) -> Told<Point> {
        let (left, top, width, height): (f64, f64, f64, f64) = self
            .read("((b) => [b.left, b.top, b.width, b.height])(element.getBoundingClientRect())", "#canvas")
            .await?;
        Ok(((left + width * across) as i64, (top + height * down) as i64))
    }

    /// Drags a part from the palette to a place on the canvas, and gives the identity of what has been added.
    pub async fn add(&self, part: &str, across: f64, down: f64) -> Told<String> {
        let before = self.components().await?;
        let from = self.middle(&format!("#palette {part}")).await?;
        let to = self.on_canvas(across, down).await?;
        self.drag(from, to).await?;
        self.find(&format!("{part} is on the drawing"), || async {
            Ok(self.components().await?.into_iter().find(|id| !before.contains(id)))
        })
        .await
    }

    /// Drags from the port of a component onto another, and gives the identity of the new link.
    pub async fn connect(&self, from: &str, to: &str) -> Told<String> {
        let before = self.links().await?;
        let start = self.middle(&format!("#proxies [data-port='{from}']")).await?;
        let end = self.middle(&format!("#proxies [data-component='{to}']")).await?;
        self.drag(start, end).await?;
        self.find(&format!("{from} is connected to {to}"), || async {
            Ok(self.links().await?.into_iter().find(|id| !before.contains(id)))
        })
        .await
    }

    /// Opens the page and removes what is on it.
    pub async fn open_empty(&self) -> Told {
        self.open("").await?;
        self.focus("#canvas").await?;
        self.control("a").await?;
        self.press(Key::Delete).await?;
        self.until("the drawing is empty", || async { Ok(self.components().await?.is_empty()) }).await
    }

    /// What all such elements say.
    pub async fn texts(&self, selector: &str) -> Told<Vec<String>> {
        self.read("[...document.querySelectorAll(arguments[0])].map((e) => e.textContent.trim())", selector).await
    }

    /// Waits until the name of an element has these words.
    pub async fn until_says_name(&self, selector: &str, words: &str) -> Told {
        self.until(&format!("{selector} is called {words:?}"), || async {
            Ok(self.attribute(selector, "aria-label").await?.contains(words))
        })
        .await
    }

    /// Whether an element has the focus.
    pub async fn is_focused(&self, selector: &str) -> Told<bool> {
        self.read("element !== null && document.activeElement === element", selector).await
    }

    /// The name of what has the focus.
    pub async fn focused_name(&self) -> Told<String> {
        self.read("document.activeElement?.getAttribute('aria-label') ?? ''", "body").await
    }

    /// Chooses the entry of the open menu that says this.
    pub async fn choose(&self, words: &str) -> Told {
        let entry = self
            .find(&format!("the menu offers {words:?}"), || async {
                let all = self.texts(".menu [role^='menuitem']:has(.words) .words").await?;
                Ok(all.iter().position(|one| one == words))
            })
            .await?;
        let entries = self.window.find_all(By::Css(".menu [role^='menuitem']:has(.words)")).await?;
        let entry = entries.get(entry).ok_or("the menu has changed")?;
        Ok(entry.click().await?)
    }

    /// Draws a link from a component to a place on the canvas, and chooses what it leads to.
    pub async fn wire_to(&self, from: &str, across: f64, down: f64, part: &str) -> Told {
        let port = self.middle(&format!("#proxies [data-port='{from}']")).await?;
        self.drag(port, self.on_canvas(across, down).await?).await?;
        self.choose(part).await
    }

    /// Selects two components, by the beginnings of their names.
    pub async fn shift_click_both(&self, names: [&str; 2]) -> Told {
        let [first, second] = names;
        let (first, second) = (self.component_called(first).await?, self.component_called(second).await?);
        let at = |id: &str| format!("#proxies [data-component='{id}']");
        self.click(&at(&first)).await?;
        let (x, y) = self.middle(&at(&second)).await?;
        Ok(self.keys().key_down(Key::Shift).move_to(x, y).click().key_up(Key::Shift).perform().await?)
    }

    /// Clicks at a place.
    pub async fn click_at(&self, (x, y): Point) -> Told {
        Ok(self.keys().move_to(x, y).click().perform().await?)
    }

    /// Clicks at a place with the right button.
    pub async fn right_click(&self, (x, y): Point) -> Told {
        Ok(self.keys().move_to(x, y).context_click().perform().await?)
    }

    /// Drags with Shift held.
    pub async fn shift_drag(&self, from: Point, to: Point) -> Told {
        let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        let keys = self.keys().key_down(Key::Shift).move_to(from.0, from.1).click_and_hold();
        let keys = keys.move_to(middle.0, middle.1).move_to(to.0, to.1).release().key_up(Key::Shift);
        Ok(keys.perform().await?)
    }

    /// Puts fingers down, moves or lifts them: `touchStart`, `touchMove` or `touchEnd`.
    pub async fn touch(&self, what: &str, fingers: &[Point]) -> Told {
        let points: Vec<_> =
            fingers.iter().enumerate().map(|(id, (x, y))| json!({ "x": x, "y": y, "id": id })).collect();
        let event = json!({ "type": what, "touchPoints": points });
        self.window.cdp().send_raw("Input.dispatchTouchEvent", event).await?;
        // A person's finger stays for a frame or two.
        tokio::time::sleep(Duration::from_millis(30)).await;
        Ok(())
    }

    /// Taps at a place.
    pub async fn tap(&self, at: Point) -> Told {
        self.touch("touchStart", &[at]).await?;
        self.touch("touchEnd", &[]).await
    }

    /// Chooses a file to open.
    pub async fn choose_file(&self, file: &Path) -> Told {
        let input = self.window.find(By::Css("#import")).await?;
        Ok(input.send_keys(file.display().to_string()).await?)
    }

    /// A console message with these words is part of the story.
    pub fn expect_complaint(&self, words: &'static str) {
        self.expected.lock().expect("nobody panics with it").push(words);
    }

    /// Fails if the browser's console has errors, or the page has an error of its own.
    pub async fn no_complaints(&self) -> Told {
        let expected = self.expected.lock().expect("nobody panics with it").clone();
        let complaints: Vec<String> = self
            .window
            .browser_log()
            .await?
            .into_iter()
            .filter(|entry| entry.level == "SEVERE")
            .map(|entry| entry.message)
            .filter(|message| !expected.iter().any(|words| message.contains(words)))
            .collect();
        if complaints.is_empty() {
            return Ok(());
        }
        Err(Failure::from(format!("the browser complains: {}", complaints.join(" | "))))
    }

    /// Keeps a picture of the window for whoever has to find out what went wrong.
    pub async fn keep_picture(&self, name: &str) -> Told {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e2e");
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.png", name.replace(' ', "_")));
        self.window.screenshot(&file).await?;
        println!("          picture: {}", file.display());
        Ok(())
    }

    /// Closes the window.
    pub async fn close(self) -> Told {
        Ok(self.window.quit().await?)
    }
}
