//! The tests of `web.rs` again, in a dedicated worker: it has no `window`.
#![cfg(all(target_arch = "wasm32", feature = "web"))]

mod browser;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
