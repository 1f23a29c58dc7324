//! The options that go beyond plain calls. A DID's signer stands as its number, DID and key id after an empty value.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use alloc::string::String;
use core::mem;

use ancp_core::auth::Mode;
use ancp_core::platform::BoxFuture;
use ancp_core::{
    Auth, CallOptions, ClientBuilder, Error, ErrorCode, NodeAddress, Payer, Result, WaitOptions,
};

use super::ops::{Op, Outcome, Shared};
use super::payer::HostPayer;
use super::signer::HostSigner;
use crate::failure::HostCause;
use crate::options;
use crate::text::duration;

/// Reads the options of a client.
pub(crate) fn client(text: &str, shared: &Rc<Shared>) -> Result<ClientBuilder> {
    let mut more = ClientBuilder::new();
    let mut payer: Option<Payer> = None;
    let options = options::client(text, |letter, value, lines| {
        match letter {
            // Its options follow it.
            b'p' => payer = Some(Payer::over(HostPayer(Rc::downgrade(shared)))),
            b'c' => payer = payer.take().map(|payer| payer.max_per_call(value)),
            b's' => payer = payer.take().map(|payer| payer.max_total(value)),
            b'q' => payer = payer.take().map(|payer| payer.timeout(duration(value))),
            _ => {
                let options = mem::take(&mut more);
                more = match letter {
                    b'x' => options.address(address(value)?),
                    b'l' => options.liveness_timeout(duration(value)),
                    b'e' => options.idle_timeout(duration(value)),
                    b'o' => options.credential_origin(value),
                    b'd' => options.auth(Auth::did(HostSigner::read(lines, Rc::downgrade(shared)))),
                    b'D' => options.auth(Auth::did_provider(signers(shared))),
                    _ => options,
                };
            }
        }
        Ok(())
    })?;
    if let Some((mode, None)) = options.auth {
        more = more.auth(match mode {
            Mode::ApiKey => Auth::api_key_provider(provider(shared)),
            Mode::Jwt => Auth::jwt_provider(provider(shared)),
        });
    }
    let options = more.plain(options);
    Ok(match payer {
        Some(payer) => options.payer(payer),
        None => options,
    })
}

/// Reads the options of a call, and those of a wait.
pub(crate) fn call(text: &str) -> Result<(CallOptions, WaitOptions)> {
    let mut named = None;
    let mut wait = WaitOptions::new();
    let options = options::call(text, |letter, value, _| {
        match letter {
            b'x' => named = Some(address(value)?),
            b'p' => wait = mem::take(&mut wait).poll_interval(duration(value)),
            b'l' => wait = mem::take(&mut wait).timeout(duration(value)),
            _ => {}
        }
        Ok(())
    })?;
    let options = CallOptions::from(options);
    let options = match named {
        Some(address) => options.address(address),
        None => options,
    };
    Ok((options, wait))
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
