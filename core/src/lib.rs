#![cfg_attr(feature = "reqwest", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "reqwest"),
    doc = "Client core of the Agent Node Communication Protocol (ANCP)."
)]
// The WebAssembly client of the npm package does without the standard library: its handling of panics and
// what that formats would be a good part of the module.
#![cfg_attr(all(target_arch = "wasm32", not(feature = "serde")), no_std)]

extern crate alloc;

pub mod address;
pub mod auth;
pub mod client;
mod discovery;
mod error;
pub mod fake;
pub mod http;
pub mod json;
mod lanes;
pub mod message;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
pub mod native;
pub mod payment;
pub mod platform;
mod resolve;
pub mod retry;
pub mod sse;
pub mod stream;
mod sync;
mod task;
mod text;
pub mod transport;
#[cfg(feature = "serde")]
pub mod typed;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod web;

pub use address::NodeAddress;
pub use auth::Auth;
pub use client::{CallOptions, Client, ClientBuilder, MemberOutcome, WaitOptions};
pub use error::{Error, ErrorCode, Result};
pub use json::Json;
pub use payment::{Payer, Payment, PaymentReason};
pub use retry::RetryPolicy;
pub use task::{TaskState, TaskStatus};
#[cfg(feature = "serde")]
pub use typed::AncpClient;
