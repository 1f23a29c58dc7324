//! The native platform: HTTP by `reqwest` with rustls, time by `tokio`.

mod http;
mod platform;
mod timers;

pub use http::ReqwestClient;
pub use platform::TokioPlatform;

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
        self.build_with(reqwest::Client::builder())
    }

    /// A client over HTTP with settings of one's own, such as a proxy or another certificate store.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn build_with(self, http: reqwest::ClientBuilder) -> Result<AncpClient> {
        let platform = Arc::new(TokioPlatform::default());
        let http = ReqwestClient::new(http)?;
        let transport = HttpTransport::new(http, &self);
        AncpClient::over(self, transport, platform)
    }
}
