//! The HTTP binding of the wire contract, sections 3 to 6: URLs, headers and bodies of each operation.

mod answer;
mod client;
mod events;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use bytes::Bytes;
use bytestring::ByteString;
use zeroize::Zeroizing;

use crate::auth::{Credential, Mode, Secret};
use crate::client::ClientBuilder;
use crate::json::write::integer;
use crate::message::{Message, Pattern, PlainAnswer, check_task_id};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::text::rsplit_once;
use crate::transport::{Answer, Opened, Operation, Payload, Reply, Request, Transport};
use crate::{Error, ErrorCode, Result};

pub use client::{
    HeaderText, HttpBody, HttpClient, HttpRequest, HttpResponse, RequestBody, ResponseHead,
};

/// The largest answer that is read, unless the client is told otherwise.
pub const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;
/// The largest event of a stream.
const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// The largest document of a DID, which comes from a host that need not be the node's.
const MAX_DID_DOCUMENT_BYTES: usize = 256 * 1024;

/// The HTTP transport over a platform's HTTP client.
pub struct HttpTransport<P, H> {
    http: H,
    max_response_bytes: usize,
    max_event_bytes: usize,
    payload: PhantomData<fn(P)>,
}

impl<P, H> HttpTransport<P, H> {
    /// A transport with the limits of the client's options.
    pub fn new(http: H, options: &ClientBuilder) -> Self {
        Self {
            http,
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
        read(&request.operation, answer, parse).map(Reply::Answer)
    }

    async fn open(&self, request: &Request<P>) -> Result<Reply> {
        let http = http_request(request, self.max_response_bytes)?;
        let (head, mut body) = self.http.open(http).await?;
        if !(200..300).contains(&head.status) {
            let body = read_all(&mut *body, self.max_response_bytes).await?;
            let path = path_of(&request.operation);
            return Err(answer::failure::<Message>(path, &head, body));
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
) -> Result<Answer> {
    let HttpResponse { head, body } = answer;
    if !(200..300).contains(&head.status) {
        let path = path_of(operation);
        return Err(answer::failure::<Message>(path, &head, body));
    }
    answer::success(operation, &head, body, parse).map_err(|error| answer::with_head(error, &head))
}

/// Reads the whole answer to a plain call: nothing where it is accepted without one.
pub(crate) fn read_plain<P>(
    fires: bool,
    payload: &P,
    answer: HttpResponse,
    parse: Parse<'_, P>,
) -> Result<Option<PlainAnswer>> {
    let HttpResponse { head, body } = answer;
    if !(200..300).contains(&head.status) {
        return Err(answer::failure::<PlainAnswer>(Path::Invoke, &head, body));
    }
    answer::called(fires, payload, &head, body, Some(parse))
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

const INVOKE: &str = "/invoke";
const FIRE: &str = "/fire";
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
            let (path, accept) = match pattern_of(message) {
                Pattern::RequestReply => (INVOKE, JSON),
                Pattern::FireAndForget => (FIRE, JSON),
                Pattern::Streaming => ("/stream", EVENTS),
                Pattern::TaskStart => ("/tasks", JSON),
            };
            ("POST", [node, path].concat(), accept, Some(message))
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
    let body = message.map(|message| {
        let (before, after) = message.envelope_parts();
        RequestBody {
            before: before.into(),
            payload: &message.payload,
            after: after.into(),
        }
    });
    let credential = request
        .credential
        .as_ref()
        .map(|credential| match credential {
            Credential::Jwt(token) => token_header(Mode::Jwt, token),
            Credential::ApiKey(key) => token_header(Mode::ApiKey, key),
            Credential::DidProof(proof) => {
                ("x-ancp-did-proof", HeaderText::Borrowed(proof.expose()))
            }
        });
    let mut headers = headers(accept, body.is_some(), credential, &[&request.headers]);
    if let Operation::ResumeStream { after, .. } = &request.operation {
        let value = Zeroizing::new(integer(*after));
        headers.push(("last-event-id", HeaderText::Owned(value)));
    }
    Ok(HttpRequest {
        method,
        url,
        headers,
        body,
        max_response_bytes: match request.operation {
            Operation::DidDocument { .. } => max_response_bytes.min(MAX_DID_DOCUMENT_BYTES),
            _ => max_response_bytes,
        },
    })
}

/// The request of a plain call at a node.
pub(crate) fn plain_request<'a, P>(
    node: &str,
    fires: bool,
    body: RequestBody<'a, P>,
    token: Option<(Mode, &'a Secret)>,
    own: [&'a [(String, String)]; 2],
) -> HttpRequest<'a, P> {
    HttpRequest {
        method: "POST",
        url: [node, if fires { FIRE } else { INVOKE }].concat(),
        headers: headers(
            JSON,
            true,
            token.map(|(mode, secret)| token_header(mode, secret)),
            &own,
        ),
        body: Some(body),
        max_response_bytes: MAX_RESPONSE_BYTES,
    }
}

type Header<'a> = (&'a str, HeaderText<'a>);

fn token_header(mode: Mode, secret: &Secret) -> Header<'_> {
    match mode {
        Mode::Jwt => {
            let bearer = Zeroizing::new(["Bearer ", secret.expose()].concat());
            ("authorization", HeaderText::Owned(bearer))
        }
        Mode::ApiKey => ("x-ancp-api-key", HeaderText::Borrowed(secret.expose())),
    }
}

/// The binding's headers, and the user's own: of two by the same name, the one that was set last counts.
fn headers<'a>(
    accept: &'static str,
    has_body: bool,
    credential: Option<Header<'a>>,
    own: &[&'a [(String, String)]],
) -> Vec<Header<'a>> {
    // The binding's own are four at most.
    let count = own.iter().map(|headers| headers.len()).sum::<usize>();
    let mut headers = Vec::with_capacity(4 + count);
    headers.push(("accept", HeaderText::Static(accept)));
    if has_body {
        headers.push(("content-type", HeaderText::Static(JSON)));
    }
    headers.extend(credential);
    for set in own.iter().rev() {
        for (name, value) in set.iter().rev() {
            let is_set = |(other, _): &(&str, _)| name.eq_ignore_ascii_case(other);
            if !headers.iter().any(is_set) {
                headers.push((name, HeaderText::Borrowed(value)));
            }
        }
    }
    headers
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
