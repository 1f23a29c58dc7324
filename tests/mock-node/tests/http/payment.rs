//! The payment gate, on a chain in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use ancp_mock_node::{
    AcceptedToken, Action, ActionContext, Address, B256, Chain, ChainError, Failure, FakeChain,
    MockNode, NodeBuilder, PaymentTerms, TaskContext, Transaction, U256,
};
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt, stream};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::common::http::{Client, Reply, send};
use crate::common::{Call, ncp, within};
use crate::{check_answer, limited, ms, serve};

const CHAIN: u64 = 8453;
pub(crate) const USDC: Address = Address::repeat_byte(0xcc);
pub(crate) const NODE: Address = Address::repeat_byte(0xee);
pub(crate) const PAYER: Address = Address::repeat_byte(0xaa);

pub(crate) fn terms() -> PaymentTerms {
    PaymentTerms {
        accepted_tokens: vec![AcceptedToken {
            symbol: "USDC".into(),
            chain_id: CHAIN,
            contract: USDC,
            decimals: 6,
        }],
        ..PaymentTerms::default()
    }
}

/// A node that sells `dear` for 5.00 and `other` for 1.00, and counts what it did.
#[derive(Clone, Default)]
pub(crate) struct Shop(Arc<AtomicUsize>);

impl Shop {
    pub(crate) fn builder(&self) -> NodeBuilder {
        self.sell(NodeBuilder::new(42, 7))
    }

    fn sell(&self, builder: NodeBuilder) -> NodeBuilder {
        let (dear, other) = (self.0.clone(), self.0.clone());
        builder
            .evm_address(NODE)
            .payment_terms(terms())
            .on_invoke("free", async |_: ActionContext| Ok(1))
            .on_invoke(
                Action::new("dear").price_usdc("5.00"),
                move |_: ActionContext| {
                    let sold = dear.fetch_add(1, Ordering::Relaxed);
                    async move { Ok(sold) }
                },
            )
            .on_invoke(
                Action::new("other").price_usdc("1.00"),
                move |_: ActionContext| {
                    let sold = other.fetch_add(1, Ordering::Relaxed);
                    async move { Ok(sold) }
                },
            )
    }

