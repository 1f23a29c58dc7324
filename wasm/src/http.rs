//! HTTP by the host's `fetch`.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::Cell;
use core::ptr;

use ancp_core::http::{HttpBody, HttpClient, HttpRequest, HttpResponse, ResponseHead, too_large};
use ancp_core::platform::BoxFuture;
use ancp_core::{Error, ErrorCode, Json, Result};
use bytes::Bytes;
use zeroize::Zeroizing;

use crate::ops::{Failure, Op, Outcome, Shared};
use crate::text;

/// A request's payload.
#[derive(Clone)]
pub(crate) enum Payload {
    /// Kept by the host.
    Host(Rc<HostCall>),
    /// The core's own.
    Text(Json),
}

/// A call whose payload, and the result that answers it, the host keeps under a number.
pub(crate) struct HostCall {
    pub(crate) number: u32,
    /// Whether one answer's payload is its whole result.
    has_one_answer: bool,
    /// The text of the payload that the host has parsed and kept last.
    parsed: Cell<*const str>,
}

impl HostCall {
    pub(crate) fn new(number: u32, has_one_answer: bool) -> Self {
        Self {
            number,
            has_one_answer,
            parsed: Cell::new(ptr::from_ref("")),
        }
    }

    /// Whether the host has this result already.
    pub(crate) fn has(&self, result: &Json) -> bool {
        ptr::eq(self.parsed.get(), result.as_str())
    }
}

impl From<Json> for Payload {
    fn from(json: Json) -> Self {
        Self::Text(json)
    }
}

/// Sends the core's requests.
pub(crate) struct Fetch(pub(crate) Rc<Shared>);

impl HttpClient<Payload> for Fetch {
    const PARSES: bool = true;

    fn parse(&self, sent: &Payload, payload: &str) -> bool {
        let Payload::Host(call) = sent else {
            return false;
        };
        // The results of a group's members are parsed together.
        if !call.has_one_answer {
            return false;
        }
        call.parsed.set(payload);
        self.0.host.parse(call.number, payload)
    }

    fn exchange<'a>(
        &'a self,
        request: HttpRequest<'a, Payload>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        Box::pin(async move {
            let limit = request.max_response_bytes;
            match self.begin(request, true).outcome().await {
                Outcome::Answered {
                    status,
                    headers,
                    body,
                } => Ok(HttpResponse {
                    head: head(status, &headers),
                    body: Bytes::from(body),
                }),
                other => Err(error(other, limit)),
            }
        })
    }

    fn open<'a>(
        &'a self,
        request: HttpRequest<'a, Payload>,
    ) -> BoxFuture<'a, Result<(ResponseHead, Box<dyn HttpBody>)>> {
        Box::pin(async move {
            let limit = request.max_response_bytes;
            let mut op = self.begin(request, false);
            match op.outcome().await {
                Outcome::Opened { status, headers } => {
                    let body: Box<dyn HttpBody> = Box::new(Body { op, limit });
                    Ok((head(status, &headers), body))
                }
                other => Err(error(other, limit)),
            }
        })
    }
}

impl Fetch {
    /// Sends a request, for its whole answer or for the head of it.
    fn begin(&self, request: HttpRequest<'_, Payload>, whole: bool) -> Op {
        // One text, as each that crosses takes its time; in one piece, which is wiped: a header may
        // be a credential.
        let mut text = Zeroizing::new(String::with_capacity(length_of(&request)));
        text.push_str(&request.url);
        for (name, value) in &request.headers {
            for line in [name, value.as_str()] {
                text.push('\n');
                text.push_str(line);
            }
        }
        let method = match request.method {
            "POST" => 1,
            "DELETE" => 2,
            _ => 0,
        };
        let mut payload = 0;
        if let Some(body) = request.body {
            text.push('\0');
            text.push_str(&body.before);
            match body.payload {
                Payload::Host(call) => payload = call.number,
                Payload::Text(json) => text.push_str(json.as_str()),
            }
            text.push('\0');
            text.push_str(&body.after);
        }
        let limit = match whole {
            true => u32::try_from(request.max_response_bytes).unwrap_or(u32::MAX),
            false => 0,
        };
        Op::new(&self.0, |host, op| {
            host.send(op, method, &text, payload, limit);
        })
    }
}

/// How long the text of a request is.
fn length_of(request: &HttpRequest<'_, Payload>) -> usize {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| name.len() + value.len() + 2);
    let body = request.body.as_ref().map_or(0, |body| {
        let payload = match body.payload {
            Payload::Host(_) => 0,
            Payload::Text(json) => json.as_str().len(),
        };
        body.before.len() + payload + body.after.len() + 2
    });
    request.url.len() + headers.sum::<usize>() + body
}

/// An answer's body, read by the op that opened it.
struct Body {
    op: Op,
    limit: usize,
}

impl HttpBody for Body {
    fn read(&mut self) -> BoxFuture<'_, Result<Option<Bytes>>> {
        Box::pin(async move {
            self.op.again(|host, op| host.read(op));
            match self.op.outcome().await {
                Outcome::Read(bytes) => Ok(bytes.map(Bytes::from)),
                other => Err(error(other, self.limit)),
            }
        })
    }
}

/// The headers cross as four lines, empty where there is none.
fn head(status: u16, mut headers: &str) -> ResponseHead {
    let mut line = || {
        let line = text::line(&mut headers)?;
        (!line.is_empty()).then(|| line.to_owned())
    };
    ResponseHead {
        status,
        content_type: line(),
        location: line(),
        retry_after: line(),
        request_id: line(),
    }
}

/// The error of an op that did not come out as it should.
fn error(outcome: Outcome, limit: usize) -> Error {
    let Outcome::Failed(failure) = outcome else {
        // Only an error in the host's code completes an op as another kind.
        let message = "the host is out of step with the engine";
        return Error::new(ErrorCode::InvalidResponse, message);
    };
    let Failure {
        kind,
        message,
        cause,
    } = failure;
    match kind {
        1 => too_large(limit),
        2 => Error::new(ErrorCode::InvalidResponse, message).maybe_delivered(true),
        3 => Error::new(ErrorCode::InvalidOptions, message),
        _ => Error::new(ErrorCode::Network, message)
            .maybe_delivered(kind == 0)
            .with_source(cause),
    }
}
