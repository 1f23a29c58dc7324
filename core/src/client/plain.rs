//! Plain calls without futures: `invoke` and `fire_and_forget` at the client's own node, as state machines for a host whose own
//! event loop does the waiting.
//!
//! What is decided is decided by what decides it for a [`Client`](crate::Client), and nothing else comes along: the module that
//! pages download for their first call is made of this. Streams, tasks, addresses that are looked up, payment and DIDs take a
//! `Client`.
//!
//! ```
//! use ancp_core::client::plain::{Host, PlainCall, PlainClient, Step};
//! use ancp_core::http::{HttpResponse, ResponseHead};
//! use ancp_core::message::Pattern;
//! use ancp_core::{CallOptions, ClientBuilder, Json};
//! use std::time::Duration;
//!
//! struct Clock;
//! impl Host<Json> for Clock {
//!     fn now(&self) -> Duration {
//!         Duration::ZERO
//!     }
//!     fn unix_millis(&self) -> u64 {
//!         0
//!     }
//!     fn random(&self) -> [u8; 16] {
//!         [7; 16]
//!     }
//!     fn parse(&self, _sent: &Json, payload: &str) -> bool {
//!         Json::parse(payload.to_owned()).is_ok()
//!     }
//! }
//!
//! let options = ClientBuilder::new().base_url("https://api.example.com").node_id(42);
//! let client = PlainClient::new(options)?;
//! let options = CallOptions::new();
//! let mut call = client.call("get-order", Pattern::RequestReply, Json::null(), &options, &Clock)?;
//! assert!(matches!(call.next(&client), Step::Send));
//! let request = call.request(&client)?;
//! assert_eq!(request.url, "https://api.example.com/ncp/nodes/42/invoke");
//!
//! // The host sends it, and tells what has come: here a proxy's error page, after which the call waits for another attempt.
//! let head = ResponseHead { status: 503, ..ResponseHead::default() };
//! let answer = HttpResponse { head, body: Default::default() };
//! assert!(matches!(call.answered(&client, answer, &Clock), Step::Sleep(_)));
//! assert!(matches!(call.next(&client), Step::Send));
//! # Ok::<(), ancp_core::Error>(())
//! ```

use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use super::attempts::{Attempts, Next};
use super::call::{check_answer, name_of};
use super::target::direct;
use super::{CallOptions, ClientBuilder, Settings, invalid, late, message};
use crate::address::Endpoint;
use crate::auth::Key;
use crate::http::{HttpRequest, HttpResponse, MAX_RESPONSE_BYTES, call_request, read_plain};
use crate::json::Json;
use crate::message::{Message, Pattern};
use crate::transport::{Operation, Payload, Request, unexpected};
use crate::{Error, Result};

/// What a plain client asks of its host besides waiting.
pub trait Host<P> {
    /// Monotonic time since some fixed point.
    fn now(&self) -> Duration;

    /// The wall clock: milliseconds since 1970, UTC.
    fn unix_millis(&self) -> u64;

    /// Random bytes, good enough for message ids.
    fn random(&self) -> [u8; 16];

    /// Parses the payload of an answer, given the payload that was sent, and may keep what it got. Returns whether it is JSON.
    fn parse(&self, sent: &P, payload: &str) -> bool;
}

const TAKES_MORE: &str =
    "are for a Client: a plain call has no address, no payer, no DID and no stream";

/// A client of one node. Its calls are begun by [`call`](Self::call).
pub struct PlainClient {
    settings: Settings,
    node: Arc<Endpoint>,
    max_response_bytes: usize,
}

/// What a call waits for, or has come to.
pub enum Step {
    /// A token: the host asks the user's function, once for all calls that wait for it, tells the client by
    /// [`PlainClient::token`], and goes on with each of them by [`PlainCall::next`].
    Ask,
    /// The answer to its [`request`](PlainCall::request): [`PlainCall::answered`] or [`PlainCall::failed`].
    Send,
    /// Time, and then [`PlainCall::next`].
    Sleep(Duration),
    /// Nothing any more. The result is the payload, or `null` for what is not answered by one.
    Done(Result<Json>),
}

/// One call. The host ends it by [`late`](Self::late) once its [`limit`](Self::limit) is over; dropping it forgets it.
pub struct PlainCall<P> {
    request: Request<P>,
    attempts: Attempts,
    /// How often the client's tokens had been asked for when the call began to wait for one.
    waits_since: Option<u32>,
    has_result: bool,
    limit: Duration,
    deadline: Duration,
}

impl PlainClient {
    /// A client with these options: a node by its id below a base URL, and a fixed token or key, or one
    /// [of the host](crate::Auth::jwt_of_host).
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn new(options: ClientBuilder) -> Result<Self> {
        let max_response_bytes = options.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
        let has_more = options.payer.is_some() || !options.credential_origins.is_empty();
        let settings = options.check()?;
        let Some(id) = settings.address.node_id() else {
            return Err(invalid("address", TAKES_MORE));
        };
        if has_more || !settings.credentials.are_plain() {
            return Err(invalid("options", TAKES_MORE));
        }
        let Some(base) = &settings.base else {
            return Err(invalid("baseUrl", "is missing"));
        };
        Ok(Self {
            node: Arc::new(Endpoint::below(base, id)),
            settings,
            max_response_bytes,
        })
    }

