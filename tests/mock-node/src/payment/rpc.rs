//! A chain behind a JSON-RPC server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use alloy_primitives::{B256, Log, U64};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::{Response, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::chain::{Chain, ChainError, Mined, Transaction};
use crate::builder::BuildError;

/// How long one request may take, unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Room for a receipt with thousands of logs; a payment has a few.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// A chain as an Ethereum node tells of it by JSON-RPC over HTTP.
///
/// The server is believed. Before the first answer is used, it must say that it serves the chain.
///
/// ```
/// use ancp_mock_node::{Chain, JsonRpc};
/// let base = JsonRpc::new(8453, "https://rpc.example.com/v1/key")?;
/// assert_eq!(base.id(), 8453);
/// # Ok::<(), ancp_mock_node::BuildError>(())
/// ```
pub struct JsonRpc {
    chain_id: u64,
    /// Secret: many providers have the key in the path. Errors are stripped of it.
    url: Url,
    timeout: Duration,
    http: reqwest::Client,
    serves_the_chain: AtomicBool,
}

/// As much of a receipt as counts. Chains add to it as they like, also new types of transactions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    transaction_hash: B256,
    block_number: U64,
    block_hash: B256,
    status: U64,
    logs: Vec<ReceiptLog>,
}

#[derive(Deserialize)]
struct ReceiptLog {
    #[serde(flatten)]
    log: Log,
    /// Taken back by a reorganisation.
    #[serde(default)]
    removed: bool,
}

#[derive(Deserialize)]
struct Sent {
    hash: B256,
}

#[derive(Deserialize)]
struct Block {
    hash: B256,
}

impl JsonRpc {
    /// The chain `chain_id` behind the server at `url` (http or https; it may hold a key, which no
    /// error shows).
    pub fn new(chain_id: u64, url: &str) -> Result<Self, BuildError> {
        let refuse = |why: &str| BuildError::new(format!("chain {chain_id}: rpcUrl: {why}"));
        let url = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("neither http nor https"));
        }
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| refuse(&error.to_string()))?;
        Ok(Self {
            chain_id,
            url,
            timeout: TIMEOUT,
            http,
            serves_the_chain: AtomicBool::new(false),
        })
    }

    /// How long one request may take (5 s). Verifying a payment takes up to four.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks, once it is known that the server serves the chain.
    async fn ask<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Option<T>, ChainError> {
        if !self.serves_the_chain.load(Ordering::Relaxed) {
            let found: Option<U64> = self.request("eth_chainId", json!([])).await?;
            let found = found.ok_or_else(|| ChainError::new("eth_chainId: null"))?;
            if found != U64::from(self.chain_id) {
                let message = format!("the server serves chain {found}, not {}", self.chain_id);
                return Err(ChainError::new(message));
            }
            self.serves_the_chain.store(true, Ordering::Relaxed);
        }
        self.request(method, params).await
    }

    /// The result of one request; none where it is null.
    async fn request<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: Value,
    ) -> Result<Option<T>, ChainError> {
        let failed = |error| ChainError::new(format!("{method}: {}", cause(error)));
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let request = self.http.post(self.url.clone()).timeout(self.timeout);
        let request = request.header("Content-Type", "application/json");
        let sent = request.body(body.to_string()).send().await;
        let response = sent.map_err(failed)?;
        if !response.status().is_success() {
            let message = format!("{method}: status {}", response.status().as_u16());
            return Err(ChainError::new(message));
        }
        let text = read(response).await.map_err(failed)?;
        let text = text.ok_or_else(|| ChainError::new(format!("{method}: too long an answer")))?;
        read_answer(&text).map_err(|why| ChainError::new(format!("{method}: {why}")))
    }
}

/// What lies at the bottom of an error, such as a refused connection, without the URL.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The body; none where it is too long.
async fn read(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// The result in an answer; none where it is null.
fn read_answer<T: DeserializeOwned>(text: &[u8]) -> Result<Option<T>, String> {
    let mut answer: Value =
        serde_json::from_slice(text).map_err(|error| format!("not JSON: {error}"))?;
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        return Err(format!("refused: {error}"));
    }
    let fields = answer.as_object_mut();
    let result = fields.and_then(|fields| fields.remove("result"));
    let result = result.ok_or("neither a result nor an error")?;
    serde_json::from_value(result).map_err(|error| format!("unexpected: {error}"))
}

