mod properties;
mod reading;
mod writing;

use serde_json::{Value, json};

use super::*;

const ID: &str = "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d";

/// The contract's example, with what else a message may hold.
fn example() -> Value {
    json!({
        "id": ID,
        "type": "Query",
        "source": "service://7/ancp-client",
        "destination": "node://7/42",
        "tenantId": "7",
        "timestamp": "2026-05-25T09:14:00.000Z",
        "protocolVersion": "1.0",
        "correlationId": "c-1",
        "replyTo": "agent://7/me",
        "body": { "data": {
            "payload": { "orderId": "ORD-123" },
            "metadata": { "extensions": {
                "ncp": {
                    "action": "get-order",
                    "pattern": "request-reply",
                    "nodeId": 42,
                    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                    "tracestate": "vendor=1",
                    "receiptId": "r-1",
                    "caller": { "mode": "jwt", "subject": "alice" },
                    "task": {
                        "taskId": "t-1",
                        "action": "run-payroll",
                        "state": "Running",
                        "progress": 0.25,
                        "message": "a quarter",
                        "createdAt": "2026-05-25T09:14:00.000Z",
                        "updatedAt": "2026-05-25T09:14:01.000Z",
                        "error": { "code": "out_of_stock", "message": "no", "retryable": false }
                    },
                    "stream": { "streamId": "s-1", "sequence": 3, "resumable": true },
                    "error": {
                        "code": "rate_limited",
                        "message": "wait",
                        "retryable": true,
                        "details": { "limit": 5 }
                    }
                },
                "other": [1, 2]
            } }
        } }
    })
}

/// Sets the value at a JSON pointer, where `None` takes it away.
fn changed(mut message: Value, pointer: &str, value: Option<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = message
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{pointer}"))
        .as_object_mut()
        .unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    message
}

fn read(message: &Value) -> Result<Message, EnvelopeError> {
    Message::from_envelope(&message.to_string().into())
}
