//! The way of a request through the server, in the contract's order.

use std::sync::Arc;
use std::time::Duration;

use ancp_core::message::Message;
use ancp_core::{ErrorCode, Json};
use axum::body::Body;
use axum::http::request::Parts as Head;
use axum::http::{HeaderName, HeaderValue, Method, Request, Response};
use bytes::Bytes;
use bytestring::ByteString;

use super::files::Files;
use super::request::{self, RequestBody, read_body};
use super::respond::{self, Path};
use super::route::{Endpoint, NodePath};
use super::{control, cors};
use crate::Failure;
use crate::answer::{Answer, Reply, Thread, failure_of_no_node, new_id};
use crate::calls::{CallLog, Tracker};
use crate::dispatch::{Post, Sender};
use crate::faults::{Fault, Faults};
use crate::node::Node;

/// What a server serves.
pub(super) struct App {
    pub(super) nodes: Vec<Node>,
    /// The base URL's path, without a `/` at its end.
    pub(super) base_path: String,
    /// How the outside world names it: for the discovery document, and what DID proofs are made for.
    pub(super) base_url: String,
    pub(super) faults: Faults,
    pub(super) calls: CallLog,
    /// Whether requests are looked at for rules and log.
    pub(super) observed: bool,
    /// Whether the control API is there.
    pub(super) control: bool,
    /// Served where no path of the contract is meant.
    pub(super) files: Files,
}

/// A response that is none: the connection is to be closed. Read by the server's loop.
#[derive(Clone)]
pub(super) struct CloseConnection;

impl App {
    pub(super) async fn handle(self: Arc<Self>, request: Request<Body>) -> Response<Body> {
        let preflight = cors::preflight(request.method(), request.headers());
        let mut response = match preflight {
            Some(response) => response,
            None => self.serve(request).await,
        };
        let headers = response.headers_mut();
        cors::allow(headers);
        let id = HeaderValue::from_str(&new_id());
        if let Ok(id) = id {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        response
    }

    async fn serve(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let endpoint = path.strip_prefix(&self.base_path).and_then(Endpoint::parse);
        let is_control = matches!(endpoint, Some(Endpoint::Faults | Endpoint::Calls));
        let endpoint = endpoint.filter(|_| self.control || !is_control);
        if endpoint.is_none()
            && head.method == Method::GET
            && let Some(file) = path
                .strip_prefix(&self.base_path)
                .and_then(|path| self.files.get(path))
        {
            return file;
        }
        let node = self.node(endpoint.as_ref());
        // Read first, whatever the answer: what is left unread would reset the connection.
        let limit = node.map_or(DEFAULT_MAX_BODY, |node| node.limits().max_body_bytes);
        let Ok(body) = read_body(body, limit).await else {
            return close();
        };
        if is_control && let Some(endpoint) = &endpoint {
            return control::handle(self, endpoint, &head.method, body);
        }
        let exchange = Exchange {
            app: self,
            head,
            body,
            endpoint,
            node,
        };
        if !self.observed {
            return exchange.answer(&Fault::default(), None).await;
        }
        let (tracker, fault) = exchange.observe(&path);
        exchange.answer_with_faults(&fault, tracker).await
    }

    fn node(&self, endpoint: Option<&Endpoint>) -> Option<&Node> {
        match endpoint? {
            Endpoint::Node { node, .. } => {
                self.nodes.iter().find(|found| found.id().as_str() == node)
            }
            _ => None,
        }
    }
}

/// The limit where no node sets one.
const DEFAULT_MAX_BODY: usize = 4 * 1024 * 1024;

pub(super) fn close() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(CloseConnection);
    response
}

/// A request on its way.
pub(super) struct Exchange<'a> {
    pub(super) app: &'a App,
    pub(super) head: Head,
    pub(super) body: RequestBody,
    pub(super) endpoint: Option<Endpoint>,
    node: Option<&'a Node>,
}

