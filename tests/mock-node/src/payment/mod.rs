//! What actions cost, and whether it was paid (wire contract, section 7).
//!
//! ```text
//! check: a call, with a receipt or without       pay: a transaction for a receipt
//!   offer     what callers are told                verify    asks the chains: found, confirmed, not reverted
//!   receipts  issued and recognised                  chain     the trait; rpc and fake implement it
//!   refusal   the reasons                            transfer  who paid whom how much, by the logs
//! ```

mod amount;
mod chain;
mod check;
mod config;
mod fake;
mod gate;
mod offer;
mod receipts;
mod refusal;
mod rpc;
mod terms;
mod transfer;
mod verify;

pub use chain::{Chain, ChainError, Mined, Transaction};
pub use config::{ChainConfig, PaymentConfig};
pub use fake::FakeChain;
pub use rpc::JsonRpc;
pub use terms::{AcceptedToken, PaymentTerms};

pub(crate) use gate::PaymentGate;
pub(crate) use offer::Offer;
