//! What a handler, or the node itself, refuses a call with.

use std::fmt;
use std::time::Duration;

use ancp_core::message::ErrorMeta;
use ancp_core::{ErrorCode, Json};

/// Why a call failed: becomes the `ncp.error` of the answer.
///
/// Every [`std::error::Error`] turns into a `handler_error`, so that handlers can use `?`.
///
/// ```
/// use ancp_core::ErrorCode;
/// use ancp_mock_node::Failure;
/// let failure = Failure::new(ErrorCode::RateLimited, "slow down");
/// assert_eq!(failure.status(), 429);
/// assert!(failure.is_retryable());
/// ```
#[derive(Clone)]
pub struct Failure(Box<Inner>);

// Boxed, as results carry it everywhere.
#[derive(Clone, Debug)]
struct Inner {
    code: ErrorCode,
    message: String,
    retryable: bool,
    details: Option<Json>,
    retry_after: Option<Duration>,
    rejected: bool,
}

impl Failure {
    /// A failure with this code. It is retryable where the contract calls the code so.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let retryable = matches!(
            code,
            ErrorCode::RateLimited | ErrorCode::Unavailable | ErrorCode::Timeout
        );
        Self(Box::new(Inner {
            code,
            message: message.into(),
            retryable,
            details: None,
            retry_after: None,
            rejected: false,
        }))
    }

    /// A `handler_error`.
    pub fn handler(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::HandlerError, message)
    }

    /// A task's handler refuses the work before doing any: the task ends as `Rejected`.
    /// After the first progress it is an ordinary failure.
    pub fn rejected(message: impl Into<String>) -> Self {
        let mut failure = Self::handler(message);
        failure.0.rejected = true;
        failure
    }

    /// Says whether trying again may help. The answer of a retryable failure is not remembered.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Adds details.
    #[must_use]
    pub fn with_details(mut self, details: Json) -> Self {
        self.0.details = Some(details);
        self
    }

    /// Tells the caller when to try again (`Retry-After`).
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The code.
    pub fn code(&self) -> &ErrorCode {
        &self.0.code
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// The HTTP status that goes with the code. A code without one on the wire (a client's own) is
    /// a failure of the handler.
    pub fn status(&self) -> u16 {
        match self.0.code.status() {
            0 => 500,
            status => status,
        }
    }

    pub(crate) fn delay(&self) -> Option<Duration> {
        self.0.retry_after
    }

    pub(crate) fn is_rejection(&self) -> bool {
        self.0.rejected
    }

    pub(crate) fn to_meta(&self) -> ErrorMeta {
        ErrorMeta {
            code: self.0.code.clone(),
            message: self.0.message.as_str().into(),
            retryable: self.0.retryable,
            details: self.0.details.clone(),
        }
    }
}

// `Failure` itself is no `std::error::Error`, which leaves room for this.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::handler(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses() {
        for (code, status) in [
            ("invalid_payload", 400),
            ("forbidden", 403),
            ("unavailable", 503),
            ("out_of_stock", 500),
            ("network", 500),
        ] {
            let failure = Failure::new(ErrorCode::from(code), "");
            assert_eq!(failure.status(), status, "{code}");
        }
    }

    #[test]
    fn from_any_error() {
        let failure: Failure = "x".parse::<u8>().unwrap_err().into();
        assert_eq!(failure.code(), &ErrorCode::HandlerError);
        assert!(!failure.is_retryable());
    }
}
