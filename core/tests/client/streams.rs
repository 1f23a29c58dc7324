//! Streams as a consumer sees them: resuming, the two timers, and ending them at the node. tokio's
//! clock is paused and moves by itself.

use std::time::Duration;

use crate::support::{
    Piece, Reply, Scripted, Sent, chunk, client, done, error, in_turn, options, text,
};
use ancp_core::{AncpClient, ErrorCode, Result};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::Instant;

const LOCATION: &str = "/base/ncp/nodes/42/streams/s-1";

/// Takes the whole stream: the rows that came, and how it ended.
async fn rows(client: &AncpClient) -> (Vec<u64>, Result<()>) {
    let mut chunks = client.stream::<Value>("generate-report", &json!({ "year": 2026 }));
    let mut rows = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => rows.push(chunk["row"].as_u64().unwrap()),
            Err(error) => {
                assert!(chunks.next().await.is_none(), "an error is the end");
                return (rows, Err(error));
            }
        }
    }
    assert_eq!(
        chunks.summary().unwrap().as_str(),
        json!({ "rows": rows.len() }).to_string()
    );
    (rows, Ok(()))
}

fn requests(http: &Scripted) -> Vec<String> {
    let line = |sent: &Sent| {
        let path = sent.path.trim_start_matches("/base/ncp/nodes/42");
        let after = sent
            .header("last-event-id")
            .map(|id| format!(" after {id}"));
        format!("{} {path}{}", sent.method, after.unwrap_or_default())
    };
    http.sent().iter().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_when_it_is_asked_for_and_ends_with_its_summary() {
    let (client, http) = client(options(), |_| {
        Reply::Events(vec![
            chunk(1, true),
            text(": keep-alive\n\n"),
            chunk(2, true),
            done(2),
        ])
    });
    drop(client.stream::<Value>("generate-report", &()));
    assert!(http.sent().is_empty());
    let (seen, end) = rows(&client).await;
    end.unwrap();
    assert_eq!(seen, [1, 2]);
    assert_eq!(requests(&http), ["POST /stream"]);
    assert_eq!(http.sent()[0].header("accept"), Some("text/event-stream"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_resumed_after_the_delay_that_the_node_asks_for() {
    let replies = [
        Reply::Events(vec![
            text("retry: 3000\n\n"),
            chunk(1, true),
            chunk(2, true),
            Piece::Cut,
        ]),
        Reply::Events(vec![chunk(2, true), chunk(3, true), chunk(5, true)]),
        error(503, "unavailable", true),
        Reply::Events(vec![chunk(4, true), done(4)]),
    ];
    let (client, http) = client(options(), in_turn(replies));
    let began = Instant::now();
    let (seen, end) = rows(&client).await;
    end.unwrap();
    assert_eq!(seen, [1, 2, 3, 4], "nothing twice, nothing missing");
    let expected = [
        "POST /stream",
        "GET /streams/s-1 after 2",
        "GET /streams/s-1 after 3",
        "GET /streams/s-1 after 3",
    ];
    assert_eq!(requests(&http), expected);
    assert_eq!(began.elapsed(), Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn before_the_first_chunk_a_stream_is_resumed_at_0_or_asked_for_again() {
    let located = [
        Reply::Located(LOCATION, vec![Piece::Cut]),
        Reply::Events(vec![chunk(1, true), done(1)]),
    ];
    let (first, http) = client(options(), in_turn(located));
    assert_eq!(rows(&first).await.0, [1]);
    assert_eq!(
        requests(&http),
        ["POST /stream", "GET /streams/s-1 after 0"]
    );

    let unknown = [
        Reply::Events(vec![Piece::Cut]),
        Reply::Events(vec![chunk(1, true), done(1)]),
    ];
    let (second, http) = client(options(), in_turn(unknown));
    assert_eq!(rows(&second).await.0, [1]);
    assert_eq!(requests(&http), ["POST /stream", "POST /stream"]);
    assert_eq!(
        http.sent()[0].body,
        http.sent()[1].body,
        "the same id and bytes"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_cannot_be_resumed_is_interrupted_not_quietly_short() {
    let (first, http) = client(options(), in_turn([Reply::Events(vec![chunk(1, false)])]));
    let (seen, end) = rows(&first).await;
    assert_eq!(seen, [1]);
    assert_eq!(end.unwrap_err().code(), &ErrorCode::StreamInterrupted);
    assert_eq!(http.sent().len(), 1);

    let (second, http) = client(
        options(),
        in_turn([Reply::Events(vec![chunk(1, true)]), Reply::Broken]),
    );
    let (seen, end) = rows(&second).await;
    assert_eq!(seen, [1]);
    assert_eq!(end.unwrap_err().code(), &ErrorCode::StreamInterrupted);
    assert_eq!(http.sent().len(), 6, "five resumes");

    let refused = [
        Reply::Events(vec![chunk(1, true)]),
        error(410, "stream_expired", false),
    ];
    let (third, http) = client(options(), in_turn(refused));
    assert_eq!(
        rows(&third).await.1.unwrap_err().code(),
        &ErrorCode::StreamExpired
    );
    assert_eq!(http.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_lost_connection_and_heartbeats_without_events_are_no_progress() {
    let silent = [
        Reply::Events(vec![
            chunk(1, true),
            Piece::Wait(Duration::from_secs(46)),
            chunk(2, true),
        ]),
        Reply::Events(vec![chunk(2, true), done(2)]),
    ];
    let (first, http) = client(options(), in_turn(silent));
    let began = Instant::now();
    assert_eq!(rows(&first).await.0, [1, 2]);
    assert_eq!(
        requests(&http),
        ["POST /stream", "GET /streams/s-1 after 1"]
    );
    assert_eq!(began.elapsed(), Duration::from_secs(46));

    let beat = || [Piece::Wait(Duration::from_secs(15)), text(":\n\n")];
    let beats: Vec<Piece> = [chunk(1, true)]
        .into_iter()
        .chain((0..30).flat_map(|_| beat()))
        .collect();
    let (second, http) = client(options(), move |sent| match sent.method {
        "DELETE" => Reply::Answer(204, Value::Null),
        _ => Reply::Events(beats.clone()),
    });
    let began = Instant::now();
    let (seen, end) = rows(&second).await;
    assert_eq!(seen, [1]);
    let error = end.unwrap_err();
    assert_eq!((error.code(), error.status()), (&ErrorCode::Timeout, 0));
    assert_eq!(began.elapsed(), Duration::from_secs(300));
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(requests(&http), ["POST /stream", "DELETE /streams/s-1"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_early_ends_the_stream_at_the_node() {
    for (resumable, expected) in [
        (true, vec!["POST /stream", "DELETE /streams/s-1"]),
        (false, vec!["POST /stream"]),
    ] {
        for way in ["drop", "close", "cancel"] {
            let (client, http) = client(options(), move |sent| match sent.method {
                "DELETE" => Reply::Answer(204, Value::Null),
                _ => Reply::Events(vec![
                    chunk(1, resumable),
                    Piece::Wait(Duration::from_secs(9)),
                    chunk(2, resumable),
                ]),
            });
            let chunks = client.stream::<Value>("generate-report", &());
            let mut chunks = chunks.cancel_on(tokio::time::sleep(Duration::from_secs(match way {
                "cancel" => 1,
                _ => 100,
            })));
            chunks.next().await.unwrap().unwrap();
            match way {
                "drop" => drop(chunks),
                way => {
                    let closer = client.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep(Duration::from_secs(2)).await;
                        closer.close();
                    });
                    let error = chunks.next().await.unwrap().unwrap_err();
                    assert_eq!(error.code(), &ErrorCode::Aborted, "{way}");
                    assert!(chunks.next().await.is_none());
                }
            }
            tokio::time::sleep(Duration::from_secs(5)).await;
            assert_eq!(requests(&http), expected, "{way}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_dropped_while_it_waits_for_a_chunk_ends_at_the_node_too() {
    let (client, http) = client(options(), move |sent| match sent.method {
        "DELETE" => Reply::Answer(204, Value::Null),
        _ => Reply::Events(vec![chunk(1, true), Piece::Wait(Duration::from_secs(40))]),
    });
    let mut chunks = client.stream::<Value>("generate-report", &());
    chunks.next().await.unwrap().unwrap();
    let waited = tokio::time::timeout(Duration::from_secs(1), chunks.next()).await;
    assert!(waited.is_err());
    drop(chunks);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(requests(&http), ["POST /stream", "DELETE /streams/s-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_takes_its_time_loses_nothing() {
    let (client, http) = client(options(), |_| {
        Reply::Events(vec![
            chunk(1, true),
            chunk(2, true),
            chunk(3, true),
            done(3),
        ])
    });
    let mut chunks = client.stream::<Value>("generate-report", &());
    for row in 1..=3 {
        assert_eq!(chunks.next().await.unwrap().unwrap()["row"], row);
        tokio::time::sleep(Duration::from_secs(1000)).await;
    }
    assert!(chunks.next().await.is_none());
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_the_contract_forbids_is_an_error_after_the_chunks_before_it() {
    for (bad, code) in [
        (
            text("event: chunk\nid: 2\ndata: {}\n\n"),
            ErrorCode::InvalidResponse,
        ),
        (text("data: [DONE]\n\n"), ErrorCode::InvalidResponse),
        (
            text(&format!("data: {}", "x".repeat(2 << 20))),
            ErrorCode::ResponseTooLarge,
        ),
    ] {
        let (client, _) = client(options(), move |sent| match sent.method {
            "DELETE" => Reply::Answer(204, Value::Null),
            _ => Reply::Events(vec![chunk(1, true), bad.clone()]),
        });
        let (seen, end) = rows(&client).await;
        assert_eq!(seen, [1]);
        assert_eq!(end.unwrap_err().code(), &code);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_event_has_its_codes_status() {
    let ncp = json!({
        "stream": { "streamId": "s-1", "sequence": 1, "final": true },
        "error": { "code": "handler_error", "message": "no paper", "retryable": false, "details": [1] }
    });
    let data = crate::support::response(ncp, Value::Null);
    let piece = text(&format!("event: error\ndata: {data}\n\n"));
    let (client, _) = client(options(), move |_| {
        Reply::Events(vec![chunk(1, true), piece.clone()])
    });
    let error = rows(&client).await.1.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (&ErrorCode::HandlerError, 500)
    );
    assert_eq!(error.details().unwrap().as_str(), "[1]");
}

#[tokio::test(start_paused = true)]
async fn opening_is_retried_like_any_call_and_bounded_by_its_time_out() {
    let replies = [
        error(503, "unavailable", true),
        Reply::Events(vec![chunk(1, true), done(1)]),
    ];
    let (first, http) = client(options(), in_turn(replies));
    assert_eq!(rows(&first).await.0, [1]);
    assert_eq!(http.sent().len(), 2);
    let (second, _) = client(options(), |_| Reply::Never);
    let began = Instant::now();
    assert_eq!(
        rows(&second).await.1.unwrap_err().code(),
        &ErrorCode::Timeout
    );
    assert_eq!(began.elapsed(), Duration::from_secs(30));
    let html = Reply::Answer(200, json!("no stream"));
    let (third, _) = client(options(), in_turn([html]));
    assert_eq!(
        rows(&third).await.1.unwrap_err().code(),
        &ErrorCode::InvalidResponse
    );
}

#[tokio::test(start_paused = true)]
async fn task_events_are_listened_to_where_offered_and_polled_for_when_they_fail() {
    let status = |state, progress| {
        let data = crate::support::response(crate::support::task_ncp(state, progress), json!(null));
        text(&format!("event: status\ndata: {data}\n\n"))
    };
    for breaks in [false, true] {
        let pieces = match breaks {
            false => vec![status("Running", 0.5), status("Completed", 1.0)],
            true => vec![status("Running", 0.5), Piece::Cut],
        };
        let (client, http) = client(options(), move |sent| match sent.path.as_str() {
            "/base/.well-known/ncp.json" => Reply::Answer(
                200,
                json!({
                    "protocolVersion": "1.0",
                    "nodes": [{ "nodeId": 42, "features": { "taskEvents": true } }]
                }),
            ),
            path if path.ends_with("/events") => Reply::Events(pieces.clone()),
            _ => crate::support::task(200, "Completed", 1.0),
        });
        let mut seen = Vec::new();
        let wait = client
            .wait_for_task::<Value>("t-1")
            .on_progress(|status| seen.push(status.progress));
        assert_eq!(wait.await.unwrap().state.as_str(), "Completed");
        assert_eq!(seen, [Some(0.5), Some(1.0)]);
        let expected: &[&str] = match breaks {
            false => &["GET /base/.well-known/ncp.json", "GET /tasks/t-1/events"],
            true => &[
                "GET /base/.well-known/ncp.json",
                "GET /tasks/t-1/events",
                "GET /tasks/t-1",
            ],
        };
        assert_eq!(requests(&http), expected);
    }
}
