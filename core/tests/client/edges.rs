//! Corners of streams and policies.

use std::time::Duration;

use ancp_core::ErrorCode;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::support::*;

fn ev(name: &str, id: Option<u64>, seq: u64, extra: Value, payload: Value) -> String {
    let mut stream = json!({"streamId": "s1", "sequence": seq, "resumable": true});
    if let (Some(s), Some(e)) = (stream.as_object_mut(), extra.as_object()) {
        s.extend(e.clone());
    }
    let data = response(json!({"stream": stream}), payload);
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    format!("event: {name}\n{id}data: {data}\n\n")
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_runs_while_the_client_is_closed_is_aborted() {
    let (client, _) = client(options(), |sent| {
        if sent.method == "DELETE" {
            return Reply::Answer(204, json!(null));
        }
        Reply::Located(
            "/x/streams/s1",
            vec![
                Piece::Text(ev("chunk", Some(1), 1, json!({}), json!(1))),
                Piece::Wait(Duration::from_secs(1000)),
            ],
        )
    });
    let mut stream = client.stream::<Value>("a", &());
    stream.next().await.unwrap().unwrap();
    client.close();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Aborted);
}

#[tokio::test(start_paused = true)]
async fn the_idle_limit_begins_with_the_stream() {
    let auth = ancp_core::Auth::jwt_provider(|| async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        Ok::<_, std::io::Error>("t".to_owned())
    });
    let (client, _) = client(
        options().idle_timeout(Duration::from_secs(5)).auth(auth),
        |_| {
            Reply::Located(
                "/x/streams/s1",
                vec![
                    Piece::Wait(Duration::from_millis(10)),
                    Piece::Text(ev("chunk", Some(1), 1, json!({}), json!(1))),
                    Piece::Text(ev("done", None, 1, json!({"final": true}), json!(null))),
                ],
            )
        },
    );
    let mut stream = client.stream::<Value>("a", &());
    let first = stream.next().await.unwrap();
    assert_eq!(first.unwrap(), json!(1));
}

#[tokio::test(start_paused = true)]
async fn limits_without_end_do_not_overflow() {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (client, _) = client(
        options()
            .idle_timeout(Duration::MAX)
            .liveness_timeout(Duration::MAX)
            .timeout(Duration::MAX),
        |_| {
            Reply::Located(
                "/x/streams/s1",
                vec![
                    Piece::Text(ev("chunk", Some(1), 1, json!({}), json!(1))),
                    Piece::Text(ev("done", None, 1, json!({"final": true}), json!(null))),
                ],
            )
        },
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut stream = client.stream::<Value>("a", &());
    assert_eq!(stream.next().await.unwrap().unwrap(), json!(1));
}

#[tokio::test(start_paused = true)]
async fn events_of_other_names_are_not_looked_into() {
    let (client, _) = client(options(), |_| {
        Reply::Located(
            "/x/streams/s1",
            vec![
                Piece::Text("event: status\ndata: 50%\n\n".into()),
                Piece::Text(ev("chunk", Some(1), 1, json!({}), json!(1))),
                Piece::Text(ev("done", None, 1, json!({"final": true}), json!(null))),
            ],
        )
    });
    let mut stream = client.stream::<Value>("a", &());
    assert_eq!(stream.next().await.unwrap().unwrap(), json!(1));
}

#[tokio::test(start_paused = true)]
async fn an_error_remembers_what_an_earlier_attempt_may_have_done() {
    let (client, _) = client(
        options(),
        in_turn([error(504, "timeout", true), Reply::Broken]),
    );
    let error = client.invoke::<Value>("pay", &()).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Network);
    assert!(
        error.may_have_been_delivered(),
        "the first attempt reached the node: it answered 504"
    );
}

#[tokio::test(start_paused = true)]
async fn of_two_headers_by_one_name_the_last_counts() {
    let (client, http) = client(options(), |_| ok(json!(1)));
    let call = client.invoke::<Value>("a", &());
    call.header("X-A", "first")
        .header("x-a", "last")
        .await
        .unwrap();
    let sent = &http.sent()[0];
    assert_eq!(sent.header("x-a"), Some("last"));
    let same = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("x-a");
    assert_eq!(sent.headers.iter().filter(same).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_node_without_a_document_is_asked_for_it_once_a_minute() {
    let (client, http) = client(options(), |sent| match sent.path.ends_with("ncp.json") {
        true => error(404, "node_not_found", false),
        false => task(200, "Completed", 1.0),
    });
    let looks = || {
        let sent = http.sent();
        sent.iter()
            .filter(|sent| sent.path.ends_with("ncp.json"))
            .count()
    };
    for _ in 0..3 {
        client.wait_for_task::<Value>("t-1").await.unwrap();
    }
    assert_eq!(looks(), 1);
    tokio::time::sleep(Duration::from_secs(61)).await;
    client.wait_for_task::<Value>("t-1").await.unwrap();
    assert_eq!(looks(), 2);
}
