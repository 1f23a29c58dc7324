//! The payment gate on a real JSON-RPC connection, to a server that answers as told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ancp_mock_node::{Address, B256, JsonRpc, MockNode};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::common::http::{Client, Reply};
use crate::payment::{NODE, PAYER, Shop, USDC, pay, refusal, refused, unavailable, with_receipt};
use crate::{ms, serve};

const HASH: B256 = B256::repeat_byte(7);
const BLOCK: B256 = B256::repeat_byte(8);

/// What the server says to a method.
#[derive(Clone)]
enum Says {
    Result(Value),
    Text(StatusCode, String),
    Redirect(String),
    Nothing,
    ForEver,
}

type Script = Arc<Mutex<HashMap<String, Says>>>;

/// A JSON-RPC server for one test. It stops when dropped.
struct Server {
    script: Script,
    asked: Arc<Mutex<Vec<String>>>,
    url: String,
    running: AbortHandle,
}

impl Server {
    /// With a chain that has a good payment.
    async fn start() -> Self {
        let script = Script::default();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/rpc-key", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(answer)
            .with_state((script.clone(), asked.clone()));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let server = Self {
            script,
            asked,
            url,
            running: serving.abort_handle(),
        };
        for (method, result) in [
            ("eth_chainId", json!("0x2105")),
            ("eth_getTransactionReceipt", receipt()),
            ("eth_blockNumber", json!("0x12")),
            (
                "eth_getBlockByNumber",
                json!({ "number": "0x10", "hash": BLOCK, "transactions": [HASH] }),
            ),
            (
                "eth_getTransactionByHash",
                json!({ "hash": HASH, "blockHash": null }),
            ),
        ] {
            server.say(method, Says::Result(result));
        }
        server
    }

    fn say(&self, method: &str, says: Says) {
        self.script.lock().unwrap().insert(method.into(), says);
    }

