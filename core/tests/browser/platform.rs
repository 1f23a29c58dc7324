//! Time and randomness.

use std::time::Duration;

use ancp_core::platform::Platform;
use ancp_core::web::WebPlatform;
use futures_util::FutureExt;
use wasm_bindgen_test::wasm_bindgen_test;

use super::node::{sleep, soon};

#[wasm_bindgen_test]
async fn sleeping() {
    let before = WebPlatform.now();
    soon(
        "the sleep",
        WebPlatform.sleep(Duration::from_micros(20_100)),
    )
    .await;
    let slept = WebPlatform.now() - before;
    assert!(slept >= Duration::from_millis(20), "{slept:?}");
    soon("no sleep", WebPlatform.sleep(Duration::ZERO)).await;
}

/// More than `setTimeout` can count, which then would not wait.
#[wasm_bindgen_test]
async fn sleeping_for_ever() {
    for duration in [Duration::MAX, Duration::from_millis(1 << 31)] {
        let mut long = WebPlatform.sleep(duration);
        assert!((&mut long).now_or_never().is_none());
        soon("a sleep", sleep(30)).await;
        assert!((&mut long).now_or_never().is_none(), "{duration:?}");
    }
}

#[wasm_bindgen_test]
async fn dropped_sleep() {
    let mut short = WebPlatform.sleep(Duration::from_millis(10));
    assert!((&mut short).now_or_never().is_none());
    drop(short);
    // Had its timer fired without the future, the test would have failed by now.
    soon("a sleep", sleep(50)).await;
}

#[wasm_bindgen_test]
async fn spawning() {
    let (tell, told) = futures_channel::oneshot::channel();
    WebPlatform.spawn(Box::pin(async move {
        let _ = tell.send(7);
    }));
    assert_eq!(soon("the task", told).await, Ok(7));
}

#[wasm_bindgen_test]
fn clock_and_randomness() {
    assert_ne!(WebPlatform.random(), WebPlatform.random());
    // Some time in this century.
    assert!((1_700_000_000_000..4_000_000_000_000).contains(&WebPlatform.unix_millis()));
}
