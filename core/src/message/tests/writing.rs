use super::*;

/// A small message whose texts are known.
fn message() -> Message {
    Message {
        id: ID.into(),
        kind: MessageType::Query,
        route: Some(Route {
            source: AddressUri::service("7", "ancp-client").unwrap(),
            destination: AddressUri::node("7", &NodeId::from(42)).unwrap(),
            tenant_id: "7".into(),
        }),
        timestamp: timestamp::from_unix_millis(1_779_700_440_000).into(),
        protocol_version: "1.0".into(),
        correlation_id: Some(ID.into()),
        reply_to: None,
        ncp: Some(Ncp {
            action: Some("get-order".into()),
            pattern: Some(Pattern::RequestReply),
            node_id: Some(42.into()),
            ..Ncp::default()
        }),
        extensions: Vec::new(),
        payload: Json::parse(r#"{"orderId":"ORD-123"}"#).unwrap(),
    }
}

#[test]
fn the_contracts_example() {
    let expected = r#"{
        "id":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","type":"Query",
        "source":"service://7/ancp-client","destination":"node://7/42","tenantId":"7",
        "timestamp":"2026-05-25T09:14:00.000Z","protocolVersion":"1.0",
        "correlationId":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        "body":{"data":{"payload":{"orderId":"ORD-123"},
        "metadata":{"extensions":{"ncp":{"action":"get-order","pattern":"request-reply","nodeId":42}}}}}}"#;
    let expected = expected.replace("\n        ", "");
    assert_eq!(message().to_envelope(), expected);
}

#[test]
fn flat() {
    let mut message = message();
    message.reply_to = Some(AddressUri::parse("agent://7/me").unwrap());
    message.ncp = None;
    message.extensions = vec![("x".into(), Json::parse("[1]").unwrap())];
    let text = message.to_flat();
    let after_version = text.split_once(r#""protocolVersion":"1.0","#).unwrap().1;
    assert_eq!(
        after_version,
        r#""correlationId":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","replyTo":"agent://7/me","payload":{"orderId":"ORD-123"},"extensions":{"x":[1]}}"#
    );
}

#[test]
fn without_route_and_metadata() {
    let mut message = message();
    message.route = None;
    message.ncp = None;
    message.correlation_id = None;
    let (before, after) = message.envelope_parts();
    assert_eq!(
        before,
        r#"{"id":"3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d","type":"Query","timestamp":"2026-05-25T09:14:00.000Z","protocolVersion":"1.0","body":{"data":{"payload":"#
    );
    assert_eq!(after, "}}}");
    let (_, after) = message.flat_parts();
    assert_eq!(after, "}");
}

#[test]
fn parts_do_not_depend_on_the_payload() {
    let message = message();
    let (before, after) = message.envelope_parts();
    let text = message.to_envelope();
    assert_eq!(format!("{before}{}{after}", message.payload.as_str()), text);
    let held_elsewhere = message.map_payload(|_| 17_usize);
    assert_eq!(held_elsewhere.envelope_parts(), (before, after));
}

#[test]
fn ncp_of_an_answer() {
    let mut message = message();
    let failure = Box::new(ErrorMeta {
        code: ErrorCode::HandlerError,
        message: "\"no\"".into(),
        retryable: false,
        details: Some(Json::null()),
    });
    message.ncp = Some(Ncp {
        node_id: Some(NodeId::new("42").unwrap()),
        traceparent: Some("00".into()),
        tracestate: Some("a=b".into()),
        receipt_id: Some("r".into()),
        caller: Some(Box::new(Caller {
            mode: "none".into(),
            subject: None,
        })),
        task: Some(Box::new(TaskMeta {
            task_id: "t".into(),
            action: "a".into(),
            state: "Failed".into(),
            progress: Some(f64::NAN),
            message: None,
            created_at: "2026-05-25T09:14:00Z".into(),
            updated_at: "2026-05-25T09:14:00Z".into(),
            error: Some(failure.clone()),
        })),
        stream: Some(StreamMeta {
            stream_id: "s".into(),
            sequence: 0,
            resumable: false,
            is_final: true,
        }),
        error: Some(failure),
        ..Ncp::default()
    });
    let expected = r#"}{"ncp":{"nodeId":"42","traceparent":"00","tracestate":"a=b","receiptId":"r",
        "caller":{"mode":"none"},
        "task":{"taskId":"t","action":"a","state":"Failed","progress":null,"message":null,
        "createdAt":"2026-05-25T09:14:00Z","updatedAt":"2026-05-25T09:14:00Z",
        "error":{"code":"handler_error","message":"\"no\"","retryable":false,"details":null}},
        "stream":{"streamId":"s","sequence":0,"final":true},
        "error":{"code":"handler_error","message":"\"no\"","retryable":false,"details":null}}}}"#;
    let expected = expected.replace("\n        ", "");
    let (_, after) = message.flat_parts();
    assert_eq!(after, expected.replacen('}', r#","extensions":"#, 1));
}

#[test]
fn a_second_ncp_is_not_written() {
    let mut message = message();
    message.extensions = vec![("ncp".into(), Json::null())];
    let text = message.to_envelope();
    assert_eq!(text.matches(r#""ncp""#).count(), 1);
    assert!(Message::from_envelope(&text.into()).is_ok());
}
