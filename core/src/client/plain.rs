//! Plain calls without futures: `invoke` and `fire_and_forget` at the client's own node, as state machines for a host whose own
//! event loop does the waiting.
//!
//! What is decided is decided by what decides it for a [`Client`](crate::Client), and nothing else comes along: the module that
//! pages download for their first call is made of this. Streams, tasks, addresses that are looked up, payment and DIDs take a
//! `Client`.
//!
//! ```
//! use ancp_core::client::plain::{CallOptions, Host, Options, PlainClient, Step, Verb};
//! use ancp_core::http::{HttpResponse, ResponseHead};
//! use ancp_core::Json;
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
//! let client = PlainClient::new(Options {
//!     base_url: Some("https://api.example.com"),
//!     node_id: Some("42"),
//!     ..Options::default()
//! })?;
//! let options = CallOptions::default();
//! let mut call = client.call("get-order", Verb::Invoke, Json::null(), options, &Clock)?;
//! assert!(matches!(call.next(&client), Step::Send));
//! let request = call.request(&client);
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
use alloc::vec::Vec;
use core::time::Duration;

use super::attempts::{Attempts, Next, Retries};
use super::call::{check_error, check_kind};
use super::options::{TIMEOUT, check_headers, check_tenant, node, not_base};
use super::target::SERVICE;
use super::{invalid, late, not_allowed, positive};
use crate::address::{HttpUrl, below};
use crate::auth::{Keys, Mode, Secret, no_token_because, unfit};
use crate::error::Cause;
use crate::http::{HttpRequest, HttpResponse, RequestBody, plain_request, read_plain};
use crate::json::Json;
use crate::message::{
    NodeId, Pattern, PlainAnswer, PlainMessage, check_action, node_text, service_text, timestamp,
    uuid_v4,
};
use crate::retry::{RetryBudget, RetryPolicy};
use crate::{Error, Result};

pub use crate::http::MAX_RESPONSE_BYTES;

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

/// Options of a plain client, with the defaults and the checks of a [`ClientBuilder`](crate::ClientBuilder).
#[derive(Default)]
pub struct Options<'a> {
    /// What the node is below.
    pub base_url: Option<&'a str>,
    /// The node: a number or a name.
    pub node_id: Option<&'a str>,
    /// The tenant: a number or a name.
    pub tenant_id: Option<&'a str>,
    /// The kind of credential, and the credential; nothing where the host asks the user's function for it.
    pub auth: Option<(Mode, Option<&'a str>)>,
    /// How long a call may take, retries included.
    pub timeout: Option<Duration>,
    /// How failed attempts are repeated.
    pub retry: RetryPolicy,
    /// Headers for every request.
    pub headers: Vec<(String, String)>,
}

/// Options of one plain call; what is not set is the client's.
#[derive(Default)]
pub struct CallOptions<'a> {
    /// How long the call may take, retries included.
    pub timeout: Option<Duration>,
    /// Ties the call to others in logs.
    pub correlation_id: Option<&'a str>,
    /// The receipt of a payment that was made for the action.
    pub receipt_id: Option<&'a str>,
    /// Headers for the requests of this call.
    pub headers: Vec<(String, String)>,
}

/// A client of one node. Its calls are begun by [`call`](Self::call).
pub struct PlainClient {
    url: String,
    node_id: NodeId,
    /// Source, destination and tenant of its messages.
    route: Option<[String; 3]>,
    mode: Option<Mode>,
    keys: Keys<Secret, NoToken>,
    timeout: Duration,
    retries: Retries,
    headers: Vec<(String, String)>,
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

/// What calls there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Waits for the action's result.
    Invoke,
    /// Done once the node has accepted the message.
    FireAndForget,
}

/// One call. The host ends it by [`late`](Self::late) once its [`limit`](Self::limit) is over; dropping it forgets it.
/// Its errors do not name the operation, which the host knows.
pub struct PlainCall<P> {
    payload: P,
    /// What stands before and after it in the request's body: the same for all attempts.
    parts: (String, String),
    correlation_id: String,
    headers: Vec<(String, String)>,
    attempts: Attempts<Secret>,
    /// How often the client's tokens had been asked for when the call began to wait for one.
    waits_since: Option<u32>,
    verb: Verb,
    limit: Duration,
    deadline: Duration,
}

