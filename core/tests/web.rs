//! The client for Rust front ends in a browser's window, against a running mock node.
//! `browser/node.rs` says how the tests learn of it.
#![cfg(all(target_arch = "wasm32", feature = "web"))]

mod browser;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
