//! Options as they cross: one text of lines, `name\nvalue\n…`, `header\nname\nvalue\n` for each header,
//! and a DID's signer as its number, DID and key id after an empty value. TypeScript leaves out what is not set and sees to it that no value holds a line break.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use core::time::Duration;

use ancp_core::platform::BoxFuture;
use ancp_core::retry::RetryPolicy;
use ancp_core::{
    Auth, CallOptions, ClientBuilder, Error, ErrorCode, NodeAddress, Payer, Result, WaitOptions,
};

use crate::ops::{HostCause, Op, Outcome, Shared};
use crate::payer::HostPayer;
use crate::signer::HostSigner;
use crate::text::line;

/// Reads the options of a client.
pub(crate) fn client(text: &str, shared: &Rc<Shared>) -> Result<ClientBuilder> {
    let mut options = ClientBuilder::new();
    let mut retry = RetryPolicy::default();
    let mut payer = None;
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "baseUrl" => options = options.base_url(value),
            "nodeId" => options = options.node_id(value),
            "address" => options = options.address(address(value)?),
            "tenantId" => options = options.tenant_id(value),
            "apiKey" => options = options.auth(Auth::api_key(value)),
            "jwtToken" => options = options.auth(Auth::jwt(value)),
            "did" => {
                let signer = HostSigner::read(lines, Rc::downgrade(shared));
                options = options.auth(Auth::did(signer));
            }
            "credentialOrigin" => options = options.credential_origin(value),
            "apiKeyProvider" => options = options.auth(Auth::api_key_provider(provider(shared))),
            "jwtTokenProvider" => options = options.auth(Auth::jwt_provider(provider(shared))),
            "didProvider" => options = options.auth(Auth::did_provider(signers(shared))),
            // Its options follow it.
            "payer" => payer = Some(Payer::over(HostPayer(Rc::downgrade(shared)))),
            "maxPerCall" => payer = payer.map(|payer| payer.max_per_call(value)),
            "maxTotal" => payer = payer.map(|payer| payer.max_total(value)),
            "payerTimeout" => {
                let limit = duration(name, value)?;
                payer = payer.map(|payer| payer.timeout(limit));
            }
            "timeout" => options = options.timeout(duration(name, value)?),
            "livenessTimeout" => options = options.liveness_timeout(duration(name, value)?),
            "idleTimeout" => options = options.idle_timeout(duration(name, value)?),
            "maxRetries" => retry.max_retries = integer(name, value)?,
            "baseDelayMs" => retry.base = duration(name, value)?,
            "maxDelayMs" => retry.cap = duration(name, value)?,
            "header" => options = options.header(value, line(lines).unwrap_or_default()),
            _ => {}
        }
    }
    if let Some(payer) = payer {
        options = options.payer(payer);
    }
    Ok(options.retry(retry))
}

/// Reads the options of a call, and those of a wait.
pub(crate) fn call(text: &str) -> Result<(CallOptions, WaitOptions)> {
    let mut wait = WaitOptions::new();
    let mut options = CallOptions::new();
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "address" => options = options.address(address(value)?),
            "timeout" => options = options.timeout(duration(name, value)?),
            "correlationId" => options = options.correlation_id(value),
            "receiptId" => options = options.receipt_id(value),
            "header" => options = options.header(value, line(lines).unwrap_or_default()),
            "pollIntervalMs" => wait = wait.poll_interval(duration(name, value)?),
            "timeoutMs" => wait = wait.timeout(duration(name, value)?),
            _ => {}
        }
    }
    Ok((options, wait))
}

fn address(value: &str) -> Result<NodeAddress> {
    let address: Result<NodeAddress> = value.parse();
    address.map_err(|error| {
        let message = ["address: ", error.message()].concat();
        Error::new(ErrorCode::InvalidOptions, message)
    })
}

fn duration(name: &str, value: &str) -> Result<Duration> {
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
fn provider(
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

/// The same for a function that gives a signer.
fn signers(
    shared: &Rc<Shared>,
) -> impl Fn() -> BoxFuture<'static, Result<HostSigner, HostCause>> + 'static {
    let ask = provider(shared);
    let shared = Rc::downgrade(shared);
    move || {
        let (answer, shared) = (ask(), Weak::clone(&shared));
        Box::pin(async move {
            let lines = answer.await?;
            Ok(HostSigner::read(&mut &*lines, shared))
        })
    }
}