impl Chain for JsonRpc {
    fn id(&self) -> u64 {
        self.chain_id
    }

    fn transaction(&self, hash: B256) -> BoxFuture<'_, Result<Transaction, ChainError>> {
        async move {
            let receipt = self.ask("eth_getTransactionReceipt", json!([hash])).await?;
            let Some(receipt) = receipt else {
                let sent = self.ask("eth_getTransactionByHash", json!([hash])).await?;
                return match sent {
                    None => Ok(Transaction::Unknown),
                    Some(Sent { hash: found }) if found == hash => Ok(Transaction::Pending),
                    Some(_) => Err(ChainError::new("an answer about another transaction")),
                };
            };
            mined(hash, receipt).map(Transaction::Mined)
        }
        .boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<u64, ChainError>> {
        async move {
            let head: Option<U64> = self.ask("eth_blockNumber", json!([])).await?;
            let head = head.ok_or_else(|| ChainError::new("no newest block"))?;
            Ok(head.to())
        }
        .boxed()
    }

    fn block_hash(&self, number: u64) -> BoxFuture<'_, Result<Option<B256>, ChainError>> {
        async move {
            let params = json!([U64::from(number), false]);
            let block: Option<Block> = self.ask("eth_getBlockByNumber", params).await?;
            Ok(block.map(|block| block.hash))
        }
        .boxed()
    }
}

fn mined(hash: B256, receipt: Receipt) -> Result<Mined, ChainError> {
    if receipt.transaction_hash != hash {
        return Err(ChainError::new("an answer about another transaction"));
    }
    let logs = receipt.logs.into_iter();
    Ok(Mined {
        block_number: receipt.block_number.to(),
        block_hash: receipt.block_hash,
        succeeded: receipt.status == U64::from(1),
        logs: logs.filter(|log| !log.removed).map(|log| log.log).collect(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// JSON such as a server might send, and worse.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "0x[0-9a-f]{0,70}".prop_map(Value::from),
        ];
        let name = prop::sample::select(vec![
            "result",
            "error",
            "transactionHash",
            "blockNumber",
            "blockHash",
            "status",
            "logs",
            "address",
            "topics",
            "data",
            "removed",
            "hash",
        ]);
        leaf.prop_recursive(4, 64, 12, move |inner| {
            let fields = prop::collection::vec((name.clone(), inner.clone()), 0..8);
            prop_oneof![
                prop::collection::vec(inner, 0..8).prop_map(Value::from),
                fields.prop_map(|fields| fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_answer_is_read_or_refused(answer in json(), text: Vec<u8>) {
            let _ = read_answer::<Receipt>(answer.to_string().as_bytes());
            let _ = read_answer::<Block>(&text);
            let _ = serde_json::from_value::<Receipt>(answer);
        }
    }

    #[test]
    fn receipts_of_any_chain_are_read() {
        let hash = B256::repeat_byte(7);
        // A deposit of an OP stack chain, with a type and fields that Ethereum does not have.
        let receipt = json!({
            "transactionHash": hash, "type": "0x7e", "depositNonce": "0x1", "l1Fee": "0x0",
            "status": "0x1", "blockNumber": "0x10", "blockHash": B256::repeat_byte(8),
            "logs": [
                { "address": "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", "topics": [], "data": "0x", "logIndex": "0x0" },
                { "address": "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913", "topics": [], "data": "0x", "removed": true },
            ],
        });
        let read: Receipt = serde_json::from_value(receipt).unwrap();
        let mined = mined(hash, read).unwrap();
        assert_eq!(
            (mined.block_number, mined.succeeded, mined.logs.len()),
            (16, true, 1)
        );
    }

    #[test]
    fn urls_are_checked_and_not_shown() {
        for url in [
            "",
            "rpc.example.com/secret",
            "ftp://rpc.example.com/secret",
            "http://secret:8545x/",
        ] {
            let error = JsonRpc::new(1, url).err().unwrap().to_string();
            assert!(
                error.starts_with("chain 1: rpcUrl: ") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
