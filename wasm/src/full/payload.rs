//! Payloads, which do not cross but for the core's own.

use alloc::rc::Rc;

use ancp_core::Json;

use crate::host::Host;
use crate::http::{HostCall, Place};

/// A request's payload.
#[derive(Clone)]
pub(crate) enum Payload {
    /// Kept by the host.
    Host(Rc<HostCall>),
    /// The core's own.
    Text(Json),
}

impl From<Json> for Payload {
    fn from(json: Json) -> Self {
        Self::Text(json)
    }
}

impl Place for Payload {
    fn number(&self) -> u32 {
        match self {
            Self::Host(call) => call.number,
            Self::Text(_) => 0,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Host(_) => "",
            Self::Text(json) => json.as_str(),
        }
    }
}

impl Payload {
    /// Has the host parse and keep the payload of the answer to this one. Returns whether it is JSON.
    pub(crate) fn parse(&self, host: &Host, payload: &str) -> bool {
        match self {
            Self::Host(call) => call.parse(host, payload),
            Self::Text(_) => false,
        }
    }
}
