//! The vectors: small JSON documents, one for each rule of the contract.

mod call;
mod client;
mod exchange;
mod load;
mod message;
mod node;
mod outcome;

use serde::Deserialize;
use serde_json::Value;

pub use call::{
    Call, CallOptions, ClientOptions, PayerOptions, Payment, RetryOptions, Secrets, Signer, Verb,
};
pub use client::{ClientVector, OneStep, Only, Runtime, Step};
pub use exchange::{Exchange, Expect, Piece, Repeat, Respond, Then};
pub use load::{Loaded, load};
pub use message::{MessageOutcome, MessageVector};
pub use node::{NodeAnswer, NodeRequest, NodeVector, Signature, Signed};
pub use outcome::{ErrorOutcome, Outcome};

/// Keeps a `null` apart from nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