impl PlainClient {
    /// A client with these options.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn new(options: Options<'_>) -> Result<Self> {
        let Options {
            base_url,
            node_id,
            tenant_id,
            auth,
            timeout,
            retry,
            headers,
        } = options;
        let base_url = base_url.ok_or_else(|| invalid("baseUrl", "is missing"))?;
        let base_url = HttpUrl::check_text(base_url).map_err(not_base)?;
        check_tenant(tenant_id)?;
        check_headers(&headers)?;
        let timeout = positive("timeout", timeout, TIMEOUT)?;
        let node_id = node(node_id)?;
        let (mode, token) = auth.unzip();
        let keys = match token {
            None => Keys::fixed(None),
            Some(None) => Keys::provided(),
            Some(Some(token)) => {
                let key = secret(token.into()).map_err(NoToken::error)?;
                Keys::fixed(Some(key))
            }
        };
        Ok(Self {
            route: tenant_id.map(|tenant| {
                [
                    service_text(tenant, SERVICE),
                    node_text(tenant, &node_id),
                    tenant.into(),
                ]
            }),
            url: below(base_url, &node_id),
            node_id,
            mode,
            keys,
            timeout,
            retries: Retries {
                policy: retry,
                budget: RetryBudget::default(),
            },
            headers,
        })
    }

    /// Begins a call of an action, whose first step [`PlainCall::next`] tells.
    /// It goes to the client's own node, and the host drops it where nobody waits for it any more.
    ///
    /// # Errors
    /// `invalid_options`, naming what is wrong.
    pub fn call<P>(
        &self,
        action: &str,
        verb: Verb,
        payload: P,
        options: CallOptions<'_>,
        host: &impl Host<P>,
    ) -> Result<PlainCall<P>> {
        let CallOptions {
            timeout,
            correlation_id,
            receipt_id,
            headers,
        } = options;
        check_action(action).map_err(|error| not_allowed("action", error))?;
        let limit = positive("timeout", timeout, self.timeout)?;
        check_headers(&headers)?;
        let id = uuid_v4(host.random());
        let correlation_id = correlation_id.unwrap_or(&id);
        let message = PlainMessage {
            id: &id,
            pattern: match verb {
                Verb::Invoke => Pattern::RequestReply,
                Verb::FireAndForget => Pattern::FireAndForget,
            },
            route: self
                .route
                .as_ref()
                .map(|route| route.each_ref().map(String::as_str)),
            timestamp: &timestamp::from_unix_millis(host.unix_millis()),
            correlation_id,
            action,
            node_id: &self.node_id,
            receipt_id,
        };
        Ok(PlainCall {
            payload,
            parts: message.envelope_parts(),
            correlation_id: correlation_id.into(),
            headers,
            attempts: Attempts::new(),
            waits_since: None,
            verb,
            limit,
            deadline: host.now().saturating_add(limit),
        })
    }

    /// Takes what the user's function gave as the token, or why it gave none.
    pub fn token<E: core::error::Error + Send + Sync + 'static>(
        &self,
        answer: core::result::Result<String, E>,
    ) {
        let failed = |why| NoToken::Failed(Arc::new(why));
        self.keys.keep(answer.map_err(failed).and_then(secret));
    }
}

/// Why there is no token: once for all calls that wait for it.
#[derive(Clone)]
enum NoToken {
    Failed(Cause),
    Unfit,
}

impl NoToken {
    fn error(self) -> Error {
        match self {
            Self::Failed(why) => no_token_because(why),
            Self::Unfit => unfit(),
        }
    }
}

fn secret(text: String) -> Result<Secret, NoToken> {
    let secret = Secret::new(text);
    match secret.is_fit() {
        true => Ok(secret),
        false => Err(NoToken::Unfit),
    }
}

impl<P> PlainCall<P> {
    /// The payload that it was begun with.
    pub fn payload(&self) -> &P {
        &self.payload
    }

    /// How long it may take.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// What comes first; after a token, and after a wait.
    pub fn next(&mut self, client: &PlainClient) -> Step {
        let since = *self
            .waits_since
            .get_or_insert_with(|| client.keys.answers());
        match client.keys.known(self.attempts.refused(), since) {
            Some(Ok(key)) => {
                self.attempts.shown = key;
                Step::Send
            }
            Some(Err(why)) => Step::Done(Err(self.attempts.prevented(why.error()))),
            None => Step::Ask,
        }
    }

    /// The request to send.
    pub fn request<'a>(&'a self, client: &'a PlainClient) -> HttpRequest<'a, P> {
        let (before, after) = &self.parts;
        let body = RequestBody {
            before: before.into(),
            payload: &self.payload,
            after: after.into(),
        };
        plain_request(
            &client.url,
            self.verb == Verb::FireAndForget,
            body,
            client.mode.zip(self.attempts.shown.as_ref()),
            [&client.headers, &self.headers],
        )
    }

    /// What comes after an answer.
    pub fn answered(
        &mut self,
        client: &PlainClient,
        answer: HttpResponse,
        host: &impl Host<P>,
    ) -> Step {
        let parse = |sent: &P, payload: &str| host.parse(sent, payload);
        match read_plain(
            self.verb == Verb::FireAndForget,
            &self.payload,
            answer,
            &parse,
        ) {
            Ok(answer) => {
                client.retries.budget.deposit();
                Step::Done(self.result(answer))
            }
            Err(error) => self.failed(client, error, host),
        }
    }

    fn result(&self, answer: Option<PlainAnswer>) -> Result<Json> {
        let Some(answer) = answer else {
            return Ok(Json::null());
        };
        let got = answer.correlation_id.as_deref();
        check_kind(answer.kind, got, Some(&self.correlation_id))?;
        check_error(answer.error.as_deref(), self.attempts.shown.as_ref())?;
        Ok(match self.verb {
            Verb::Invoke => answer.payload,
            Verb::FireAndForget => Json::null(),
        })
    }

    /// What comes after an attempt that has brought no answer.
    pub fn failed(&mut self, client: &PlainClient, error: Error, host: &impl Host<P>) -> Step {
        let left = self.deadline.saturating_sub(host.now());
        let [a, b, c, d, ..] = host.random();
        self.waits_since = None;
        let failed = self.attempts.failed(
            &client.retries,
            client.keys.can_renew(),
            error.without_secret(self.attempts.shown.as_ref()),
            &|_| true,
            left,
            u32::from_le_bytes([a, b, c, d]),
        );
        match failed {
            Ok(Next::AtOnce) => self.next(client),
            Ok(Next::After(delay)) => Step::Sleep(delay),
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// What it has come to when its limit is over.
    pub fn late(&self) -> Step {
        Step::Done(Err(late(self.limit)))
    }
}
