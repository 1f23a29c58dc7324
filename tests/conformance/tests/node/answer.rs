//! What is right with an answer: what its vector says, and what the contract says of every answer.

use ancp_conformance::compare::{equal, includes, is_timestamp, is_uuid};
use ancp_conformance::vector::{NodeAnswer, NodeRequest};
use serde_json::{Value, json};

use crate::Exchange;

const NCP: &str = "/body/data/metadata/extensions/ncp";

pub(crate) fn problems(
    expect: &NodeAnswer,
    request: &NodeRequest,
    exchange: &Exchange,
    before: &[Exchange],
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |what: &str, difference: Result<(), String>| {
        problems.extend(
            difference
                .err()
                .map(|difference| format!("{what}: {difference}")),
        );
    };
    let body: Value = serde_json::from_str(&exchange.body).unwrap_or_default();
    let part = |pointer: &str| body.pointer(pointer).cloned().unwrap_or_default();
    check(
        "status",
        equal(&json!(expect.status), &json!(exchange.status))
            .map_err(|problem| format!("{problem} {}", exchange.body)),
    );
    for (name, value) in &expect.headers {
        let actual = exchange.headers.get(&name.to_ascii_lowercase());
        let same = actual.is_some_and(|actual| actual.eq_ignore_ascii_case(value));
        check(
            name,
            if same {
                Ok(())
            } else {
                Err(format!("expected {value:?}, got {actual:?}"))
            },
        );
    }
    check(
        "error",
        match &expect.error {
            Some(code) => equal(&json!(code), &part(&format!("{NCP}/error/code"))),
            None => equal(&Value::Null, &part(&format!("{NCP}/error"))),
        },
    );
    if let Some(payload) = &expect.payload {
        check("payload", equal(payload, &part("/body/data/payload")));
    }
    if let Some(payload) = &expect.payload_includes {
        check("payload", includes(payload, &part("/body/data/payload")));
    }
    if let Some(ncp) = &expect.ncp {
        check("ncp", includes(ncp, &part(NCP)));
    }
    if let Some(parts) = &expect.body {
        check("body", includes(parts, &body));
    }
    if let Some(text) = &expect.body_text
        && !exchange.body.contains(text)
    {
        check(
            "body",
            Err(format!("expected it to hold {text}, got {}", exchange.body)),
        );
    }
    if let Some(place) = expect.same_body_as {
        check(
            "body",
            equal(&json!(before[place].body), &json!(exchange.body)),
        );
    }
    if expect.empty {
        check("body", equal(&json!(""), &json!(exchange.body)));
    }
    // What an answer repeats is of the message that began it.
    let mut began = std::iter::once(exchange).chain(before.iter().rev());
    let began = match request.method.as_str() {
        "POST" => Some(exchange),
        _ => began.find(|exchange| exchange.begins),
    };
    let correlation = began.and_then(|began| began.correlation_id.as_ref().or(began.id.as_ref()));
    let at_node = request.path.starts_with('~');
    if let Some(expected) = &expect.events {
        let events = events(&exchange.body);
        check("events", includes(&json!(expected), &json!(events)));
        for event in &events {
            check("event", response(&event["envelope"], at_node, correlation));
        }
    }
    if !exchange.headers.contains_key("x-request-id") && request.method != "OPTIONS" {
        check("headers", Err("X-Request-Id is missing".into()));
    }
    let is_json = exchange
        .headers
        .get("content-type")
        .is_some_and(|content_type| content_type == "application/json");
    if is_json && !request.path.starts_with("/.well-known") && !is_too_deep(&exchange.body) {
        // Where the message was not read, and where a GET or DELETE is refused, there is nothing to repeat.
        let unread =
            matches!(expect.status, 400 | 401 | 413 | 415) && body["correlationId"].is_null();
        let belongs = !unread && (request.method == "POST" || exchange.status < 300);
        check(
            "answer",
            response(&body, at_node, correlation.filter(|_| belongs)),
        );
    } else if !is_json && exchange.status >= 400 {
        check("answer", Err("an error is no JSON".into()));
    }
    problems
}

/// Whether the body is deeper than `serde_json` reads, which is not as deep as the contract allows.
fn is_too_deep(body: &str) -> bool {
    let read: Result<Value, _> = serde_json::from_str(body);
    read.is_err_and(|error| error.to_string().starts_with("recursion limit"))
}

/// Section 1, of every Response. Without a known node, nothing names one.
fn response(message: &Value, at_node: bool, correlation: Option<&String>) -> Result<(), String> {
    let text = |name: &str| message[name].as_str().unwrap_or_default();
    let error = message.pointer(&format!("{NCP}/error"));
    let unknown_node = !at_node || error.is_some_and(|error| error["code"] == "node_not_found");
    let wrong = |what: &str| Err(format!("{what} in {message}"));
    if text("type") != "Response" || text("protocolVersion") != "1.0" {
        return wrong("it is no Response of 1.0");
    }
    if !is_uuid(text("id")) || !is_timestamp(text("timestamp")) {
        return wrong("id or timestamp is malformed");
    }
    let route = [text("tenantId"), text("source")];
    if route
        != if unknown_node {
            ["", ""]
        } else {
            ["7", "node://7/42"]
        }
    {
        return wrong("tenantId and source are not the node's");
    }
    if !unknown_node && !text("destination").starts_with("service://7/") {
        return wrong("destination");
    }
    if error.is_none() && message.pointer(&format!("{NCP}/caller/mode")).is_none() {
        return wrong("ncp.caller is missing");
    }
    if error.is_some_and(|error| !error["message"].is_string() || !error["retryable"].is_boolean())
    {
        return wrong("ncp.error");
    }
    match correlation {
        Some(correlation) if !unknown_node && text("correlationId") != correlation => {
            wrong("correlationId is foreign")
        }
        _ => Ok(()),
    }
}

/// The events of a stream that has ended, with LF as line ends.
fn events(body: &str) -> Vec<Value> {
    let blocks = body.replace("\r\n", "\n");
    let blocks = blocks.split("\n\n").filter(|block| block.contains("data:"));
    blocks
        .map(|block| {
            let mut event = json!({});
            let mut data = String::new();
            for line in block.lines() {
                match line
                    .split_once(':')
                    .map(|(name, value)| (name, value.trim_start_matches(' ')))
                {
                    Some(("data", value)) => data.push_str(value),
                    Some((name @ ("event" | "id"), value)) => event[name] = json!(value),
                    _ => {}
                }
            }
            let envelope: Value = serde_json::from_str(&data).unwrap_or_default();
            event["payload"] = envelope["body"]["data"]["payload"].clone();
            event["ncp"] = envelope.pointer(NCP).cloned().unwrap_or_default();
            event["envelope"] = envelope;
            event
        })
        .collect()
}
