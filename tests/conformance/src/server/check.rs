//! What is right with a request: what its vector says, and what the contract says of every request.

use std::time::Duration;

use serde_json::Value;

use super::http::Request;
use super::proof;
use crate::compare::{includes, is_timestamp, is_uuid};
use crate::vector::{ClientVector, Expect, OneStep, Secrets, Step};

const PROOF: &str = "x-ancp-did-proof";
pub(super) const DISCOVERY: &str = "/.well-known/ncp.json";

/// A request that has come.
pub(super) struct Seen {
    /// Its exchange.
    pub(super) place: Option<usize>,
    pub(super) method: String,
    pub(super) id: String,
    pub(super) correlation_id: String,
    bytes: Vec<u8>,
    body: Value,
    /// Its DID proof's `jti`, or what is wrong with the proof.
    proof: Option<Result<String, String>>,
}

impl Seen {
    /// `node` is the URL that the request names the node by.
    pub(super) fn new(place: Option<usize>, request: &Request, node: &str) -> Self {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        Self {
            place,
            method: request.method.clone(),
            id: text("id"),
            correlation_id: text("correlationId"),
            bytes: request.body.clone(),
            body,
            proof: request
                .headers
                .get(PROOF)
                .map(|proof| proof::check(proof, node)),
        }
    }
}

/// The path below the base URL that an expectation means.
pub(super) fn full_path(vector: &ClientVector, path: &str) -> String {
    match path.strip_prefix('~') {
        Some(rest) => format!("/ncp/nodes/{}{rest}", node_id(vector)),
        None => path.to_owned(),
    }
}

/// The node's id as text.
pub(super) fn node_id(vector: &ClientVector) -> String {
    vector.client.node_id.as_ref().map_or("42".into(), text_of)
}

/// The tenant's id as text.
pub(super) fn tenant_id(vector: &ClientVector) -> String {
    vector.client.tenant_id.as_ref().map_or("7".into(), text_of)
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What is wrong with a request.
pub(super) fn problems(
    vector: &ClientVector,
    expect: &Expect,
    seen: &Seen,
    before: &[Seen],
    request: &Request,
    path: &str,
    since_answer: Option<Duration>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut wrong = |problem: String| problems.push(problem);
    for (name, value) in &expect.headers {
        match request.headers.get(&name.to_ascii_lowercase()) {
            Some(actual) if actual == value => {}
            actual => wrong(format!("header {name}: expected {value:?}, got {actual:?}")),
        }
    }
    for name in &expect.absent_headers {
        if let Some(actual) = request.headers.get(&name.to_ascii_lowercase()) {
            wrong(format!("header {name}: expected nothing, got {actual:?}"));
        }
    }
    if let Some(expected) = &expect.body
        && let Err(difference) = includes(expected, &seen.body)
    {
        wrong(format!("body: {difference}"));
    }
    for pointer in &expect.absent_fields {
        if let Some(actual) = seen.body.pointer(pointer) {
            wrong(format!("body: {pointer}: expected nothing, got {actual}"));
        }
    }
    if let Some(text) = &expect.body_text
        && !String::from_utf8_lossy(&request.body).contains(text)
    {
        wrong(format!("body: expected it to hold {text}"));
    }
    if let Some(after) = expect.after_ms
        && since_answer.is_none_or(|since| since < Duration::from_millis(after))
    {
        wrong(format!(
            "it came {since_answer:?} after the last answer, expected {after} ms or more"
        ));
    }
    let repeated: Vec<usize> = expect
        .repeats
        .iter()
        .chain(&expect.repeats_one_of)
        .copied()
        .collect();
    let repeats = |place: &usize| {
        before
            .iter()
            .any(|other| other.place == Some(*place) && other.bytes == seen.bytes)
    };
    if !repeated.is_empty() && !repeated.iter().any(repeats) {
        wrong(format!(
            "expected the bytes of request {repeated:?}, got others"
        ));
    }
    if repeated.is_empty()
        && request.method == "POST"
        && before.iter().any(|other| other.id == seen.id)
    {
        wrong("the id of an earlier message is used again".into());
    }
    let absent = |name: &str| expect.absent_headers.iter().any(|absent| absent == name);
    if let Some(Secrets::Did(_) | Secrets::Dids(_)) = vector.client.auth
        && path != DISCOVERY
        && !absent(PROOF)
    {
        match &seen.proof {
            Some(Ok(_)) if before.iter().any(|other| other.proof == seen.proof) => {
                wrong("the DID proof is used again".into());
            }
            Some(Ok(_)) => {}
            Some(Err(problem)) => wrong(format!("DID proof: {problem}")),
            None => wrong("there is no DID proof".into()),
        }
    }
    every_request(request, path, &mut wrong);
    if request.method == "POST" {
        every_message(vector, &seen.body, path, &mut wrong);
    }
    problems
}

/// Section 3.
fn every_request(request: &Request, path: &str, wrong: &mut impl FnMut(String)) {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    if path.contains('?') {
        wrong("there are no query parameters".into());
    }
    let is_events = path.ends_with("/stream")
        || (request.method == "GET" && (path.ends_with("/events") || is_stream(path)));
    let accept = header("accept").unwrap_or_default();
    if is_events && accept != "text/event-stream" {
        wrong(format!(
            "accept: expected text/event-stream, got {accept:?}"
        ));
    }
    let is_resume = request.method == "GET" && is_stream(path);
    match header("last-event-id") {
        Some(id) if is_resume && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) => {
        }
        None if !is_resume => {}
        other => wrong(format!("last-event-id: got {other:?}")),
    }
    match (request.method.as_str(), header("content-type")) {
        ("POST", Some("application/json")) => {}
        ("POST", other) => wrong(format!(
            "content-type: expected application/json, got {other:?}"
        )),
        _ if !request.body.is_empty() => wrong("expected no body".into()),
        _ => {}
    }
    if header("content-encoding").is_some() {
        wrong("there is no request compression".into());
    }
}