    pub(crate) fn sold(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

async fn shop() -> (MockNode, Client, FakeChain, Shop) {
    let (chain, shop) = (FakeChain::new(CHAIN), Shop::default());
    let (node, client) = serve(shop.builder().chain(chain.clone())).await;
    (node, client, chain, shop)
}

fn usd(cents: u64) -> U256 {
    U256::from(cents * 10_000)
}

/// Pays 5.00, with more than enough confirmations.
fn paid(chain: &FakeChain) -> B256 {
    let hash = chain.transfer(USDC, PAYER, NODE, usd(500));
    chain.mine(5);
    hash
}

pub(crate) fn pay_for(action: &str, hash: impl ToString, payer: impl ToString) -> Call {
    let payload =
        json!({ "action": action, "txHash": hash.to_string(), "payer": payer.to_string() });
    Call::invoke("ancp.pay", payload)
}

pub(crate) async fn pay(client: &Client, hash: B256) -> Reply {
    let reply = client.call("N/invoke", &pay_for("dear", hash, PAYER)).await;
    check_answer(&reply);
    reply
}

fn payload(reply: &Reply) -> Value {
    reply.envelope()["body"]["data"]["payload"].clone()
}

async fn buy(client: &Client, chain: &FakeChain) -> String {
    let receipt = payload(&pay(client, paid(chain)).await);
    receipt["receiptId"].as_str().unwrap().to_owned()
}

pub(crate) fn with_receipt(receipt: &str) -> Call {
    Call::invoke("dear", json!(1)).with_ncp("receiptId", receipt)
}

/// Status and code, the reason, and whether it is worth another try.
pub(crate) fn refusal(reply: &Reply) -> (u16, String, String, bool) {
    let error = ncp(&reply.envelope())["error"].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reason = text(&error["details"]["reason"]);
    let retryable = error["retryable"] == true;
    (reply.status, text(&error["code"]), reason, retryable)
}

pub(crate) fn refused(reason: &str) -> (u16, String, String, bool) {
    let retryable = reason == "unconfirmed";
    (402, "payment_required".into(), reason.into(), retryable)
}

pub(crate) fn unavailable() -> (u16, String, String, bool) {
    (503, "unavailable".into(), String::new(), true)
}

#[tokio::test]
async fn a_payment_buys_a_receipt_that_serves_until_it_expires() {
    let (_node, client, chain, shop) = shop().await;
    let unpaid = client
        .call("N/invoke", &Call::invoke("dear", json!(1)))
        .await;
    check_answer(&unpaid);
    let terms = ncp(&unpaid.envelope())["error"]["details"].clone();
    let nobody = Client::new(&client.base, None);
    let info = Call::invoke("ancp.payment-info", Value::Null);
    let info = payload(&nobody.call("N/invoke", &info).await);
    for told in [&terms, &info] {
        assert_eq!(told["evmAddress"], json!(NODE.to_string()));
        assert_eq!(
            told["acceptedTokens"],
            json!([{ "symbol": "USDC", "chainId": CHAIN, "contract": USDC.to_string(), "decimals": 6 }])
        );
        assert_eq!(told["requiredConfirmations"], 3);
    }
    assert_eq!(terms["priceUsdc"], "5.00");
    assert_eq!(
        info["prices"],
        json!([
            { "action": "dear", "priceUsdc": "5.00", "receiptValiditySec": 300 },
            { "action": "other", "priceUsdc": "1.00", "receiptValiditySec": 300 },
        ])
    );
    let hash = paid(&chain);
    // It needs no credential.
    let receipt = payload(&pay(&nobody, hash).await);
    assert_eq!(receipt["action"], "dear");
    assert_eq!(receipt["txHash"], json!(hash));
    assert_eq!(receipt["payer"], json!(PAYER.to_string()));
    assert_eq!(receipt["amountUsdc"], "5.00");
    let expires = receipt["expiresAt"].as_str().unwrap();
    assert!(
        ancp_core::message::timestamp::parse(expires).is_some(),
        "{expires}"
    );
    assert!(!receipt["signature"].as_str().unwrap().is_empty());
    assert_eq!(shop.sold(), 0);
    for sold in 0..2 {
        let call = with_receipt(receipt["receiptId"].as_str().unwrap());
        let reply = client.call("N/invoke", &call).await;
        assert_eq!((reply.status, payload(&reply)), (200, json!(sold)));
    }
}

#[tokio::test]
async fn confirmations_are_counted_from_the_payments_own_block_on() {
    let (_node, client, chain, _shop) = shop().await;
    let hash = chain.transfer(USDC, PAYER, NODE, usd(500));
    // The same message: a passing refusal is not remembered.
    let call = pay_for("dear", hash, PAYER);
    for confirmations in 0..3 {
        let reply = client.call("N/invoke", &call).await;
        assert_eq!(refusal(&reply), refused("unconfirmed"));
        let expected = format!("{confirmations} of 3 confirmations");
        assert!(reply.text.contains(&expected), "{reply:?}");
        chain.mine(1);
    }
    assert_eq!(client.call("N/invoke", &call).await.status, 200);
}

#[tokio::test]
async fn refusals() {
    let (chain, other_chain, shop) = (FakeChain::new(CHAIN), FakeChain::new(1), Shop::default());
    let builder = shop
        .builder()
        .chain(chain.clone())
        .chain(other_chain.clone());
    let (_node, client) = serve(builder).await;
    let stranger = Address::repeat_byte(9);
    let transfer = |token, from, to, cents| chain.transfer(token, from, to, usd(cents));
    for (name, hash, reason) in [
        ("unknown", B256::repeat_byte(1), "unknown_transaction"),
        ("reverted", chain.reverted(), "reverted"),
        ("no transfer", chain.logging(vec![]), "wrong_token"),
        (
            "other chain",
            other_chain.transfer(USDC, PAYER, NODE, usd(500)),
            "wrong_chain",
        ),
        (
            "other token",
            transfer(stranger, PAYER, NODE, 500),
            "wrong_token",
        ),
        (
            "other payee",
            transfer(USDC, PAYER, stranger, 500),
            "wrong_recipient",
        ),
        (
            "other payer",
            transfer(USDC, stranger, NODE, 500),
            "wrong_payer",
        ),
        (
            "too small",
            transfer(USDC, PAYER, NODE, 499),
            "insufficient_amount",
        ),
        ("fine", transfer(USDC, PAYER, NODE, 501), ""),
    ] {
        chain.mine(5);
        let reply = pay(&client, hash).await;
        match reason {
            "" => assert_eq!(payload(&reply)["amountUsdc"], "5.01", "{name}"),
            _ => assert_eq!(refusal(&reply), refused(reason), "{name}"),
        }
    }
    let hash = B256::repeat_byte(1);
    let digits = "ab".repeat(31);
    for (name, call) in [
        ("free", pay_for("free", hash, PAYER)),
        ("no such action", pay_for("nope", hash, PAYER)),
        ("system action", pay_for("ancp.ping", hash, PAYER)),
        ("short hash", pay_for("dear", format!("0x{digits}"), PAYER)),
        (
            "long hash",
            pay_for("dear", format!("0x{digits}ababab"), PAYER),
        ),
        (
            "hash with two prefixes",
            pay_for("dear", format!("0x0x{digits}"), PAYER),
        ),
        (
            "hash without a prefix",
            pay_for("dear", format!("{digits}abab"), PAYER),
        ),
        ("no digits", pay_for("dear", format!("0x{digits}zz"), PAYER)),
        ("no address", pay_for("dear", hash, "ada")),
        (
            "no payer",
            Call::invoke("ancp.pay", json!({ "action": "dear", "txHash": hash })),
        ),
        ("no payload", Call::invoke("ancp.pay", Value::Null)),
    ] {
        let reply = client.call("N/invoke", &call).await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (400, "invalid_payload"),
            "{name}"
        );
    }
    assert_eq!(shop.sold(), 0);
}

#[tokio::test]
async fn a_transaction_buys_one_receipt() {
    let (_node, client, chain, _shop) = shop().await;
    let hash = paid(&chain);
    let first = pay_for("dear", hash, PAYER);
    let receipt = payload(&client.call("N/invoke", &first).await);
    // A repeat of the same message is the same purchase: the answer may have been lost.
    let repeated = payload(&client.call("N/invoke", &first).await);
    assert_eq!(repeated, receipt);
    let upper = format!("0x{}", hash.to_string()[2..].to_uppercase());
    for (name, call) in [
        ("again", pay_for("dear", hash, PAYER)),
        ("in capitals", pay_for("dear", upper, PAYER)),
        ("for another action", pay_for("other", hash, PAYER)),
        ("for somebody else", pay_for("dear", hash, Address::ZERO)),
    ] {
        let reply = client.call("N/invoke", &call).await;
        assert_eq!(refusal(&reply), refused("already_used"), "{name}");
    }
}

#[tokio::test]
async fn addresses_compare_without_case() {
    let (_node, client, chain, _shop) = shop().await;
    for payer in [
        PAYER.to_string().to_lowercase(),
        format!("0x{}", "AA".repeat(20)),
    ] {
        let call = pay_for("dear", paid(&chain), payer);
        let receipt = payload(&client.call("N/invoke", &call).await);
        assert_eq!(receipt["payer"], json!(PAYER.to_string()));
    }
}

#[tokio::test]
async fn a_refused_transaction_can_still_buy() {
    let (_node, client, chain, _shop) = shop().await;
    let hash = chain.transfer(USDC, PAYER, NODE, usd(100));
    chain.mine(5);
    let reply = pay(&client, hash).await;
    assert_eq!(refusal(&reply), refused("insufficient_amount"));
    // Enough for this one.
    let reply = client
        .call("N/invoke", &pay_for("other", hash, PAYER))
        .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn receipts_are_bound() {
    let (_node, client, chain, shop) = shop().await;
    let receipt = buy(&client, &chain).await;
    let (other_node, _, other_chain, _) = self::shop().await;
    let other_client = Client::new(other_node.base_url(), Some(other_node.api_key()));
    let of_another_node = buy(&other_client, &other_chain).await;
    for (name, action, receipt, reason) in [
        ("unknown", "dear", "r-1", "receipt_unknown"),
        ("empty", "dear", "", "receipt_unknown"),
        (
            "another node's",
            "dear",
            &of_another_node,
            "receipt_unknown",
        ),
        (
            "cut off",
            "dear",
            &receipt[..receipt.len() - 1],
            "receipt_unknown",
        ),
        ("for another action", "other", &receipt, "receipt_mismatch"),
    ] {
        let call = Call::invoke(action, json!(1)).with_ncp("receiptId", receipt);
        let reply = client.call("N/invoke", &call).await;
        check_answer(&reply);
        assert_eq!(refusal(&reply), refused(reason), "{name}");
        let details = ncp(&reply.envelope())["error"]["details"].clone();
        assert_eq!(details["action"], action, "{name}");
        assert_eq!(details["evmAddress"], json!(NODE.to_string()), "{name}");
    }
    assert_eq!(shop.sold(), 0);
    // A free action does not care.
    let free = Call::invoke("free", json!(1)).with_ncp("receiptId", "r-1");
    assert_eq!(client.call("N/invoke", &free).await.status, 200);
}

#[tokio::test]
async fn receipts_expire() {
    let (chain, shop, now) = (
        FakeChain::new(CHAIN),
        Shop::default(),
        Arc::new(AtomicU64::new(1_000)),
    );
    let seconds = now.clone();
    let clock = move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed));
    let builder = shop.builder().chain(chain.clone()).clock(clock);
    let (_node, client) = serve(builder).await;
    let receipt = buy(&client, &chain).await;
    now.store(1_299, Ordering::Relaxed);
    let reply = client.call("N/invoke", &with_receipt(&receipt)).await;
    assert_eq!(reply.status, 200);
    now.store(1_300, Ordering::Relaxed);
    let reply = client.call("N/invoke", &with_receipt(&receipt)).await;
    assert_eq!(refusal(&reply), refused("receipt_expired"));
    assert_eq!(shop.sold(), 1);
}

