//! The class that JavaScript drives.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use ancp_core::http::HttpTransport;
use ancp_core::platform::Platform;
use ancp_core::{Client, Result};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use super::call::{Call, INVOKE_ALL};
use super::fetch::Fetch;
use super::ops::{Outcome, Shared};
use super::options::client;
use super::payload::Payload;
use super::platform::HostPlatform;
use crate::failure::{Failure, HostCause};
use crate::host::Host;
use crate::http::HostCall;
use crate::text;

/// One client. Every method may be called from within a method of its host.
#[wasm_bindgen]
pub struct Engine {
    shared: Rc<Shared>,
    /// What is wrong with the options is told by each call.
    client: Result<Client<Payload>, String>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine for a client with these options, one a line.
    #[wasm_bindgen(constructor)]
    pub fn new(host: Host, options: String) -> Self {
        // A credential may be among them.
        let options = Zeroizing::new(options);
        let shared = Rc::new(Shared::new(host));
        let client = connect(&shared, &options).map_err(|error| text::error(&error));
        Self { shared, client }
    }

    /// Begins a call under a number that JavaScript chose, and returns the number of its task.
    pub fn start(&self, call: u32, verb: u8, name: &str, options: &str) -> u32 {
        let call = Call {
            shared: Rc::clone(&self.shared),
            client: self.client.clone(),
            host: Rc::new(HostCall::new(call, verb != INVOKE_ALL)),
            verb,
            name: name.into(),
            options: options.into(),
        };
        let task = self.shared.executor.spawn(Box::pin(call.run()));
        self.shared.executor.run();
        task
    }

    /// Ends a call's task, and the work underneath.
    pub fn cancel(&self, task: u32) {
        self.shared.executor.cancel(task);
        self.shared.executor.run();
    }

    /// Ends all calls. What ends streams at the node still runs.
    pub fn close(&self) {
        if let Ok(client) = &self.client {
            client.close();
        }
        self.shared.executor.run();
    }

    /// Completes an `exchange`. The headers are lines: type, location, retry-after, request id.
    pub fn answered(&self, op: u32, status: u16, headers: String, body: Vec<u8>) {
        self.shared.complete(
            op,
            Outcome::Answered {
                status,
                headers,
                body,
            },
        );
    }

    /// Completes an `open`.
    pub fn opened(&self, op: u32, status: u16, headers: String) {
        self.shared
            .complete(op, Outcome::Opened { status, headers });
    }

    /// Completes a `read`, where without bytes the answer is at its end, or a `sign`.
    pub fn read(&self, op: u32, bytes: Option<Vec<u8>>) {
        self.shared.complete(op, Outcome::Read(bytes));
    }

    /// Completes a `sleep`, or lets a stream go on.
    pub fn fired(&self, op: u32) {
        self.shared.complete(op, Outcome::Fired);
    }

    /// Completes a `token` or a `pay`.
    pub fn token(&self, op: u32, token: String) {
        self.shared.complete(op, Outcome::Token(token));
    }

    /// Says that an op failed, how, and under which number JavaScript keeps the exception.
    pub fn failed(&self, op: u32, kind: u8, message: String, cause: u32) {
        let cause = HostCause(cause);
        self.shared.complete(
            op,
            Outcome::Failed(Failure {
                kind,
                message,
                cause,
            }),
        );
    }
}

fn connect(shared: &Rc<Shared>, text: &str) -> Result<Client<Payload>> {
    let options = client(text, shared)?;
    // The core's type; there is one thread here.
    #[allow(clippy::arc_with_non_send_sync)]
    let platform: Arc<dyn Platform> = Arc::new(HostPlatform(Rc::clone(shared)));
    let http = Fetch(Rc::clone(shared));
    let transport = HttpTransport::new(http, &options);
    Client::new(options, transport, platform)
}
