use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use super::{Amount, Payment, Purse};
use crate::Result;
use crate::client::{invalid, positive};
use crate::json::Json;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};

/// Pays, for a host in another language. Not for Rust programs: [`Payer::new`] takes a function.
#[doc(hidden)]
pub trait Pay: MaybeSend + MaybeSync + 'static {
    /// Sends the token transfer that these terms ask for (the fields of `PaymentTerms`, all there), and says which transaction that was,
    /// under a number for [`unwanted`](Self::unwanted). The code `payment_required` means that nothing was sent.
    ///
    /// It is run to its end also where nobody waits for it any more, as a transaction can't be taken back.
    fn pay(&self, terms: Json) -> (u32, BoxFuture<'static, Result<Payment>>);

    /// Nobody waits for this payment any more. What comes of it is kept all the same.
    fn unwanted(&self, _payment: u32) {}
}

/// How a client pays for actions by itself: a function that sends a transaction, and what it may spend.
///
/// When a node answers a call with 402, the client asks the function to pay, turns the transaction into a receipt
/// (`ancp.pay`, waiting for confirmations) and repeats the call with it. The receipt serves later calls of
/// the action until it expires.
///
/// Nodes are paid where credentials may go to: at the base URL's origin (without one: a direct URL's) and at those of
/// [`credential_origin`](crate::ClientBuilder::credential_origin).
///
/// Both caps are required. They hold for the prices that nodes name, in USDC; the function itself decides in which
/// token and on which chain it pays, and should know their contracts and decimals rather than take a node's word.
#[derive(Clone)]
#[must_use]
pub struct Payer {
    pay: Arc<dyn Pay>,
    max_per_call: Option<String>,
    max_total: Option<String>,
    timeout: Option<Duration>,
}

impl Payer {
    /// A payer of a host.
    #[doc(hidden)]
    pub fn over(pay: impl Pay) -> Self {
        Self {
            // The core's type; in a browser there is one thread.
            #[allow(clippy::arc_with_non_send_sync)]
            pay: Arc::new(pay),
            max_per_call: None,
            max_total: None,
            timeout: None,
        }
    }

    /// The most that one call may cost, in USDC, such as `1.00`: the price at its node, or at all nodes together
    /// where it is a group's. Required.
    pub fn max_per_call(mut self, usdc: impl Into<String>) -> Self {
        self.max_per_call = Some(usdc.into());
        self
    }

    /// What the client may pay in all, in USDC, such as `10.00`. Required.
    pub fn max_total(mut self, usdc: impl Into<String>) -> Self {
        self.max_total = Some(usdc.into());
        self
    }

    /// How long a call may take to pay and to get its receipt, besides its own time-out. Default 2 min.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// # Errors
    /// `invalid_options`, naming the option that is missing or wrong.
    pub(crate) fn check(self) -> Result<CheckedPayer> {
        let amount = |option: &str, text: Option<String>| {
            let text = text.ok_or_else(|| invalid(option, "is missing"))?;
            Amount::parse(&text)
                .ok_or_else(|| invalid(option, "must be a decimal number such as 10.00"))
        };
        Ok(CheckedPayer {
            pay: self.pay,
            purse: Purse::new(
                amount("payer.maxPerCall", self.max_per_call)?,
                amount("payer.maxTotal", self.max_total)?,
            ),
            timeout: positive("payer.timeout", self.timeout, Duration::from_secs(120))?,
        })
    }
}

impl fmt::Debug for Payer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pay: _,
            max_per_call,
            max_total,
            timeout,
        } = self;
        f.debug_struct("Payer")
            .field("max_per_call", max_per_call)
            .field("max_total", max_total)
            .field("timeout", timeout)
            .finish_non_exhaustive()
    }
}

/// A payer's options once they are checked.
pub(crate) struct CheckedPayer {
    pub(crate) pay: Arc<dyn Pay>,
    pub(crate) purse: Purse,
    pub(crate) timeout: Duration,
}
