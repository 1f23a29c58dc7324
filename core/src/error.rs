//! The one error type of the client.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use crate::auth::Secret;
use crate::json::Json;
use crate::message::ErrorMeta;
use crate::text;

/// The result of every fallible operation of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What went wrong, in the words of the wire contract.
///
/// The first group comes from a node; the second is raised by the client itself, with status 0.
///
/// ```
/// use ancp_core::ErrorCode;
/// assert_eq!(ErrorCode::RateLimited.as_str(), "rate_limited");
/// assert_eq!(ErrorCode::from("rate_limited"), ErrorCode::RateLimited);
/// assert_eq!(ErrorCode::from("out_of_stock").as_str(), "out_of_stock");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The message could not be read.
    InvalidEnvelope,
    /// The payload is not what the action takes.
    InvalidPayload,
    /// A message without a tenant on a transport that demands one.
    TenantRequired,
    /// Another major protocol version.
    UnsupportedVersion,
    /// No credential, or one that the node refused.
    Unauthenticated,
    /// The action has a price and no valid receipt came with the call.
    PaymentRequired,
    /// The caller lacks the role.
    Forbidden,
    /// The message names another tenant than its own or the node's.
    TenantMismatch,
    /// No such node, or no such path.
    NodeNotFound,
    /// The node has no such action.
    ActionNotFound,
    /// No such task, or not the caller's.
    TaskNotFound,
    /// No such stream, or not the caller's.
    StreamNotFound,
    /// The action is registered under another message pattern.
    PatternMismatch,
    /// The message id was used before, with other bytes.
    DuplicateId,
    /// Input was sent to a task that waits for none.
    TaskNotWaiting,
    /// The node no longer keeps the stream, or not from the place asked for.
    StreamExpired,
    /// The node no longer keeps the task.
    TaskExpired,
    /// The request body is over the node's limit.
    PayloadTooLarge,
    /// Too many calls.
    RateLimited,
    /// The action's handler failed.
    HandlerError,
    /// The node takes no calls at the moment.
    Unavailable,
    /// The node, or the call's own deadline, ran out of time.
    Timeout,

    /// The node could not be reached, or the connection broke.
    Network,
    /// The caller cancelled the call, or closed the client.
    Aborted,
    /// An option or argument is not valid; nothing was sent.
    InvalidOptions,
    /// The answer is not what the contract says.
    InvalidResponse,
    /// The answer is over the client's limit.
    ResponseTooLarge,
    /// A stream was lost and could not be resumed.
    StreamInterrupted,
    /// An address could not be resolved to a node.
    AddressNotFound,
    /// WebAssembly can't be used here.
    WasmUnavailable,
    /// The client was closed before the call.
    Closed,

    /// A code that this version does not know, such as an action's own.
    Other(Box<str>),
}

