//! Streams over HTTP.

use crate::common::http::{Events, Next, send};
use crate::common::{Call, ncp, payload, within};
use crate::{limited, ms, report, sample, serve};
use ancp_mock_node::Operation;
use serde_json::{Value, json};

#[tokio::test]
async fn a_stream() {
    let (_node, client) = sample().await;
    let call = report(2, 0).routed("service://7/me", "node://7/42", "7");
    let mut events = client.open("N/stream", &call).await;
    assert_eq!(
        events.header("content-type").as_deref(),
        Some("text/event-stream")
    );
    let mut stream_id = Value::Null;
    for sequence in 1..=2 {
        let event = events.event().await;
        assert_eq!(
            (&*event.name, event.id),
            ("chunk", Some(sequence.to_string()))
        );
        let envelope: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(payload(&envelope)["row"], sequence);
        assert_eq!(envelope["correlationId"], call.id());
        assert_eq!(envelope["destination"], "service://7/me");
        let meta = &ncp(&envelope)["stream"];
        stream_id = meta["streamId"].clone();
        let expected = json!({ "streamId": stream_id, "sequence": sequence, "resumable": true });
        assert_eq!(meta, &expected);
    }
    let done = events.event().await;
    assert_eq!((&*done.name, &done.id), ("done", &None));
    let expected = json!({ "streamId": stream_id, "sequence": 2, "final": true });
    assert_eq!(ncp(&done.envelope())["stream"], expected);
    assert_eq!(payload(&done.envelope()), &Value::Null);
    assert_eq!(events.next().await, Next::End);
    let location = format!("/ncp/nodes/42/streams/{}", stream_id.as_str().unwrap());
    assert_eq!(events.header("location"), Some(location));
}

#[tokio::test]
async fn a_stream_that_fails() {
    let (_node, client) = sample().await;
    let payload = json!({ "year": 2026, "failAfter": 1 });
    let call = Call::stream("generate-report", payload);
    let mut events = client.open("N/stream", &call).await;
    assert_eq!(events.event().await.name, "chunk");
    let error = events.event().await;
    assert_eq!((&*error.name, &error.id), ("error", &None));
    assert_eq!(ncp(&error.envelope())["error"]["code"], "handler_error");
    assert_eq!(error.envelope()["correlationId"], call.id());
    assert_eq!(events.next().await, Next::End);
    // A bad payload is refused before there is a stream.
    let bad = client
        .call("N/stream", &Call::stream("generate-report", json!({})))
        .await;
    assert_eq!((bad.status, &*bad.code()), (400, "invalid_payload"));
}

#[tokio::test]
async fn resuming_replacing_and_ending_a_stream() {
    let (node, client) = serve(limited(|limits| limits.resume_window = ms(300))).await;
    let call = report(1000, 5);
    let mut first = client.open("N/stream", &call).await;
    let location = first.header("location").unwrap();
    assert_eq!(first.event().await.id.as_deref(), Some("1"));
    let resume = |after: &str| {
        client
            .get(&location)
            .header("Last-Event-ID", after.to_owned())
    };
    let mut second = Events::new(within(resume("1").send()).await.unwrap());
    let (_, end) = first.rest().await;
    assert_eq!(end, Next::End, "the old connection ends");
    assert_eq!(second.event().await.id.as_deref(), Some("2"));
    drop(second);
    // A repeated POST is the same stream from its beginning.
    let mut third = client.open("N/stream", &call).await;
    assert_eq!(third.header("location").as_ref(), Some(&location));
    assert_eq!(third.event().await.id.as_deref(), Some("1"));
    let beyond = send(resume("1000000")).await;
    assert_eq!((beyond.status, &*beyond.code()), (410, "stream_expired"));
    assert_eq!(
        third.event().await.id.as_deref(),
        Some("2"),
        "a refused resume replaces nothing"
    );
    let ended = send(client.delete(&location)).await;
    assert_eq!((ended.status, &*ended.text), (204, ""));
    assert_eq!(third.rest().await.1, Next::End);
    assert_eq!(send(resume("2")).await.code(), "stream_expired");
    assert_eq!(
        client.call("N/stream", &call).await.code(),
        "stream_expired"
    );
    tokio::time::sleep(ms(350)).await;
    assert_eq!(send(resume("2")).await.code(), "stream_not_found");
    assert_eq!(send(client.delete(&location)).await.status, 204);
    let deletes = node.calls().list();
    assert_eq!(
        deletes
            .iter()
            .filter(|call| call.operation == Operation::StreamEnd)
            .count(),
        2
    );
}

#[tokio::test]
async fn an_abandoned_stream_expires() {
    let (_node, client) = serve(limited(|limits| limits.resume_window = ms(50))).await;
    let mut events = client.open("N/stream", &report(1000, 5)).await;
    let location = events.header("location").unwrap();
    events.event().await;
    drop(events);
    let expired = async {
        loop {
            // Does not connect: it is not a reader that keeps the stream.
            let probe = client.get(&location).header("Last-Event-ID", "1000000");
            let probe = send(probe).await;
            let message = ncp(&probe.envelope())["error"]["message"].clone();
            if message == "the stream has ended" {
                return probe;
            }
            tokio::time::sleep(ms(10)).await;
        }
    };
    assert_eq!(within(expired).await.code(), "stream_expired");
}

#[tokio::test]
async fn silence_is_filled_and_retry_told() {
    let (_node, client) = serve(limited(|limits| {
        limits.keep_alive = ms(20);
        limits.stream_retry = Some(ms(5));
    }))
    .await;
    let mut events = client.open("N/stream", &report(1, 200)).await;
    assert_eq!(events.event().await.other.as_deref(), Some("retry: 5"));
    assert_eq!(events.event().await.other.as_deref(), Some(": keep-alive"));
    let task = client
        .call(
            "N/tasks",
            &Call::task("approve-expense", json!({ "amount": 1 })),
        )
        .await;
    let mut events = Events::new(
        within(
            client
                .get(&format!("{}/events", task.header("location").unwrap()))
                .send(),
        )
        .await
        .unwrap(),
    );
    let quiet = async { while events.event().await.other.as_deref() != Some(": keep-alive") {} };
    within(quiet).await;
}
