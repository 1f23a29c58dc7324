//! Faults, the control API and the log of calls.

use crate::common::http::{Events, Next, send};
use crate::common::{Call, within};
use crate::{check_answer, limited, ms, order, report, sample, serve};
use ancp_mock_node::{BodyProgress, Fault, FaultRule, Match, Operation, RetryAfter};
use reqwest::Method;
use serde_json::json;

fn once(operation: Operation, fault: Fault) -> FaultRule {
    FaultRule {
        matching: Match {
            operation: Some(operation),
            ..Match::default()
        },
        times: Some(1),
        fault,
        ..FaultRule::default()
    }
}

#[tokio::test]
async fn faults_of_answers() {
    let (node, client) = sample().await;
    node.faults().add(once(
        Operation::Invoke,
        Fault {
            status: Some(503),
            retry_after: Some(RetryAfter::Seconds(7)),
            ..Fault::default()
        },
    ));
    let reply = client.call("N/invoke", &order()).await;
    assert_eq!(
        (reply.status, &*reply.code(), reply.header("retry-after")),
        (503, "unavailable", Some("7"))
    );
    check_answer(&reply);

    node.faults().add(once(
        Operation::Invoke,
        Fault {
            status: Some(502),
            body: Some("<h1>Bad gateway</h1>".into()),
            ..Fault::default()
        },
    ));
    let reply = client.call("N/invoke", &order()).await;
    assert_eq!(
        (reply.status, &*reply.text, reply.header("content-type")),
        (502, "<h1>Bad gateway</h1>", Some("text/html"))
    );

    node.faults().add(once(
        Operation::Invoke,
        Fault {
            malformed_body: Some("{\"id\":".into()),
            ..Fault::default()
        },
    ));
    let reply = client.call("N/invoke", &order()).await;
    assert_eq!(
        (reply.status, &*reply.text, reply.header("content-type")),
        (200, "{\"id\":", Some("application/json"))
    );

    node.faults().add(once(
        Operation::TaskStart,
        Fault {
            headers: [
                ("location".into(), None),
                ("x-more".into(), Some("1".into())),
            ]
            .into(),
            split_bytes: Some(1),
            ..Fault::default()
        },
    ));
    let call = Call::task("run-payroll", json!({ "month": "x", "ms": 1 }));
    let reply = client.call("N/tasks", &call).await;
    assert_eq!(
        (
            reply.status,
            reply.header("location"),
            reply.header("x-more")
        ),
        (202, None, Some("1"))
    );
    check_answer(&reply);

    node.faults().add(once(
        Operation::Invoke,
        Fault {
            delay_ms: Some(50),
            ..Fault::default()
        },
    ));
    let started = std::time::Instant::now();
    assert_eq!(client.call("N/invoke", &order()).await.status, 200);
    assert!(started.elapsed() >= ms(50));
}

#[tokio::test]
async fn connections_that_break() {
    let (node, client) = sample().await;
    let attempt = async |call: &Call| within(client.post("N/invoke", call.text()).send()).await;
    for (fault, handled) in [
        (
            Fault {
                close_connection: true,
                ..Fault::default()
            },
            false,
        ),
        (
            Fault {
                drop_response: true,
                ..Fault::default()
            },
            true,
        ),
    ] {
        node.faults().add(once(Operation::Invoke, fault));
        let call = order();
        assert!(attempt(&call).await.is_err());
        assert_eq!(node.calls().list().last().unwrap().status, None);
        // A handled call remembers its id.
        let other = call.with_payload(json!({ "orderId": "other" }));
        let reply = client.call("N/invoke", &other).await;
        assert_eq!(reply.status == 409, handled);
    }
    node.faults().add(once(
        Operation::Invoke,
        Fault {
            drop_after_bytes: Some(10),
            ..Fault::default()
        },
    ));
    let response = attempt(&order()).await.unwrap();
    let mut cut = Events::new(response);
    assert_eq!(cut.next().await, Next::Cut);
}

