//! What the HTTP binding needs of a platform: one HTTP request at a time.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::future::Future;
use core::time::Duration;
use zeroize::Zeroizing;

use crate::Result;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};

/// Sends HTTP requests. Redirects are not followed: a 3xx is an answer like any other.
///
/// Failures are [`Error`](crate::Error)s of code `network` (or `response_too_large`), which say
/// whether the node may have seen the request.
pub trait HttpClient<P>: MaybeSend + MaybeSync + 'static {
    /// Whether the host parses payloads itself: that of a whole answer by [`parse`](Self::parse),
    /// a stream's chunks when it takes them. Then the core does not go over them once more to find
    /// out whether they are JSON: for a chunk that is none there is
    /// [`StreamCall::unreadable`](crate::client::StreamCall::unreadable).
    const PARSES: bool = false;

    /// Parses the payload of an answer, given the payload that was sent, and may keep what it got.
    /// Returns whether it is JSON.
    fn parse(&self, _request: &P, _payload: &str) -> bool {
        false
    }

    /// Sends a request and reads the whole answer, up to the request's limit.
    fn exchange(
        &self,
        request: HttpRequest<'_, P>,
    ) -> impl Future<Output = Result<HttpResponse>> + MaybeSend;

    /// Sends a request and returns once the head of the answer is there.
    fn open(
        &self,
        request: HttpRequest<'_, P>,
    ) -> impl Future<Output = Result<(ResponseHead, Box<dyn HttpBody>)>> + MaybeSend;
}

/// One HTTP request.
pub struct HttpRequest<'a, P> {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'static str,
    /// The whole URL.
    pub url: String,
    /// Names in lower case where the binding sets them, the caller's as they came.
    pub headers: Vec<(&'a str, HeaderText<'a>)>,
    /// The body, where there is one.
    pub body: Option<RequestBody<'a, P>>,
    /// The largest answer to read; beyond it, the error is `response_too_large`.
    pub max_response_bytes: usize,
}

/// A header's value.
pub enum HeaderText<'a> {
    /// What is the same in all requests.
    Static(&'static str),
    /// What others hold.
    Borrowed(&'a str),
    /// What was made for this request. It may hold a credential, and is wiped when it is dropped.
    Owned(Zeroizing<String>),
}

impl HeaderText<'_> {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

/// A body in three parts, so that a payload that the host holds is not copied through the core.
pub struct RequestBody<'a, P> {
    /// JSON text before the payload.
    pub before: Cow<'a, str>,
    /// The payload.
    pub payload: &'a P,
    /// JSON text after the payload.
    pub after: Cow<'a, str>,
}

/// A whole HTTP answer.
pub struct HttpResponse {
    /// Status and headers.
    pub head: ResponseHead,
    /// The body.
    pub body: Bytes,
}

/// The parts of an answer's head that the contract gives a meaning.
#[derive(Clone, Debug, Default)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Retry-After`, read by [`parse_retry_after`](crate::retry::parse_retry_after).
    pub retry_after: Option<Duration>,
    /// `X-Request-Id`.
    pub request_id: Option<String>,
}

/// The body of an answer as it arrives. Dropping it closes the connection.
pub trait HttpBody: MaybeSend {
    /// Waits for what arrives next; `None` at the end.
    fn read(&mut self) -> BoxFuture<'_, Result<Option<Bytes>>>;
}