impl Exchange<'_> {
    async fn answer_with_faults(self, fault: &Fault, tracker: Tracker) -> Response<Body> {
        if let Some(delay) = fault.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if fault.close_connection {
            return close();
        }
        let mut response = match fault.status {
            Some(status) => self.canned(status, fault, tracker),
            None if fault.drop_response => {
                self.answer(fault, None).await;
                return close();
            }
            None => self.answer(fault, Some(tracker)).await,
        };
        control::change_headers(response.headers_mut(), fault);
        response
    }

    /// The answer that a rule makes up.
    fn canned(&self, status: u16, fault: &Fault, tracker: Tracker) -> Response<Body> {
        let code = fault.code.as_deref().unwrap_or_else(|| usual_code(status));
        let mut failure = Failure::new(ErrorCode::from(code), "a fault was asked for");
        if let Some(retryable) = fault.retryable {
            failure = failure.retryable(retryable);
        }
        let mut reply = self.refusal(&failure);
        reply.status = status;
        respond::reply(&reply, None, fault, Some(tracker))
    }

    /// The answer of the node, or of the server where there is none.
    async fn answer(self, fault: &Fault, tracker: Option<Tracker>) -> Response<Body> {
        if let Some(Endpoint::Discovery) = self.endpoint
            && self.head.method == Method::GET
        {
            let document = Node::discovery(&self.app.nodes, &self.app.base_url);
            return respond::json(200, document.into(), fault, tracker);
        }
        let node = self.node;
        let allow = self.endpoint.as_ref().map(Endpoint::methods);
        let path = node.map(|node| Path {
            node,
            base_path: &self.app.base_path,
        });
        let answer = match self.dispatch().await {
            Ok(answer) => answer,
            Err(refusal) => {
                let mut response = respond::reply(&refusal.reply, path, fault, tracker);
                if refusal.allow {
                    respond::allow(response.headers_mut(), allow.unwrap_or_default());
                }
                return response;
            }
        };
        respond::answer(answer, path, fault, tracker)
    }

    /// Checks in the contract's order: path, method, Content-Type, size, JSON, node. The rest is the
    /// node's.
    async fn dispatch(self) -> Result<Answer, Refusal> {
        let refuse = |code, message: &str| self.refuse(code, message);
        let Some(endpoint) = &self.endpoint else {
            return Err(refuse(ErrorCode::NodeNotFound, "no such path"));
        };
        let method = &self.head.method;
        if !endpoint.methods().contains(method) {
            let mut refusal = refuse(
                ErrorCode::InvalidEnvelope,
                "the path does not take this method",
            );
            refusal.reply.status = 405;
            refusal.allow = true;
            return Err(refusal);
        }
        let Endpoint::Node { at, .. } = endpoint else {
            return Err(refuse(ErrorCode::NodeNotFound, "no such path"));
        };
        let endpoint = self.node.map(|node| node.endpoint(&self.app.base_url));
        let endpoint = endpoint.unwrap_or_default();
        let sender = request::sender(&self.head.headers, &self.head.extensions, endpoint);
        let to = match at {
            NodePath::Invoke => Post::Invoke,
            NodePath::Fire => Post::Fire,
            NodePath::OpenStream => Post::Stream,
            NodePath::Tasks => Post::Task,
            NodePath::TaskInput(id) => Post::Input(id),
            _ => return self.dispatch_without_body(at, &sender).await,
        };
        if !request::is_json(&self.head.headers) {
            let message = "the Content-Type is not application/json";
            let mut refusal = refuse(ErrorCode::InvalidEnvelope, message);
            refusal.reply.status = 415;
            return Err(refusal);
        }
        let RequestBody::Read(body) = &self.body else {
            return Err(refuse(ErrorCode::PayloadTooLarge, "the body is too large"));
        };
        let body = read_json(body).map_err(|what| refuse(ErrorCode::InvalidEnvelope, &what))?;
        let Some(node) = self.node else {
            return Err(self.no_node(Some(&body)));
        };
        Ok(node.post(to, body, sender).await)
    }

    async fn dispatch_without_body(
        &self,
        at: &NodePath,
        sender: &Sender,
    ) -> Result<Answer, Refusal> {
        let Some(node) = self.node else {
            return Err(self.no_node(None));
        };
        let delete = self.head.method == Method::DELETE;
        Ok(match at {
            NodePath::Stream(id) if delete => node.end_stream(id, sender).await,
            NodePath::Stream(id) => {
                let last = self.head.headers.get("last-event-id");
                // What is no text is no number either.
                let last = last.map(|value| value.to_str().unwrap_or_default());
                node.resume_stream(id, last, sender).await
            }
            NodePath::Task(id) if delete => node.cancel_task(id, sender).await,
            NodePath::Task(id) => node.task_status(id, sender).await,
            NodePath::TaskEvents(id) => node.task_events(id, sender).await,
            _ => return Err(self.no_node(None)),
        })
    }

    /// No such node. Without one the answer names nobody, but repeats what ties it to the request.
    fn no_node(&self, body: Option<&ByteString>) -> Refusal {
        let failure = Failure::new(ErrorCode::NodeNotFound, "no such node");
        let read = body.map(Message::from_envelope);
        let thread = read.as_ref().map(Thread::of_read).unwrap_or_default();
        Refusal {
            reply: Box::new(failure_of_no_node(&thread, &failure)),
            allow: false,
        }
    }

    fn refuse(&self, code: ErrorCode, message: &str) -> Refusal {
        Refusal {
            reply: Box::new(self.refusal(&Failure::new(code, message))),
            allow: false,
        }
    }

    fn refusal(&self, failure: &Failure) -> Reply {
        match self.node {
            Some(node) => node.refuse(failure),
            None => failure_of_no_node(&Thread::default(), failure),
        }
    }
}

/// An answer before any node had a say.
struct Refusal {
    reply: Box<Reply>,
    /// Whether the methods that the path takes belong to it.
    allow: bool,
}

fn read_json(body: &Bytes) -> Result<ByteString, String> {
    let text =
        ByteString::try_from(body.clone()).map_err(|_| "the body is not UTF-8".to_owned())?;
    match Json::parse(text.clone()) {
        Ok(_) => Ok(text),
        Err(error) => Err(format!("the body is not JSON: {error}")),
    }
}

fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "unauthenticated",
        402 => "payment_required",
        403 => "forbidden",
        404 => "node_not_found",
        408 | 504 => "timeout",
        409 => "duplicate_id",
        410 => "stream_expired",
        413 => "payload_too_large",
        425 | 502 | 503 => "unavailable",
        429 => "rate_limited",
        400..=499 => "invalid_envelope",
        _ => "handler_error",
    }
}
