//! Reads the message vectors in both encodings, and writes what was read in both.

use ancp_conformance::compare::{change, includes};
use ancp_conformance::vector::{Loaded, MessageVector, load};
use ancp_core::message::{EnvelopeError, Message};
use bytestring::ByteString;
use serde_json::{Value, json};

type Read = fn(&ByteString) -> Result<Message, EnvelopeError>;

#[test]
fn messages_are_read_as_the_contract_says() {
    let vectors: Vec<Loaded<MessageVector>> =
        load("messages").expect("the vectors are well-formed");
    assert!(!vectors.is_empty());
    let mut failures = Vec::new();
    for Loaded { key, vector, .. } in &vectors {
        for (encoding, read, text) in texts(vector) {
            if let Err(problem) = check(vector, read(&text.into())) {
                failures.push(format!("{key} ({encoding}; {}): {problem}", vector.why));
            }
        }
    }
    let count = vectors.len();
    assert!(
        failures.is_empty(),
        "{} of {count} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The texts of a vector: its own, or the changed example in both encodings.
fn texts(vector: &MessageVector) -> Vec<(&'static str, Read, String)> {
    const ENVELOPE: (&str, Read) = ("envelope", Message::from_envelope);
    const FLAT: (&str, Read) = ("flat", Message::from_flat);
    let own = [(ENVELOPE, &vector.envelope), (FLAT, &vector.flat)];
    let own: Vec<_> = own
        .into_iter()
        .filter_map(|((name, read), text)| Some((name, read, nested(text.as_ref()?))))
        .collect();
    if !own.is_empty() {
        return own;
    }
    let mut flat = example();
    change(&mut flat, &vector.set, &vector.remove);
    let envelope = enveloped(flat.clone());
    [(ENVELOPE, envelope), (FLAT, flat)]
        .map(|((name, read), json)| (name, read, nested(&json.to_string())))
        .into()
}

/// The contract's example.
fn example() -> Value {
    json!({
        "id": "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        "type": "Query",
        "source": "service://7/ancp-client",
        "destination": "node://7/42",
        "tenantId": "7",
        "timestamp": "2026-05-25T09:14:00.000Z",
        "protocolVersion": "1.0",
        "correlationId": "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        "payload": { "orderId": "ORD-123" },
        "extensions": { "ncp": { "action": "get-order", "pattern": "request-reply", "nodeId": 42 } },
    })
}

/// From the flat encoding to that of HTTP.
fn enveloped(mut flat: Value) -> Value {
    let Some(fields) = flat.as_object_mut() else {
        return flat;
    };
    let mut data = json!({});
    if let Some(payload) = fields.remove("payload") {
        data["payload"] = payload;
    }
    if let Some(extensions) = fields.remove("extensions") {
        data["metadata"] = json!({ "extensions": extensions });
    }
    fields.insert("body".into(), json!({ "data": data }));
    flat
}

/// Replaces `"{{nest:N}}"`, with or without quotes, by N arrays in each other.
fn nested(text: &str) -> String {
    let text = text.replace("\"{{nest:", "{{nest:").replace("}}\"", "}}");
    let Some((before, rest)) = text.split_once("{{nest:") else {
        return text;
    };
    let (count, after) = rest.split_once("}}").expect("a placeholder has an end");
    let count = count.parse().expect("a placeholder has a number");
    [before, &"[".repeat(count), &"]".repeat(count), after].concat()
}

fn check(vector: &MessageVector, read: Result<Message, EnvelopeError>) -> Result<(), String> {
    let message = match (&vector.outcome.error, read) {
        (Some(code), Err(error)) if error.code.as_str() == code => return Ok(()),
        (Some(code), other) => return Err(format!("expected {code}, got {other:?}")),
        (None, Err(error)) => return Err(error.to_string()),
        (None, Ok(message)) => message,
    };
    if let Some(expected) = &vector.outcome.payload_text
        && message.payload.as_str() != expected
    {
        return Err(format!(
            "expected the payload {expected}, got {}",
            message.payload.as_str()
        ));
    }
    let flat: ByteString = message.to_flat().into();
    let written: Value = serde_json::from_str(&flat).unwrap_or_default();
    for (pointer, expected) in &vector.outcome.read {
        let actual = written.pointer(pointer);
        let absent = actual.is_none() && *expected == json!({ "$is": "absent" });
        if !absent {
            includes(expected, actual.unwrap_or(&Value::Null))
                .map_err(|problem| format!("{pointer}{problem}"))?;
        }
    }
    if vector.outcome.one_way {
        return Ok(());
    }
    // One encoding into the other and back loses nothing.
    let again = Message::from_flat(&flat).map_err(|error| format!("flat: {error}"))?;
    let envelope = again.to_envelope().into();
    let again = Message::from_envelope(&envelope).map_err(|error| format!("envelope: {error}"))?;
    match again == message {
        true => Ok(()),
        false => Err(format!("it was {message:?}, and came back as {again:?}")),
    }
}
