//! The engine in its web worker: hands messages to [`headroom::bridge::driver::Driver`] and calls it again as often as it
//! asks for. Everything that could be wrong with it natively is in the driver.

#[cfg(target_arch = "wasm32")]
fn main() {
    engine::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the engine's web worker: `cargo xtask serve` builds and serves the page that starts it.");
    std::process::exit(2);
}

#[cfg(target_arch = "wasm32")]
mod engine {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    use headroom::bridge::driver::{Driver, Next};
    use headroom::bridge::message::FromEngine;
    use headroom::web::wire;
    use wasm_bindgen::prelude::*;
    use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort};

    struct Engine {
        scope: DedicatedWorkerGlobalScope,
        driver: RefCell<Driver>,
        /// A message sent here comes back after those that wait already: the quickest way to let them in between.
        /// Timers of 0 ms would be held back to 4 ms when they follow each other.
        soon: MessagePort,
        /// What calls the next slice: a message to `soon` or a timer.
        call: RefCell<Option<Closure<dyn FnMut()>>>,
        scheduled: Cell<Scheduled>,
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Scheduled {
        Nothing,
        Soon,
        Timer(i32),
    }

    /// Listens for messages for as long as the worker lives.
    pub fn start() {
        std::panic::set_hook(Box::new(|panic| {
            console_error_panic_hook::hook(panic);
            send(&scope(), &FromEngine::Crashed { message: panic.to_string() });
        }));
        let channel = MessageChannel::new().expect("workers have message channels");
        let engine = Rc::new(Engine {
            scope: scope(),
            driver: RefCell::default(),
            soon: channel.port2(),
            call: RefCell::default(),
            scheduled: Cell::new(Scheduled::Nothing),
        });

        let slicing = Rc::clone(&engine);
        let call = Closure::<dyn FnMut()>::new(move || slicing.slice());
        channel.port1().set_onmessage(Some(call.as_ref().unchecked_ref()));
        *engine.call.borrow_mut() = Some(call);

        let listening = Rc::clone(&engine);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| listening.receive(&event));
        engine.scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Listens until the worker is terminated, and all its memory with it.
        on_message.forget();

        send(&engine.scope, &FromEngine::Ready { build: env!("BUILD_ID").to_owned() });
    }

    impl Engine {
        fn receive(&self, event: &MessageEvent) {
            let message = wire::read(event).expect("page and worker are of one build");
            let answers = self.driver.borrow_mut().handle(message, self.now_ms());
            self.send_and_go_on(&answers);
        }

        fn slice(&self) {
            self.scheduled.set(Scheduled::Nothing);
            let answers = self.driver.borrow_mut().slice(self.now_ms(), || self.now_ms());
            self.send_and_go_on(&answers);
        }

        fn send_and_go_on(&self, answers: &[FromEngine]) {
            for answer in answers {
                send(&self.scope, answer);
            }
            let next = self.driver.borrow().next_slice();
            match (next, self.scheduled.get()) {
                (Next::Rest, _) | (_, Scheduled::Soon) | (Next::AfterMs(_), Scheduled::Timer(_)) => {}
                (Next::Soon, scheduled) => {
                    if let Scheduled::Timer(timer) = scheduled {
                        self.scope.clear_timeout_with_handle(timer);
                    }
                    self.soon.post_message(&JsValue::NULL).expect("null can be posted");
                    self.scheduled.set(Scheduled::Soon);
                }
                (Next::AfterMs(pause), Scheduled::Nothing) => {
                    let call = self.call.borrow();
                    let call = call.as_ref().expect("set at the start").as_ref().unchecked_ref();
                    let timer = self
                        .scope
                        .set_timeout_with_callback_and_timeout_and_arguments_0(call, pause)
                        .expect("workers have timers");
                    self.scheduled.set(Scheduled::Timer(timer));
                }
            }
        }

        /// Milliseconds since the worker's start.
        fn now_ms(&self) -> f64 {
            self.scope.performance().expect("workers have a clock").now()
        }
    }

    fn scope() -> DedicatedWorkerGlobalScope {
        js_sys::global().unchecked_into()
    }

    fn send(scope: &DedicatedWorkerGlobalScope, message: &FromEngine) {
        wire::post(message, |array, transfer| scope.post_message_with_transfer(array, transfer))
            .expect("messages are plain data, which can be posted");
    }
}
