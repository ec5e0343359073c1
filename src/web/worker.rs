//! The engine's worker as the page holds it: start, queue until it listens, post, fail in words.
//!
//! Messages are postcard bytes in transferred arrays. The worker is a classic one whose script imports the engine as a
//! module: the only start that also works in sandboxed frames, where a worker may not have an address of its own.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Url, Worker};

use super::wire;
use crate::bridge::message::{FromEngine, ToEngine};

/// How long a worker may take until it says that it listens [ms].
const READY_WITHIN_MS: u32 = 10_000;

/// Why the engine cannot be used, or no longer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineFailure {
    /// The browser would not start a worker.
    #[error("the browser did not start the engine: {0}")]
    NotStarted(String),
    /// The worker reported a failure of its script.
    #[error("the engine's worker failed: {0}")]
    Script(String),
    /// The worker said nothing for too long.
    #[error("the engine did not answer within {} seconds", READY_WITHIN_MS / 1_000)]
    Silent,
    /// The worker comes from another build than the page, mostly out of an old cache.
    #[error("the engine is of build {theirs}, the page of build {ours}")]
    OtherBuild {
        /// The worker's build.
        theirs: String,
        /// The page's.
        ours: &'static str,
    },
    /// A message could not be read.
    #[error("a message of the engine could not be read: {0}")]
    Garbled(String),
    /// The engine has panicked.
    #[error("the engine has crashed: {0}")]
    Crashed(String),
}

#[wasm_bindgen]
extern "C" {
    type ImportMeta;
    #[wasm_bindgen(method, getter)]
    fn url(this: &ImportMeta) -> String;
    #[wasm_bindgen(thread_local_v2, js_namespace = import, js_name = meta)]
    static IMPORT_META: ImportMeta;
}

/// A running engine. Dropping it ends the worker.
pub struct EngineWorker {
    shared: Rc<Shared>,
}

struct Shared {
    worker: Worker,
    script_url: String,
    state: RefCell<State>,
    on_message: RefCell<Box<dyn FnMut(FromEngine)>>,
    on_failure: RefCell<Box<dyn FnMut(EngineFailure)>>,
    /// Kept for as long as the worker may call them.
    listeners: RefCell<Option<Listeners>>,
}

struct Listeners {
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(ErrorEvent)>,
}

enum State {
    /// Messages wait here, in order: what is posted before the worker listens would be lost.
    Starting {
        waiting: Vec<ToEngine>,
        _deadline: Timeout,
    },
    Ready,
    Failed,
}

impl EngineWorker {
    /// Starts a worker. `on_message` gets what it says except [`FromEngine::Ready`] and [`FromEngine::Crashed`];
    /// `on_failure` is called at most once, and nothing follows it.
    ///
    /// # Errors
    /// [`EngineFailure::NotStarted`] if the browser refuses at once.
    pub fn start(
        on_message: impl FnMut(FromEngine) + 'static,
        on_failure: impl FnMut(EngineFailure) + 'static,
    ) -> Result<Self, EngineFailure> {
        let (worker, script_url) = start_script().map_err(|error| EngineFailure::NotStarted(format!("{error:?}")))?;
        let shared = Rc::new_cyclic(|shared: &std::rc::Weak<Shared>| {
            let late = shared.clone();
            let deadline = Timeout::new(READY_WITHIN_MS, move || {
                if let Some(shared) = late.upgrade() {
                    shared.fail(EngineFailure::Silent);
                }
            });
            Shared {
                worker,
                script_url,
                state: RefCell::new(State::Starting { waiting: Vec::new(), _deadline: deadline }),
                on_message: RefCell::new(Box::new(on_message)),
                on_failure: RefCell::new(Box::new(on_failure)),
                listeners: RefCell::default(),
            }
        });
        shared.listen();
        Ok(Self { shared })
    }

    /// Sends a message, or keeps it until the worker listens. After a failure it goes nowhere.
    pub fn post(&self, message: &ToEngine) {
        let is_ready = match &mut *self.shared.state.borrow_mut() {
            State::Starting { waiting, .. } => {
                waiting.push(message.clone());
                false
            }
            State::Ready => true,
            State::Failed => false,
        };
        if is_ready {
            self.shared.send(message);
        }
    }
}

impl Drop for EngineWorker {
    fn drop(&mut self) {
        self.shared.close();
        *self.shared.state.borrow_mut() = State::Failed;
    }
}

impl Shared {
    fn listen(self: &Rc<Self>) {
        let shared = Rc::downgrade(self);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(shared) = shared.upgrade() {
                shared.receive(&event);
            }
        });
        let shared = Rc::downgrade(self);
        let error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            if let Some(shared) = shared.upgrade() {
                // Some browsers send an event without any message.
                let said = js_sys::Reflect::get(&event, &"message".into()).ok().and_then(|said| said.as_string());
                shared.fail(EngineFailure::Script(said.unwrap_or_default()));
            }
        });
        self.worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        self.worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        *self.listeners.borrow_mut() = Some(Listeners { _message: message, _error: error });
    }

    fn receive(&self, event: &MessageEvent) {
        if matches!(*self.state.borrow(), State::Failed) {
            return;
        }
        match wire::read(event) {
            Ok(FromEngine::Ready { build }) if build == env!("BUILD_ID") => self.open(),
            Ok(FromEngine::Ready { build }) => {
                self.fail(EngineFailure::OtherBuild { theirs: build, ours: env!("BUILD_ID") });
            }
            Ok(FromEngine::Crashed { message }) => self.fail(EngineFailure::Crashed(message)),
            Ok(message) => (self.on_message.borrow_mut())(message),
            Err(error) => self.fail(EngineFailure::Garbled(error)),
        }
    }

    /// The worker listens: sends what has waited.
    fn open(&self) {
        let before = self.state.replace(State::Ready);
        if let State::Starting { waiting, .. } = before {
            for message in &waiting {
                self.send(message);
            }
        }
        // The script has been read; the address that it was read from would stay in memory for as long as the page.
        let _ = Url::revoke_object_url(&self.script_url);
    }

    fn send(&self, message: &ToEngine) {
        let sent = wire::post(message, |array, transfer| self.worker.post_message_with_transfer(array, transfer));
        if let Err(error) = sent {
            self.fail(EngineFailure::Script(format!("{error:?}")));
        }
    }

    fn fail(&self, failure: EngineFailure) {
        let before = self.state.replace(State::Failed);
        if matches!(before, State::Failed) {
            return;
        }
        self.close();
        (self.on_failure.borrow_mut())(failure);
    }

    fn close(&self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Starts the worker and gives it with the address of its script.
fn start_script() -> Result<(Worker, String), JsValue> {
    let here = IMPORT_META.with(ImportMeta::url);
    // The bundler names the worker's files the same in every build: the query keeps an old one in a cache from being used.
    let at = |file: &str| Url::new_with_base(&format!("{file}?v={}", env!("BUILD_ID")), &here).map(|url| url.href());
    let (script, module) = (at("worker.js")?, at("worker_bg.wasm")?);
    // A rejected promise would be silent; an error thrown outside it reaches the worker's error event.
    let boot = format!(
        "import({script:?}).then(m=>m.default({{module_or_path:{module:?}}})).catch(e=>setTimeout(()=>{{throw e}}))"
    );
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&boot.into()), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    Ok((Worker::new(&url)?, url))
}
