//! What a bad network or a bad proxy does.

use ancp_core::{ErrorCode, RetryPolicy};
use futures_util::StreamExt;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::node::{builder, calls, client, node, once, soon};

#[wasm_bindgen_test]
async fn redirect_is_not_followed() {
    // The same node by another origin, so that it would see the credential in its log.
    let target = format!(
        "{}/elsewhere",
        node().base_url.replace("127.0.0.1", "localhost")
    );
    let location = json!({ "status": 307, "headers": { "location": target } });
    for operation in ["invoke", "stream"] {
        let action = if operation == "invoke" {
            "echo"
        } else {
            "generate-report"
        };
        once(operation, action, location.clone()).await;
    }
    let client = client();
    let error = soon("invoke", client.invoke::<Value>("echo", &()))
        .await
        .unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidResponse, "{error}");
    let mut rows = client.stream::<Value>("generate-report", &json!({ "year": 2026 }));
    let error = soon("a row", rows.next()).await.unwrap().unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidResponse, "{error}");
    let log = soon("the log", calls()).await;
    assert!(
        !log.iter().any(|call| call.path.contains("elsewhere")),
        "{log:?}"
    );
}

#[wasm_bindgen_test]
async fn lost_stream_is_resumed() {
    once("stream", "generate-report", json!({ "dropAfterEvents": 3 })).await;
    let query = json!({ "year": 2026, "rows": 8 });
    let rows = client().stream::<Value>("generate-report", &query);
    let rows: Vec<_> = soon("the rows", rows.collect::<Vec<_>>()).await;
    let numbers: Vec<_> = rows
        .into_iter()
        .map(|row| row.unwrap()["row"].clone())
        .collect();
    assert_eq!(json!(numbers), json!([1, 2, 3, 4, 5, 6, 7, 8]));
}

#[wasm_bindgen_test]
async fn passing_failure_is_retried() {
    once("invoke", "echo", json!({ "status": 503, "retryAfter": 0 })).await;
    let echo = soon("echo", client().invoke::<u32>("echo", &7)).await;
    assert_eq!(echo.unwrap(), 7);
}

#[wasm_bindgen_test]
async fn broken_connection() {
    let client = builder().retry(RetryPolicy::disabled()).build().unwrap();
    // In the middle of the answer: where none has begun, a browser repeats the request by itself.
    once("invoke", "echo", json!({ "dropAfterBytes": 20 })).await;
    let error = soon("the failure", client.invoke::<u32>("echo", &7))
        .await
        .unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Network, "{error}");
    assert!(error.may_have_been_delivered());
}

#[wasm_bindgen_test]
async fn body_in_pieces() {
    once("invoke", "echo", json!({ "splitBytes": 7 })).await;
    let text = "Grüße 日本 🦀".repeat(20);
    let echo = soon("echo", client().invoke::<String>("echo", &text)).await;
    assert_eq!(echo.unwrap(), text);
}
