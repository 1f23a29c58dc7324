//! Payloads that are no JSON, which is found out where their type is known.

use ancp_core::{CallOptions, ErrorCode, Json};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};

use super::support::*;

/// The payload of what is to be replaced.
const PLACE: &str = "(payload)";

fn unreadable() -> impl Iterator<Item = String> {
    let texts = [
        r#"{"a":1 "b":2}"#,
        r#"{"a":nul}"#,
        r#"{"a":[1,,2]}"#,
        r#"{'a':1}"#,
        r#"[01]"#,
        r#"["\x"]"#,
        "[\"\n\"]",
        r#"[1}"#,
        r#"[{]}"#,
        r#"truely"#,
    ];
    let too_deep = "[".repeat(126) + &"]".repeat(126);
    texts.into_iter().map(String::from).chain([too_deep])
}

fn with_payload(message: &Value, payload: &str) -> String {
    message
        .to_string()
        .replace(&format!("\"{PLACE}\""), payload)
}

async fn refused_as<R: DeserializeOwned + 'static>(payload: &str) {
    let answer = with_payload(&response(json!({}), json!(PLACE)), payload);
    let (client, http) = client(options(), move |_| Reply::Text(answer.clone()));
    let outcome = client.invoke::<R>("a", &()).await;
    let error = outcome
        .err()
        .unwrap_or_else(|| panic!("{payload} was accepted"));
    assert_eq!(error.code(), &ErrorCode::InvalidResponse, "{payload}");
    assert!(error.may_have_been_delivered() && !error.is_retryable());
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test]
async fn a_result_that_is_no_json_is_refused_whatever_type_is_asked_for() {
    for payload in unreadable() {
        refused_as::<Value>(&payload).await;
        refused_as::<IgnoredAny>(&payload).await;
        refused_as::<Json>(&payload).await;
    }
}

#[tokio::test]
async fn a_result_that_is_no_json_is_not_handed_out_as_text() {
    for payload in unreadable() {
        let answer = with_payload(&response(json!({}), json!(PLACE)), &payload);
        let (client, _) = client(options(), move |_| Reply::Text(answer.clone()));
        let outcome = client
            .raw()
            .invoke("a", Json::null(), CallOptions::new())
            .await;
        assert_eq!(
            outcome.unwrap_err().code(),
            &ErrorCode::InvalidResponse,
            "{payload}"
        );
    }
}

#[tokio::test]
async fn a_chunk_that_is_no_json_ends_the_stream_after_those_before_it() {
    for payload in unreadable() {
        let stream = json!({ "streamId": "s-1", "sequence": 2, "resumable": true });
        let message = response(json!({ "stream": stream }), json!(PLACE));
        let data = with_payload(&message, &payload).replace('\n', "\ndata: ");
        let broken = text(&format!("event: chunk\nid: 2\ndata: {data}\n\n"));
        let (client, http) = client(options(), move |sent| match sent.method {
            "DELETE" => Reply::Answer(204, Value::Null),
            _ => Reply::Events(vec![
                chunk(1, true),
                broken.clone(),
                chunk(3, true),
                done(3),
            ]),
        });
        let mut chunks = client.stream::<Value>("a", &());
        assert_eq!(chunks.next().await.unwrap().unwrap(), json!({ "row": 1 }));
        let error = chunks.next().await.unwrap().unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidResponse, "{payload}");
        assert!(chunks.next().await.is_none());
        tokio::task::yield_now().await;
        let methods: Vec<_> = http.sent().iter().map(|sent| sent.method).collect();
        assert_eq!(methods, ["POST", "DELETE"], "{payload}");
    }
}

#[tokio::test]
async fn half_a_surrogate_pair_is_left_to_the_type_that_is_asked_for() {
    let answer = with_payload(&response(json!({}), json!(PLACE)), r#"["\ud800"]"#);
    let (client, _) = client(options(), move |_| Reply::Text(answer.clone()));
    let json: Json = client.invoke("a", &()).await.unwrap();
    assert_eq!(json.as_str(), r#"["\ud800"]"#);
    client.invoke::<Value>("a", &()).await.unwrap_err();
}
