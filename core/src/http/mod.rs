//! The HTTP binding of the wire contract, sections 3 to 6: URLs, headers and bodies of each operation.

mod answer;
mod client;
mod events;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;

use bytes::Bytes;
use bytestring::ByteString;
use zeroize::Zeroizing;

use crate::auth::Credential;
use crate::client::ClientBuilder;
use crate::json::write::integer;
use crate::message::{Message, Pattern, check_task_id};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync, Platform};
use crate::text::rsplit_once;
use crate::transport::{Answer, Opened, Operation, Payload, Reply, Request, Transport};
use crate::{Error, ErrorCode, Result};

pub use client::{
    HeaderText, HttpBody, HttpClient, HttpRequest, HttpResponse, RequestBody, ResponseHead,
};

/// The largest answer that is read, unless the client is told otherwise.
pub(crate) const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// The largest event of a stream.
const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// The largest document of a DID, which comes from a host that need not be the node's.
const MAX_DID_DOCUMENT_BYTES: usize = 256 * 1024;

/// The HTTP transport over a platform's HTTP client.
pub struct HttpTransport<P, H> {
    http: H,
    platform: Arc<dyn Platform>,
    max_response_bytes: usize,
    max_event_bytes: usize,
    payload: PhantomData<fn(P)>,
}

impl<P, H> HttpTransport<P, H> {
    /// A transport with the limits of the client's options.
    pub fn new(http: H, platform: Arc<dyn Platform>, options: &ClientBuilder) -> Self {
        Self {
            http,
            platform,
            max_response_bytes: options.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES),
            max_event_bytes: options.max_event_bytes.unwrap_or(MAX_EVENT_BYTES),
            payload: PhantomData,
        }
    }
}

impl<P, H> Transport<P> for HttpTransport<P, H>
where
    P: Payload,
    H: HttpClient<P> + MaybeSend + MaybeSync,
{
    fn carry<'a>(&'a self, request: &'a Request<P>) -> BoxFuture<'a, Result<Reply>> {
        match request.operation.has_stream() {
            true => Box::pin(self.open(request)),
            false => Box::pin(self.exchange(request)),
        }
    }
}

impl<P: Payload, H: HttpClient<P>> HttpTransport<P, H> {
    async fn exchange(&self, request: &Request<P>) -> Result<Reply> {
        let http = http_request(request, self.max_response_bytes)?;
        let answer = self.http.exchange(http).await?;
        let parse = |sent: &P, payload: &str| self.http.parse(sent, payload);
        let parse: Option<Parse<'_, P>> = match H::PARSES {
            _ if request.parsed_later => Some(&|_, _| true),
            true => Some(&parse),
            false => None,
        };
        let unix_millis = || self.platform.unix_millis();
        read(&request.operation, answer, parse, &unix_millis).map(Reply::Answer)
    }

    async fn open(&self, request: &Request<P>) -> Result<Reply> {
        let http = http_request(request, self.max_response_bytes)?;
        let (head, mut body) = self.http.open(http).await?;
        if !(200..300).contains(&head.status) {
            let body = read_all(&mut *body, self.max_response_bytes).await?;
            let unix_millis = self.platform.unix_millis();
            return Err(answer::failure(
                path_of(&request.operation),
                &head,
                &body,
                unix_millis,
                Message::from_answer,
            ));
        }
        if head.status != 200 || !answer::is_type(&head, "text/event-stream") {
            let error = answer::invalid("it is no event stream");
            return Err(answer::with_head(error, &head));
        }
        let stream_id = match &request.operation {
            Operation::ResumeStream { stream_id, .. } => Some(stream_id.clone()),
            _ => head.location.as_deref().and_then(last_segment),
        };
        let of_task = matches!(request.operation, Operation::TaskEvents { .. });
        let parsed_later = H::PARSES || request.parsed_later;
        let events = events::SseEvents::new(body, self.max_event_bytes, of_task, parsed_later);
        Ok(Reply::Opened(Opened {
            stream_id,
            events: Box::new(events),
        }))
    }
}

