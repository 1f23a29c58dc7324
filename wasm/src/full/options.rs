//! The options that go beyond plain calls. A DID's signer stands as its number, DID and key id after an empty value.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};

use ancp_core::platform::BoxFuture;
use ancp_core::{Auth, ClientBuilder, Error, ErrorCode, NodeAddress, Payer, Result, WaitOptions};

use super::payer::HostPayer;
use super::signer::HostSigner;
use crate::ops::{HostCause, Shared};
use crate::options::{duration, provider};
use crate::text::line;

/// Those of a client, as far as they have been read.
pub(crate) struct ClientOptions<'a> {
    shared: &'a Rc<Shared>,
    payer: Option<Payer>,
}

impl<'a> ClientOptions<'a> {
    pub(crate) fn new(shared: &'a Rc<Shared>) -> Self {
        Self {
            shared,
            payer: None,
        }
    }

    /// Takes an option, with the lines that belong to it.
    pub(crate) fn take(
        &mut self,
        options: ClientBuilder,
        name: &str,
        value: &str,
        lines: &mut &str,
    ) -> Result<ClientBuilder> {
        let shared = self.shared;
        let payer = &mut self.payer;
        match name {
            "address" => return Ok(options.address(address(value)?)),
            "did" => {
                let signer = HostSigner::read(lines, Rc::downgrade(shared));
                return Ok(options.auth(Auth::did(signer)));
            }
            "didProvider" => return Ok(options.auth(Auth::did_provider(signers(shared)))),
            // Its options follow it.
            "payer" => *payer = Some(Payer::over(HostPayer(Rc::downgrade(shared)))),
            "maxPerCall" => *payer = payer.take().map(|payer| payer.max_per_call(value)),
            "maxTotal" => *payer = payer.take().map(|payer| payer.max_total(value)),
            "payerTimeout" => {
                let limit = duration(name, value)?;
                *payer = payer.take().map(|payer| payer.timeout(limit));
            }
            _ => {}
        }
        Ok(options)
    }

    pub(crate) fn done(self, options: ClientBuilder) -> ClientBuilder {
        match self.payer {
            Some(payer) => options.payer(payer),
            None => options,
        }
    }
}

/// Reads those of a wait.
pub(crate) fn wait(text: &str) -> Result<WaitOptions> {
    let mut wait = WaitOptions::new();
    let lines = &mut &*text;
    while let (Some(name), Some(value)) = (line(lines), line(lines)) {
        match name {
            "pollIntervalMs" => wait = wait.poll_interval(duration(name, value)?),
            "timeoutMs" => wait = wait.timeout(duration(name, value)?),
            // A value of two lines.
            "header" => drop(line(lines)),
            _ => {}
        }
    }
    Ok(wait)
}

pub(crate) fn address(value: &str) -> Result<NodeAddress> {
    let address: Result<NodeAddress> = value.parse();
    address.map_err(|error| {
        let message = ["address: ", error.message()].concat();
        Error::new(ErrorCode::InvalidOptions, message)
    })
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
