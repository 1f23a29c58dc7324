//! Answers as they go over the wire.

use serde_json::{Map, Value, json};

use super::check::{node_id, tenant_id};
use super::http::{Head, Request};
use super::placeholders::Known;
use super::sse;
use crate::compare::change;
use crate::vector::{ClientVector, Respond};

/// A part of a body.
pub(super) enum Part {
    Bytes(Vec<u8>),
    WaitMs(u64),
}

/// An answer.
pub(super) struct Answer {
    pub(super) head: Head,
    pub(super) parts: Vec<Part>,
    /// The body comes in chunks.
    pub(super) chunked: bool,
}

/// Makes an answer.
pub(super) fn render(
    vector: &ClientVector,
    respond: &Respond,
    request: &Request,
    path: &str,
    known: &Known,
) -> Answer {
    let (content_type, parts) = body(vector, respond, request, known);
    let mut head = Head::new(status(respond, request, path), request);
    if let Some(content_type) = content_type {
        head.headers
            .insert("content-type".into(), content_type.into());
    }
    if request.method == "POST" && head.status < 300 {
        let id = match path.rsplit('/').next() {
            Some("stream") => Some("streams/s-1"),
            Some("tasks") => Some("tasks/t-1"),
            _ => None,
        };
        if let Some(id) = id {
            let location = format!("{}/ncp/nodes/{}/{id}", known.prefix, node_id(vector));
            head.headers.insert("location".into(), location);
        }
    }
    for (name, value) in &respond.headers {
        let name = name.to_ascii_lowercase();
        match value {
            Some(value) => {
                let value = String::from_utf8_lossy(&known.fill(value)).into_owned();
                head.headers.insert(name, value);
            }
            None => drop(head.headers.remove(&name)),
        }
    }
    let chunked = respond.sse.is_some() || respond.repeat.is_some();
    Answer {
        head,
        parts,
        chunked,
    }
}

fn body(
    vector: &ClientVector,
    respond: &Respond,
    request: &Request,
    known: &Known,
) -> (Option<&'static str>, Vec<Part>) {
    const JSON: Option<&str> = Some("application/json");
    let bytes = |text: &str| vec![Part::Bytes(known.fill(text))];
    if let Some(pieces) = &respond.sse {
        let line_end = respond.line_end.as_deref().unwrap_or("\n");
        return (
            Some("text/event-stream"),
            sse::render(vector, pieces, line_end, request, known),
        );
    }
    if let Some(text) = &respond.text {
        return (JSON, bytes(text));
    }
    if let Some(json) = &respond.json {
        return (JSON, bytes(&json.to_string()));
    }
    if let Some(envelope) = envelope(vector, respond) {
        return (JSON, bytes(&envelope.to_string()));
    }
    (respond.repeat.as_ref().and(JSON), Vec::new())
}

/// The Response, where the answer is one.
fn envelope(vector: &ClientVector, respond: &Respond) -> Option<Value> {
    let Respond {
        payload,
        ncp,
        error,
        task,
        set,
        remove,
        ..
    } = respond;
    if payload.is_none()
        && ncp.is_none()
        && error.is_none()
        && task.is_none()
        && set.is_empty()
        && remove.is_empty()
    {
        return None;
    }
    let mut fields = ncp.clone().unwrap_or_default();
    if let Some(error) = error {
        fields.insert("error".into(), error_of(error));
    }
    if let Some(task) = task {
        fields.insert("task".into(), task_of(task));
    }
    let mut envelope = response(vector, payload.clone().unwrap_or_default(), fields);
    change(&mut envelope, set, remove);
    Some(envelope)
}

/// A Response with this payload and these fields of `ncp`.
pub(super) fn response(vector: &ClientVector, payload: Value, fields: Map<String, Value>) -> Value {
    let (tenant, node) = (tenant_id(vector), node_id(vector));
    let mut ncp = json!({ "nodeId": vector.client.node_id.clone().unwrap_or_else(|| json!(42)) });
    if !fields.contains_key("error") {
        ncp["caller"] = json!({ "mode": "none" });
    }
    for (name, value) in fields {
        ncp[name] = value;
    }
    json!({
        "id": "0f4e8a52-6c0f-4f6a-8d38-3f1f0a9f8c11",
        "type": "Response",
        "source": format!("node://{tenant}/{node}"),
        "destination": format!("service://{tenant}/ancp-client"),
        "tenantId": tenant,
        "timestamp": "2026-05-25T09:14:00.000Z",
        "protocolVersion": "1.0",
        "correlationId": "{{correlationId}}",
        "body": { "data": { "payload": payload, "metadata": { "extensions": { "ncp": ncp } } } },
    })
}

/// An error with what it must have.
pub(super) fn error_of(error: &Map<String, Value>) -> Value {
    let code = error
        .get("code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let retryable = matches!(code, "rate_limited" | "unavailable" | "timeout");
    let mut full = json!({ "message": "no", "retryable": retryable });
    for (name, value) in error {
        full[name] = value.clone();
    }
    full
}

/// A task with what it must have.
pub(super) fn task_of(task: &Map<String, Value>) -> Value {
    let mut full = json!({
        "taskId": "t-1",
        "action": "run-payroll",
        "state": "Running",
        "progress": null,
        "message": null,
        "createdAt": "2026-05-25T09:14:00.000Z",
        "updatedAt": "2026-05-25T09:14:00.000Z",
    });
    for (name, value) in task {
        full[name] = value.clone();
    }
    full
}

/// The contract's status for the answer, where the vector names none.
fn status(respond: &Respond, request: &Request, path: &str) -> u16 {
    if let Some(status) = respond.status {
        return status;
    }
    if let Some(error) = &respond.error {
        return status_of(
            error
                .get("code")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
    }
    let mut segments = path.rsplit('/');
    match (request.method.as_str(), segments.next(), segments.next()) {
        ("POST", Some("fire" | "tasks" | "input"), _) => 202,
        ("DELETE", _, Some("streams")) => 204,
        _ => 200,
    }
}

/// Section 6.
fn status_of(code: &str) -> u16 {
    match code {
        "unauthenticated" => 401,
        "payment_required" => 402,
        "forbidden" | "tenant_mismatch" => 403,
        "node_not_found" | "action_not_found" | "task_not_found" | "stream_not_found" => 404,
        "pattern_mismatch" | "duplicate_id" | "task_not_waiting" => 409,
        "stream_expired" | "task_expired" => 410,
        "payload_too_large" => 413,
        "rate_limited" => 429,
        "unavailable" => 503,
        "timeout" => 504,
        "invalid_envelope" | "invalid_payload" | "tenant_required" | "unsupported_version" => 400,
        _ => 500,
    }
}