/// Parses the payload of an answer, given the payload that was sent: [`HttpClient::parse`].
pub(crate) type Parse<'a, P> = &'a dyn Fn(&P, &str) -> bool;

/// Reads a whole answer.
fn read<P>(
    operation: &Operation<P>,
    answer: HttpResponse,
    parse: Option<Parse<'_, P>>,
    unix_millis: &dyn Fn() -> u64,
) -> Result<Answer> {
    let HttpResponse { head, body } = answer;
    if !(200..300).contains(&head.status) {
        let path = path_of(operation);
        return Err(answer::failure(
            path,
            &head,
            &body,
            unix_millis(),
            Message::from_answer,
        ));
    }
    answer::success(operation, &head, body, parse).map_err(|error| answer::with_head(error, &head))
}

/// The same for a plain call, which takes less code.
pub(crate) fn read_plain<P>(
    sent: &Message<P>,
    answer: HttpResponse,
    parse: Parse<'_, P>,
    unix_millis: impl Fn() -> u64,
) -> Result<Answer> {
    let HttpResponse { head, body } = answer;
    let read = Message::from_plain_answer;
    if !(200..300).contains(&head.status) {
        return Err(answer::failure(
            Path::Invoke,
            &head,
            &body,
            unix_millis(),
            read,
        ));
    }
    answer::called(sent, &head, body, Some(parse), read)
        .map_err(|error| answer::with_head(error, &head))
}

/// Clients build URLs from ids; of a `Location` only the id is taken.
fn last_segment(location: &str) -> Option<ByteString> {
    let (_, id) = rsplit_once(location, b'/')?;
    check_task_id(id).ok()?;
    Some(id.into())
}

/// What stands after `N` in an operation's URL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Path {
    Invoke,
    Fire,
    Stream,
    Streams,
    Tasks,
    Discovery,
}

fn path_of<P>(operation: &Operation<P>) -> Path {
    match operation {
        Operation::Call(message) => match pattern_of(message) {
            Pattern::RequestReply => Path::Invoke,
            Pattern::FireAndForget => Path::Fire,
            Pattern::Streaming => Path::Stream,
            Pattern::TaskStart => Path::Tasks,
        },
        Operation::ResumeStream { .. } | Operation::EndStream { .. } => Path::Streams,
        Operation::TaskStatus { .. }
        | Operation::TaskEvents { .. }
        | Operation::TaskInput { .. }
        | Operation::CancelTask { .. } => Path::Tasks,
        Operation::Discover | Operation::DidDocument { .. } => Path::Discovery,
    }
}

fn pattern_of<P>(message: &Message<P>) -> Pattern {
    let ncp = message.ncp.as_ref();
    ncp.and_then(|ncp| ncp.pattern)
        .unwrap_or(Pattern::RequestReply)
}

const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";
const DID: &str = "application/did+json, application/json";

fn http_request<P: Payload>(
    request: &Request<P>,
    max_response_bytes: usize,
) -> Result<HttpRequest<'_, P>> {
    let node = request.endpoint.url.as_ref();
    let (method, url, accept, message) = match &request.operation {
        Operation::Call(message) => {
            return Ok(call_request(request, message, max_response_bytes));
        }
        Operation::ResumeStream { stream_id, .. } => {
            ("GET", [node, "/streams/", stream_id].concat(), EVENTS, None)
        }
        Operation::EndStream { stream_id } => (
            "DELETE",
            [node, "/streams/", stream_id].concat(),
            JSON,
            None,
        ),
        Operation::TaskStatus { task_id } => {
            ("GET", [node, "/tasks/", task_id].concat(), JSON, None)
        }
        Operation::TaskEvents { task_id } => (
            "GET",
            [node, "/tasks/", task_id, "/events"].concat(),
            EVENTS,
            None,
        ),
        Operation::TaskInput { task_id, message } => (
            "POST",
            [node, "/tasks/", task_id, "/input"].concat(),
            JSON,
            Some(message),
        ),
        Operation::CancelTask { task_id } => {
            ("DELETE", [node, "/tasks/", task_id].concat(), JSON, None)
        }
        Operation::Discover => {
            let base = request.endpoint.base.as_ref().ok_or_else(|| {
                Error::new(
                    ErrorCode::InvalidOptions,
                    "discovery needs a baseUrl: the node's URL does not end in /ncp/nodes/{nodeId}",
                )
            })?;
            ("GET", [base, "/.well-known/ncp.json"].concat(), JSON, None)
        }
        Operation::DidDocument { url } => ("GET", url.as_str().into(), DID, None),
    };
    let max_response_bytes = match request.operation {
        Operation::DidDocument { .. } => max_response_bytes.min(MAX_DID_DOCUMENT_BYTES),
        _ => max_response_bytes,
    };
    let mut http = with_headers(
        request,
        method,
        url,
        accept,
        message.map(Box::as_ref),
        max_response_bytes,
    );
    if let Operation::ResumeStream { after, .. } = &request.operation {
        let value = Zeroizing::new(integer(*after));
        http.headers
            .push(("last-event-id", HeaderText::Owned(value)));
    }
    Ok(http)
}

