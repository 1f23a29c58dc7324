//! The class that JavaScript drives for plain calls. There are no futures here: what a call waits for is an op, and when that is
//! completed, the call takes its next step.

mod running;

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::time::Duration;

use ancp_core::Result;
use ancp_core::client::plain::{self, MAX_RESPONSE_BYTES, PlainClient, Step, Verb};
use ancp_core::http::HttpResponse;
use bytes::Bytes;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::failure::{Failure, HostCause};
use crate::host::{Host, milliseconds, now};
use crate::http::{HostCall, RequestText, head};
use crate::options;
use crate::text;
use running::{Call, Ended, NONE, Op, Running};

/// One client. Every method may be called from within a method of its host.
#[wasm_bindgen]
pub struct Engine {
    host: Host,
    /// What is wrong with the options is told by each call.
    client: Result<PlainClient, String>,
    /// Not borrowed while the host is called.
    running: RefCell<Running>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine for a client with these options, one a line.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, options: String) -> Self {
        // A credential may be among them.
        let options = Zeroizing::new(options);
        let client = connect(&options).map_err(|error| text::error(&error));
        Self {
            host,
            client,
            running: RefCell::new(Running::new()),
        }
    }

    /// Begins a call under a number that JavaScript chose, and returns the number of its task.
    pub fn start(&self, call: u32, verb: u8, name: &str, options: &str) -> u32 {
        // The numbers are those of `VERBS` in npm/src/engine/engine.ts, of which JavaScript asks this module for no other.
        let verb = match verb {
            0 => Verb::Invoke,
            _ => Verb::FireAndForget,
        };
        let client = match &self.client {
            Ok(client) => client,
            Err(text) => {
                self.host.settle(call, false, text);
                return 0;
            }
        };
        let begun = options::call(options, |_, _, _| Ok(()))
            .and_then(|options| client.call(name, verb, HostCall::new(call, true), options, self));
        let mut run = match begun {
            Ok(begun) => begun,
            Err(error) => {
                self.host.settle(call, false, &text::error(&error));
                return 0;
            }
        };
        let limit = run.limit();
        let step = run.next(client);
        let (task, timer) = self.running.borrow_mut().begin(run);
        self.host.sleep(timer, milliseconds(limit));
        self.take(client, task, step);
        task
    }

    /// Ends a call's task, and the work underneath.
    pub fn cancel(&self, task: u32) {
        self.end(task);
    }

    /// Ends all calls.
    pub fn close(&self) {
        let asked = self.running.borrow_mut().ask_no_more();
        self.give_up(asked);
        loop {
            let task = self.running.borrow().any();
            match task {
                Some(task) => self.end(task),
                None => return,
            };
        }
    }

    /// Completes an `exchange`. The headers are lines: type, location, retry-after, request id.
    pub fn answered(&self, op: u32, status: u16, headers: String, body: Vec<u8>) {
        let answer = HttpResponse {
            head: head(status, &headers),
            body: Bytes::from(body),
        };
        self.go_on(op, Event::Answered(answer));
    }

    /// Completes a `sleep`.
    pub fn fired(&self, op: u32) {
        self.go_on(op, Event::Fired);
    }

    /// Completes a `token`.
    pub fn token(&self, op: u32, token: String) {
        self.asked(op, Ok(token));
    }

    /// Says that an op failed, how, and under which number JavaScript keeps the exception.
    pub fn failed(&self, op: u32, kind: u8, message: String, cause: u32) {
        let cause = HostCause(cause);
        if self.asked(op, Err(cause)) {
            return;
        }
        let failure = Failure {
            kind,
            message,
            cause,
        };
        self.go_on(op, Event::Failed(failure));
    }
}

/// What comes of an op.
enum Event {
    Answered(HttpResponse),
    Fired,
    Failed(Failure),
}

impl Engine {
    /// Lets the call go on that an op belongs to, unless it has been given up in the meantime.
    fn go_on(&self, op: u32, event: Event) {
        let Ok(client) = &self.client else { return };
        // Taken out, as the host is asked for the time and parses the answer.
        let Some((task, what, mut run)) = self.running.borrow_mut().take(op) else {
            return;
        };
        let step = match (what, event) {
            (Op::Limit, _) => run.late(),
            (Op::Step, Event::Answered(answer)) => run.answered(client, answer, self),
            (Op::Step, Event::Fired) => run.next(client),
            (Op::Step, Event::Failed(failure)) => {
                run.failed(client, failure.error(MAX_RESPONSE_BYTES), self)
            }
        };
        self.running.borrow_mut().put_back(task, run);
        self.take(client, task, step);
    }

    /// Takes a call's step.
    fn take(&self, client: &PlainClient, task: u32, step: Step) {
        match step {
            Step::Ask => {
                let asked = self.running.borrow_mut().wait(task);
                if let Some(op) = asked {
                    self.host.token(op);
                }
            }
            Step::Sleep(duration) => {
                let op = self.running.borrow_mut().op(task);
                self.host.sleep(op, milliseconds(duration));
            }
            Step::Send => {
                let request = {
                    let mut running = self.running.borrow_mut();
                    let call = running.call_mut(task);
                    call.map(|call| RequestText::of(call.request(client)))
                };
                if let Some(request) = request {
                    let op = self.running.borrow_mut().op(task);
                    request.send(&self.host, op, true);
                }
            }
            Step::Done(result) => self.settle(task, result),
        }
    }

    fn settle(&self, task: u32, result: Result<ancp_core::Json>) {
        let Some(call) = self.end(task) else { return };
        let kept = call.payload();
        let number = kept.number;
        match &result {
            Ok(json) if kept.has(json) => self.host.settle(number, true, ""),
            Ok(json) => self.host.settle(number, true, json.as_str()),
            Err(error) => self.host.settle(number, false, &text::error(error)),
        }
    }

    /// Takes what has come of asking for a token, if the op is that, and lets all go on that wait for it.
    fn asked(&self, op: u32, answer: Result<String, HostCause>) -> bool {
        let Ok(client) = &self.client else {
            return false;
        };
        let Some(waiting) = self.running.borrow_mut().asked(op) else {
            return false;
        };
        client.token(answer);
        for task in waiting {
            let step = {
                let mut running = self.running.borrow_mut();
                running.call_mut(task).map(|call| call.next(client))
            };
            // One that has been given up in the meantime has none.
            if let Some(step) = step {
                self.take(client, task, step);
            }
        }
        true
    }

    fn give_up(&self, op: u32) {
        if op != NONE {
            self.host.cancel(op);
        }
    }

    /// Ends a task, with the work underneath.
    fn end(&self, task: u32) -> Option<Call> {
        let ended = self.running.borrow_mut().end(task);
        let Ended { call, ops, ask } = ended?;
        for op in ops {
            self.give_up(op);
        }
        if let Some(op) = ask {
            self.host.token(op);
        }
        call
    }
}

impl plain::Host<HostCall> for Engine {
    fn now(&self) -> Duration {
        now(&self.host)
    }

    fn unix_millis(&self) -> u64 {
        self.host.unix_now() as u64
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.host.random(&mut bytes);
        bytes
    }

    fn parse(&self, sent: &HostCall, payload: &str) -> bool {
        sent.parse(&self.host, payload)
    }
}

fn connect(text: &str) -> Result<PlainClient> {
    // What else there is, is for the module that can do everything.
    PlainClient::new(options::client(text, |_, _, _| Ok(()))?)
}
