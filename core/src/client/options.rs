//! What a client and a call can be told.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use bytestring::ByteString;

use super::attempts::Retries;
use super::plain;
use crate::address::{Endpoint, HttpUrl, NodeAddress};
use crate::auth::{Auth, Credentials};
use crate::message::{InvalidId, NodeId, check_tenant_id};
use crate::payment::Payer;
use crate::platform::{BoxFuture, MaybeSend};
use crate::retry::{RetryBudget, RetryPolicy};
use crate::{Error, ErrorCode, Result};

/// Options of a client, with the defaults of the wire contract. Nothing is checked before
/// `build`, which names the option that is wrong.
///
/// ```
/// use ancp_core::{Auth, ClientBuilder};
/// use std::time::Duration;
/// let builder = ClientBuilder::new()
///     .base_url("https://api.example.com")
///     .node_id(42)
///     .tenant_id(7)
///     .auth(Auth::api_key("bfk_…"))
///     .timeout(Duration::from_secs(10));
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    base_url: Option<String>,
    node_id: Option<String>,
    address: Option<NodeAddress>,
    tenant_id: Option<String>,
    auth: Option<Auth>,
    pub(super) credential_origins: Vec<String>,
    pub(super) payer: Option<Payer>,
    timeout: Option<Duration>,
    liveness_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    retry: RetryPolicy,
    retry_budget: Option<u32>,
    headers: Vec<(String, String)>,
    pub(crate) max_response_bytes: Option<usize>,
    pub(crate) max_event_bytes: Option<usize>,
}

impl ClientBuilder {
    /// Options with their defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the nodes are, such as `https://api.example.com`; a path is allowed, a query is not.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The node below the base URL that calls go to: a number or a name.
    pub fn node_id(mut self, id: impl ToString) -> Self {
        self.node_id = Some(id.to_string());
        self
    }

    /// The node or group that calls go to, by any kind of address; takes the place of `node_id`.
    pub fn address(mut self, address: NodeAddress) -> Self {
        self.address = Some(address);
        self
    }

    /// The tenant, a number or a name. Without one the node fills in its own.
    pub fn tenant_id(mut self, id: impl ToString) -> Self {
        self.tenant_id = Some(id.to_string());
        self
    }

    /// The credential. Without one, calls go out without.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Another origin that may have the credential, such as `https://nodes.example.com`; may be given
    /// more than once. By default only the base URL's may (without a base URL: that of a direct URL
    /// in [`address`](Self::address)), wherever an address leads. The same holds for headers of one's
    /// own that carry credentials: `Authorization`, `Cookie`, `Proxy-Authorization`,
    /// `X-Ancp-Api-Key` and `X-Ancp-Did-Proof`.
    pub fn credential_origin(mut self, origin: impl Into<String>) -> Self {
        self.credential_origins.push(origin.into());
        self
    }

    /// Who pays for actions that have a price. Without one, calls of those fail with `payment_required`.
    pub fn payer(mut self, payer: Payer) -> Self {
        self.payer = Some(payer);
        self
    }

    /// How long a call may take, retries included. Default 30 s. For a stream it bounds the time
    /// until the stream begins.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long a stream's connection may be silent before it counts as lost. Default 45 s.
    pub fn liveness_timeout(mut self, timeout: Duration) -> Self {
        self.liveness_timeout = Some(timeout);
        self
    }

    /// How long a stream may go without an event, heartbeats not counted. Default 5 min.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// How failed attempts are repeated. Default: 3 retries from 200 ms to 5 s.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// How many retries all calls together may make before successes earn more. Default 100.
    pub fn retry_budget(mut self, capacity: u32) -> Self {
        self.retry_budget = Some(capacity);
        self
    }

    /// A header for every request.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What a plain client is told, but for a credential that its host asks for.
    ///
    /// ```
    /// use ancp_core::{ClientBuilder, client::plain};
    /// let options = plain::Options { node_id: Some("42"), ..plain::Options::default() };
    /// let builder = ClientBuilder::new().plain(options);
    /// assert!(format!("{builder:?}").contains("42"));
    /// ```
    pub fn plain(mut self, options: plain::Options<'_>) -> Self {
        let plain::Options {
            base_url,
            node_id,
            tenant_id,
            auth,
            timeout,
            retry,
            headers,
        } = options;
        self.base_url = base_url.map(String::from);
        self.node_id = node_id.map(String::from);
        self.tenant_id = tenant_id.map(String::from);
        if let Some((mode, Some(token))) = auth {
            self.auth = Some(Auth::fixed(mode, token.into()));
        }
        self.timeout = timeout;
        self.retry = retry;
        self.headers = headers;
        self
    }

