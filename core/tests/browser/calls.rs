//! Single calls: what comes back, and what becomes of the options.

use std::time::Duration;

use ancp_core::{ErrorCode, Json, RetryPolicy};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::node::{builder, client, mark, seen, sleep, soon};

#[wasm_bindgen_test]
async fn error_with_its_code() {
    let client = client();
    let payload =
        json!({ "code": "out_of_stock", "message": "none left", "details": { "left": 0 } });
    let error = soon("invoke", client.invoke::<Value>("failing", &payload))
        .await
        .unwrap_err();
    assert_eq!(error.code(), &ErrorCode::from("out_of_stock"));
    assert_eq!((error.status(), error.message()), (500, "none left"));
    assert_eq!(error.details().map(Json::as_str), Some(r#"{"left":0}"#));
    // The browser shows this header only because the node exposes it.
    assert!(error.request_id().is_some());
    let error = soon("invoke", client.invoke::<Value>("fly", &()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (&ErrorCode::ActionNotFound, 404)
    );
}

#[wasm_bindgen_test]
async fn wrong_credential() {
    let client = builder()
        .auth(ancp_core::Auth::api_key("wrong"))
        .build()
        .unwrap();
    let error = soon("invoke", client.invoke::<Value>("echo", &()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (&ErrorCode::Unauthenticated, 401)
    );
}

#[wasm_bindgen_test]
async fn payload_byte_for_byte() {
    let word = r#"{"z":1,"a":12345678901234567890123,"text":"Grüße 日本 🦀"},"#;
    let text = format!("[{}0]", word.repeat(20_000));
    let payload = Json::parse(text.clone()).unwrap();
    let echo: Json = soon("echo", client().invoke("echo", &payload))
        .await
        .unwrap();
    assert!(echo.as_str() == text);
}

#[wasm_bindgen_test]
async fn headers() {
    let mark = mark();
    let client = builder().header("x-shop", "berlin").build().unwrap();
    let call = client
        .invoke::<Value>("echo", &())
        .header("x-till", "3")
        .correlation_id(&mark);
    soon("echo", call).await.unwrap();
    let seen = seen("the call", |seen| {
        seen.correlation_id.as_ref() == Some(&mark)
    })
    .await;
    let header = |name: &str| seen.headers.get(name).map(String::as_str);
    assert_eq!(
        (header("x-shop"), header("x-till")),
        (Some("berlin"), Some("3"))
    );
    assert_eq!(header("content-type"), Some("application/json"));
}

#[wasm_bindgen_test]
async fn time_out() {
    let client = client();
    let call = client
        .invoke::<Value>("slow", &json!({ "ms": 30_000 }))
        .timeout(Duration::from_millis(200));
    let error = soon("the time-out", call).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (&ErrorCode::Timeout, 0));
}

#[wasm_bindgen_test]
async fn cancelled() {
    let client = client();
    let call = client
        .invoke::<Value>("slow", &json!({ "ms": 30_000 }))
        .cancel_on(sleep(100));
    let error = soon("the end of the call", call).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Aborted);
}

#[wasm_bindgen_test]
async fn closed() {
    let client = client();
    let payload = json!({ "ms": 30_000 });
    let close = async {
        sleep(100).await;
        client.close();
    };
    let call = client.invoke::<Value>("slow", &payload).into_future();
    let (result, ()) = soon(
        "the end of the call",
        futures_util::future::join(call, close),
    )
    .await;
    assert_eq!(result.unwrap_err().code(), &ErrorCode::Aborted);
    let error = soon("a later call", client.ping()).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Closed);
}

#[wasm_bindgen_test]
async fn nobody_there() {
    let client = builder()
        // Nothing listens at this port, and no browser would connect to it.
        .base_url("http://127.0.0.1:1")
        .retry(RetryPolicy::disabled())
        .build()
        .unwrap();
    let error = soon("the failure", client.ping()).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (&ErrorCode::Network, 0));
    assert!(error.is_retryable());
    assert!(std::error::Error::source(&error).is_some());
}

#[wasm_bindgen_test]
async fn too_large() {
    let client = builder().max_response_bytes(100_000).build().unwrap();
    let fits: String = soon("echo", client.invoke("echo", &"x".repeat(90_000)))
        .await
        .unwrap();
    assert_eq!(fits.len(), 90_000);
    let call = client.invoke::<String>("echo", &"x".repeat(3_000_000));
    let error = soon("the failure", call).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::ResponseTooLarge);
}
