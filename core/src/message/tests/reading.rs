use super::*;
use crate::json::scan::Scanner;

const NCP: &str = "/body/data/metadata/extensions/ncp";

fn error(pointer: &str, value: Option<Value>) -> EnvelopeError {
    let message = changed(example(), pointer, value.clone());
    read(&message).expect_err(&format!("{pointer} as {value:?}"))
}

/// Sets fields one by one and expects each to be refused with a message that names it.
fn refused(parent: &str, named: &str, table: &[(&str, Value)]) {
    for (name, value) in table {
        let error = error(&format!("{parent}/{name}"), Some(value.clone()));
        assert_eq!(error.code, ErrorCode::InvalidEnvelope, "{name} {value}");
        assert!(
            error.message.starts_with(&format!("{named}{name} ")),
            "{name} {value}: {}",
            error.message
        );
    }
}

/// Sets fields one by one and expects each to be taken.
fn taken(parent: &str, table: &[(&str, Value)]) {
    for (name, value) in table {
        let message = changed(example(), &format!("{parent}/{name}"), Some(value.clone()));
        if let Err(error) = read(&message) {
            panic!("{name} as {value}: {error}");
        }
    }
}

#[test]
fn the_example() {
    let message = read(&example()).unwrap();
    assert_eq!(message.id, ID);
    assert_eq!(message.kind, MessageType::Query);
    let route = message.route.unwrap();
    assert_eq!(route.source.as_str(), "service://7/ancp-client");
    assert_eq!(route.destination.as_str(), "node://7/42");
    assert_eq!(route.tenant_id, "7");
    assert_eq!(message.timestamp, "2026-05-25T09:14:00.000Z");
    assert_eq!(message.protocol_version, "1.0");
    assert_eq!(message.correlation_id.unwrap(), "c-1");
    assert_eq!(message.reply_to.unwrap().as_str(), "agent://7/me");
    assert_eq!(message.payload.as_str(), r#"{"orderId":"ORD-123"}"#);
    let [(name, value)] = &message.extensions[..] else {
        panic!("{:?}", message.extensions);
    };
    assert_eq!((&**name, value.as_str()), ("other", "[1,2]"));

    let ncp = message.ncp.unwrap();
    assert_eq!(ncp.action.unwrap(), "get-order");
    assert_eq!(ncp.pattern, Some(Pattern::RequestReply));
    assert_eq!(ncp.node_id, Some(NodeId::from(42)));
    assert!(ncp.traceparent.unwrap().starts_with("00-"));
    assert_eq!(ncp.tracestate.unwrap(), "vendor=1");
    assert_eq!(ncp.receipt_id.unwrap(), "r-1");
    let caller = ncp.caller.unwrap();
    assert_eq!((&*caller.mode, &*caller.subject.unwrap()), ("jwt", "alice"));
    let task = ncp.task.unwrap();
    assert_eq!(task.task_id, "t-1");
    assert_eq!(task.action, "run-payroll");
    assert_eq!(task.state, "Running");
    assert_eq!(task.progress, Some(0.25));
    assert_eq!(task.message.unwrap(), "a quarter");
    assert_eq!(task.created_at, "2026-05-25T09:14:00.000Z");
    assert_eq!(task.updated_at, "2026-05-25T09:14:01.000Z");
    assert_eq!(task.error.unwrap().code, ErrorCode::from("out_of_stock"));
    let stream = ncp.stream.unwrap();
    assert_eq!((&*stream.stream_id, stream.sequence), ("s-1", 3));
    assert!(stream.resumable && !stream.is_final);
    let error = ncp.error.unwrap();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert_eq!(error.message, "wait");
    assert!(error.retryable);
    assert_eq!(error.details.unwrap().as_str(), r#"{"limit":5}"#);
}

#[test]
fn the_least_message() {
    let text = format!(
        r#" {{"timestamp":"2026-05-25T11:14:00+02:00","protocolVersion":"1.27","type":"Response","id":"{ID}"}} "#
    );
    for message in [
        Message::from_envelope(&text.clone().into()).unwrap(),
        Message::from_flat(&text.into()).unwrap(),
    ] {
        assert_eq!(message.payload, Json::null());
        assert_eq!(message.route, None);
        assert_eq!(message.ncp, None);
        assert_eq!(message.timestamp, "2026-05-25T11:14:00+02:00");
    }
}

#[test]
fn texts_and_payload_are_not_copied() {
    let text = ByteString::from(example().to_string());
    let inside = |part: &str| text.as_bytes().as_ptr_range().contains(&part.as_ptr());
    let message = Message::from_envelope(&text).unwrap();
    assert!(inside(&message.id));
    assert!(inside(message.route.unwrap().source.as_str()));
    assert!(inside(message.payload.as_str()));
    assert!(inside(&message.ncp.unwrap().action.unwrap()));
}

#[test]
fn escaped_texts() {
    let text = example()
        .to_string()
        .replace(r#""Query""#, r#""Qu\u0065ry""#)
        .replace(r#""tenantId""#, r#""tenant\u0049d""#);
    let message = Message::from_envelope(&text.into()).unwrap();
    assert_eq!(message.kind, MessageType::Query);
    assert_eq!(message.route.unwrap().tenant_id, "7");
}

#[test]
fn header_fields() {
    let long = "x".repeat(129);
    refused(
        "",
        "",
        &[
            ("id", json!("")),
            ("id", json!(1)),
            ("id", json!(ID.to_uppercase())),
            ("type", json!("query")),
            ("type", json!(["Query"])),
            ("source", json!("")),
            ("source", json!("http://7/x")),
            ("source", json!("topic://7/orders")),
            ("destination", json!("node://7")),
            ("destination", json!("topic://7/orders")),
            ("destination", json!(42)),
            ("tenantId", json!(7)),
            ("tenantId", json!("")),
            ("tenantId", json!("a b")),
            ("tenantId", json!(long)),
            ("timestamp", json!("yesterday")),
            ("timestamp", json!("2026-05-25T09:14:60Z")),
            ("timestamp", json!(1_779_700_440_000_u64)),
            ("protocolVersion", json!("1")),
            ("protocolVersion", json!("1.")),
            ("protocolVersion", json!(".0")),
            ("protocolVersion", json!("v1.0")),
            ("protocolVersion", json!("1.0.0")),
            ("protocolVersion", json!("1.0 ")),
            ("protocolVersion", json!("")),
            ("protocolVersion", json!(1.0)),
            ("correlationId", json!(1)),
            ("replyTo", json!("topic://7/orders")),
            ("replyTo", json!("me")),
            ("body", json!([])),
            ("body", json!("x")),
        ],
    );
    taken(
        "",
        &[
            ("type", json!("Event")),
            ("timestamp", json!("2026-05-25t09:14:59.1234567-07:30")),
            ("protocolVersion", json!("1.99999999999999999999")),
            ("correlationId", json!("")),
            ("correlationId", json!("anything é\n")),
            ("body", json!({})),
            ("body", json!({ "data": {} })),
            ("body", json!({ "data": { "metadata": {} } })),
            ("body", json!({ "data": { "payload": null } })),
            ("unknown", json!({ "id": null })),
            // Of the other encoding, and so unknown in this one.
            ("payload", json!(1)),
            ("extensions", json!(null)),
        ],
    );
}

#[test]
fn no_header_field_is_null() {
    for pointer in [
        "/id",
        "/type",
        "/source",
        "/destination",
        "/tenantId",
        "/timestamp",
        "/protocolVersion",
        "/correlationId",
        "/replyTo",
        "/body",
        "/body/data",
        "/body/data/metadata",
        "/body/data/metadata/extensions",
        NCP,
    ] {
        let error = error(pointer, Some(Value::Null));
        assert_eq!(error.code, ErrorCode::InvalidEnvelope);
        assert!(error.message.ends_with(" is null"), "{}", error.message);
    }
}

#[test]
fn missing_fields() {
    for name in ["id", "type", "timestamp", "protocolVersion"] {
        let error = error(&format!("/{name}"), None);
        assert_eq!(error.code, ErrorCode::InvalidEnvelope);
        assert_eq!(error.message, format!("{name} is missing"));
    }
    for name in ["correlationId", "replyTo", "body"] {
        assert!(read(&changed(example(), &format!("/{name}"), None)).is_ok());
    }
}

#[test]
fn the_route_stands_together() {
    let names = ["/source", "/destination", "/tenantId"];
    for kept in 0..7 {
        let gone = names
            .iter()
            .enumerate()
            .filter(|(bit, _)| kept >> bit & 1 == 0);
        let message = gone.fold(example(), |message, (_, name)| changed(message, name, None));
        match read(&message) {
            Ok(message) => assert!(kept == 0 && message.route.is_none()),
            Err(error) => {
                assert!(kept != 0);
                assert_eq!(error.code, ErrorCode::InvalidEnvelope);
                assert!(error.message.ends_with("must stand together or not at all"));
            }
        }
    }
}

#[test]
fn topics_are_destinations_of_events() {
    let to_topic = changed(
        example(),
        "/destination",
        Some(json!("topic://7/orders/new")),
    );
    for (kind, allowed) in [
        ("Event", true),
        ("Command", false),
        ("Query", false),
        ("Response", false),
    ] {
        let message = changed(to_topic.clone(), "/type", Some(json!(kind)));
        assert_eq!(read(&message).is_ok(), allowed, "{kind}");
    }
}

#[test]
fn tenants() {
    for (name, address) in [
        ("source", "service://8/ancp-client"),
        ("destination", "node://8/42"),
        ("replyTo", "agent://8/me"),
        ("tenantId", "8"),
        ("tenantId", "07"),
    ] {
        let error = error(&format!("/{name}"), Some(json!(address)));
        assert_eq!(error.code, ErrorCode::TenantMismatch, "{name}");
        assert_eq!(error.id.unwrap(), ID);
        assert_eq!(error.correlation_id.unwrap(), "c-1");
    }
}

#[test]
fn versions() {
    for version in ["2.0", "0.9", "10.0", "01.0", "999999999999999999999.0"] {
        let error = error("/protocolVersion", Some(json!(version)));
        assert_eq!(error.code, ErrorCode::UnsupportedVersion, "{version}");
    }
}

#[test]
fn what_counts_first() {
    let slip = changed(example(), "/type", Some(json!("Question")));
    let slip = changed(slip, "/tenantId", Some(json!("8")));
    assert_eq!(
        read(&slip).unwrap_err().message.split(' ').next(),
        Some("type")
    );
    let version = changed(slip, "/protocolVersion", Some(json!("2.0")));
    let error = read(&version).unwrap_err();
    assert_eq!(error.code, ErrorCode::UnsupportedVersion);
    assert_eq!(error.id.unwrap(), ID);
    let cut = version.to_string();
    let cut = cut[..cut.len() - 1].to_owned();
    let error = Message::from_envelope(&cut.into()).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidEnvelope);
    assert_eq!((error.id, error.correlation_id), (None, None));
}

#[test]
fn ids_in_errors() {
    let without = changed(example(), "/correlationId", None);
    let error = read(&changed(without, "/type", None)).unwrap_err();
    assert_eq!(
        (error.id.as_deref(), error.correlation_id),
        (Some(ID), None)
    );
    let malformed = changed(example(), "/id", Some(json!("x")));
    let error = read(&malformed).unwrap_err();
    assert_eq!(
        (error.id, error.correlation_id.as_deref()),
        (None, Some("c-1"))
    );
}

#[test]
fn errors_do_not_repeat_what_came() {
    let secret = "Bearer-hunter2";
    for name in ["id", "type", "source", "tenantId", "timestamp", "body"] {
        let error = error(&format!("/{name}"), Some(json!(format!("{secret} !"))));
        assert!(!error.to_string().contains(secret));
        assert!(error.message.len() < 120);
    }
}

#[test]
fn ncp_fields() {
    refused(
        NCP,
        "ncp.",
        &[
            ("action", json!("")),
            ("action", json!("no spaces")),
            ("action", json!(1)),
            ("action", json!(null)),
            ("pattern", json!("request_reply")),
            ("pattern", json!(null)),
            ("nodeId", json!(null)),
            ("nodeId", json!(-1)),
            ("nodeId", json!(1.5)),
            ("nodeId", json!(9_007_199_254_740_992_u64)),
            ("nodeId", json!("")),
            ("nodeId", json!(".")),
            ("nodeId", json!("..")),
            ("nodeId", json!("a/b")),
            ("nodeId", json!(true)),
            ("nodeId", json!([42])),
            ("traceparent", json!(1)),
            ("tracestate", json!({})),
            ("receiptId", json!(7)),
            ("caller", json!("jwt")),
            ("task", json!([])),
            ("stream", json!(null)),
            ("error", json!("broken")),
        ],
    );
    taken(
        NCP,
        &[
            ("action", json!("ancp.ping")),
            ("pattern", json!("task-start")),
            ("nodeId", json!(0)),
            ("nodeId", json!(9_007_199_254_740_991_u64)),
            ("nodeId", json!("orders.v2")),
            ("unknown", json!(null)),
        ],
    );
    let numbers = ["42.0", "4.2e1", "-0", "18446744073709551658"];
    for number in numbers {
        let text = example().to_string();
        let text = text.replace(r#""nodeId":42"#, &format!(r#""nodeId":{number}"#));
        let error = Message::from_envelope(&text.into()).unwrap_err();
        assert!(error.message.starts_with("ncp.nodeId "), "{number}");
    }
}

#[test]
fn ncp_parts() {
    refused(
        &format!("{NCP}/caller"),
        "ncp.caller.",
        &[
            ("mode", json!("password")),
            ("mode", json!(null)),
            ("subject", json!(7)),
            ("subject", json!(null)),
        ],
    );
    refused(
        &format!("{NCP}/task"),
        "ncp.task.",
        &[
            ("taskId", json!("a/b")),
            ("taskId", json!(1)),
            ("action", json!("")),
            ("state", json!("")),
            ("state", json!(null)),
            ("progress", json!(1.01)),
            ("progress", json!(-0.01)),
            ("progress", json!("0.5")),
            ("message", json!(1)),
            ("createdAt", json!("today")),
            ("createdAt", json!(null)),
            ("updatedAt", json!(0)),
            ("error", json!(null)),
        ],
    );
    taken(
        &format!("{NCP}/task"),
        &[
            ("state", json!("Paused")),
            ("progress", json!(null)),
            ("progress", json!(0)),
            ("progress", json!(1)),
            ("message", json!(null)),
        ],
    );
    refused(
        &format!("{NCP}/stream"),
        "ncp.stream.",
        &[
            ("streamId", json!("")),
            ("streamId", json!("a b")),
            ("sequence", json!(-1)),
            ("sequence", json!("1")),
            ("sequence", json!(1.5)),
            ("resumable", json!(1)),
            ("resumable", json!(null)),
            ("final", json!("true")),
        ],
    );
    taken(
        &format!("{NCP}/stream"),
        &[("sequence", json!(0)), ("final", json!(true))],
    );
    refused(
        &format!("{NCP}/error"),
        "ncp.error.",
        &[
            ("code", json!("")),
            ("code", json!(404)),
            ("message", json!(null)),
            ("retryable", json!("no")),
        ],
    );
    taken(&format!("{NCP}/error"), &[("details", json!(null))]);
}

#[test]
fn ncp_parts_without_a_field() {
    for name in [
        "caller/mode",
        "caller/subject",
        "task/taskId",
        "task/action",
        "task/state",
        "task/createdAt",
        "task/updatedAt",
        "task/error/code",
        "stream/streamId",
        "stream/sequence",
        "error/code",
        "error/message",
        "error/retryable",
    ] {
        let error = error(&format!("{NCP}/{name}"), None);
        let expected = format!("ncp.{} is missing", name.replace('/', "."));
        assert_eq!(error.message, expected);
    }
    for name in [
        "caller",
        "task",
        "stream",
        "error",
        "task/progress",
        "task/message",
        "task/error",
        "stream/resumable",
        "error/details",
    ] {
        assert!(read(&changed(example(), &format!("{NCP}/{name}"), None)).is_ok());
    }
}

#[test]
fn nobody_has_no_subject() {
    let caller = format!("{NCP}/caller");
    let nobody = changed(example(), &caller, Some(json!({ "mode": "none" })));
    assert!(read(&nobody).is_ok());
    let error = error(&format!("{caller}/mode"), Some(json!("none")));
    assert_eq!(error.message, "ncp.caller.subject stands with mode none");
}

#[test]
fn no_field_stands_twice() {
    let names = [
        "id",
        "type",
        "source",
        "timestamp",
        "protocolVersion",
        "correlationId",
        "replyTo",
        "body",
        "data",
        "payload",
        "metadata",
        "extensions",
        "ncp",
        "action",
        "nodeId",
        "caller",
        "mode",
        "taskId",
        "sequence",
        "details",
    ];
    for name in names {
        let escaped = format!(r"\u{:04x}{}", name.as_bytes()[0], &name[1..]);
        for twin in [name, &escaped] {
            let text = example().to_string();
            let key = format!(r#""{name}":"#);
            let (before, after) = text.split_once(&key).unwrap();
            let value = Scanner::new(after).value().unwrap();
            let text = format!(r#"{before}"{twin}":{value},{key}{after}"#);
            let error = Message::from_envelope(&text.into()).unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidEnvelope);
            let expected = format!("{name} stands twice");
            assert!(error.message.ends_with(&expected), "{}", error.message);
        }
    }
    // A payload may say what it likes, and unknown fields too.
    let text = example().to_string();
    let text = text.replace(r#"{"orderId":"#, r#"{"orderId":1,"orderId":"#);
    let text = format!(r#"{{"x":1,"x":2,{}"#, &text[1..]);
    assert!(Message::from_envelope(&text.into()).is_ok());
}

#[test]
fn the_second_payload_is_no_way_in() {
    let text = example().to_string();
    let text = text.replace(r#""payload":"#, r#""payload":1,"payload":"#);
    let error = Message::from_envelope(&text.into()).unwrap_err();
    assert_eq!(error.message, "body.data.payload stands twice");
}

#[test]
fn half_a_surrogate_pair() {
    let text = example().to_string();
    let in_payload = text.replace("ORD-123", r"\ud83d");
    let message = Message::from_envelope(&in_payload.into()).unwrap();
    assert_eq!(message.payload.as_str(), r#"{"orderId":"\ud83d"}"#);
    let in_header = text.replace("c-1", r"\ud83d");
    let error = Message::from_envelope(&in_header.into()).unwrap_err();
    assert_eq!(error.message, "correlationId is not Unicode");
    let in_name = text.replace(r#""other""#, r#""\ud83d""#);
    assert!(Message::from_envelope(&in_name.into()).is_err());
}

#[test]
fn depth_is_counted_from_the_outside() {
    let flat = |depth: usize| {
        format!(
            r#"{{"id":"{ID}","type":"Event","timestamp":"2026-05-25T09:14:00Z","protocolVersion":"1.0","payload":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let message = Message::from_flat(&flat(127).into()).unwrap();
    assert!(Message::from_flat(&flat(128).into()).is_err());
    // The other encoding has the payload two levels deeper.
    assert!(Message::from_envelope(&message.to_envelope().into()).is_err());
    let message = Message::from_flat(&flat(125).into()).unwrap();
    assert!(Message::from_envelope(&message.to_envelope().into()).is_ok());
    // Fields that nobody reads count too.
    let deep = format!(r#"{{"x":{}1{},"#, "[".repeat(128), "]".repeat(128));
    let text = flat(0)
        .replace("\"payload\":}", "\"payload\":1}")
        .replacen('{', &deep, 1);
    let error = Message::from_flat(&text.into()).unwrap_err();
    assert!(error.message.contains("nested too deeply"), "{error}");
}

#[test]
fn not_a_message() {
    for text in [
        "",
        "null",
        "[]",
        "\"x\"",
        "1",
        "{}",
        "{",
        "{}{}",
        "\u{feff}{}",
    ] {
        let error = Message::from_envelope(&text.into()).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidEnvelope, "{text}");
        assert!(!error.message.is_empty());
        assert_eq!((error.id, error.correlation_id), (None, None));
    }
    let error = Message::from_flat(&"[]".into()).unwrap_err();
    assert_eq!(error.message, "the message is not an object");
}

#[test]
fn digits_are_kept() {
    let text = example().to_string().replace(
        r#"{"orderId":"ORD-123"}"#,
        "[123456789012345678901234567890, 1.10, 1E400]",
    );
    let message = Message::from_envelope(&text.into()).unwrap();
    let expected = "[123456789012345678901234567890, 1.10, 1E400]";
    assert_eq!(message.payload.as_str(), expected);
    assert!(message.to_flat().contains(expected));
}
