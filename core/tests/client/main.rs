//! The client's behaviour over a scripted HTTP client.

#![cfg(not(target_arch = "wasm32"))]

mod addressing;
mod credentials;
mod edges;
mod payloads;
mod payment;
mod plain;
mod policies;
mod streams;
mod support;
