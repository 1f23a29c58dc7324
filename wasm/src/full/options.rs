//! The options that go beyond plain calls. A DID's signer stands as its number, DID and key id after an empty value.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::string::String;

use ancp_core::platform::BoxFuture;
use ancp_core::{
    Auth, CallOptions, ClientBuilder, Error, ErrorCode, NodeAddress, Payer, Result, WaitOptions,
};

use super::ops::{Op, Outcome, Shared};
use super::payer::HostPayer;
use super::signer::HostSigner;
use crate::failure::HostCause;
use crate::options::{self, duration};
use crate::text::line;

/// Reads the options of a client.
pub(crate) fn client(text: &str, shared: &Rc<Shared>) -> Result<ClientBuilder> {
    let mut payer: Option<Payer> = None;
    let options = options::client(text, &mut |options, name, value, lines| {
        Ok(match name {
            "address" => options.address(address(value)?),
            "apiKeyProvider" => options.auth(Auth::api_key_provider(provider(shared))),
            "jwtTokenProvider" => options.auth(Auth::jwt_provider(provider(shared))),
            "did" => options.auth(Auth::did(HostSigner::read(lines, Rc::downgrade(shared)))),
            "didProvider" => options.auth(Auth::did_provider(signers(shared))),
            _ => {
                payer = match name {
                    // Its options follow it.
                    "payer" => Some(Payer::over(HostPayer(Rc::downgrade(shared)))),
                    "maxPerCall" => payer.take().map(|payer| payer.max_per_call(value)),
                    "maxTotal" => payer.take().map(|payer| payer.max_total(value)),
                    "payerTimeout" => {
                        let limit = duration(name, value)?;
                        payer.take().map(|payer| payer.timeout(limit))
                    }
                    _ => payer.take(),
                };
                options
            }
        })
    })?;
    Ok(match payer {
        Some(payer) => options.payer(payer),
        None => options,
    })
}

/// Reads the options of a call.
pub(crate) fn call(text: &str) -> Result<CallOptions> {
    let options = options::call(text)?;
    match value(text, "address") {
        Some(named) => Ok(options.address(address(named)?)),
        None => Ok(options),
    }
}

/// Reads those of a wait.
pub(crate) fn wait(text: &str) -> Result<WaitOptions> {
    let mut wait = WaitOptions::new();
    if let Some(interval) = value(text, "pollIntervalMs") {
        wait = wait.poll_interval(duration("pollIntervalMs", interval)?);
    }
    if let Some(limit) = value(text, "timeoutMs") {
        wait = wait.timeout(duration("timeoutMs", limit)?);
    }
    Ok(wait)
}

/// The value of an option, if it is there.
fn value<'a>(mut lines: &'a str, wanted: &str) -> Option<&'a str> {
    loop {
        let (name, value) = (line(&mut lines)?, line(&mut lines)?);
        if name == wanted {
            return Some(value);
        }
        if name == "header" {
            // That was its name.
            line(&mut lines);
        }
    }
}

fn address(value: &str) -> Result<NodeAddress> {
    let address: Result<NodeAddress> = value.parse();
    address.map_err(|error| {
        let message = ["address: ", error.message()].concat();
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