#[tokio::test]
async fn faults_of_streams() {
    let (node, client) = serve(limited(|limits| limits.keep_alive = ms(20))).await;
    let open = async |fault: Fault| {
        node.faults().add(once(Operation::Stream, fault));
        client.open("N/stream", &report(3, 0)).await
    };
    let named = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (fault, names, end) in [
        (
            Fault {
                drop_after_events: Some(0),
                ..Fault::default()
            },
            named(&[]),
            Next::Cut,
        ),
        (
            Fault {
                drop_after_events: Some(2),
                ..Fault::default()
            },
            named(&["chunk1", "chunk2"]),
            Next::Cut,
        ),
        (
            Fault {
                skip_event: Some(2),
                ..Fault::default()
            },
            named(&["chunk1", "chunk3", "done"]),
            Next::End,
        ),
        (
            Fault {
                repeat_event: Some(2),
                ..Fault::default()
            },
            named(&["chunk1", "chunk2", "chunk2", "chunk3", "done"]),
            Next::End,
        ),
        (
            Fault {
                split_bytes: Some(7),
                ..Fault::default()
            },
            named(&["chunk1", "chunk2", "chunk3", "done"]),
            Next::End,
        ),
    ] {
        let mut events = open(fault.clone()).await;
        assert_eq!(events.rest().await, (names, end), "{fault:?}");
    }
    let mut silent = open(Fault {
        stall_after_events: Some(1),
        ..Fault::default()
    })
    .await;
    silent.event().await;
    assert!(tokio::time::timeout(ms(100), silent.next()).await.is_err());
    let mut beating = open(Fault {
        stall_after_events: Some(1),
        keep_alive_while_stalled: true,
        ..Fault::default()
    })
    .await;
    beating.event().await;
    assert_eq!(beating.event().await.other.as_deref(), Some(": keep-alive"));
    // The stream itself is unharmed.
    let mut resumed = Events::new(
        within(
            client
                .get(&beating.header("location").unwrap())
                .header("Last-Event-ID", "1")
                .send(),
        )
        .await
        .unwrap(),
    );
    assert_eq!(resumed.rest().await.0, ["chunk2", "chunk3", "done"]);
}

#[tokio::test]
async fn the_control_api() {
    let (node, client) = sample().await;
    let rules =
        r#"[{"match":{"action":"get-order"},"times":1,"fault":{"status":429,"retryAfter":1}}]"#;
    assert_eq!(send(client.post("/_faults", rules)).await.status, 204);
    let one = r#"{"match":{"path":"/fire"},"fault":{"delayMs":1}}"#;
    assert_eq!(send(client.post("/_faults", one)).await.status, 204);
    let bad = send(client.post("/_faults", r#"{"fault":{"typo":1}}"#)).await;
    assert_eq!(bad.status, 400);
    assert!(bad.text.contains("typo"), "{bad:?}");
    let call = order().with("correlationId", "c");
    for status in [429, 200] {
        assert_eq!(client.call("N/invoke", &call).await.status, status);
    }
    let listed = send(client.get("/_faults")).await.envelope();
    assert_eq!(
        (&listed[0]["hits"], &listed[1]["hits"]),
        (&json!(1), &json!(0))
    );
    let calls = send(client.get("/_calls")).await;
    assert!(!calls.text.contains(node.api_key()));
    let calls = calls.envelope();
    assert_eq!(
        calls.as_array().unwrap().len(),
        2,
        "control requests are not recorded"
    );
    assert_eq!(calls[0]["bodySha256"], calls[1]["bodySha256"]);
    for (name, expected) in [
        ("method", json!("POST")),
        ("path", json!("/ncp/nodes/42/invoke")),
        ("operation", json!("invoke")),
        ("messageId", json!(call.id())),
        ("correlationId", json!("c")),
        ("action", json!("get-order")),
        ("status", json!(200)),
        ("body", json!("complete")),
    ] {
        assert_eq!(calls[1][name], expected, "{name}");
    }
    assert_eq!(calls[1]["headers"]["x-ancp-api-key"], "[redacted]");
    for path in ["/_calls", "/_faults"] {
        assert_eq!(send(client.delete(path)).await.status, 204);
        assert_eq!(send(client.get(path)).await.envelope(), json!([]));
        assert_eq!(send(client.request(Method::PUT, path)).await.status, 405);
    }
}

#[tokio::test]
async fn the_log_sees_a_reader_go() {
    let (node, client) = sample().await;
    let mut events = client.open("N/stream", &report(1000, 5)).await;
    events.event().await;
    assert_eq!(node.calls().list()[0].body, BodyProgress::Open);
    drop(events);
    let gone = async {
        while node.calls().list()[0].body != BodyProgress::Aborted {
            tokio::time::sleep(ms(5)).await;
        }
    };
    within(gone).await;
}