#[tokio::test]
async fn reorganised_away() {
    let (_node, client, chain, _shop) = shop().await;
    let bought = buy(&client, &chain).await;
    let hash = paid(&chain);
    chain.reorganise(10);
    assert_eq!(
        refusal(&pay(&client, hash).await),
        refused("unknown_transaction")
    );
    // A receipt is a promise: what it was bought with may go.
    let reply = client.call("N/invoke", &with_receipt(&bought)).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn streams_tasks_and_events_are_sold_too() {
    let chain = FakeChain::new(CHAIN);
    let price = |action: &str| Action::new(action).price_usdc("5.00");
    let builder = Shop::default()
        .builder()
        .chain(chain.clone())
        .on_fire_and_forget(price("log"), async |_: ActionContext| Ok(()))
        .on_stream(price("count"), |_: ActionContext| {
            stream::iter([Ok::<_, Failure>(1)])
        })
        .on_task(price("work"), async |_: TaskContext| Ok(1));
    let (_node, client) = serve(builder).await;
    for (path, call) in [
        ("N/fire", Call::fire("log", json!(1))),
        ("N/stream", Call::stream("count", json!(1))),
        ("N/tasks", Call::task("work", json!(1))),
    ] {
        let unpaid = client.call(path, &call).await;
        assert_eq!(
            (unpaid.status, &*unpaid.code()),
            (402, "payment_required"),
            "{path}"
        );
        let action = call.0["body"]["data"]["metadata"]["extensions"]["ncp"]["action"].clone();
        let pay = pay_for(action.as_str().unwrap(), paid(&chain), PAYER);
        let receipt = payload(&client.call("N/invoke", &pay).await)["receiptId"].clone();
        // The refused call may be sent again under its id, with other bytes.
        let reply = send(client.post(path, call.with_ncp("receiptId", receipt).text())).await;
        assert!(matches!(reply.status, 200 | 202), "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn nothing_is_concluded_while_a_chain_is_down() {
    let (_node, client, chain, _shop) = shop().await;
    let hash = paid(&chain);
    let call = pay_for("dear", hash, PAYER);
    chain.set_offline(true);
    for hash in [hash, B256::repeat_byte(1)] {
        assert_eq!(refusal(&pay(&client, hash).await), unavailable());
    }
    let down = client.call("N/invoke", &call).await;
    assert_eq!(refusal(&down), unavailable());
    chain.set_offline(false);
    assert_eq!(client.call("N/invoke", &call).await.status, 200);
}

/// A chain that answers when as many have asked as the barrier waits for.
struct Slow(FakeChain, Arc<Barrier>, Arc<AtomicUsize>);

impl Chain for Slow {
    fn id(&self) -> u64 {
        self.0.id()
    }

    fn transaction(&self, hash: B256) -> BoxFuture<'_, Result<Transaction, ChainError>> {
        async move {
            self.2.fetch_add(1, Ordering::Relaxed);
            self.1.wait().await;
            self.0.transaction(hash).await
        }
        .boxed()
    }

    fn head(&self) -> BoxFuture<'_, Result<u64, ChainError>> {
        self.0.head()
    }

    fn block_hash(&self, number: u64) -> BoxFuture<'_, Result<Option<B256>, ChainError>> {
        self.0.block_hash(number)
    }
}

