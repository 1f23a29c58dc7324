//! A chain in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, B256, Log, U256, keccak256};
use alloy_sol_types::SolEvent;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::chain::{Chain, ChainError, Mined, Transaction};
use super::transfer::Transfer;

/// A chain in memory, for tests that pay without a real one. Clones share the chain.
///
/// ```
/// use ancp_mock_node::{AcceptedToken, Address, FakeChain, NodeBuilder, PaymentTerms, U256};
/// let (usdc, node, payer) = (Address::repeat_byte(1), Address::repeat_byte(2), Address::repeat_byte(3));
/// let chain = FakeChain::new(8453);
/// let builder = NodeBuilder::new(42, 7)
///     .evm_address(node)
///     .chain(chain.clone())
///     .payment_terms(PaymentTerms {
///         accepted_tokens: vec![AcceptedToken {
///             symbol: "USDC".into(),
///             chain_id: 8453,
///             contract: usdc,
///             decimals: 6,
///         }],
///         ..PaymentTerms::default()
///     });
///
/// let tx_hash = chain.transfer(usdc, payer, node, U256::from(5_000_000));
/// chain.mine(3); // enough for `required_confirmations`
/// # let _ = (builder.build()?, tx_hash);
/// # Ok::<(), ancp_mock_node::BuildError>(())
/// ```
#[derive(Clone)]
pub struct FakeChain {
    id: u64,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The transactions of every block; those that wait for a block.
    blocks: Vec<Block>,
    pending: Vec<Sent>,
    /// How many transactions, and how many blocks, there ever were: what makes hashes differ.
    counted: u64,
    offline: bool,
}

struct Block {
    hash: B256,
    transactions: Vec<Sent>,
}

#[derive(Clone)]
struct Sent {
    hash: B256,
    succeeds: bool,
    logs: Vec<Log>,
}

impl FakeChain {
    /// A chain without blocks.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            state: Arc::default(),
        }
    }

    /// Sends a transaction that transfers base units of a token; it waits for a block.
    pub fn transfer(&self, token: Address, from: Address, to: Address, units: U256) -> B256 {
        let value = units;
        let data = Transfer { from, to, value }.encode_log_data();
        let log = Log {
            address: token,
            data,
        };
        self.send(true, vec![log])
    }

    /// Sends a transaction that will be reverted: it logs nothing.
    pub fn reverted(&self) -> B256 {
        self.send(false, Vec::new())
    }

    /// Sends a transaction that will log this.
    pub fn logging(&self, logs: Vec<Log>) -> B256 {
        self.send(true, logs)
    }

    fn send(&self, succeeds: bool, logs: Vec<Log>) -> B256 {
        let mut state = self.lock();
        let hash = state.fresh_hash(self.id);
        state.pending.push(Sent {
            hash,
            succeeds,
            logs,
        });
        hash
    }

    /// Mines blocks: the first holds everything that waits, the others nothing.
    pub fn mine(&self, blocks: usize) {
        let mut state = self.lock();
        for _ in 0..blocks {
            let hash = state.fresh_hash(self.id);
            let transactions = std::mem::take(&mut state.pending);
            state.blocks.push(Block { hash, transactions });
        }
    }

    /// Replaces the last blocks by as many empty ones. Their transactions are gone.
    pub fn reorganise(&self, blocks: usize) {
        let mut state = self.lock();
        let kept = state.blocks.len().saturating_sub(blocks);
        let replaced = state.blocks.len() - kept;
        state.blocks.truncate(kept);
        drop(state);
        self.mine(replaced);
    }

    /// Makes the chain fail to answer, or answer again.
    pub fn set_offline(&self, offline: bool) {
        self.lock().offline = offline;
    }

    fn answer<T: Send + 'static>(
        &self,
        answer: impl FnOnce(&State) -> T,
    ) -> BoxFuture<'_, Result<T, ChainError>> {
        let state = self.lock();
        let answer = match state.offline {
            true => Err(ChainError::new("the chain was set offline")),
            false => Ok(answer(&state)),
        };
        ready(answer).boxed()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fresh_hash(&mut self, chain: u64) -> B256 {
        self.counted += 1;
        keccak256(format!("{chain}:{}", self.counted))
    }

    fn transaction(&self, hash: B256) -> Transaction {
        for (number, block) in (0..).zip(&self.blocks) {
            if let Some(sent) = block.transactions.iter().find(|sent| sent.hash == hash) {
                return Transaction::Mined(Mined {
                    block_number: number,
                    block_hash: block.hash,
                    succeeded: sent.succeeds,
                    logs: sent.logs.clone(),
                });
            }
        }
        match self.pending.iter().any(|sent| sent.hash == hash) {
            true => Transaction::Pending,
            false => Transaction::Unknown,
        }
    }
}

impl Chain for FakeChain {
    fn id(&self) -> u64 {
        self.id
    }

    fn transaction(&self, hash: B256) -> BoxFuture<'_, Result<Transaction, ChainError>> {
        self.answer(|state| state.transaction(hash))
    }

    fn head(&self) -> BoxFuture<'_, Result<u64, ChainError>> {
        self.answer(|state| (state.blocks.len() as u64).saturating_sub(1))
    }

    fn block_hash(&self, number: u64) -> BoxFuture<'_, Result<Option<B256>, ChainError>> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        self.answer(|state| state.blocks.get(number).map(|block| block.hash))
    }
}