macro_rules! codes {
    ($($variant:ident $text:literal $status:literal)*) => {
        /// What stands on the wire, by place: comparing with each in turn takes more code.
        const TEXTS: &[&str] = &[$($text),*];

        #[derive(Clone, Copy)]
        enum Place { $($variant),* }

        impl ErrorCode {
            /// The code as it stands on the wire.
            pub fn as_str(&self) -> &str {
                let place = match self {
                    $(Self::$variant => Place::$variant,)*
                    Self::Other(text) => return text,
                };
                TEXTS.get(place as usize).copied().unwrap_or_default()
            }

            /// The HTTP status that a node answers this code with; 0 for the client's own codes,
            /// 500 for codes that the contract does not name.
            pub fn status(&self) -> u16 {
                match self {
                    $(Self::$variant => $status,)*
                    Self::Other(_) => 500,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(text: &str) -> Self {
                match TEXTS.iter().position(|other| *other == text) {
                    $(Some(place) if place == Place::$variant as usize => Self::$variant,)*
                    _ => Self::Other(text.into()),
                }
            }
        }
    };
}

codes! {
    InvalidEnvelope "invalid_envelope" 400
    InvalidPayload "invalid_payload" 400
    TenantRequired "tenant_required" 400
    UnsupportedVersion "unsupported_version" 400
    Unauthenticated "unauthenticated" 401
    PaymentRequired "payment_required" 402
    Forbidden "forbidden" 403
    TenantMismatch "tenant_mismatch" 403
    NodeNotFound "node_not_found" 404
    ActionNotFound "action_not_found" 404
    TaskNotFound "task_not_found" 404
    StreamNotFound "stream_not_found" 404
    PatternMismatch "pattern_mismatch" 409
    DuplicateId "duplicate_id" 409
    TaskNotWaiting "task_not_waiting" 409
    StreamExpired "stream_expired" 410
    TaskExpired "task_expired" 410
    PayloadTooLarge "payload_too_large" 413
    RateLimited "rate_limited" 429
    HandlerError "handler_error" 500
    Unavailable "unavailable" 503
    Timeout "timeout" 504
    Network "network" 0
    Aborted "aborted" 0
    InvalidOptions "invalid_options" 0
    InvalidResponse "invalid_response" 0
    ResponseTooLarge "response_too_large" 0
    StreamInterrupted "stream_interrupted" 0
    AddressNotFound "address_not_found" 0
    WasmUnavailable "wasm_unavailable" 0
    Closed "closed" 0
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What went wrong with a call: a stable [`code`](Error::code), a sentence for people, and the
/// circumstances. It never holds a credential.
///
/// ```
/// use ancp_core::{Error, ErrorCode};
/// let error = Error::new(ErrorCode::Unavailable, "the node is restarting").retryable(true);
/// assert_eq!(error.status(), 503);
/// assert_eq!(error.to_string(), "unavailable: the node is restarting (status 503)");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: ErrorCode,
    message: String,
    status: u16,
    retryable: bool,
    delivered: bool,
    request_id: Option<String>,
    operation: Option<String>,
    details: Option<Json>,
    retry_after: Option<Duration>,
    source: Option<Cause>,
}

pub(crate) type Cause = alloc::sync::Arc<dyn core::error::Error + Send + Sync>;

impl Error {
    /// An error with the status that belongs to its code.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let status = code.status();
        let retryable = matches!(
            code,
            ErrorCode::Network | ErrorCode::RateLimited | ErrorCode::Unavailable
        ) || (code == ErrorCode::Timeout && status != 0);
        let delivered = status != 0;
        Self(Box::new(Inner {
            code,
            message: message.into(),
            status,
            retryable,
            delivered,
            request_id: None,
            operation: None,
            details: None,
            retry_after: None,
            source: None,
        }))
    }

    /// Says whether trying again may help.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// The same error under another code, with that code's status.
    #[must_use]
    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.status = code.status();
        self.0.code = code;
        self
    }

    /// Sets the HTTP status (0: the client's own error).
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// Says whether the node may have seen the call.
    #[must_use]
    pub fn maybe_delivered(mut self, delivered: bool) -> Self {
        self.0.delivered = delivered;
        self
    }

    /// The same, where an earlier attempt may have reached the node.
    pub(crate) fn or_delivered(self, delivered: bool) -> Self {
        let delivered = delivered || self.0.delivered;
        self.maybe_delivered(delivered)
    }

    /// Adds the node's request id, for its logs.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Names the operation that failed, such as `invoke get-order`.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<String>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// Adds the node's details.
    #[must_use]
    pub fn with_details(mut self, details: Json) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Adds how long the node asks to wait before the next attempt.
    #[must_use]
    pub(crate) fn with_retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    /// What a node reported, with the status that it came with.
    pub(crate) fn from_meta(meta: &ErrorMeta, status: u16) -> Self {
        let error = Self::new(meta.code.clone(), &*meta.message)
            .with_status(status)
            .retryable(meta.retryable)
            .maybe_delivered(true);
        match &meta.details {
            Some(details) => error.with_details(details.clone()),
            None => error,
        }
    }

    /// Adds the underlying cause.
    #[must_use]
    pub fn with_source(mut self, source: impl core::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(alloc::sync::Arc::new(source));
        self
    }

    /// The same with a cause that others have, too.
    pub(crate) fn with_shared_source(mut self, source: Cause) -> Self {
        self.0.source = Some(source);
        self
    }

    /// The same with a cause of any type.
    pub(crate) fn with_boxed_source(
        mut self,
        source: Box<dyn core::error::Error + Send + Sync>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same with another sentence for people.
    #[must_use]
    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The same without the credential that was sent: a careless node, or what stands in between, may
    /// have repeated it.
    pub(crate) fn without_secret(mut self, secret: Option<&Secret>) -> Self {
        let Some(secret) = secret.map(Secret::expose) else {
            return self;
        };
        let Inner {
            code,
            message,
            request_id,
            details,
            ..
        } = &mut *self.0;
        if let ErrorCode::Other(code) = code
            && let Some(cleaned) = text::without(code, secret)
        {
            *code = cleaned.into();
        }
        clean(message, secret);
        if let Some(id) = request_id {
            clean(id, secret);
        }
        // As JSON writes it, which differs where it holds a quote or a backslash.
        let quoted = Json::string(secret);
        let inside = quoted.as_str();
        let inside = inside.get(1..inside.len() - 1).unwrap_or_default();
        if let Some(cleaned) = details
            .as_ref()
            .and_then(|details| text::without(details.as_str(), inside))
        {
            *details = Json::parse(cleaned).ok();
        }
        self
    }

    /// Adds the cause of another error, which this one takes the place of. That one itself is no cause:
    /// printing it would bring the formatting machinery into the WebAssembly module.
    pub(crate) fn with_source_of(mut self, other: Self) -> Self {
        self.0.source = other.0.source;
        self
    }

    /// What went wrong.
    pub fn code(&self) -> &ErrorCode {
        &self.0.code
    }

    /// A sentence for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The HTTP status; 0 for the client's own errors.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the node may have seen the call: where it is false, repeating the call is safe.
    pub fn may_have_been_delivered(&self) -> bool {
        self.0.delivered
    }

    /// The node's id of the request (`X-Request-Id`), for its logs.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The operation that failed, such as `invoke get-order`.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// How long the node asks to wait before the next attempt (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the node added, as JSON.
    pub fn details(&self) -> Option<&Json> {
        self.0.details.as_ref()
    }
}

fn clean(text: &mut String, secret: &str) {
    if let Some(cleaned) = text::without(text, secret) {
        *text = cleaned;
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        write!(f, "{}: {}", self.code(), self.message())?;
        if self.status() != 0 {
            write!(f, " (status {})", self.status())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            code,
            message,
            status,
            retryable,
            delivered,
            request_id,
            operation,
            details,
            retry_after,
            source,
        } = &*self.0;
        f.debug_struct("Error")
            .field("code", code)
            .field("message", message)
            .field("status", status)
            .field("retryable", retryable)
            .field("delivered", delivered)
            .field("request_id", request_id)
            .field("operation", operation)
            .field("details", details)
            .field("retry_after", retry_after)
            .field("source", source)
            .finish()
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
