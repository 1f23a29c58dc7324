use alloc::string::String;
use core::fmt;

use bytestring::ByteString;

use crate::ErrorCode;

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeError {
    /// [`InvalidEnvelope`](ErrorCode::InvalidEnvelope),
    /// [`UnsupportedVersion`](ErrorCode::UnsupportedVersion) or
    /// [`TenantMismatch`](ErrorCode::TenantMismatch).
    pub code: ErrorCode,
    /// Names the field and what was wrong with it, without repeating what came.
    pub message: String,
    /// The message's correlation id, where it could be read.
    pub correlation_id: Option<ByteString>,
    /// The message's id, where it could be read.
    pub id: Option<ByteString>,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())?;
        f.write_str(": ")?;
        f.write_str(&self.message)
    }
}

impl core::error::Error for EnvelopeError {}
