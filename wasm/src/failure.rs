//! Why the host could not do what it was asked for.

use alloc::string::String;
use core::fmt;

use ancp_core::http::too_large;
use ancp_core::{Error, ErrorCode};

/// Why an op failed.
pub(crate) struct Failure {
    pub(crate) kind: u8,
    pub(crate) message: String,
    pub(crate) cause: HostCause,
}

impl Failure {
    /// The error of a request, whose answer may have so many bytes.
    pub(crate) fn error(self, limit: usize) -> Error {
        let Self {
            kind,
            message,
            cause,
        } = self;
        // The numbers are those of `FAILED` in npm/src/engine/host.ts.
        match kind {
            1 => too_large(limit),
            2 => Error::new(ErrorCode::InvalidResponse, message).maybe_delivered(true),
            3 => Error::new(ErrorCode::InvalidOptions, message),
            _ => Error::new(ErrorCode::Network, message)
                .maybe_delivered(kind == 0)
                .with_source(cause),
        }
    }
}

/// An exception that stays in JavaScript, by its number there.
#[derive(Clone, Copy)]
pub(crate) struct HostCause(pub(crate) u32);

// By hand, as the derived one would bring most of the formatting machinery along.
impl fmt::Debug for HostCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for HostCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JavaScript exception")
    }
}

impl core::error::Error for HostCause {}
