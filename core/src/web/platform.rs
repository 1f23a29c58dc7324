use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::{BoxFuture, Platform};

// As globals rather than through `window`, which workers don't have.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(bytes: &Uint8Array) -> Result<JsValue, JsValue>;
}

/// The longest that `setTimeout` can wait; beyond, it does not wait at all.
const MAX_TIMER_MS: u32 = i32::MAX as u32;

/// Time and randomness by the browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebPlatform;

impl Platform for WebPlatform {
    fn now(&self) -> Duration {
        // The cast is safe for any number.
        Duration::from_micros((performance_now() * 1000.0) as u64)
    }

    fn unix_millis(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn random(&self) -> [u8; 16] {
        let bytes = Uint8Array::new_with_length(16);
        // Without randomness there are no ids that a node could tell apart, and no way to go on.
        get_random_values(&bytes).expect("the browser gives random bytes");
        let mut random = [0; 16];
        bytes.copy_to(&mut random);
        random
    }

    fn secure_random(&self) -> Option<[u8; 16]> {
        Some(self.random())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            // Rounded up: who waits for a moment must not find that it is still to come.
            let mut left = duration.as_micros().div_ceil(1000);
            while left > 0 {
                let next = u32::try_from(left).map_or(MAX_TIMER_MS, |left| left.min(MAX_TIMER_MS));
                TimeoutFuture::new(next).await;
                left -= u128::from(next);
            }
        })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        wasm_bindgen_futures::spawn_local(task);
    }
}
