//! Paying for actions (wire contract, section 7): what a payer is, what it may spend, and what is known of
//! an action's payments. No I/O: `client/payment.rs` carries out what is decided here.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod account;
mod amount;
mod payer;
mod purse;
mod reason;
mod terms;

use alloc::string::String;

pub use payer::{Pay, Payer};
pub use reason::PaymentReason;

pub(crate) use account::{Account, Next, Receipt, Refused, Sent, judge};
pub(crate) use amount::Amount;
pub(crate) use payer::CheckedPayer;
pub(crate) use purse::Purse;
pub(crate) use terms::{Terms, object};

/// A token transfer that was sent on chain: what a [`Payer`] answers, and what
/// [`pay`](crate::AncpClient::pay) turns into a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// The transaction's hash.
    pub tx_hash: String,
    /// The address that the tokens were sent from.
    pub payer: String,
}
