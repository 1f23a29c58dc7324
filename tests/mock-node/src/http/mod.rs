//! The HTTP binding: from requests to the dispatcher, and from its answers to responses.

mod body;
mod control;
mod cors;
mod files;
mod handle;
mod observe;
mod request;
mod respond;
mod route;
mod server;
mod sse;

pub use server::{Server, ServerBuilder};
