//! DID proofs that JavaScript signs.

use alloc::boxed::Box;
use alloc::rc::Weak;
use alloc::string::String;
use alloc::vec::Vec;

use ancp_core::auth::{BoxError, DidSigner};
use ancp_core::platform::BoxFuture;

use super::ops::{Op, Outcome, Shared};
use crate::failure::HostCause;
use crate::text::line;

/// A signer that the host keeps under a number.
pub(crate) struct HostSigner {
    number: u32,
    did: String,
    key_id: String,
    /// Weak, as the client that asks is itself held by what is shared while its calls run.
    shared: Weak<Shared>,
}

impl HostSigner {
    /// Reads what the host tells of a signer: its number, its DID and its key id. What is wrong with
    /// them is the core's to say.
    pub(crate) fn read(lines: &mut &str, shared: Weak<Shared>) -> Self {
        let mut line = || line(lines).unwrap_or_default();
        Self {
            number: line().parse().unwrap_or_default(),
            did: line().into(),
            key_id: line().into(),
            shared,
        }
    }
}

impl DidSigner for HostSigner {
    fn did(&self) -> &str {
        &self.did
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        Box::pin(async move {
            let cause = match self.shared.upgrade() {
                Some(shared) => {
                    let mut op = Op::new(&shared, |host, op| host.sign(op, self.number, message));
                    match op.outcome().await {
                        Outcome::Read(signature) => return Ok(signature.unwrap_or_default()),
                        Outcome::Failed(failure) => failure.cause,
                        _ => HostCause(0),
                    }
                }
                None => HostCause(0),
            };
            Err(Box::new(cause) as BoxError)
        })
    }
}
