//! A scripted HTTP client: tests of policies need no network and no real waiting.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ancp_core::http::{
    HttpBody, HttpClient, HttpRequest, HttpResponse, HttpTransport, ResponseHead,
};
use ancp_core::native::TokioPlatform;
use ancp_core::platform::BoxFuture;
use ancp_core::retry::parse_retry_after;
use ancp_core::{AncpClient, ClientBuilder, Error, ErrorCode, Json, Result};
use bytes::Bytes;
use serde_json::{Value, json};

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) at: tokio::time::Instant,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What comes back.
#[derive(Clone)]
pub(crate) enum Reply {
    Answer(u16, Value),
    Text(String),
    RetryAfter(u16, &'static str),
    Events(Vec<Piece>),
    Located(&'static str, Vec<Piece>),
    Broken,
    Never,
}

/// A piece of a stream's body.
#[derive(Clone)]
pub(crate) enum Piece {
    Text(String),
    Wait(Duration),
    Cut,
}

type Script = dyn Fn(&Sent) -> Reply + Send + Sync;

#[derive(Clone)]
pub(crate) struct Scripted {
    script: Arc<Script>,
    pub(crate) sent: Arc<Mutex<Vec<Sent>>>,
}

/// A client whose requests are answered by a function.
pub(crate) fn client(
    options: ClientBuilder,
    script: impl Fn(&Sent) -> Reply + Send + Sync + 'static,
) -> (AncpClient, Scripted) {
    let http = Scripted {
        script: Arc::new(script),
        sent: Arc::default(),
    };
    let platform = Arc::new(TokioPlatform::default());
    let transport = HttpTransport::new(http.clone(), &options);
    (
        AncpClient::over(options, transport, platform).unwrap(),
        http,
    )
}

pub(crate) fn options() -> ClientBuilder {
    ClientBuilder::new()
        .base_url("http://node.test/base/")
        .node_id(42)
        .tenant_id(7)
}

/// Answers one by one; the last one for good.
pub(crate) fn in_turn(
    replies: impl IntoIterator<Item = Reply>,
) -> impl Fn(&Sent) -> Reply + Send + Sync {
    let replies: Mutex<VecDeque<Reply>> = Mutex::new(replies.into_iter().collect());
    move |_| {
        let mut replies = replies.lock().unwrap();
        match replies.len() {
            1 => replies[0].clone(),
            _ => replies.pop_front().unwrap(),
        }
    }
}

/// An IEnvelope of a Response.
pub(crate) fn response(ncp: Value, payload: Value) -> Value {
    json!({
        "id": "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d", "type": "Response",
        "source": "node://7/42", "destination": "service://7/ancp-client", "tenantId": "7",
        "timestamp": "2026-05-25T09:14:00.000Z", "protocolVersion": "1.0",
        "body": { "data": { "payload": payload, "metadata": { "extensions": { "ncp": ncp } } } }
    })
}

pub(crate) fn ok(payload: Value) -> Reply {
    Reply::Answer(200, response(json!({}), payload))
}

pub(crate) fn error(status: u16, code: &str, retryable: bool) -> Reply {
    let ncp = json!({ "error": { "code": code, "message": "no", "retryable": retryable } });
    Reply::Answer(status, response(ncp, Value::Null))
}

pub(crate) fn task(status: u16, state: &str, progress: f64) -> Reply {
    let ncp = task_ncp(state, progress);
    Reply::Answer(status, response(ncp, json!({ "paid": 12 })))
}

pub(crate) fn task_ncp(state: &str, progress: f64) -> Value {
    json!({ "task": {
        "taskId": "t-1", "action": "run-payroll", "state": state, "progress": progress,
        "message": null, "createdAt": "2026-05-25T09:14:00Z", "updatedAt": "2026-05-25T09:14:01Z"
    } })
}

pub(crate) fn chunk(sequence: u64, resumable: bool) -> Piece {
    let stream = json!({ "streamId": "s-1", "sequence": sequence, "resumable": resumable });
    let data = response(json!({ "stream": stream }), json!({ "row": sequence }));
    Piece::Text(format!("event: chunk\nid: {sequence}\ndata: {data}\n\n"))
}

pub(crate) fn done(sequence: u64) -> Piece {
    let stream = json!({ "streamId": "s-1", "sequence": sequence, "final": true });
    let data = response(json!({ "stream": stream }), json!({ "rows": sequence }));
    Piece::Text(format!("event: done\ndata: {data}\n\n"))
}

pub(crate) fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

impl Scripted {
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    fn note(&self, request: HttpRequest<'_, Json>) -> Reply {
        let HttpRequest {
            method,
            url,
            headers,
            body,
            ..
        } = request;
        let body = body.map(|body| [&body.before, body.payload.as_str(), &body.after].concat());
        let sent = Sent {
            method,
            path: url
                .strip_prefix("http://node.test")
                .unwrap_or(&url)
                .to_owned(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.as_str().to_owned()))
                .collect(),
            body: body.unwrap_or_default(),
            at: tokio::time::Instant::now(),
        };
        let reply = (self.script)(&sent);
        self.sent.lock().unwrap().push(sent);
        reply
    }
}

fn head(status: u16, content_type: &str) -> ResponseHead {
    ResponseHead {
        status,
        content_type: Some(content_type.to_owned()),
        ..ResponseHead::default()
    }
}

fn broken() -> Error {
    Error::new(ErrorCode::Network, "broken")
}

impl HttpClient<Json> for Scripted {
    async fn exchange(&self, request: HttpRequest<'_, Json>) -> Result<HttpResponse> {
        let reply = self.note(request);
        match reply {
            Reply::Answer(status, body) => Ok(HttpResponse {
                head: head(status, "application/json; charset=utf-8"),
                body: body.to_string().into(),
            }),
            Reply::Text(text) => Ok(HttpResponse {
                head: head(200, "application/json"),
                body: text.into(),
            }),
            Reply::RetryAfter(status, after) => {
                let mut head = head(status, "text/html");
                head.retry_after = parse_retry_after(after, 0);
                Ok(HttpResponse {
                    head,
                    body: Bytes::new(),
                })
            }
            Reply::Broken => Err(broken()),
            _ => pending().await,
        }
    }

    async fn open(
        &self,
        request: HttpRequest<'_, Json>,
    ) -> Result<(ResponseHead, Box<dyn HttpBody>)> {
        let reply = self.note(request);
        let (location, status, pieces) = match reply {
            Reply::Events(pieces) => (None, 200, pieces),
            Reply::Located(location, pieces) => (Some(location.to_owned()), 200, pieces),
            Reply::Answer(status, body) => {
                let body = vec![Piece::Text(body.to_string())];
                let body: Box<dyn HttpBody> = Box::new(Body(body.into()));
                return Ok((head(status, "application/json"), body));
            }
            Reply::Broken => return Err(broken()),
            _ => pending().await,
        };
        let mut head = head(status, "text/event-stream");
        head.location = location;
        let body: Box<dyn HttpBody> = Box::new(Body(pieces.into()));
        Ok((head, body))
    }
}

struct Body(VecDeque<Piece>);

impl HttpBody for Body {
    fn read(&mut self) -> BoxFuture<'_, Result<Option<Bytes>>> {
        Box::pin(async move {
            loop {
                match self.0.pop_front() {
                    Some(Piece::Text(text)) => return Ok(Some(text.into())),
                    Some(Piece::Wait(duration)) => tokio::time::sleep(duration).await,
                    Some(Piece::Cut) => return Err(broken()),
                    None => return Ok(None),
                }
            }
        })
    }
}