    /// Begins a call of an action, request-reply or fire-and-forget, whose first step [`PlainCall::next`] tells.
    /// It goes to the client's own node, and the host drops it where nobody waits for it any more.
    ///
    /// # Errors
    /// `invalid_options`, naming what is wrong.
    pub fn call<P: Payload>(
        &self,
        action: &str,
        pattern: Pattern,
        payload: P,
        options: &CallOptions,
        host: &impl Host<P>,
    ) -> Result<PlainCall<P>> {
        let answered = matches!(pattern, Pattern::RequestReply | Pattern::FireAndForget);
        if !answered || options.address.is_some() || options.cancel.is_some() {
            return Err(invalid("options", TAKES_MORE));
        }
        let message = message(
            action,
            pattern,
            payload,
            options,
            host.random(),
            host.unix_millis(),
        )?;
        options.check()?;
        let mut request = Request {
            endpoint: Arc::default(),
            operation: Operation::Call(message),
            credential: None,
            headers: self.settings.headers(options),
            spent: None,
            parsed_later: false,
        };
        direct(&self.settings, &mut request, &self.node);
        let limit = options.timeout.unwrap_or(self.settings.timeout);
        Ok(PlainCall {
            attempts: Attempts::default(),
            request,
            waits_since: None,
            has_result: pattern == Pattern::RequestReply,
            limit,
            deadline: host.now().saturating_add(limit),
        })
    }

    /// Takes what the user's function gave as the token, or why it gave none.
    pub fn token<E: core::error::Error + Send + Sync + 'static>(
        &self,
        answer: core::result::Result<String, E>,
    ) {
        self.settings.credentials.told(answer);
    }

    /// The largest answer to read, in bytes.
    pub fn max_response_bytes(&self) -> usize {
        self.max_response_bytes
    }
}

impl<P: Payload> PlainCall<P> {
    /// How long it may take.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// What comes first; after a token, and after a wait.
    pub fn next(&mut self, client: &PlainClient) -> Step {
        let credentials = &client.settings.credentials;
        let since = *self
            .waits_since
            .get_or_insert_with(|| credentials.answers());
        // What is below the base URL may have it.
        match credentials.known(self.attempts.refused(), since) {
            Some(Ok(key)) => {
                self.request.credential = key.as_ref().and_then(Key::credential);
                self.attempts.shown = key;
            }
            Some(Err(error)) => return self.done(Err(self.attempts.prevented(error))),
            None => return Step::Ask,
        }
        Step::Send
    }

    /// The request to send.
    ///
    /// # Errors
    /// None that a call of an action has.
    pub fn request(&self, client: &PlainClient) -> Result<HttpRequest<'_, P>> {
        let message = self.message()?;
        Ok(call_request(
            &self.request,
            message,
            client.max_response_bytes,
        ))
    }

    /// What comes after an answer.
    pub fn answered(
        &mut self,
        client: &PlainClient,
        answer: HttpResponse,
        host: &impl Host<P>,
    ) -> Step {
        let parse = |sent: &P, payload: &str| host.parse(sent, payload);
        let sent = self.message();
        match sent.and_then(|sent| read_plain(sent, answer, &parse, || host.unix_millis())) {
            Ok(answer) => {
                client.settings.budget.deposit();
                let answer = check_answer(&self.request, answer);
                self.done(answer.and_then(|answer| match self.has_result {
                    true => answer.into_result(),
                    false => Ok(Json::null()),
                }))
            }
            Err(error) => self.failed(client, error, host),
        }
    }

    fn message(&self) -> Result<&Message<P>> {
        match &self.request.operation {
            Operation::Call(message) => Ok(message),
            _ => Err(unexpected("it is no call")),
        }
    }

    /// What comes after an attempt that has brought no answer.
    pub fn failed(&mut self, client: &PlainClient, error: Error, host: &impl Host<P>) -> Step {
        let left = self.deadline.saturating_sub(host.now());
        let [a, b, c, d, ..] = host.random();
        let random = u32::from_le_bytes([a, b, c, d]);
        self.waits_since = None;
        let failed = self.attempts.failed(
            &client.settings,
            &mut self.request,
            error,
            &|_| true,
            left,
            random,
        );
        match failed {
            Ok(Next::AtOnce) => self.next(client),
            Ok(Next::After(delay)) => Step::Sleep(delay),
            Err(error) => self.done(Err(error)),
        }
    }

    /// What it has come to when its limit is over.
    pub fn late(&self) -> Step {
        self.done(Err(late(self.limit)))
    }

    fn done(&self, result: Result<Json>) -> Step {
        Step::Done(result.map_err(|error| error.with_operation(name_of(&self.request.operation))))
    }
}
