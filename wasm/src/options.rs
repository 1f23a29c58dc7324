//! Options as they cross: one text of lines, `name\nvalue\n…`, and `header\nname\nvalue\n` for each header.
//! TypeScript leaves out what is not set and sees to it that no value holds a line break.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::time::Duration;

use ancp_core::platform::BoxFuture;
use ancp_core::retry::RetryPolicy;
use ancp_core::{Auth, CallOptions, ClientBuilder, Error, ErrorCode, Result};

use crate::ops::{HostCause, Op, Outcome, Shared};
use crate::text::line;

/// Reads the options of a client.
pub(crate) fn client(text: &str, shared: &Rc<Shared>) -> Result<ClientBuilder> {
    let mut options = ClientBuilder::new();
    let mut retry = RetryPolicy::default();
    #[cfg(feature = "full")]
    let mut full = crate::full::options::ClientOptions::new(shared);
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "baseUrl" => options = options.base_url(value),
            "nodeId" => options = options.node_id(value),
            "tenantId" => options = options.tenant_id(value),
            "apiKey" => options = options.auth(Auth::api_key(value)),
            "jwtToken" => options = options.auth(Auth::jwt(value)),
            "credentialOrigin" => options = options.credential_origin(value),
            "apiKeyProvider" => options = options.auth(Auth::api_key_provider(provider(shared))),
            "jwtTokenProvider" => options = options.auth(Auth::jwt_provider(provider(shared))),
            "timeout" => options = options.timeout(duration(name, value)?),
            "livenessTimeout" => options = options.liveness_timeout(duration(name, value)?),
            "idleTimeout" => options = options.idle_timeout(duration(name, value)?),
            "maxRetries" => retry.max_retries = integer(name, value)?,
            "baseDelayMs" => retry.base = duration(name, value)?,
            "maxDelayMs" => retry.cap = duration(name, value)?,
            "header" => options = options.header(value, line(lines).unwrap_or_default()),
            #[cfg(feature = "full")]
            _ => options = full.take(options, name, value, lines)?,
            #[cfg(not(feature = "full"))]
            _ => {}
        }
    }
    #[cfg(feature = "full")]
    let options = full.done(options);
    Ok(options.retry(retry))
}

/// Reads the options of a call.
pub(crate) fn call(text: &str) -> Result<CallOptions> {
    let mut options = CallOptions::new();
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            #[cfg(feature = "full")]
            "address" => options = options.address(crate::full::options::address(value)?),
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

/// Asks the user's function, which the host has.
pub(crate) fn provider(
    shared: &Rc<Shared>,
) -> impl Fn() -> BoxFuture<'static, Result<String, HostCause>> + 'static {
    // Weak, as the client that asks is itself held by what is shared while its calls run.
    let shared = Rc::downgrade(shared);
    move || {
        let shared = shared.upgrade();
        Box::pin(async move {
            let Some(shared) = shared else {
                return Err(HostCause(0));
            };
            match Op::new(&shared, |host, op| host.token(op)).outcome().await {
                Outcome::Token(token) => Ok(token),
                Outcome::Failed(failure) => Err(failure.cause),
                _ => Err(HostCause(0)),
            }
        })
    }
}
