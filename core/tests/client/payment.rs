//! Paying for calls, against a scripted node and payer, on a clock that moves by itself.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ancp_core::{
    AncpClient, CallOptions, ClientBuilder, Error, ErrorCode, NodeAddress, Payer, Payment,
    PaymentReason, Result,
};
use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::support::{
    Reply, Scripted, Sent, chunk, client, done, error, ok, options, response, task,
};

const HASH: &str = "0xaaaa";
const WALLET: &str = "0xbbbb";

fn action(sent: &Sent) -> String {
    ncp(sent)["action"].as_str().unwrap().to_owned()
}

fn ncp(sent: &Sent) -> Value {
    sent.json()["body"]["data"]["metadata"]["extensions"]["ncp"].clone()
}

fn payload(sent: &Sent) -> Value {
    sent.json()["body"]["data"]["payload"].clone()
}

fn terms(action: &str, price: &str, reason: Option<&str>) -> Reply {
    let mut details = json!({
        "action": action, "priceUsdc": price, "evmAddress": "0xcccc",
        "acceptedTokens": [{ "symbol": "USDC", "chainId": 8453, "contract": "0xdddd", "decimals": 6 }],
        "requiredConfirmations": 3, "receiptValiditySec": 300,
    });
    if let Some(reason) = reason {
        details["reason"] = json!(reason);
    }
    refused(details)
}

fn refused(details: Value) -> Reply {
    let error = json!({ "code": "payment_required", "message": "pay first", "retryable": false, "details": details });
    Reply::Answer(402, response(json!({ "error": error }), Value::Null))
}

fn receipt(id: &str, expires_at: &str) -> Reply {
    ok(json!({
        "receiptId": id, "action": "run", "txHash": HASH, "payer": WALLET, "amountUsdc": "1.00",
        "expiresAt": expires_at, "signature": "s",
    }))
}

const FOR_LONG: &str = "2999-01-01T00:00:00Z";

/// A node whose actions cost 1 USDC, and whose `ancp.pay` answers as told; receipts are known once given.
fn node(pay: impl Fn(usize) -> Reply + Send + Sync + 'static) -> impl Fn(&Sent) -> Reply {
    priced("1.00", pay)
}

fn priced(
    price: &'static str,
    pay: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Sent) -> Reply {
    let shown = AtomicUsize::new(0);
    move |sent| {
        let action = action(sent);
        if action == "ancp.pay" {
            return pay(shown.fetch_add(1, Ordering::SeqCst));
        }
        if ncp(sent).get("receiptId").is_none() {
            return terms(&action, price, None);
        }
        match sent.path.rsplit('/').next() {
            Some("stream") => Reply::Events(vec![chunk(1, false), done(1)]),
            Some("tasks") => task(202, "Pending", 0.0),
            _ => ok(json!("done")),
        }
    }
}

/// A payer that counts its payments.
fn payer(count: &Arc<AtomicUsize>) -> Payer {
    let count = Arc::clone(count);
    Payer::new(move |terms| {
        let count = Arc::clone(&count);
        async move {
            assert_eq!(terms.evm_address.as_deref(), Some("0xcccc"));
            assert_eq!(terms.accepted_tokens[0].chain_id, 8453);
            tokio::time::sleep(Duration::from_secs(1)).await;
            count.fetch_add(1, Ordering::SeqCst);
            io::Result::Ok(payment())
        }
    })
    .max_per_call("1.00")
    .max_total("10.00")
}

fn payment() -> Payment {
    Payment {
        tx_hash: HASH.into(),
        payer: WALLET.into(),
    }
}

fn paying(
    payer: Payer,
    script: impl Fn(&Sent) -> Reply + Send + Sync + 'static,
) -> (AncpClient, Scripted) {
    client(options().payer(payer), script)
}

async fn run(client: &AncpClient) -> Result<Value> {
    client.invoke("run", &json!({ "n": 1 })).await
}

fn actions(http: &Scripted) -> Vec<String> {
    http.sent().iter().map(action).collect()
}

