//! Paying, by way of the host.

use alloc::boxed::Box;
use alloc::rc::Weak;

use ancp_core::payment::Pay;
use ancp_core::platform::BoxFuture;
use ancp_core::{Error, ErrorCode, Json, Payment, Result};

use super::ops::{Op, Outcome, Shared};
use crate::text::line;

/// Asks the user's function, which the host has. Weak, as the client that asks is itself held by what is
/// shared while its calls run.
pub(crate) struct HostPayer(pub(crate) Weak<Shared>);

impl Pay for HostPayer {
    fn pay(&self, terms: Json) -> (u32, BoxFuture<'static, Result<Payment>>) {
        let failed = |why| Error::new(ErrorCode::PaymentRequired, why);
        let op = self
            .0
            .upgrade()
            .map(|shared| Op::new(&shared, |host, op| host.pay(op, terms.as_str())));
        let number = op.as_ref().map_or(0, Op::id);
        let answer = async move {
            let Some(mut op) = op else {
                return Err(failed("the client is gone"));
            };
            match op.outcome().await {
                Outcome::Token(text) => {
                    let lines = &mut &*text;
                    let mut next = || line(lines).unwrap_or_default().into();
                    Ok(Payment {
                        tx_hash: next(),
                        payer: next(),
                    })
                }
                Outcome::Failed(failure) => {
                    // The number of `invalidOptions` in npm/src/engine/host.ts: it has answered, but not so that the
                    // payment is known.
                    let error = match failure.kind {
                        3 => Error::new(ErrorCode::InvalidOptions, failure.message),
                        _ => failed("the payer failed"),
                    };
                    Err(error.with_source(failure.cause))
                }
                _ => Err(failed("the host is out of step with the engine")),
            }
        };
        (number, Box::pin(answer))
    }

    fn unwanted(&self, payment: u32) {
        if let Some(shared) = self.0.upgrade() {
            shared.host.unwanted(payment);
        }
    }
}
