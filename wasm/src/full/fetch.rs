//! HTTP by the host's `fetch`.

use alloc::boxed::Box;
use alloc::rc::Rc;

use ancp_core::http::{HttpBody, HttpClient, HttpRequest, HttpResponse, ResponseHead};
use ancp_core::platform::BoxFuture;
use ancp_core::{Error, ErrorCode, Result};
use bytes::Bytes;

use super::ops::{Op, Outcome, Shared};
use super::payload::Payload;
use crate::http::{RequestText, head};

/// Sends the core's requests.
pub(crate) struct Fetch(pub(crate) Rc<Shared>);

impl HttpClient<Payload> for Fetch {
    const PARSES: bool = true;

    fn parse(&self, sent: &Payload, payload: &str) -> bool {
        sent.parse(&self.0.host, payload)
    }

    async fn exchange(&self, request: HttpRequest<'_, Payload>) -> Result<HttpResponse> {
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
    }

    async fn open(
        &self,
        request: HttpRequest<'_, Payload>,
    ) -> Result<(ResponseHead, Box<dyn HttpBody>)> {
        let limit = request.max_response_bytes;
        let mut op = self.begin(request, false);
        match op.outcome().await {
            Outcome::Opened { status, headers } => {
                let body: Box<dyn HttpBody> = Box::new(Body { op, limit });
                Ok((head(status, &headers), body))
            }
            other => Err(error(other, limit)),
        }
    }
}

impl Fetch {
    fn begin(&self, request: HttpRequest<'_, Payload>, whole: bool) -> Op {
        let request = RequestText::of(request);
        Op::new(&self.0, |host, op| request.send(host, op, whole))
    }
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

/// The error of an op that did not come out as it should.
fn error(outcome: Outcome, limit: usize) -> Error {
    match outcome {
        Outcome::Failed(failure) => failure.error(limit),
        // Only an error in the host's code completes an op as another kind.
        _ => Error::new(
            ErrorCode::InvalidResponse,
            "the host is out of step with the engine",
        ),
    }
}
