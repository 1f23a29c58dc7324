//! Options as they cross: one text of lines, `name\nvalue\n…`, and `header\nname\nvalue\n` for each header.
//! TypeScript leaves out what is not set and sees to it that no value holds a line break.

use core::time::Duration;

use ancp_core::retry::RetryPolicy;
use ancp_core::{Auth, CallOptions, ClientBuilder, Error, ErrorCode, Result};

use crate::text::line;

/// Takes an option by its name and value, with the lines that belong to it.
pub(crate) type Other<'a, T> = &'a mut dyn FnMut(T, &str, &str, &mut &str) -> Result<T>;

/// Reads the options of a client; `other` takes those that are not the same everywhere.
pub(crate) fn client(text: &str, other: Other<'_, ClientBuilder>) -> Result<ClientBuilder> {
    let mut options = ClientBuilder::new();
    let mut retry = RetryPolicy::default();
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "baseUrl" => options = options.base_url(value),
            "nodeId" => options = options.node_id(value),
            "tenantId" => options = options.tenant_id(value),
            "apiKey" => options = options.auth(Auth::api_key(value)),
            "jwtToken" => options = options.auth(Auth::jwt(value)),
            "credentialOrigin" => options = options.credential_origin(value),
            "timeout" => options = options.timeout(duration(name, value)?),
            "livenessTimeout" => options = options.liveness_timeout(duration(name, value)?),
            "idleTimeout" => options = options.idle_timeout(duration(name, value)?),
            "maxRetries" => retry.max_retries = integer(name, value)?,
            "baseDelayMs" => retry.base = duration(name, value)?,
            "maxDelayMs" => retry.cap = duration(name, value)?,
            "header" => options = options.header(value, line(lines).unwrap_or_default()),
            _ => options = other(options, name, value, lines)?,
        }
    }
    Ok(options.retry(retry))
}

/// Reads the options of a call.
pub(crate) fn call(text: &str) -> Result<CallOptions> {
    let mut options = CallOptions::new();
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "timeout" => options = options.timeout(duration(name, value)?),
            "correlationId" => options = options.correlation_id(value),
            "receiptId" => options = options.receipt_id(value),
            "header" => options = options.header(value, line(lines).unwrap_or_default()),
            _ => {}
        }
    }
    Ok(options)
}

pub(crate) fn duration(name: &str, value: &str) -> Result<Duration> {
    integer(name, value).map(Duration::from_millis)
}

/// Whether zero is allowed is the core's to say.
fn integer<T: core::str::FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| {
        let message = [name, ": must be a number that is not negative"].concat();
        Error::new(ErrorCode::InvalidOptions, message)
    })
}
