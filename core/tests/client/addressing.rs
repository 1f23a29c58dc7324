//! Addresses: what is looked up, which member of a group a call goes to, and where calls go when a
//! node is not where it was.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ancp_core::{AncpClient, Auth, ErrorCode, NodeAddress, RetryPolicy};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{
    Piece, Reply, Scripted, Sent, chunk, client, done, error, in_turn, ok, options, task,
};

const DOCUMENT: &str = "/base/.well-known/ncp.json";

fn address(text: &str) -> NodeAddress {
    text.parse().unwrap()
}

async fn invoke(client: &AncpClient, to: &str) -> ancp_core::Result<Value> {
    let call = client.invoke("get-order", &json!({ "orderId": "ORD-1" }));
    call.address(address(to)).await
}

/// A group's members at hosts of their own: a, b, c …
fn group(strategy: &str, members: usize) -> Value {
    let nodes: Vec<Value> = ('a'..)
        .take(members)
        .map(|name| {
            json!({ "nodeId": name.to_string(), "tenantId": "7", "resId": format!("res-{name}"),
                "endpoint": format!("https://{name}/ncp/nodes/{name}"),
                "groups": [{ "groupId": 5, "resId": "grp", "strategy": strategy }] })
        })
        .collect();
    json!({ "protocolVersion": "1.0", "nodes": nodes })
}

/// A client whose discovery document is this, and whose other requests are answered by a function.
fn with_document(
    document: Value,
    answer: impl Fn(&Sent) -> Reply + Send + Sync + 'static,
) -> (AncpClient, Scripted) {
    client(options(), move |sent| match sent.path.as_str() {
        DOCUMENT => Reply::Answer(200, document.clone()),
        _ => answer(sent),
    })
}

fn hosts(http: &Scripted) -> Vec<String> {
    let sent = http.sent();
    let calls = sent.iter().filter(|sent| sent.path != DOCUMENT);
    let host = |sent: &Sent| {
        sent.path
            .trim_start_matches("https://")
            .split('/')
            .next()
            .map(str::to_owned)
    };
    calls.filter_map(host).collect()
}