fn slow(answers_at: usize) -> (Slow, FakeChain, Arc<AtomicUsize>) {
    let (chain, asked) = (FakeChain::new(CHAIN), Arc::new(AtomicUsize::new(0)));
    let barrier = Arc::new(Barrier::new(answers_at));
    (Slow(chain.clone(), barrier, asked.clone()), chain, asked)
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_receipt() {
    let (slow, chain, _) = slow(8);
    let (_node, client) = serve(Shop::default().builder().chain(slow)).await;
    let hash = paid(&chain);
    let replies = within(join_all((0..8).map(|_| pay(&client, hash)))).await;
    let bought = replies.iter().filter(|reply| reply.status == 200);
    assert_eq!(bought.count(), 1);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(refusal(reply), refused("already_used"));
    }
}

#[tokio::test]
async fn a_chain_is_not_flooded() {
    let (slow, chain, asked) = slow(usize::MAX);
    let (_node, client) = serve(Shop::default().builder().chain(slow)).await;
    let hash = paid(&chain);
    let waiting: Vec<_> = (0..32)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                send(client.post("N/invoke", pay_for("dear", hash, PAYER).text())).await
            })
        })
        .collect();
    within(async {
        while asked.load(Ordering::Relaxed) < 32 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let reply = pay(&client, hash).await;
    assert_eq!(
        refusal(&reply),
        (429, "rate_limited".into(), String::new(), true)
    );
    assert_eq!(asked.load(Ordering::Relaxed), 32);
    waiting.iter().for_each(|call| call.abort());
}

#[tokio::test]
async fn verifying_ends_in_time() {
    let (slow, chain, _) = slow(usize::MAX);
    let builder = Shop::default().sell(limited(|limits| limits.handler_timeout = ms(50)));
    let (_node, client) = serve(builder.chain(slow)).await;
    let reply = pay(&client, paid(&chain)).await;
    assert_eq!(
        refusal(&reply),
        (504, "timeout".into(), String::new(), true)
    );
}

#[tokio::test]
async fn without_a_token_nothing_can_be_bought() {
    let builder = Shop::default()
        .builder()
        .payment_terms(PaymentTerms::default());
    let (_node, client) = serve(builder).await;
    let reply = pay(&client, B256::repeat_byte(1)).await;
    assert_eq!(refusal(&reply), refused("unknown_transaction"));
    let unpaid = client
        .call("N/invoke", &Call::invoke("dear", json!(1)))
        .await;
    assert_eq!(refusal(&unpaid), refused(""));
}

#[tokio::test]
async fn a_token_counts_on_its_own_chain_only() {
    // Whoever deploys to the address of USDC on another chain makes a token of their own.
    let (base, mainnet) = (FakeChain::new(CHAIN), FakeChain::new(1));
    let dai = AcceptedToken {
        symbol: "DAI".into(),
        chain_id: 1,
        contract: Address::repeat_byte(0xda),
        decimals: 18,
    };
    let mut terms = terms();
    terms.accepted_tokens.push(dai);
    let builder = Shop::default().builder().payment_terms(terms);
    let (_node, client) = serve(builder.chain(base).chain(mainnet.clone())).await;
    let hash = paid(&mainnet);
    assert_eq!(refusal(&pay(&client, hash).await), refused("wrong_token"));
}
