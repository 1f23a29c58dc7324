//! The requests' bodies.

use std::sync::atomic::{AtomicU32, Ordering};

use ancp_conformance::compare::change;
use ancp_conformance::vector::NodeRequest;
use serde_json::{Value, json};

use crate::Exchange;

/// The body of a POST.
pub(crate) fn body(request: &NodeRequest, before: &[Exchange]) -> String {
    if let Some(place) = request.repeats {
        return before[place].sent.clone();
    }
    if let Some(text) = &request.text {
        return fill(text, before);
    }
    let mut message = message(request);
    if let Some(place) = request.same_id_as {
        message["id"] = json!(before[place].id);
    }
    change(&mut message, &request.set, &request.remove);
    fill(&message.to_string(), before)
}

fn message(request: &NodeRequest) -> Value {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let id = format!(
        "3f7a9c1e-4b2d-4e8f-9a1c-{:012x}",
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let (kind, pattern) = match request.path.rsplit('/').next() {
        Some("invoke") => ("Query", "request-reply"),
        Some("fire") => ("Command", "fire-and-forget"),
        Some("stream") => ("Query", "streaming"),
        _ => ("Command", "task-start"),
    };
    let action = request.action.as_deref().unwrap_or("get-order");
    let payload = request
        .payload
        .clone()
        .unwrap_or_else(|| json!({ "orderId": "ORD-123" }));
    json!({
        "id": id,
        "type": kind,
        "source": "service://7/ancp-client",
        "destination": "node://7/42",
        "tenantId": "7",
        "timestamp": "2026-05-25T09:14:00.000Z",
        "protocolVersion": "1.0",
        "body": { "data": {
            "payload": payload,
            "metadata": { "extensions": { "ncp": { "action": action, "pattern": pattern, "nodeId": 42 } } },
        } },
    })
}

/// Id and correlation id of a message that could be read.
pub(crate) fn ids(body: &str) -> (Option<String>, Option<String>) {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| message[name].as_str().map(str::to_owned);
    (text("id"), text("correlationId"))
}

/// Replaces the placeholders.
pub(crate) fn fill(text: &str, before: &[Exchange]) -> String {
    let mut filled = text.to_owned();
    if let Some(last) = before
        .iter()
        .rev()
        .find_map(|exchange| exchange.headers.get("location"))
    {
        filled = filled.replace("{{last}}", last.rsplit('/').next().unwrap_or_default());
    }
    if let Some(receipt) = before.iter().rev().find_map(receipt_id) {
        filled = filled.replace("{{receipt}}", &receipt);
    }
    for (name, open, close) in [("{{x:", "x", ""), ("\"{{nest:", "[", "]")] {
        while let Some((start, rest)) = filled.split_once(name) {
            let (count, end) = rest.split_once("}}").expect("a placeholder has an end");
            let count = count.parse().expect("a placeholder has a number");
            let end = if close.is_empty() {
                end
            } else {
                end.trim_start_matches('"')
            };
            filled = [start, &open.repeat(count), &close.repeat(count), end].concat();
        }
    }
    filled
}

/// The id of the receipt that was sold.
fn receipt_id(exchange: &Exchange) -> Option<String> {
    let body: Value = serde_json::from_str(&exchange.body).ok()?;
    let id = body.pointer("/body/data/payload/receiptId")?.as_str()?;
    Some(id.to_owned())
}
