//! What a payment gate asks of a chain.

use std::fmt;

use alloy_primitives::{B256, Log};
use futures_util::future::BoxFuture;

/// An EVM chain: [`JsonRpc`](crate::JsonRpc) asks a real one, [`FakeChain`](crate::FakeChain) makes
/// one up.
///
/// The gate draws the conclusions; a chain only says what it sees at this moment.
pub trait Chain: Send + Sync + 'static {
    /// The chain's number (EIP-155).
    fn id(&self) -> u64;

    /// Looks a transaction up by its hash.
    fn transaction(&self, hash: B256) -> BoxFuture<'_, Result<Transaction, ChainError>>;

    /// The number of the newest block.
    fn head(&self) -> BoxFuture<'_, Result<u64, ChainError>>;

    /// The hash of the block that has this number now; none beyond the newest block.
    fn block_hash(&self, number: u64) -> BoxFuture<'_, Result<Option<B256>, ChainError>>;
}

/// How a transaction stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Transaction {
    /// The chain does not know it.
    Unknown,
    /// It waits for a block.
    Pending,
    /// It is in a block.
    Mined(Mined),
}

/// What came of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Mined {
    /// The number of its block.
    pub block_number: u64,
    /// The hash of its block, which may have left the chain since.
    pub block_hash: B256,
    /// Whether it did what it was sent for; false where it was reverted.
    pub succeeded: bool,
    /// What contracts logged.
    pub logs: Vec<Log>,
}

/// A chain that could not be asked. It says nothing of the address that was asked, which may hold a
/// secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainError(String);

impl ChainError {
    /// An error with a sentence for the node's log, of at most 200 characters.
    pub fn new(message: impl AsRef<str>) -> Self {
        // It may quote the server, which says what it likes, as long as it likes.
        Self(message.as_ref().chars().take(200).collect())
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ChainError {}
