//! The bytes that a node sends: the same for all contenders.

use serde_json::{Value, json};

/// An order whose JSON is about as long as asked for.
pub(crate) fn payload(bytes: usize) -> Value {
    let line = json!({ "sku": "SKU-00042", "quantity": 3, "price": 19.99, "shipped": true, "name": "Zwölf Röhren, 4 mm" });
    let rest = bytes.saturating_sub(60);
    let lines = vec![line.clone(); rest / (line.to_string().len() + 1)];
    let note = ".".repeat(rest % (line.to_string().len() + 1));
    json!({ "orderId": "ORD-123", "status": "Active", "lines": lines, "note": note })
}

/// A message of a node in the encoding of HTTP; without a correlation id, which an event need not have.
pub(crate) fn envelope(correlation_id: Option<&str>, payload: &Value, stream: Value) -> String {
    let mut ncp = json!({ "nodeId": 42, "caller": { "mode": "apiKey", "subject": "bench" } });
    if !stream.is_null() {
        ncp["stream"] = stream;
    }
    let mut message = json!({
        "id": "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        "type": "Response",
        "source": "node://7/42",
        "destination": "service://7/ancp-client",
        "tenantId": "7",
        "timestamp": "2026-05-25T09:14:00.000Z",
        "protocolVersion": "1.0",
        "body": { "data": { "payload": payload, "metadata": { "extensions": { "ncp": ncp } } } },
    });
    if let Some(id) = correlation_id {
        message["correlationId"] = id.into();
    }
    message.to_string()
}

/// The events of a stream, written fast: a slow server would be measured in the client's place.
#[derive(Debug)]
pub(crate) struct Events {
    head: String,
    tail: String,
}

impl Events {
    pub(crate) fn new(payload: &Value) -> Events {
        const SEQUENCE: u32 = 987_654_321;
        let stream = json!({ "streamId": "S1", "sequence": SEQUENCE, "resumable": false });
        let text = envelope(None, payload, stream);
        let (head, tail) = text
            .split_once(&SEQUENCE.to_string())
            .unwrap_or((&text, ""));
        Events {
            head: head.to_owned(),
            tail: tail.to_owned(),
        }
    }

    /// The event of a chunk.
    pub(crate) fn chunk(&self, sequence: u32) -> String {
        let Events { head, tail } = self;
        format!("event: chunk\nid: {sequence}\ndata: {head}{sequence}{tail}\n\n")
    }
}

/// The event that ends a stream.
pub(crate) fn done(sequence: u32) -> String {
    let stream = json!({ "streamId": "S1", "sequence": sequence, "final": true });
    format!(
        "event: done\ndata: {}\n\n",
        envelope(None, &Value::Null, stream)
    )
}

/// The payload of a stream's chunk: a token, or a piece of a document.
pub(crate) fn chunk_payload(large: bool) -> Value {
    match large {
        true => {
            json!({ "text": "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ".repeat(140), "part": 1 })
        }
        false => json!(" token"),
    }
}