    /// The largest answer that is read. Default 16 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// The largest event of a stream that is read. Default 1 MiB.
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.max_event_bytes = Some(bytes);
        self
    }

    pub(crate) fn check(self) -> Result<Settings> {
        let Self {
            base_url,
            node_id,
            address,
            tenant_id,
            auth,
            credential_origins: _,
            payer: _,
            timeout,
            liveness_timeout,
            idle_timeout,
            retry,
            retry_budget,
            headers,
            max_response_bytes: _,
            max_event_bytes: _,
        } = self;
        let base_url = base_url
            .map(|url| HttpUrl::check(&url).map_err(not_base))
            .transpose()?;
        let address = match address {
            Some(address) => address,
            None => NodeAddress::of_node(&node(node_id.as_deref())?),
        };
        check_tenant(tenant_id.as_deref())?;
        check_headers(&headers)?;
        let direct = address.url();
        let own = base_url.as_ref().or(direct.as_ref()).cloned();
        let seconds = Duration::from_secs;
        let base = match (base_url, direct) {
            (Some(base), _) => Some(base.into()),
            (None, Some(url)) => Endpoint::at(&url, None).base,
            (None, None) => None,
        };
        Ok(Settings {
            timeout: positive("timeout", timeout, TIMEOUT)?,
            liveness_timeout: positive("livenessTimeout", liveness_timeout, seconds(45))?,
            idle_timeout: positive("idleTimeout", idle_timeout, seconds(300))?,
            address,
            own,
            base,
            credentials: Credentials::new(auth)?,
            tenant_id: tenant_id.map(ByteString::from),
            retries: Retries {
                policy: retry,
                budget: retry_budget.map_or_else(RetryBudget::default, RetryBudget::new),
            },
            headers,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            base_url,
            node_id,
            address,
            tenant_id,
            auth,
            credential_origins,
            payer,
            timeout,
            liveness_timeout,
            idle_timeout,
            retry,
            retry_budget,
            headers,
            max_response_bytes,
            max_event_bytes,
        } = self;
        // A header may be a credential, and so may a part of a URL that has not been checked.
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let base_url = base_url.as_deref().map(HttpUrl::parse);
        let origins: Vec<_> = credential_origins
            .iter()
            .map(|url| HttpUrl::parse(url))
            .collect();
        f.debug_struct("ClientBuilder")
            .field("base_url", &base_url)
            .field("node_id", node_id)
            .field("address", address)
            .field("tenant_id", tenant_id)
            .field("auth", auth)
            .field("credential_origins", &origins)
            .field("payer", payer)
            .field("timeout", timeout)
            .field("liveness_timeout", liveness_timeout)
            .field("idle_timeout", idle_timeout)
            .field("retry", retry)
            .field("retry_budget", retry_budget)
            .field("headers", &names)
            .field("max_response_bytes", max_response_bytes)
            .field("max_event_bytes", max_event_bytes)
            .finish()
    }
}

/// A client's options once they are checked.
pub(crate) struct Settings {
    /// What calls are for that name nothing else.
    pub(crate) address: NodeAddress,
    /// What nodes, and the discovery document, are below.
    /// The URL that the user has named: the base's, or the node's where there is none.
    pub(super) own: Option<HttpUrl>,
    pub(crate) base: Option<ByteString>,
    pub(crate) tenant_id: Option<ByteString>,
    pub(crate) credentials: Credentials,
    pub(crate) timeout: Duration,
    pub(crate) liveness_timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) retries: Retries,
    pub(crate) headers: Vec<(String, String)>,
}

impl Settings {
    /// The client's headers and a call's.
    pub(crate) fn headers(&self, options: &CallOptions) -> Vec<(String, String)> {
        let mut headers = self.headers.clone();
        // The call's header takes the place of the client's.
        headers.retain(|(name, _)| {
            !options
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        });
        headers.extend(options.headers.iter().cloned());
        headers
    }
}

/// Options of one call; what is not set is the client's.
///
/// ```
/// use ancp_core::CallOptions;
/// use std::time::Duration;
/// let options = CallOptions::new()
///     .timeout(Duration::from_secs(2))
///     .correlation_id("checkout-17")
///     .header("x-shop", "berlin");
/// ```
#[derive(Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) address: Option<NodeAddress>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) correlation_id: Option<ByteString>,
    pub(crate) receipt_id: Option<ByteString>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) cancel: Option<BoxFuture<'static, ()>>,
    /// Whether the caller parses what it gets, as [`Request::parsed_later`](crate::transport::Request::parsed_later).
    pub(crate) parsed_later: bool,
}

