//! The browser's platform, for front ends in Rust (Leptos, Yew, Dioxus): HTTP by `fetch` through
//! `gloo-net`, time by `setTimeout`. It serves in windows and in workers.
//!
//! The client is the same as everywhere, with serde types:
//!
//! ```no_run
#![doc = include_str!("example.rs")]
//! ```
//!
//! The node must allow the page's origin (CORS); a mock or a proxy of the same origin need not.

mod body;
mod failure;
mod http;
mod platform;

pub use http::GlooClient;
pub use platform::WebPlatform;

use std::sync::Arc;

use crate::Result;
use crate::client::ClientBuilder;
use crate::http::HttpTransport;
use crate::typed::AncpClient;

impl ClientBuilder {
    /// A client over HTTP.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn build(self) -> Result<AncpClient> {
        let platform = Arc::new(WebPlatform);
        let transport = HttpTransport::new(GlooClient, &self);
        AncpClient::over(self, transport, platform)
    }
}
