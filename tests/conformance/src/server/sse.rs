//! Event streams.

use serde_json::{Map, Value, json};

use super::http::Request;
use super::placeholders::Known;
use super::render::{Part, error_of, response, task_of};
use crate::compare::change;
use crate::vector::{ClientVector, Piece};

/// Writes events. Chunks are counted from where the client left off.
pub(super) fn render(
    vector: &ClientVector,
    pieces: &[Piece],
    line_end: &str,
    request: &Request,
    known: &Known,
) -> Vec<Part> {
    let mut last: u64 = request
        .headers
        .get("last-event-id")
        .and_then(|id| id.parse().ok())
        .unwrap_or(0);
    let mut parts = Vec::new();
    let mut bytes = Vec::new();
    for piece in pieces {
        if let Some(raw) = &piece.raw {
            bytes.extend(known.fill(raw));
        } else if let Some(wait) = piece.wait_ms {
            parts.push(Part::Bytes(std::mem::take(&mut bytes)));
            parts.push(Part::WaitMs(wait));
        } else {
            bytes.extend(known.fill(&event(vector, piece, line_end, &mut last)));
        }
    }
    parts.push(Part::Bytes(bytes));
    parts
}

fn event(vector: &ClientVector, piece: &Piece, line_end: &str, last: &mut u64) -> String {
    let (name, id, payload, fields) = content(piece, last);
    let mut envelope = response(vector, payload, fields);
    change(&mut envelope, &piece.set, &piece.remove);
    let json = if piece.pretty {
        format!("{envelope:#}")
    } else {
        envelope.to_string()
    };

    let mut text = String::new();
    let mut field = |name: &str, value: &str| text.extend([name, ": ", value, line_end]);
    let name = piece.event.as_deref().unwrap_or(name);
    if !name.is_empty() {
        field("event", name);
    }
    let id = piece.id.clone().unwrap_or(id);
    if !id.is_empty() {
        field("id", &id);
    }
    json.lines().for_each(|line| field("data", line));
    text + line_end
}

/// Name, id, payload and `ncp` of an event.
fn content(piece: &Piece, last: &mut u64) -> (&'static str, String, Value, Map<String, Value>) {
    let of = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    if let Some(error) = &piece.error {
        return (
            "error",
            String::new(),
            Value::Null,
            of("error", error_of(error)),
        );
    }
    if let Some(task) = &piece.status {
        // A finished task's result is the payload; vectors name it beside the fields of `ncp.task`.
        let mut task = task.clone();
        let result = task.remove("result").unwrap_or_default();
        return ("status", String::new(), result, of("task", task_of(&task)));
    }
    if let Some(summary) = &piece.done {
        let sequence = piece.sequence.unwrap_or(*last);
        let stream = json!({ "streamId": "s-1", "sequence": sequence, "final": true });
        return ("done", String::new(), summary.clone(), of("stream", stream));
    }
    *last = piece.sequence.unwrap_or(*last + 1);
    let resumable = piece.resumable.unwrap_or(true);
    let stream = json!({ "streamId": "s-1", "sequence": *last, "resumable": resumable });
    (
        "chunk",
        last.to_string(),
        piece.chunk.clone().unwrap_or_default(),
        of("stream", stream),
    )
}