fn look_ups(http: &Scripted) -> usize {
    http.sent()
        .iter()
        .filter(|sent| sent.path == DOCUMENT)
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_node_id_or_url_needs_no_look_up() {
    let (client, http) = client(options(), |_| ok(json!(1)));
    invoke(&client, "node:9").await.unwrap();
    invoke(&client, "https://other/x/ncp/nodes/b")
        .await
        .unwrap();
    let sent = http.sent();
    assert_eq!(sent[0].path, "/base/ncp/nodes/9/invoke");
    assert_eq!(sent[0].json()["destination"], "node://7/9");
    assert_eq!(sent[1].path, "https://other/x/ncp/nodes/b/invoke");
    assert_eq!(sent[1].json()["destination"], "node://7/b");
    assert_eq!(sent.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn other_addresses_are_looked_up_once_a_minute_and_the_message_is_for_the_node_found() {
    let document = json!({ "nodes": [{ "nodeId": 8, "tenantId": "9", "resId": "res-8",
        "did": "did:bizfirst:node:8", "evmAddress": "0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "operateIds": ["op-8"], "endpoint": "https://eight/ncp/nodes/8" }] });
    let unset = ancp_core::ClientBuilder::new().base_url("http://node.test/base");
    let (client, http) = client(unset.address(address("res:res-8")), move |sent| match sent
        .path
        .as_str()
    {
        DOCUMENT => Reply::Answer(200, document.clone()),
        _ => ok(json!(1)),
    });
    let _: Value = client.invoke("get-order", &()).await.unwrap();
    for other in [
        "did:bizfirst:node:8",
        "evm:0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "operate:op-8",
    ] {
        invoke(&client, other).await.unwrap();
    }
    assert_eq!(hosts(&http), ["eight"; 4]);
    assert_eq!(look_ups(&http), 1);
    let message = http.sent()[1].json();
    assert_eq!(message["destination"], "node://9/8");
    assert_eq!(message["tenantId"], "9");
    let ncp = &message["body"]["data"]["metadata"]["extensions"]["ncp"];
    assert_eq!(ncp["nodeId"], 8);
    tokio::time::advance(Duration::from_secs(61)).await;
    invoke(&client, "operate:op-8").await.unwrap();
    assert_eq!(look_ups(&http), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_at_once_share_a_look_up_also_where_it_fails() {
    let (client, http) = with_document(group("Random", 1), |_| ok(json!(1)));
    let calls = (0..20).map(|_| invoke(&client, "res:res-a"));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(look_ups(&http), 1);

    let (client, http) = self::client(options(), |_| error(503, "unavailable", true));
    let calls = (0..20).map(|_| invoke(&client, "res:res-a"));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_err));
    // One look-up with its retries.
    assert_eq!(look_ups(&http), 4);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_fails_names_the_address_and_why() {
    let broken = json!({ "nodes": [
        { "nodeId": 1, "resId": "res-broken", "endpoint": "ftp://x" },
        { "nodeId": 2, "resId": "res-8", "tenantId": "8", "endpoint": "https://x" },
        { "nodeId": 3, "endpoint": "https://x", "groups": [{ "groupId": 6, "strategy": "Odd" }] }] });
    for (document, to, why) in [
        (
            Reply::Answer(404, Value::Null),
            "res:x",
            "the discovery document can't be read",
        ),
        (
            Reply::Broken,
            "group:5",
            "the discovery document can't be read: broken",
        ),
        (Reply::Answer(200, json!({})), "res:x", "has no nodes"),
        (
            Reply::Answer(200, broken.clone()),
            "res:x",
            "has no such node",
        ),
        (
            Reply::Answer(200, broken.clone()),
            "res:res-8",
            "has no such node",
        ),
        (
            Reply::Answer(200, broken.clone()),
            "res:res-broken",
            "its endpoint can't be used",
        ),
        (
            Reply::Answer(200, broken.clone()),
            "group:5",
            "has no member of the group",
        ),
        (Reply::Answer(200, broken), "group:6", "strategy"),
        (
            Reply::Answer(404, Value::Null),
            "did:web:x.test",
            "its DID document can't be read",
        ),
    ] {
        let (client, http) = client(options(), move |_| document.clone());
        let error = invoke(&client, to).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (&ErrorCode::AddressNotFound, 0),
            "{to}"
        );
        assert!(
            error.message().contains(to) && error.message().contains(why),
            "{error}"
        );
        assert_eq!(error.operation(), Some("invoke get-order"));
        assert!(!error.may_have_been_delivered());
        assert!(http.sent().iter().all(|sent| sent.method == "GET"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_moved_is_found_by_a_fresh_look_up() {
    for lost in [Reply::Broken, error(404, "node_not_found", false)] {
        let moved = Arc::new(AtomicBool::new(false));
        let has_moved = Arc::clone(&moved);
        let (client, http) = client(options(), move |sent| {
            let host = if has_moved.load(Ordering::Relaxed) {
                "new"
            } else {
                "old"
            };
            match sent.path.as_str() {
                DOCUMENT => {
                    let endpoint = format!("https://{host}/ncp/nodes/1");
                    Reply::Answer(
                        200,
                        json!({ "nodes": [{ "nodeId": 1, "resId": "r", "endpoint": endpoint }] }),
                    )
                }
                path if path.contains(host) => ok(json!(1)),
                _ => lost.clone(),
            }
        });
        invoke(&client, "res:r").await.unwrap();
        moved.store(true, Ordering::Relaxed);
        let before = tokio::time::Instant::now();
        invoke(&client, "res:r").await.unwrap();
        assert_eq!(hosts(&http), ["old", "old", "new"]);
        assert_eq!(look_ups(&http), 2);
        assert_eq!(
            before.elapsed(),
            Duration::ZERO,
            "no backoff before the look-up"
        );
        // The node may have seen the first, so it gets the same message.
        let sent = http.sent();
        assert_eq!(sent[2].body, sent[4].body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_up_is_repeated_once_and_no_more() {
    let (client, http) = with_document(group("Random", 1), |_| Reply::Broken);
    invoke(&client, "res:res-a").await.unwrap_err();
    // Looked up for this very call: the document is no older than the call, so it is retries only.
    assert_eq!((look_ups(&http), hosts(&http).len()), (1, 4));
    let error = invoke(&client, "res:res-a").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Network);
    assert_eq!((look_ups(&http), hosts(&http).len()), (2, 9));
}

#[tokio::test(start_paused = true)]
async fn what_is_new_in_the_document_is_found_within_the_minute() {
    let count = AtomicUsize::new(0);
    let (client, http) = client(options(), move |sent| match sent.path.as_str() {
        DOCUMENT => Reply::Answer(
            200,
            group("Random", 1 + count.fetch_add(1, Ordering::Relaxed)),
        ),
        _ => ok(json!(1)),
    });
    invoke(&client, "res:res-a").await.unwrap();
    invoke(&client, "res:res-b").await.unwrap();
    assert_eq!(
        (look_ups(&http), hosts(&http)),
        (2, vec!["a".into(), "b".into()])
    );
}

#[tokio::test(start_paused = true)]
async fn round_robin_takes_turns_and_a_retry_stays_with_the_member() {
    let failed = AtomicBool::new(false);
    let (client, http) = with_document(group("RoundRobin", 3), move |sent| {
        match sent.path.contains("//b/") && !failed.swap(true, Ordering::Relaxed) {
            true => error(503, "unavailable", true),
            false => ok(json!(1)),
        }
    });
    for _ in 0..4 {
        invoke(&client, "group:5").await.unwrap();
    }
    // By its resource id it is another address, with turns of its own.
    invoke(&client, "group-res:grp").await.unwrap();
    let hosts = hosts(&http);
    assert_eq!(hosts[0], "a");
    let after_b: Vec<_> = hosts.iter().map(String::as_str).collect();
    assert!(
        after_b == ["a", "b", "c", "a", "a"] || after_b == ["a", "b", "b", "c", "a", "a"],
        "{hosts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn random_reaches_every_member() {
    let (client, http) = with_document(group("Random", 3), |_| ok(json!(1)));
    for _ in 0..100 {
        invoke(&client, "group:5").await.unwrap();
    }
    let reached: BTreeSet<_> = hosts(&http).into_iter().collect();
    assert_eq!(reached.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn first_available_goes_on_at_network_and_503_only() {
    for (failure, reached) in [
        (Reply::Broken, vec!["a", "b"]),
        (error(503, "unavailable", true), vec!["a", "b"]),
        (error(400, "invalid_payload", false), vec!["a"]),
        (error(429, "rate_limited", true), vec!["a", "a", "a", "a"]),
        (error(504, "timeout", true), vec!["a", "a", "a", "a"]),
    ] {
        let (client, http) = with_document(group("FirstAvailable", 3), move |sent| {
            match sent.path.contains("//a/") {
                true => failure.clone(),
                false => ok(json!(1)),
            }
        });
        let went_on = invoke(&client, "group:5").await.is_ok();
        assert_eq!(hosts(&http), reached);
        assert_eq!(went_on, reached.len() == 2);
        if went_on {
            let sent = http.sent();
            let (first, second) = (sent[1].json(), sent[2].json());
            assert_ne!(first["id"], second["id"], "a message for each node");
            assert_eq!(first["correlationId"], second["correlationId"]);
            assert_eq!(second["destination"], "node://7/b");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_credential_goes_to_the_members_that_may_have_it_and_to_no_others() {
    let mut document = group("FirstAvailable", 2);
    document["nodes"][1]["endpoint"] = json!("http://node.test/base/ncp/nodes/b");
    let options = options().auth(Auth::api_key("k-1")).header("cookie", "c");
    let (client, http) = client(options, move |sent| match sent.path.as_str() {
        DOCUMENT => Reply::Answer(200, document.clone()),
        path if path.contains("//a/") => error(503, "unavailable", true),
        _ => ok(json!(1)),
    });
    invoke(&client, "group:5").await.unwrap();
    let sent = http.sent();
    for name in ["x-ancp-api-key", "cookie"] {
        assert!(sent[1].header(name).is_none() && sent[2].header(name).is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn where_no_member_is_available_the_last_one_is_retried_and_tells_why() {
    let (client, http) = with_document(group("FirstAvailable", 2), |sent| {
        match sent.path.contains("//a/") {
            true => Reply::Broken,
            false => error(503, "unavailable", true),
        }
    });
    let error = invoke(&client, "group:5").await.unwrap_err();
    assert_eq!(error.status(), 503);
    assert_eq!(hosts(&http), ["a", "b", "b", "b", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_group_is_called_by_invoke_all_alone() {
    let (client, http) = with_document(group("Broadcast", 2), |_| ok(json!(1)));
    let error = invoke(&client, "group:5").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    assert!(error.message().contains("group:5") && error.message().contains("invoke_all"));
    assert!(hosts(&http).is_empty());
}

#[tokio::test(start_paused = true)]
async fn invoke_all_gives_every_members_outcome_in_order() {
    let mut document = group("RoundRobin", 4);
    document["nodes"][2]["endpoint"] = json!("nowhere");
    let (client, http) = with_document(document, |sent| match sent.path.as_str() {
        path if path.contains("//a/") => ok(json!({ "stock": 1 })),
        path if path.contains("//b/") => error(400, "invalid_payload", false),
        _ => Reply::Never,
    });
    let call = client.invoke_all::<Value>("stock", &json!({ "sku": 7 }));
    let outcomes = call
        .address(address("group:5"))
        .correlation_id("c-1")
        .await
        .unwrap();
    let ids: Vec<_> = outcomes
        .iter()
        .map(|one| one.node_id.clone().unwrap().to_string())
        .collect();
    assert_eq!(ids, ["a", "b", "c", "d"]);
    assert_eq!(outcomes[0].endpoint, "https://a/ncp/nodes/a");
    assert_eq!(outcomes[0].result.as_ref().unwrap()["stock"], 1);
    let code = |at: usize| {
        outcomes[at]
            .result
            .as_ref()
            .unwrap_err()
            .code()
            .as_str()
            .to_owned()
    };
    assert_eq!(
        [code(1), code(2), code(3)],
        ["invalid_payload", "address_not_found", "timeout"]
    );
    let sent = http.sent();
    let messages: Vec<Value> = sent[1..].iter().map(Sent::json).collect();
    let ids: BTreeSet<_> = messages
        .iter()
        .map(|message| message["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(
        messages
            .iter()
            .all(|message| message["correlationId"] == "c-1")
    );
    // One node is a group of one.
    let alone = client
        .invoke_all::<Value>("stock", &())
        .address(address("res:res-a"))
        .await;
    assert_eq!(alone.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn invoke_all_calls_eight_at_once_and_is_ended_by_close() {
    let (client, http) = with_document(group("Broadcast", 20), |_| Reply::Never);
    let call = client
        .invoke_all::<Value>("stock", &())
        .address(address("group:5"));
    let call = async { call.await };
    let close = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(hosts(&http).len(), 8);
        client.close();
    };
    let (outcome, ()) = futures_util::future::join(call, close).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.code(), error.operation()),
        (&ErrorCode::Aborted, Some("invoke all stock"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_over_the_look_up_and_all_members() {
    let (client, _) = client(options(), |_| Reply::Never);
    let call = client.invoke::<Value>("x", &()).address(address("res:r"));
    let begun = tokio::time::Instant::now();
    let error = call.timeout(Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Timeout);
    assert_eq!(
        error.message(),
        "the address res:r was not looked up: the discovery document did not come within 2000 ms"
    );
    assert!(!error.may_have_been_delivered());
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_look_up_takes_no_good_document_away() {
    let is_up = Arc::new(AtomicBool::new(true));
    let answers = Arc::clone(&is_up);
    let (client, http) = client(options(), move |sent| match sent.path.as_str() {
        DOCUMENT if answers.load(Ordering::Relaxed) => Reply::Answer(200, group("RoundRobin", 2)),
        DOCUMENT => error(503, "unavailable", true),
        path if path.contains("//a/") => error(404, "node_not_found", false),
        _ => ok(json!("b")),
    });
    invoke(&client, "res:res-b").await.unwrap();
    is_up.store(false, Ordering::Relaxed);
    let error = invoke(&client, "res:res-a").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::NodeNotFound);
    for part in ["looked up afresh", "res:res-a", "document can't be read"] {
        assert!(error.message().contains(part), "{error}");
    }
    let before = look_ups(&http);
    assert_eq!(invoke(&client, "res:res-b").await.unwrap(), "b");
    assert_eq!(look_ups(&http), before);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_little_time_does_not_give_up_for_the_others() {
    let document = in_turn([
        Reply::RetryAfter(503, "1"),
        Reply::RetryAfter(503, "3"),
        Reply::Answer(200, group("Random", 1)),
    ]);
    let (client, _) = client(options(), move |sent| match sent.path.as_str() {
        DOCUMENT => document(sent),
        _ => ok(json!(1)),
    });
    let short = client
        .invoke::<Value>("x", &())
        .address(address("res:res-a"));
    let short = async { short.timeout(Duration::from_secs(2)).await };
    let (short, long) = futures_util::future::join(short, invoke(&client, "res:res-a")).await;
    assert_eq!(short.unwrap_err().code(), &ErrorCode::AddressNotFound);
    assert_eq!(long.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn members_for_whom_no_time_is_left_are_not_called() {
    let (client, http) = with_document(group("Broadcast", 9), |_| Reply::Never);
    let call = client.invoke_all::<Value>("stock", &());
    let outcomes = call.address(address("group:5")).await.unwrap();
    assert_eq!((outcomes.len(), hosts(&http).len()), (9, 8));
    for (place, outcome) in outcomes.iter().enumerate() {
        let error = outcome.result.as_ref().unwrap_err();
        assert_eq!(error.code(), &ErrorCode::Timeout);
        assert_eq!(error.may_have_been_delivered(), place < 8, "{place}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_stays_with_the_member_that_it_began_on() {
    let (client, http) = with_document(group("RoundRobin", 3), |sent| match sent.method {
        "POST" => Reply::Events(vec![
            chunk(1, true),
            Piece::Wait(Duration::from_millis(1)),
            Piece::Cut,
        ]),
        "GET" => Reply::Events(vec![chunk(2, true), done(2)]),
        _ => ok(json!(null)),
    });
    invoke(&client, "group:5").await.unwrap_err();
    let chunks = client
        .stream::<Value>("report", &())
        .address(address("group:5"));
    let chunks: Vec<_> = chunks.collect().await;
    assert!(
        chunks.len() == 2 && chunks.iter().all(Result::is_ok),
        "{chunks:?}"
    );
    assert_eq!(hosts(&http)[1..], ["b", "b"]);
}

#[tokio::test(start_paused = true)]
async fn what_concerns_a_task_goes_to_the_member_that_began_it() {
    let (client, http) = with_document(group("RoundRobin", 3), |sent| match sent.method {
        "POST" if sent.path.ends_with("/input") => task(202, "Running", 0.5),
        "POST" => task(202, "InputRequired", 0.0),
        "DELETE" => task(200, "Cancelled", 0.5),
        _ => task(200, "InputRequired", 0.0),
    });
    let group = || address("group:5");
    client
        .start_task("run-payroll", &())
        .address(group())
        .await
        .unwrap();
    let started = client
        .start_task("run-payroll", &())
        .address(group())
        .await
        .unwrap();
    // Both nodes call their task t-1: the last one is meant.
    let id = &started.task_id;
    client.task_status::<Value>(id).await.unwrap();
    client
        .task_status::<Value>(id)
        .address(group())
        .await
        .unwrap();
    client.provide_input(id, &()).await.unwrap();
    client.cancel_task(id).address(group()).await.unwrap();
    assert_eq!(hosts(&http), ["a", "b", "b", "b", "b", "b", "b"]);
    let sent = http.sent();
    let input = sent
        .iter()
        .find(|sent| sent.path.ends_with("/input"))
        .unwrap();
    assert_eq!(input.json()["destination"], "node://7/b");
    // Of a task that this client did not start, the node must be named.
    let error = client
        .task_status::<Value>("t-2")
        .address(group())
        .await
        .unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    assert!(error.message().contains("`address`"), "{error}");
    client
        .task_status::<Value>("t-2")
        .address(address("res:res-c"))
        .await
        .unwrap();
    assert_eq!(hosts(&http).last().unwrap(), "c");
}

#[tokio::test(start_paused = true)]
async fn another_node_takes_no_task_of_the_clients_own_by_giving_it_the_same_id() {
    let (client, http) = client(options(), |sent| match sent.method {
        "POST" => task(202, "InputRequired", 0.0),
        _ => task(200, "InputRequired", 0.0),
    });
    let own = client.start_task("run-payroll", &()).await.unwrap();
    let elsewhere = "https://elsewhere/ncp/nodes/9";
    client
        .start_task("run-payroll", &())
        .address(address(elsewhere))
        .await
        .unwrap();
    client.provide_input(&own.task_id, &()).await.unwrap();
    assert!(
        http.sent()[2..]
            .iter()
            .all(|sent| sent.path.starts_with("/base/ncp/nodes/42/"))
    );
    client
        .cancel_task("t-1")
        .address(address(elsewhere))
        .await
        .unwrap();
    assert!(http.sent().last().unwrap().path.starts_with(elsewhere));
}

#[tokio::test(start_paused = true)]
async fn a_node_elsewhere_has_not_the_features_of_the_one_with_its_id() {
    let document = json!({ "nodes": [{ "nodeId": 42, "tenantId": "7", "features": { "taskEvents": true },
        "endpoint": "http://node.test/base/ncp/nodes/42" }] });
    let (client, http) = with_document(document, |_| task(200, "Completed", 1.0));
    let listens = |http: &Scripted| {
        http.sent()
            .iter()
            .any(|sent| sent.path.ends_with("/events"))
    };
    let elsewhere = address("https://elsewhere/ncp/nodes/42");
    let options = ancp_core::CallOptions::new().address(elsewhere);
    client
        .wait_for_task::<Value>("t-1")
        .options(options)
        .await
        .unwrap();
    assert!(!listens(&http));
    client.wait_for_task::<Value>("t-1").await.unwrap();
    assert!(listens(&http));
}

#[tokio::test(start_paused = true)]
async fn nothing_goes_in_the_clear_where_the_base_url_is_https() {
    let secure = ancp_core::ClientBuilder::new().base_url("https://node.test");
    let (client, http) = client(secure.address(address("res:r")), |sent| match sent.method {
        "GET" => Reply::Answer(
            200,
            json!({ "nodes": [{ "nodeId": 1, "resId": "r", "endpoint": "http://node.test/ncp/nodes/1" }] }),
        ),
        _ => ok(json!(1)),
    });
    let error = client.invoke::<Value>("x", &()).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::AddressNotFound);
    assert!(
        error
            .message()
            .contains("is http, though the base URL is https"),
        "{error}"
    );
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_outlasts_a_document_that_can_not_be_read_for_a_while() {
    let count = AtomicUsize::new(0);
    let (client, _) = client(
        options().retry(RetryPolicy::disabled()),
        move |sent| match (sent.path.as_str(), count.fetch_add(1, Ordering::Relaxed)) {
            (DOCUMENT, 0..4) => error(503, "unavailable", true),
            (DOCUMENT, _) => Reply::Answer(200, group("Random", 1)),
            _ => task(200, "Completed", 1.0),
        },
    );
    let options = ancp_core::CallOptions::new().address(address("res:res-a"));
    let done = client
        .wait_for_task::<Value>("t-1")
        .options(options)
        .await
        .unwrap();
    assert_eq!(done.state.as_str(), "Completed");
}

#[tokio::test(start_paused = true)]
async fn a_did_web_that_is_not_in_the_document_is_looked_up_at_its_host() {
    const DID: &str = "did:web:did.test:nodes:1";
    let (client, http) = client(
        options().header("x-secret", "do-not-send"),
        |sent| match sent.path.as_str() {
            DOCUMENT => Reply::Answer(200, group("Random", 1)),
            "https://did.test/nodes/1/did.json" => Reply::Answer(
                200,
                json!({ "id": DID, "service": [
                { "id": "#n", "type": "AncpNode", "serviceEndpoint": "https://did.test/ncp/nodes/1" }] }),
            ),
            _ => ok(json!(1)),
        },
    );
    for _ in 0..3 {
        invoke(&client, DID).await.unwrap();
    }
    let sent = http.sent();
    let paths: Vec<&str> = sent.iter().map(|sent| sent.path.as_str()).collect();
    let (did, node) = (
        "https://did.test/nodes/1/did.json",
        "https://did.test/ncp/nodes/1/invoke",
    );
    // The document is known, and so is the DID's: neither is asked for again within the minute.
    assert_eq!(paths, [DOCUMENT, did, node, node, node]);
    assert_eq!(sent[1].header("x-secret"), None);
}

#[tokio::test(start_paused = true)]
async fn a_discovery_that_does_not_answer_leaves_time_for_a_did_web() {
    const DID: &str = "did:web:did.test";
    for (timeout, waited) in [(30, 5), (4, 2)] {
        let (client, _) = client(options(), |sent| match sent.path.as_str() {
            DOCUMENT => Reply::Never,
            "https://did.test/.well-known/did.json" => Reply::Answer(
                200,
                json!({ "id": DID, "service": [
                { "type": "AncpNode", "serviceEndpoint": "https://did.test/ncp/nodes/1" }] }),
            ),
            _ => ok(json!(1)),
        });
        let begun = tokio::time::Instant::now();
        let call = client.invoke::<Value>("x", &()).address(address(DID));
        call.timeout(Duration::from_secs(timeout)).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(waited));
    }
}

#[tokio::test(start_paused = true)]
async fn addresses_that_can_not_be_looked_up_anywhere_are_refused_at_once() {
    let unset = ancp_core::ClientBuilder::new;
    for to in ["node:1", "res:r", "group:5", "did:bizfirst:node:1"] {
        let error = unset().address(address(to)).build().unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(
            error.message().starts_with("baseUrl: is missing"),
            "{error}"
        );
    }
    assert!(unset().address(address("did:web:x.test")).build().is_ok());
    let (client, http) = client(unset().address(address("https://h/p/ncp/nodes/1")), |_| {
        ok(json!(1))
    });
    // What is below a direct URL's base can be named by its id.
    invoke(&client, "node:2").await.unwrap();
    assert_eq!(http.sent()[0].path, "https://h/p/ncp/nodes/2/invoke");
}