fn details(error: &Error) -> Value {
    error.details().unwrap().to().unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_a_payer_the_error_carries_the_terms() {
    let (client, _) = client(options(), |_| terms("run", "5.00", Some("receipt_expired")));
    let error = run(&client).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (&ErrorCode::PaymentRequired, 402)
    );
    assert_eq!(error.payment_reason(), Some(PaymentReason::ReceiptExpired));
    let terms = error.payment().unwrap();
    assert_eq!((&*terms.action, &*terms.price_usdc), ("run", "5.00"));
    assert_eq!(terms.accepted_tokens[0].contract, "0xdddd");
    assert_eq!(
        (terms.required_confirmations, terms.receipt_validity_sec),
        (3, 300)
    );
    let other =
        Error::new(ErrorCode::Forbidden, "no").with_details(error.details().unwrap().clone());
    assert_eq!((other.payment(), other.payment_reason()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_call_is_paid_and_repeated_as_another_message() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), node(|_| receipt("r-1", FOR_LONG)));
    assert_eq!(run(&client).await.unwrap(), "done");
    let sent = http.sent();
    assert_eq!(actions(&http), ["run", "ancp.pay", "run"]);
    assert_eq!(
        payload(&sent[1]),
        json!({ "action": "run", "txHash": HASH, "payer": WALLET })
    );
    assert_eq!(ncp(&sent[2])["receiptId"], "r-1");
    assert_eq!(payload(&sent[2]), json!({ "n": 1 }));
    let [first, second] = [&sent[0], &sent[2]].map(Sent::json);
    assert_ne!(first["id"], second["id"]);
    assert_eq!(second["correlationId"], second["id"]);
    // The receipt is kept for the action, and for it alone.
    run(&client).await.unwrap();
    assert_eq!(actions(&http).len(), 4);
    client.invoke::<Value>("other", &()).await.unwrap();
    assert_eq!(actions(&http)[3..], ["run", "other", "ancp.pay", "other"]);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn every_pattern_is_paid() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), node(|_| receipt("r-1", FOR_LONG)));
    client
        .fire_and_forget("fire", &())
        .correlation_id("c-1")
        .await
        .unwrap();
    client.start_task("task", &()).await.unwrap();
    let mut chunks = client.stream::<Value>("stream", &());
    assert_eq!(chunks.next().await.unwrap().unwrap(), json!({ "row": 1 }));
    assert!(chunks.next().await.is_none());
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let sent = http.sent();
    for call in sent.iter().filter(|sent| action(sent) == "fire") {
        assert_eq!(call.json()["correlationId"], "c-1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_callers_own_receipt_is_sent_and_is_the_callers_to_renew() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), |_| {
        terms("run", "1.00", Some("receipt_expired"))
    });
    let call = client.invoke::<Value>("run", &()).receipt_id("mine");
    assert_eq!(call.await.unwrap_err().code(), &ErrorCode::PaymentRequired);
    let call = client.fire_and_forget("run", &()).receipt_id("mine");
    call.await.unwrap_err();
    let call = client.start_task("run", &()).receipt_id("mine");
    call.await.unwrap_err();
    let mut chunks = client.stream::<Value>("run", &()).receipt_id("mine");
    chunks.next().await.unwrap().unwrap_err();
    assert_eq!(http.sent().len(), 4);
    assert!(
        http.sent()
            .iter()
            .all(|sent| ncp(sent)["receiptId"] == "mine")
    );
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_pay_once() {
    let count = Arc::default();
    let unconfirmed = |shown| match shown {
        0..3 => refused(json!({ "reason": "unconfirmed" })),
        _ => receipt("r-1", FOR_LONG),
    };
    let (client, http) = paying(payer(&count), node(unconfirmed));
    let results = join_all((0..5).map(|_| run(&client))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let sent = http.sent();
    let shown: Vec<&Sent> = sent
        .iter()
        .filter(|sent| action(sent) == "ancp.pay")
        .collect();
    assert_eq!(shown.len(), 4);
    assert!(
        shown.iter().all(|again| again.body == shown[0].body),
        "one message, so that a lost answer can be had again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_payer_that_fails_fails_all_that_waited_and_is_asked_anew_by_the_next() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let failing = Payer::new(move |_| {
        let turn = asked.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            match turn {
                0 => Err(io::Error::other("rejected in the wallet")),
                _ => Ok(payment()),
            }
        }
    });
    // What was not paid does not count.
    let failing = failing.max_per_call("1").max_total("1");
    let (client, _) = paying(failing, node(|_| receipt("r-1", FOR_LONG)));
    let results = join_all((0..3).map(|_| run(&client))).await;
    for error in results.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.code(), &ErrorCode::PaymentRequired);
        assert_eq!(error.payment().unwrap().price_usdc, "1.00");
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "rejected in the wallet");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    run(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_call_costs_more_than_its_cap() {
    for (price, paid) in [
        ("1.00", 1),
        ("1.000001", 0),
        ("1e0", 0),
        ("", 0),
        ("-1", 0),
        ("99999999999999999999999999", 0),
    ] {
        let count = Arc::default();
        let (client, http) = paying(payer(&count), priced(price, |_| receipt("r-1", FOR_LONG)));
        let result = run(&client).await;
        assert_eq!(count.load(Ordering::SeqCst), paid, "{price}");
        if paid == 0 {
            let error = result.unwrap_err();
            assert_eq!(error.code(), &ErrorCode::PaymentRequired, "{price}");
            assert_eq!(error.payment().unwrap().price_usdc, price);
            assert_eq!(http.sent().len(), 1);
        }
    }
    // Nor is it paid for what another action costs.
    let count = Arc::default();
    let (client, _) = paying(payer(&count), |_| terms("other", "1.00", None));
    run(&client).await.unwrap_err();
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn all_calls_together_cost_no_more_than_the_total() {
    let count = Arc::default();
    let payer = payer(&count).max_total("3.50");
    let (client, _) = paying(payer, node(|_| receipt("r-1", FOR_LONG)));
    let names = ["a", "b", "c", "d", "e"];
    let calls = names.map(|name| client.invoke::<Value>(name, &()).into_future());
    let results = join_all(calls).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    let error = results.into_iter().find_map(Result::err).unwrap();
    assert!(error.message().contains("maxTotal"), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    run(&client).await.unwrap_err();
    client.invoke::<Value>("a", &()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[test]
fn caps_are_required_and_checked() {
    let payer = || Payer::new(|_| async { io::Result::Ok(payment()) });
    for (payer, option) in [
        (payer().max_total("1"), "payer.maxPerCall: is missing"),
        (payer().max_per_call("1"), "payer.maxTotal: is missing"),
        (payer().max_per_call("1").max_total("one"), "payer.maxTotal"),
        (
            payer().max_per_call("-1").max_total("1"),
            "payer.maxPerCall",
        ),
        (
            payer()
                .max_per_call("1")
                .max_total("1")
                .timeout(Duration::ZERO),
            "payer.timeout",
        ),
    ] {
        let error = options().payer(payer).build().unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(error.message().starts_with(option), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_402_is_final() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), |sent| match &*action(sent) {
        "ancp.pay" => receipt("r-1", FOR_LONG),
        action => terms(action, "1.00", None),
    });
    let error = run(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::PaymentRequired);
    assert_eq!(http.sent().len(), 3);
    // The receipt that does not help is not paid anew either.
    run(&client).await.unwrap_err();
    assert_eq!(http.sent().len(), 4);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_kept_receipt_that_is_too_old_is_paid_anew_once() {
    for reason in ["receipt_expired", "receipt_unknown"] {
        let count = Arc::default();
        let good = Arc::new(Mutex::new("r-1".to_owned()));
        let now = Arc::clone(&good);
        let (client, http) = paying(payer(&count), move |sent| {
            let good = now.lock().unwrap().clone();
            match (&*action(sent), ncp(sent)["receiptId"].as_str()) {
                ("ancp.pay", _) => receipt(&good, FOR_LONG),
                (_, Some(receipt)) if receipt == good => ok(json!("done")),
                (_, Some(_)) => terms("run", "1.00", Some(reason)),
                (_, None) => terms("run", "1.00", None),
            }
        });
        run(&client).await.unwrap();
        *good.lock().unwrap() = "r-2".into();
        run(&client).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
        assert_eq!(actions(&http)[3..], ["run", "ancp.pay", "run"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_kept_for_as_long_as_it_serves() {
    // By the client's own clock: what the node's says is its affair.
    let count = Arc::default();
    let (client, http) = paying(
        payer(&count),
        node(|_| receipt("r", "2001-01-01T00:00:00Z")),
    );
    run(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(299)).await;
    run(&client).await.unwrap();
    assert_eq!(actions(&http).len(), 4);
    tokio::time::sleep(Duration::from_secs(2)).await;
    run(&client).await.unwrap();
    assert!(ncp(&http.sent()[4]).get("receiptId").is_none());
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_is_not_confirmed_in_time_is_redeemed_by_the_next_call() {
    let confirmed = Arc::new(AtomicUsize::new(0));
    let count = Arc::default();
    let now = Arc::clone(&confirmed);
    let script = node(move |_| match now.load(Ordering::SeqCst) {
        0 => refused(json!({ "reason": "unconfirmed" })),
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, http) = paying(payer(&count).timeout(Duration::from_secs(20)), script);
    let begun = Instant::now();
    let error = run(&client).await.unwrap_err();
    assert!(begun.elapsed() <= Duration::from_secs(20));
    assert_eq!(error.payment_reason(), Some(PaymentReason::Unconfirmed));
    let expected =
        json!({ "reason": "unconfirmed", "action": "run", "txHash": HASH, "payer": WALLET });
    assert_eq!(details(&error), expected);
    assert!(error.message().contains("`pay`"), "{error}");
    assert_eq!(error.operation(), Some("invoke run"));
    let before = http.sent().len();
    assert!((4..20).contains(&before), "{before}: it backs off");
    confirmed.store(1, Ordering::SeqCst);
    run(&client).await.unwrap();
    assert_eq!(actions(&http)[before..], ["run", "ancp.pay", "run"]);
    assert_eq!(http.sent()[before + 1].body, http.sent()[1].body);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_payment_survives_what_passes() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0..5 => Reply::Broken,
        5 => error(503, "unavailable", true),
        6 => refused(json!({ "reason": "unknown_transaction" })),
        7 => Reply::Never,
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, _) = paying(payer(&count), script);
    run(&client).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_worthless_transaction_is_told_to_all_that_waited_and_the_next_call_pays() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0 => refused(json!({ "reason": "reverted" })),
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, http) = paying(payer(&count), script);
    let results = join_all((0..3).map(|_| run(&client))).await;
    for error in results.into_iter().map(Result::unwrap_err) {
        assert_eq!(error.payment_reason(), Some(PaymentReason::Reverted));
        assert_eq!(details(&error)["txHash"], HASH);
    }
    assert_eq!(actions(&http).len(), 4);
    run(&client).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_refuses_to_look_leaves_the_transaction_to_the_next_call() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0 => error(403, "forbidden", false),
        1 => ok(json!({ "no": "receipt" })),
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, _) = paying(payer(&count), script);
    for why in ["no", "receiptId"] {
        let error = run(&client).await.unwrap_err();
        assert_eq!(error.code(), &ErrorCode::PaymentRequired);
        assert!(error.message().contains(why), "{error}");
        assert_eq!(details(&error)["txHash"], HASH);
    }
    run(&client).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_payment_counts_as_spent() {
    let nameless = Payer::new(|_| async {
        io::Result::Ok(Payment {
            tx_hash: HASH.into(),
            payer: String::new(),
        })
    });
    let nameless = nameless.max_per_call("1").max_total("1");
    let (client, _) = paying(nameless, node(|_| receipt("r-1", FOR_LONG)));
    let error = run(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    let error = run(&client).await.unwrap_err();
    assert!(error.message().contains("maxTotal"), "{error}");
}

/// A payer that answers when it is told to.
fn by_hand() -> (
    Payer,
    impl Fn() -> Option<oneshot::Sender<io::Result<Payment>>>,
) {
    let waiting = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&waiting);
    let payer = Payer::new(move |_| {
        let (answer, answered) = oneshot::channel();
        asked.lock().unwrap().push(answer);
        async move {
            answered
                .await
                .unwrap_or_else(|_| Err(io::Error::other("gone")))
        }
    });
    let take = move || waiting.lock().unwrap().pop();
    (payer.max_per_call("1").max_total("1"), take)
}

#[tokio::test(start_paused = true)]
async fn what_is_paid_after_an_abort_serves_the_next_call() {
    let (payer, asked) = by_hand();
    let (client, http) = paying(payer, node(|_| receipt("r-1", FOR_LONG)));
    let options = CallOptions::new().cancel_on(tokio::time::sleep(Duration::from_secs(1)));
    let call = client.invoke::<Value>("run", &()).options(options);
    assert_eq!(call.await.unwrap_err().code(), &ErrorCode::Aborted);
    let answer = asked().unwrap();
    // The next one waits for the same payment.
    let mut next = run(&client).boxed_local();
    assert!(
        tokio::time::timeout(Duration::from_secs(1), &mut next)
            .await
            .is_err()
    );
    assert!(asked().is_none());
    answer.send(Ok(payment())).unwrap();
    next.await.unwrap();
    assert_eq!(actions(&http), ["run", "run", "ancp.pay", "run"]);
}

#[tokio::test(start_paused = true)]
async fn of_calls_that_wait_for_one_payment_each_can_leave() {
    let (payer, asked) = by_hand();
    let (client, _) = paying(payer, node(|_| receipt("r-1", FOR_LONG)));
    let mut first = run(&client).boxed_local();
    let mut second = run(&client).boxed_local();
    for call in [&mut first, &mut second] {
        assert!(
            tokio::time::timeout(Duration::from_secs(1), call)
                .await
                .is_err()
        );
    }
    drop(first);
    asked().unwrap().send(Ok(payment())).unwrap();
    second.await.unwrap();
    assert!(asked().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_abort_while_redeeming_leaves_the_transaction_to_the_next_call() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0 => Reply::Never,
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, http) = paying(payer(&count), script);
    let call = tokio::time::timeout(Duration::from_secs(5), run(&client));
    assert!(call.await.is_err());
    run(&client).await.unwrap();
    assert_eq!(
        actions(&http),
        ["run", "ancp.pay", "run", "ancp.pay", "run"]
    );
    assert_eq!(http.sent()[3].body, http.sent()[1].body);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_payer_that_does_not_answer_ends_the_call_in_time() {
    let silent = Payer::new(|_| pending::<io::Result<Payment>>());
    let silent = silent.max_per_call("1").max_total("1");
    let (client, http) = paying(silent, node(|_| receipt("r-1", FOR_LONG)));
    for _ in 0..2 {
        let begun = Instant::now();
        let error = run(&client).await.unwrap_err();
        assert_eq!(error.code(), &ErrorCode::PaymentRequired);
        assert!(error.is_retryable());
        assert_eq!(begun.elapsed().as_secs(), 120);
    }
    assert_eq!(actions(&http), ["run", "run"]);
}

#[tokio::test(start_paused = true)]
async fn closing_ends_a_call_that_waits_for_its_payment() {
    let (payer, asked) = by_hand();
    let (client, _) = paying(payer, node(|_| receipt("r-1", FOR_LONG)));
    let (closing, call) = (client.clone(), run(&client));
    let close = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        closing.close();
    };
    let (result, ()) = futures_util::future::join(call, close).await;
    assert_eq!(result.unwrap_err().code(), &ErrorCode::Aborted);
    // Nobody is left to use it, and nothing breaks.
    asked().unwrap().send(Ok(payment())).unwrap();
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn the_verbs_ask_and_pay() {
    let (client, http) = client(options(), |sent| match &*action(sent) {
        "ancp.pay" => receipt("r-1", FOR_LONG),
        _ => ok(json!({
            "evmAddress": "0xcccc", "requiredConfirmations": 3,
            "acceptedTokens": [{ "symbol": "USDC", "chainId": 1, "contract": "0xdddd", "decimals": 6 }],
            "prices": [{ "action": "run", "priceUsdc": "1.00", "receiptValiditySec": 300 }],
        })),
    });
    let info = client.payment_info().await.unwrap();
    assert_eq!(info.prices[0].price_usdc, "1.00");
    assert_eq!(info.accepted_tokens[0].symbol, "USDC");
    let receipt = client.pay("run", &payment()).await.unwrap();
    assert_eq!(
        (&*receipt.receipt_id, &*receipt.amount_usdc),
        ("r-1", "1.00")
    );
    assert_eq!(actions(&http), ["ancp.payment-info", "ancp.pay"]);
    assert_eq!(
        payload(&http.sent()[1]),
        json!({ "action": "run", "txHash": HASH, "payer": WALLET })
    );
}

/// Two nodes, of which the first one that can be reached is called.
fn group() -> Reply {
    let node = |id| {
        json!({
            "nodeId": id, "tenantId": "7", "endpoint": format!("http://node.test/base/ncp/nodes/{id}"),
            "groups": [{ "groupId": 5, "strategy": "FirstAvailable" }],
        })
    };
    let nodes = json!({ "protocolVersion": "1.0", "nodes": [node(1), node(2)] });
    Reply::Answer(200, nodes)
}

async fn run_in_group(client: &AncpClient) -> Result<Value> {
    let address = NodeAddress::from_node_group_id(5).unwrap();
    let call = client.invoke("run", &());
    call.options(CallOptions::new().address(address)).await
}

#[tokio::test(start_paused = true)]
async fn a_group_is_not_paid_twice_for_one_call() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), |sent| match () {
        () if sent.method == "GET" => group(),
        () if action(sent) == "ancp.pay" => Reply::Broken,
        () => terms("run", "1.00", None),
    });
    let error = run_in_group(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::PaymentRequired);
    assert_eq!(details(&error)["txHash"], HASH);
    assert!(
        http.sent()
            .iter()
            .all(|sent| !sent.path.contains("/nodes/2/"))
    );
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_goes_to_the_node_that_gave_it_alone() {
    let count = Arc::default();
    let down = Arc::new(AtomicUsize::new(0));
    let is_down = Arc::clone(&down);
    let script = node(|shown| receipt(["r-1", "r-2"][shown], FOR_LONG));
    let (client, http) = paying(payer(&count), move |sent| match () {
        () if sent.method == "GET" => group(),
        () if sent.path.contains("/nodes/1/") && is_down.load(Ordering::SeqCst) == 1 => {
            Reply::Broken
        }
        () => script(sent),
    });
    run_in_group(&client).await.unwrap();
    down.store(1, Ordering::SeqCst);
    run_in_group(&client).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let other: Vec<Sent> = http
        .sent()
        .into_iter()
        .filter(|sent| sent.path.contains("/nodes/2/"))
        .collect();
    assert!(ncp(&other[0]).get("receiptId").is_none());
    assert_eq!(ncp(other.last().unwrap())["receiptId"], "r-2");
}

#[tokio::test(start_paused = true)]
async fn a_groups_member_is_paid_by_itself_and_the_call_stays_with_it() {
    let member = |id: &str| {
        json!({ "nodeId": id, "tenantId": "7", "endpoint": format!("http://node.test/{id}"),
            "groups": [{ "groupId": 5, "strategy": "RoundRobin" }] })
    };
    let document = json!({ "nodes": [member("a"), member("b")] });
    let paid = node(|_| receipt("r-1", FOR_LONG));
    let payer = Payer::new(|_| async { io::Result::Ok(payment()) });
    let payer = payer.max_per_call("1").max_total("2");
    let (client, http) = paying(payer, move |sent| match sent.method {
        "GET" => Reply::Answer(200, document.clone()),
        _ => paid(sent),
    });
    for _ in 0..3 {
        let group = "group:5".parse().unwrap();
        let call = client.invoke::<Value>("run", &json!({ "n": 1 }));
        call.address(group).await.unwrap();
    }
    let sent = http.sent();
    let posts: Vec<&Sent> = sent.iter().filter(|sent| sent.method == "POST").collect();
    let nodes: Vec<&str> = posts.iter().map(|sent| &sent.path[1..2]).collect();
    // Refused, paid and repeated at each; the third call has the receipt of its member already.
    assert_eq!(nodes, ["a", "a", "a", "b", "b", "b", "a"]);
    for sent in posts {
        let destination = ["node://7/", &sent.path[1..2]].concat();
        assert_eq!(sent.json()["destination"], destination);
    }
}

/// A discovery document of one node, at this URL.
fn at(url: &str) -> Reply {
    let node = json!({ "nodeId": "a", "tenantId": "7", "resId": "ra", "endpoint": url });
    Reply::Answer(200, json!({ "nodes": [node] }))
}

async fn run_resource(client: &AncpClient) -> Result<Value> {
    let call = client.invoke("run", &());
    call.address("res:ra".parse().unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn a_node_elsewhere_is_not_paid_unless_it_is_named() {
    for (named, paid) in [(None, 0), (Some("https://elsewhere.test"), 1)] {
        let count = Arc::default();
        let mut options = options().payer(payer(&count));
        if let Some(origin) = named {
            options = options.credential_origin(origin);
        }
        let paid_node = node(|_| receipt("r-1", FOR_LONG));
        let (client, _) = client(options, move |sent| match sent.method {
            "GET" => at("https://elsewhere.test/ncp/nodes/a"),
            _ => paid_node(sent),
        });
        let result = run_resource(&client).await;
        assert_eq!(count.load(Ordering::SeqCst), paid);
        if paid == 0 {
            let error = result.unwrap_err();
            assert_eq!(error.code(), &ErrorCode::PaymentRequired);
            assert_eq!(error.payment().unwrap().price_usdc, "1.00");
            for part in ["https://elsewhere.test", "credentialOrigins", "pay first"] {
                assert!(error.message().contains(part), "{error}");
            }
        } else {
            result.unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_of_many_members_has_one_cap() {
    let count = Arc::default();
    let paid = node(|_| receipt("r-1", FOR_LONG));
    let (client, _) = paying(payer(&count), move |sent| match sent.method {
        "GET" => group(),
        _ => paid(sent),
    });
    let all = client.invoke_all::<Value>("run", &json!({}));
    let outcomes = all.address("group:5".parse().unwrap()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let errors: Vec<Error> = outcomes
        .into_iter()
        .filter_map(|outcome| outcome.result.err())
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message().contains("maxPerCall"), "{}", errors[0]);
    // The next one has a cap of its own.
    let all = client.invoke_all::<Value>("run", &json!({}));
    let outcomes = all.address("group:5".parse().unwrap()).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// A group whose first member takes the money and fails then.
fn failing(sent: &Sent) -> Reply {
    match () {
        () if sent.method == "GET" => group(),
        () if action(sent) == "ancp.pay" => receipt("r-1", FOR_LONG),
        () if ncp(sent).get("receiptId").is_none() => terms("run", "0.60", None),
        () if sent.path.contains("/nodes/1/") => error(503, "unavailable", false),
        () => ok(json!("done")),
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_goes_on_to_another_member_has_one_cap() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), failing);
    let error = run_in_group(&client).await.unwrap_err();
    assert!(error.message().contains("maxPerCall"), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
    let other = |sent: &&Sent| sent.path.contains("/nodes/2/");
    let http = http.sent();
    let other: Vec<&Sent> = http.iter().filter(other).collect();
    assert_eq!(other.len(), 1);
    assert!(ncp(other[0]).get("receiptId").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_next_member_has_its_time_where_paying_took_long() {
    let slow = Payer::new(|_| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        io::Result::Ok(payment())
    });
    let slow = slow.max_per_call("2.00").max_total("10.00");
    let (client, _) = paying(slow, failing);
    run_in_group(&client).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_is_not_taken_is_not_shown_again() {
    for reason in [None, Some("receipt_mismatch")] {
        let count = Arc::default();
        let script = node(|shown| receipt(["r-1", "r-2"][shown], FOR_LONG));
        let calls = AtomicUsize::new(0);
        let (client, _) = paying(payer(&count), move |sent| match () {
            () if ncp(sent).get("receiptId") == Some(&json!("r-1"))
                && calls.fetch_add(1, Ordering::SeqCst) > 0 =>
            {
                terms("run", "1.00", reason)
            }
            () => script(sent),
        });
        run(&client).await.unwrap();
        let error = run(&client).await.unwrap_err();
        assert_eq!(error.code(), &ErrorCode::PaymentRequired);
        assert_eq!(count.load(Ordering::SeqCst), 1);
        run(&client).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_lets_the_call_through_lets_its_payment_through() {
    let count = Arc::default();
    let (client, http) = paying(payer(&count), node(|_| receipt("r-1", FOR_LONG)));
    let call = client.invoke::<Value>("run", &json!({}));
    call.header("x-gateway-key", "k").await.unwrap();
    let sent = http.sent();
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter()
            .all(|sent| sent.header("x-gateway-key") == Some("k"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_transaction_goes_with_a_node_that_moves() {
    for (payee, payments) in [("0xCCCC", 1), ("0xeeee", 2)] {
        let count: Arc<AtomicUsize> = Arc::default();
        let counted = Arc::clone(&count);
        let wallet = Payer::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { io::Result::Ok(payment()) }
        });
        let moved = Arc::new(AtomicUsize::new(0));
        let now = Arc::clone(&moved);
        let options = options()
            .payer(wallet.max_per_call("1").max_total("10"))
            .credential_origin("https://new.test");
        let (client, http) = client(options, move |sent| {
            let has_moved = now.load(Ordering::SeqCst) == 1;
            match () {
                () if sent.method == "GET" && has_moved => at("https://new.test/ncp/nodes/a"),
                () if sent.method == "GET" => at("http://node.test/ncp/nodes/a"),
                () if has_moved && sent.path.starts_with("http://") => Reply::Broken,
                () if has_moved && sent.path.starts_with("/ncp") => Reply::Broken,
                () if action(sent) == "ancp.pay" && has_moved => receipt("r-1", FOR_LONG),
                () if action(sent) == "ancp.pay" => refused(json!({ "reason": "unconfirmed" })),
                () if ncp(sent).get("receiptId").is_some() => ok(json!("done")),
                () => refused(json!({
                    "action": "run", "priceUsdc": "1.00",
                    "evmAddress": if has_moved { payee } else { "0xcccc" },
                })),
            }
        });
        run_resource(&client).await.unwrap_err();
        let first = http
            .sent()
            .into_iter()
            .find(|sent| sent.method == "POST" && action(sent) == "ancp.pay");
        moved.store(1, Ordering::SeqCst);
        run_resource(&client).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), payments, "{payee}");
        let sent = http.sent();
        let last = sent
            .iter()
            .rfind(|sent| sent.method == "POST" && action(sent) == "ancp.pay");
        assert_eq!(last.unwrap().body == first.unwrap().body, payments == 1);
    }
}

#[tokio::test(start_paused = true)]
async fn two_spellings_of_a_url_are_one_node() {
    let count = Arc::default();
    let paid = node(|_| receipt("r-1", FOR_LONG));
    let options = options()
        .payer(payer(&count))
        .credential_origin("https://node.test");
    let (client, _) = client(options, move |sent| paid(sent));
    for url in ["https://node.test/x", "https://Node.TEST:443/x"] {
        let call = client.invoke::<Value>("run", &json!({}));
        call.address(url.parse().unwrap()).await.unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_taken_is_not_the_end_of_a_transaction() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0 => error(409, "duplicate_id", false),
        _ => receipt("r-1", FOR_LONG),
    });
    let (client, http) = paying(payer(&count), script);
    run(&client).await.unwrap();
    let sent = http.sent();
    assert_ne!(sent[1].json()["id"], sent[2].json()["id"]);
    assert_eq!(payload(&sent[1]), payload(&sent[2]));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_shown_by_the_same_bytes_whatever_the_address_of_the_call() {
    let count = Arc::default();
    let script = node(|shown| match shown {
        0 => error(403, "forbidden", false),
        _ => receipt("r-1", FOR_LONG),
    });
    let options = ClientBuilder::new()
        .base_url("http://node.test")
        .address("http://node.test/x".parse().unwrap());
    let (client, http) = client(options.payer(payer(&count)), move |sent| {
        match sent.method {
            "GET" => at("http://node.test/x"),
            _ => script(sent),
        }
    });
    run(&client).await.unwrap_err();
    // By the document, its id and its tenant are known.
    run_resource(&client).await.unwrap();
    let shown = |sent: &Sent| sent.method == "POST" && action(sent) == "ancp.pay";
    let shown: Vec<Sent> = http.sent().into_iter().filter(shown).collect();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0].body, shown[1].body);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}