impl CallOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The node or group that the call is for, in the place of the client's. What concerns a task goes
    /// to the node that the client started it on, if it is not told otherwise.
    pub fn address(mut self, address: NodeAddress) -> Self {
        self.address = Some(address);
        self
    }

    /// How long the call may take, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Ties the call to others in logs; by default the message's own id.
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(ByteString::from(id.into()));
        self
    }

    /// The receipt of a payment that was made for the action. With one, the client's payer is not asked.
    pub fn receipt_id(mut self, id: impl Into<String>) -> Self {
        self.receipt_id = Some(ByteString::from(id.into()));
        self
    }

    /// A header for the requests of this call.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Ends the call with `aborted` when the future is ready, such as
    /// `token.cancelled_owned()` of a `tokio_util` cancellation token. Dropping the call's own
    /// future cancels it, too.
    pub fn cancel_on(mut self, cancel: impl Future<Output = ()> + MaybeSend + 'static) -> Self {
        self.cancel = Some(Box::pin(cancel));
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        positive("timeout", self.timeout, Duration::from_secs(1))?;
        check_headers(&self.headers)
    }
}

impl From<plain::CallOptions<'_>> for CallOptions {
    fn from(options: plain::CallOptions<'_>) -> Self {
        let plain::CallOptions {
            timeout,
            correlation_id,
            receipt_id,
            headers,
        } = options;
        Self {
            timeout,
            correlation_id: correlation_id.map(ByteString::from),
            receipt_id: receipt_id.map(ByteString::from),
            headers,
            ..Self::default()
        }
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            address,
            timeout,
            correlation_id,
            receipt_id,
            headers,
            cancel,
            parsed_later: _,
        } = self;
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("CallOptions")
            .field("address", address)
            .field("timeout", timeout)
            .field("correlation_id", correlation_id)
            // Whoever holds a receipt can use it.
            .field("receipt_id", &receipt_id.is_some())
            .field("headers", &names)
            .field("cancel", &cancel.is_some())
            .finish()
    }
}

/// How long a call may take, where it is not told.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn not_base(why: &str) -> Error {
    invalid("baseUrl", why)
}

pub(super) fn node(id: Option<&str>) -> Result<NodeId> {
    let id = id.ok_or_else(|| invalid("nodeId", "is missing"))?;
    NodeId::from_text(id).map_err(|error| not_allowed("nodeId", error))
}

pub(super) fn check_tenant(id: Option<&str>) -> Result<()> {
    match id {
        Some(id) => check_tenant_id(id).map_err(|error| not_allowed("tenantId", error)),
        None => Ok(()),
    }
}

/// The error for an id or a name that the contract does not allow.
pub(crate) fn not_allowed(option: &str, error: InvalidId) -> Error {
    invalid(option, error.rule())
}

pub(crate) fn invalid(option: &str, why: &str) -> Error {
    Error::new(ErrorCode::InvalidOptions, [option, ": ", why].concat())
}

pub(crate) fn positive(
    option: &str,
    value: Option<Duration>,
    default: Duration,
) -> Result<Duration> {
    match value {
        Some(value) if value.is_zero() => Err(invalid(option, "must be more than 0")),
        value => Ok(value.unwrap_or(default)),
    }
}

/// The headers that the client itself writes.
const RESERVED: [&str; 5] = [
    "accept",
    "content-type",
    "content-length",
    "host",
    "last-event-id",
];

pub(super) fn check_headers(headers: &[(String, String)]) -> Result<()> {
    for (name, value) in headers {
        let is_token = |byte: u8| {
            let is_mark = matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
            is_mark || byte.is_ascii_alphanumeric()
        };
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(invalid(
                "headers",
                "a name is empty or holds a character that is not allowed",
            ));
        }
        if RESERVED
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved))
        {
            return Err(invalid(
                "headers",
                &["the client itself writes ", name].concat(),
            ));
        }
        if !value
            .bytes()
            .all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte))
        {
            // The value may be a secret and is not repeated.
            return Err(invalid(
                "headers",
                &[
                    "the value of ",
                    name,
                    " holds a line break or a character beyond ASCII",
                ]
                .concat(),
            ));
        }
    }
    Ok(())
}
