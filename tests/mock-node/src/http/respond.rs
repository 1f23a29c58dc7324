//! Writing responses.

use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;

use super::body;
use super::sse::{self, Events};
use crate::answer::{Answer, Reply};
use crate::calls::Tracker;
use crate::faults::Fault;
use crate::node::Node;

/// Where a node is on the server.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) node: &'a Node,
    pub(super) base_path: &'a str,
}

impl Path<'_> {
    fn below(&self, kind: &str, id: &str) -> String {
        format!(
            "{}/ncp/nodes/{}/{kind}/{id}",
            self.base_path,
            self.node.id()
        )
    }
}

pub(super) fn answer(
    answer: Answer,
    path: Option<Path<'_>>,
    fault: &Fault,
    tracker: Option<Tracker>,
) -> Response<Body> {
    let (events, location) = match answer {
        Answer::Reply(reply) => return self::reply(&reply, path, fault, tracker),
        Answer::Done => return no_content(fault, tracker),
        Answer::Stream(connection) => {
            let resumable = path.filter(|_| connection.is_resumable());
            let location = resumable.map(|path| path.below("streams", connection.stream_id()));
            (Events::Stream(connection), location)
        }
        Answer::TaskEvents(watch) => (Events::Task(watch), None),
    };
    let limits = path.map(|path| *path.node.limits()).unwrap_or_default();
    let pieces = sse::body(events, limits.keep_alive, limits.stream_retry, fault);
    note(tracker.as_ref(), 200);
    let mut response = Response::new(body::streamed(pieces, fault, tracker));
    let headers = response.headers_mut();
    set(headers, CONTENT_TYPE, "text/event-stream");
    // Proxies must neither keep nor gather events.
    set(headers, CACHE_CONTROL, "no-cache, no-transform");
    set(headers, HeaderName::from_static("x-accel-buffering"), "no");
    if let Some(location) = location {
        set(headers, LOCATION, &location);
    }
    response
}

pub(super) fn reply(
    reply: &Reply,
    path: Option<Path<'_>>,
    fault: &Fault,
    tracker: Option<Tracker>,
) -> Response<Body> {
    let text = reply.message.to_envelope();
    let mut response = json(reply.status, text.into(), fault, tracker);
    let headers = response.headers_mut();
    if let (Some(path), Some(task_id)) = (path, &reply.task_id) {
        set(headers, LOCATION, &path.below("tasks", task_id));
    }
    if let Some(delay) = reply.retry_after {
        // Whole seconds, never sooner than meant.
        let seconds = delay.as_millis().div_ceil(1000);
        set(headers, RETRY_AFTER, &seconds.to_string());
    }
    if let Some(retry_after) = &fault.retry_after {
        set(headers, RETRY_AFTER, &retry_after.to_string());
    }
    response
}

/// A response of JSON text, unless a fault puts something in its place.
pub(super) fn json(
    status: u16,
    text: Bytes,
    fault: &Fault,
    tracker: Option<Tracker>,
) -> Response<Body> {
    let canned = fault.body.as_ref().filter(|_| fault.status.is_some());
    let (text, content_type) = match (canned, &fault.malformed_body) {
        (Some(body), _) => (Bytes::from(body.clone()), "text/html"),
        (None, Some(body)) => (Bytes::from(body.clone()), "application/json"),
        (None, None) => (text, "application/json"),
    };
    let content_type = fault.content_type.as_deref().unwrap_or(content_type);
    note(tracker.as_ref(), status);
    let mut response = Response::new(body::whole(text, fault, tracker));
    set_status(&mut response, status);
    set(response.headers_mut(), CONTENT_TYPE, content_type);
    response
}

pub(super) fn no_content(fault: &Fault, tracker: Option<Tracker>) -> Response<Body> {
    note(tracker.as_ref(), 204);
    let mut response = Response::new(body::whole(Bytes::new(), fault, tracker));
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The methods that the path takes.
pub(super) fn allow(headers: &mut HeaderMap, methods: &[Method]) {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    set(headers, ALLOW, &names.join(", "));
}

fn note(tracker: Option<&Tracker>, status: u16) {
    if let Some(tracker) = tracker {
        tracker.status(status);
    }
}

fn set_status(response: &mut Response<Body>, status: u16) {
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
}

pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