/// The request of a call.
pub(crate) fn call_request<'a, P: Payload>(
    request: &'a Request<P>,
    message: &'a Message<P>,
    max_response_bytes: usize,
) -> HttpRequest<'a, P> {
    let (path, accept) = match pattern_of(message) {
        Pattern::RequestReply => ("/invoke", JSON),
        Pattern::FireAndForget => ("/fire", JSON),
        Pattern::Streaming => ("/stream", EVENTS),
        Pattern::TaskStart => ("/tasks", JSON),
    };
    let url = [request.endpoint.url.as_ref(), path].concat();
    with_headers(
        request,
        "POST",
        url,
        accept,
        Some(message),
        max_response_bytes,
    )
}

fn with_headers<'a, P: Payload>(
    request: &'a Request<P>,
    method: &'static str,
    url: String,
    accept: &'static str,
    message: Option<&'a Message<P>>,
    max_response_bytes: usize,
) -> HttpRequest<'a, P> {
    // The binding's own are four at most.
    let mut headers = Vec::with_capacity(4 + request.headers.len());
    headers.push(("accept", HeaderText::Borrowed(accept)));
    if message.is_some() {
        headers.push(("content-type", HeaderText::Borrowed(JSON)));
    }
    if let Some(credential) = &request.credential {
        headers.push(match credential {
            Credential::Jwt(token) => {
                let bearer = Zeroizing::new(["Bearer ", token.expose()].concat());
                ("authorization", HeaderText::Owned(bearer))
            }
            Credential::ApiKey(key) => ("x-ancp-api-key", HeaderText::Borrowed(key.expose())),
            Credential::DidProof(proof) => {
                ("x-ancp-did-proof", HeaderText::Borrowed(proof.expose()))
            }
        });
    }
    // Of two by the same name, the one that was set last counts.
    for (name, value) in request.headers.iter().rev() {
        if !headers
            .iter()
            .any(|(own, _)| name.eq_ignore_ascii_case(own))
        {
            headers.push((name, HeaderText::Borrowed(value)));
        }
    }
    let body = message.map(|message| {
        let (before, after) = message.envelope_parts();
        RequestBody {
            before,
            payload: &message.payload,
            after,
        }
    });
    HttpRequest {
        method,
        url,
        headers,
        body,
        max_response_bytes,
    }
}

async fn read_all(body: &mut dyn HttpBody, limit: usize) -> Result<Bytes> {
    let mut all = Vec::new();
    while let Some(bytes) = body.read().await? {
        if all.len() + bytes.len() > limit {
            return Err(too_large(limit));
        }
        all.extend_from_slice(&bytes);
    }
    Ok(all.into())
}

/// The error for an answer over the limit; for platforms' HTTP clients, too.
pub fn too_large(limit: usize) -> Error {
    let message = [
        "the answer is larger than ",
        &integer(limit as u64),
        " bytes",
    ]
    .concat();
    Error::new(ErrorCode::ResponseTooLarge, message).maybe_delivered(true)
}