    fn asked(&self) -> String {
        std::mem::take(&mut *self.asked.lock().unwrap()).join(" ")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn answer(
    State((script, asked)): State<(Script, Arc<Mutex<Vec<String>>>)>,
    request: String,
) -> Response {
    let request: Value = serde_json::from_str(&request).unwrap();
    let method = request["method"].as_str().unwrap();
    asked
        .lock()
        .unwrap()
        .push(method.trim_start_matches("eth_").into());
    match method {
        "eth_getBlockByNumber" => assert_eq!(request["params"], json!(["0x10", false])),
        "eth_getTransactionReceipt" | "eth_getTransactionByHash" => {
            assert_eq!(request["params"], json!([HASH]));
        }
        _ => assert_eq!(request["params"], json!([])),
    }
    let says = script.lock().unwrap().get(method).cloned().unwrap();
    match says {
        Says::Result(result) => json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
            .to_string()
            .into_response(),
        Says::Text(status, text) => (status, text).into_response(),
        Says::Redirect(url) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", url)]).into_response()
        }
        Says::Nothing => panic!("closes the connection"),
        Says::ForEver => std::future::pending().await,
    }
}

fn topic(address: Address) -> Value {
    json!(address.into_word())
}

fn transfer(token: Address, from: Address, to: Address, units: u64) -> Value {
    json!({
        "address": token,
        "topics": ["0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", topic(from), topic(to)],
        "data": format!("{units:#066x}"),
        "blockNumber": "0x10", "transactionHash": HASH, "logIndex": "0x0", "removed": false,
    })
}

fn receipt() -> Value {
    json!({
        "transactionHash": HASH, "transactionIndex": "0x0", "type": "0x2",
        "blockHash": BLOCK, "blockNumber": "0x10", "status": "0x1",
        "from": PAYER, "to": USDC, "gasUsed": "0x5208",
        "logs": [transfer(USDC, PAYER, NODE, 5_000_000)],
    })
}

fn receipt_with(field: &str, value: Value) -> Value {
    let mut receipt = receipt();
    receipt[field] = value;
    receipt
}

async fn node(server: &Server) -> (MockNode, Client, Shop) {
    let shop = Shop::default();
    let chain = JsonRpc::new(8453, &server.url).unwrap().timeout(ms(10_000));
    let (node, client) = serve(shop.builder().chain(chain)).await;
    (node, client, shop)
}

fn result_of(says: &Says) -> &Value {
    match says {
        Says::Result(result) => result,
        _ => panic!("not a result"),
    }
}

fn buys(reply: &Reply) {
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test]
async fn a_payment_is_verified() {
    let server = Server::start().await;
    let (_node, client, shop) = node(&server).await;
    let reply = pay(&client, HASH).await;
    buys(&reply);
    assert_eq!(
        server.asked(),
        "chainId getTransactionReceipt getBlockByNumber blockNumber"
    );
    let receipt = reply.envelope()["body"]["data"]["payload"].clone();
    let call = with_receipt(receipt["receiptId"].as_str().unwrap());
    buys(&client.call("N/invoke", &call).await);
    assert_eq!(shop.sold(), 1);
    assert_eq!(refusal(&pay(&client, HASH).await), refused("already_used"));
    // Neither the call nor the second attempt had to ask anybody.
    assert_eq!(server.asked(), "");
}

#[tokio::test]
async fn refusals() {
    let server = Server::start().await;
    let (_node, client, shop) = node(&server).await;
    let stranger = Address::repeat_byte(9);
    let logs = |log: Value| receipt_with("logs", json!([log]));
    let mut removed = transfer(USDC, PAYER, NODE, 5_000_000);
    removed["removed"] = json!(true);
    for (name, method, result, reason) in [
        (
            "pending",
            "eth_getTransactionReceipt",
            json!(null),
            "unconfirmed",
        ),
        (
            "reverted",
            "eth_getTransactionReceipt",
            receipt_with("status", json!("0x0")),
            "reverted",
        ),
        (
            "too small",
            "eth_getTransactionReceipt",
            logs(transfer(USDC, PAYER, NODE, 4_999_999)),
            "insufficient_amount",
        ),
        (
            "other token",
            "eth_getTransactionReceipt",
            logs(transfer(stranger, PAYER, NODE, 5_000_000)),
            "wrong_token",
        ),
        (
            "other payee",
            "eth_getTransactionReceipt",
            logs(transfer(USDC, PAYER, stranger, 5_000_000)),
            "wrong_recipient",
        ),
        (
            "other payer",
            "eth_getTransactionReceipt",
            logs(transfer(USDC, stranger, NODE, 5_000_000)),
            "wrong_payer",
        ),
        (
            "log taken back",
            "eth_getTransactionReceipt",
            logs(removed),
            "wrong_token",
        ),
        (
            "too few confirmations",
            "eth_blockNumber",
            json!("0x11"),
            "unconfirmed",
        ),
        (
            "a server that lags behind",
            "eth_blockNumber",
            json!("0xf"),
            "unconfirmed",
        ),
        (
            "another block in its place",
            "eth_getBlockByNumber",
            json!({ "hash": HASH }),
            "unconfirmed",
        ),
        (
            "its block is gone",
            "eth_getBlockByNumber",
            json!(null),
            "unconfirmed",
        ),
    ] {
        let fine = server.script.lock().unwrap()[method].clone();
        server.say(method, Says::Result(result));
        assert_eq!(
            refusal(&pay(&client, HASH).await),
            refused(reason),
            "{name}"
        );
        server.say(method, fine);
    }
    assert_eq!(shop.sold(), 0);
    buys(&pay(&client, HASH).await);
}

#[tokio::test]
async fn a_transaction_that_is_gone_is_unknown() {
    let server = Server::start().await;
    let (_node, client, _shop) = node(&server).await;
    server.say("eth_blockNumber", Says::Result(json!("0x10")));
    assert_eq!(refusal(&pay(&client, HASH).await), refused("unconfirmed"));
    // The chain is reorganised, and the transaction is in no block and waits for none.
    server.say("eth_getTransactionReceipt", Says::Result(json!(null)));
    server.say("eth_getTransactionByHash", Says::Result(json!(null)));
    assert_eq!(
        refusal(&pay(&client, HASH).await),
        refused("unknown_transaction")
    );
}

#[tokio::test]
async fn wrong_chains() {
    // The server is not of the chain that the node means.
    let server = Server::start().await;
    server.say("eth_chainId", Says::Result(json!("0x1")));
    let (_node, client, _shop) = node(&server).await;
    assert_eq!(refusal(&pay(&client, HASH).await), unavailable());
    assert_eq!(server.asked(), "chainId");
    // Put right, it is asked again.
    server.say("eth_chainId", Says::Result(json!("0x2105")));
    buys(&pay(&client, HASH).await);

    // The payment is on a chain that the node knows, and takes no token of.
    let (base, mainnet) = (Server::start().await, Server::start().await);
    base.say("eth_getTransactionReceipt", Says::Result(json!(null)));
    base.say("eth_getTransactionByHash", Says::Result(json!(null)));
    mainnet.say("eth_chainId", Says::Result(json!("0x1")));
    let chains = [(8453, &base), (1, &mainnet)];
    let builder = chains
        .iter()
        .fold(Shop::default().builder(), |builder, (id, server)| {
            builder.chain(JsonRpc::new(*id, &server.url).unwrap())
        });
    let (_node, client) = serve(builder).await;
    assert_eq!(refusal(&pay(&client, HASH).await), refused("wrong_chain"));
}

#[tokio::test]
async fn a_server_that_answers_nonsense() {
    let (server, elsewhere) = (Server::start().await, Server::start().await);
    let (_node, client, _shop) = node(&server).await;
    let text = |text: &str| Says::Text(StatusCode::OK, text.into());
    let result = |value: Value| Says::Result(value);
    let error = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -32005, "message": "limit exceeded" } });
    let padding = "x".repeat(5 * 1024 * 1024);
    // The chain's id first: once it was right, nobody asks again.
    for method in [
        "eth_chainId",
        "eth_getTransactionReceipt",
        "eth_getBlockByNumber",
        "eth_blockNumber",
    ] {
        let fine = server.script.lock().unwrap()[method].clone();
        let huge = json!({ "result": result_of(&fine), "padding": padding });
        for (name, says) in [
            ("no JSON", text("<html>bad gateway</html>")),
            ("nothing", text("")),
            ("an array", text("[]")),
            (
                "neither result nor error",
                text(r#"{"jsonrpc":"2.0","id":1}"#),
            ),
            ("an error", text(&error.to_string())),
            ("another type", result(json!([1, 2]))),
            ("not a quantity", result(json!("0xzz"))),
            (
                "larger than any number",
                result(json!(format!("0x{}", "f".repeat(65)))),
            ),
            (
                "a status",
                Says::Text(StatusCode::TOO_MANY_REQUESTS, "{}".into()),
            ),
            ("a redirect", Says::Redirect(elsewhere.url.clone())),
            ("too much", text(&huge.to_string())),
            ("a connection that closes", Says::Nothing),
        ] {
            server.say(method, says);
            let reply = pay(&client, HASH).await;
            assert_eq!(refusal(&reply), unavailable(), "{method}: {name}");
            assert!(!reply.text.contains("rpc-key"), "{method}: {name}");
        }
        server.say(method, fine);
    }
    for (name, receipt) in [
        (
            "another transaction",
            receipt_with("transactionHash", json!(BLOCK)),
        ),
        ("no status", receipt_with("status", json!(null))),
        ("no block", receipt_with("blockHash", json!(null))),
        ("no logs", receipt_with("logs", json!(null))),
        (
            "a short address",
            receipt_with(
                "logs",
                json!([{ "address": "0x01", "topics": [], "data": "0x" }]),
            ),
        ),
    ] {
        let fine = receipt_with("status", json!("0x1"));
        server.say("eth_getTransactionReceipt", Says::Result(receipt));
        assert_eq!(refusal(&pay(&client, HASH).await), unavailable(), "{name}");
        server.say("eth_getTransactionReceipt", Says::Result(fine));
    }
    let other = json!({ "hash": BLOCK, "blockHash": null });
    server.say("eth_getTransactionReceipt", Says::Result(json!(null)));
    server.say("eth_getTransactionByHash", Says::Result(other));
    assert_eq!(refusal(&pay(&client, HASH).await), unavailable());
}

#[tokio::test]
async fn a_server_that_is_down_or_silent() {
    let server = Server::start().await;
    server.say("eth_getTransactionReceipt", Says::ForEver);
    let chain = JsonRpc::new(8453, &server.url).unwrap().timeout(ms(100));
    let (_node, client) = serve(Shop::default().builder().chain(chain)).await;
    assert_eq!(refusal(&pay(&client, HASH).await), unavailable());

    let url = server.url.clone();
    drop(server);
    let chain = JsonRpc::new(8453, &url).unwrap();
    let (_node, client) = serve(Shop::default().builder().chain(chain)).await;
    let reply = pay(&client, HASH).await;
    assert_eq!(refusal(&reply), unavailable());
    assert!(!reply.text.contains("rpc-key"));
}