fn is_stream(path: &str) -> bool {
    path.rsplit('/').nth(1) == Some("streams")
}

/// Sections 1 and 2.
fn every_message(
    vector: &ClientVector,
    message: &Value,
    path: &str,
    wrong: &mut impl FnMut(String),
) {
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    if !text("/id").is_some_and(is_uuid) {
        wrong("id: it is no UUID of version 4 in lower case".into());
    }
    if !text("/timestamp").is_some_and(is_timestamp) {
        wrong(format!(
            "timestamp: {:?} is not in UTC with milliseconds and Z",
            text("/timestamp")
        ));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    let (kind, pattern) = match last {
        "invoke" => ("Query", "request-reply"),
        "fire" => ("Command", "fire-and-forget"),
        "stream" => ("Query", "streaming"),
        _ => ("Command", "task-start"),
    };
    const NCP: &str = "/body/data/metadata/extensions/ncp";
    for (pointer, expected) in [
        ("/protocolVersion".into(), "1.0"),
        ("/type".into(), kind),
        (format!("{NCP}/pattern"), pattern),
    ] {
        if text(&pointer) != Some(expected) {
            wrong(format!(
                "{pointer}: expected {expected}, got {:?}",
                text(&pointer)
            ));
        }
    }
    // The path says which node the message is for.
    let addressed = path.strip_prefix("/ncp/nodes/");
    let addressed = addressed.and_then(|rest| rest.split('/').next());
    let addressed = addressed.map_or_else(|| node_id(vector), str::to_owned);
    let node = message.pointer(&format!("{NCP}/nodeId"));
    if node.is_some_and(|node| text_of(node) != addressed) {
        wrong(format!("nodeId: expected {addressed}, got {node:?}"));
    }
    if text("/correlationId") != text("/id") && !names_a_correlation(vector) {
        wrong("correlationId: expected the message's own id".into());
    }
    let route =
        ["/source", "/destination", "/tenantId"].map(|pointer| text(pointer).map(str::to_owned));
    let expected = vector.client.tenant_id.is_some().then(|| {
        let tenant = tenant_id(vector);
        [
            format!("service://{tenant}/ancp-client"),
            format!("node://{tenant}/{addressed}"),
            tenant,
        ]
    });
    if route != expected.map_or([None, None, None], |route| route.map(Some)) {
        wrong(format!("source, destination and tenantId: got {route:?}"));
    }
}

fn names_a_correlation(vector: &ClientVector) -> bool {
    let named = |step: &OneStep| step.call.options.correlation_id.is_some();
    vector.steps().iter().any(|step| match step {
        Step::One(step) => named(step),
        Step::Together { together } => together.iter().any(named),
    })
}
