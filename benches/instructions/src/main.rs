//! `ancp-instructions {case}` runs one hot path of the core under [`measured`], within which callgrind counts.
//!
//! Without an argument it lists the cases. `cargo xtask bench instructions` runs them all.

use std::hint::black_box;

use ancp_core::message::Message;
use ancp_core::sse::Decoder;
use bytes::Bytes;
use bytestring::ByteString;

/// The cases by name. Each prepares its input, and does its work in [`measured`].
const CASES: &[(&str, fn())] = &[
    ("events: 1000 small, reads of 16 KB", || {
        decode(1000, 8, 16_384)
    }),
    ("events: 1000 small, reads of 64 B", || decode(1000, 8, 64)),
    ("events: 20 small, reads of 1 B", || decode(20, 8, 1)),
    ("events: 100 large, reads of 16 KB", || {
        decode(100, 8000, 16_384)
    }),
    ("messages: 100 read, 300 B", || read(100, 300)),
    ("messages: 10 read, 17 KB", || read(10, 17_000)),
    ("messages: 100 written, 300 B", || write(100, 300)),
];

fn main() {
    let wanted = std::env::args().nth(1);
    for (name, run) in CASES {
        match &wanted {
            None => println!("{name}"),
            Some(wanted) if wanted == name => run(),
            Some(_) => {}
        }
    }
}

/// The function that callgrind looks for by its name.
#[inline(never)]
fn measured<T>(work: impl FnOnce() -> T) {
    black_box(work());
}

fn decode(events: usize, payload_bytes: usize, read_bytes: usize) {
    let text: String = (1..=events)
        .map(|sequence| {
            let stream =
                format!(r#","stream":{{"streamId":"S1","sequence":{sequence},"resumable":true}}"#);
            format!(
                "event: chunk\nid: {sequence}\ndata: {}\n\n",
                envelope(payload_bytes, &stream)
            )
        })
        .collect();
    let bytes = Bytes::from(text);
    let starts = (0..bytes.len()).step_by(read_bytes);
    let reads: Vec<Bytes> = starts
        .map(|at| bytes.slice(at..bytes.len().min(at + read_bytes)))
        .collect();
    measured(move || {
        let mut decoder = Decoder::new(1 << 20);
        for bytes in reads {
            decoder.push(bytes);
            while let Ok(Some(event)) = decoder.next_event() {
                black_box(event);
            }
        }
    });
}

fn read(times: usize, payload_bytes: usize) {
    let text = ByteString::from(envelope(payload_bytes, ""));
    measured(|| {
        for _ in 0..times {
            black_box(Message::from_envelope(&text).is_ok());
        }
    });
}

fn write(times: usize, payload_bytes: usize) {
    let text = ByteString::from(envelope(payload_bytes, ""));
    let Ok(message) = Message::from_envelope(&text) else {
        return;
    };
    measured(|| {
        for _ in 0..times {
            black_box(message.to_envelope());
        }
    });
}

/// A node's message with a payload of so many bytes: text, numbers and brackets as in real ones.
fn envelope(payload_bytes: usize, more: &str) -> String {
    let line = r#"{"sku":"SKU-00042","quantity":3,"price":19.99,"shipped":true,"name":"Zw\u00f6lf R\u00f6hren, 4 mm"},"#;
    let lines = line.repeat(payload_bytes / line.len());
    let rest = ".".repeat(payload_bytes % line.len());
    format!(
        r#"{{"id":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","type":"Response","source":"node://7/42","destination":"service://7/ancp-client","tenantId":"7","timestamp":"2026-05-25T09:14:00.000Z","protocolVersion":"1.0","correlationId":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","body":{{"data":{{"payload":[{lines}"{rest}"],"metadata":{{"extensions":{{"ncp":{{"nodeId":42,"caller":{{"mode":"apiKey","subject":"bench"}}{more}}}}}}}}}}}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the counts would be those of refusing it.
    #[test]
    fn what_is_measured_is_valid() {
        for bytes in [8, 300, 17_000] {
            assert!(Message::from_envelope(&envelope(bytes, "").into()).is_ok());
        }
    }
}
