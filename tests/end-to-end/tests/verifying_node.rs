//! The native client on a node that checks every kind of credential for real.

use std::future::ready;
use std::time::{Duration, SystemTime};

use ancp_core::auth::DidKey;
use ancp_core::{AncpClient, Auth, ErrorCode, NodeAddress, TaskState};
use ancp_mock_node::{
    DidDocument, DidOptions, DidWeb, FaultRule, Limits, MockNode, Operation, Role, TestIssuer,
    TokenAlgorithm, samples,
};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(20);

/// A test that hangs is a test that fails.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, work)
        .await
        .expect("the test took too long")
}

fn client(node: &MockNode, auth: Auth) -> AncpClient {
    let options = AncpClient::builder().base_url(node.base_url()).node_id(42);
    options.auth(auth).build().unwrap()
}

fn order(client: &AncpClient) -> impl Future<Output = ancp_core::Result<Value>> {
    let call = client.invoke("get-order", &json!({ "orderId": "ORD-1" }));
    async { call.await }
}

/// A document that lists a key.
fn document(did: &str, key: &DidKey) -> String {
    let method = json!({ "id": "#key-1", "publicKeyMultibase": key.public_key_multibase() });
    json!({ "id": did, "authentication": [method] }).to_string()
}

#[tokio::test]
async fn every_kind_of_credential_opens_every_verb() {
    let key = || DidKey::from_seed(&[7; 32]);
    let registered = "did:bizfirst:node:42";
    let on_the_web = "did:web:partner.example";
    let of_registry = document(registered, &key());
    let of_web = document(on_the_web, &key());
    let issuer = TestIssuer::new(TokenAlgorithm::Rs256);
    let mut limits = Limits::default();
    limits.stream_retry = Some(Duration::from_millis(1));
    let node = samples::node()
        .limits(limits)
        .jwt(issuer.options())
        .api_key("service", "service-key", Role::USUAL)
        .did(
            DidOptions::new()
                .resolver("bizfirst", move |_: &str| {
                    ready(DidDocument::parse(&of_registry))
                })
                .resolver(
                    "web",
                    DidWeb::with(move |_: &str| ready(Ok(of_web.clone()))),
                ),
        );
    let node = MockNode::serve(node).await.unwrap();
    let named = |did: &str| Auth::did(key().of(did, format!("{did}#key-1")));
    for (name, auth) in [
        ("JWT", Auth::jwt(issuer.token("ada").tenant_id(7).sign())),
        ("API key", Auth::api_key("service-key")),
        ("did:key", Auth::did(key())),
        ("did:bizfirst", named(registered)),
        ("did:web", named(on_the_web)),
    ] {
        node.calls().clear();
        in_time(every_verb(&node, &client(&node, auth))).await;
        for call in node.calls().list() {
            let status = call.status.unwrap_or_default();
            assert!(status < 400, "{name}: {call:?}");
        }
    }
}

/// All that a credential is needed for: it goes with each request, also with those that nobody sees.
async fn every_verb(node: &MockNode, client: &AncpClient) {
    assert_eq!(order(client).await.unwrap()["status"], "Active");
    client
        .fire_and_forget("log-event", &json!({}))
        .await
        .unwrap();
    // A stream that is cut goes on by a GET of its own, one that is dropped ends by a DELETE.
    let rule = json!({ "match": { "operation": "stream" }, "times": 1, "fault": { "dropAfterEvents": 2 } });
    let rule: FaultRule = serde_json::from_value(rule).unwrap();
    node.faults().add(rule);
    let rows = json!({ "year": 2026, "rows": 4 });
    let chunks = client.stream::<Value>("generate-report", &rows);
    assert_eq!(chunks.try_collect::<Vec<_>>().await.unwrap().len(), 4);
    let endless = json!({ "year": 2026, "rows": 1000, "delayMs": 5 });
    let mut stream = client.stream::<Value>("generate-report", &endless);
    stream.next().await.unwrap().unwrap();
    drop(stream);
    let ended = |node: &MockNode| {
        let calls = node.calls().list();
        calls
            .iter()
            .any(|call| call.operation == Operation::StreamEnd && call.status.is_some())
    };
    while !ended(node) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A task: its events, its input, its status, its end.
    let month = json!({ "month": "2026-03", "ms": 20 });
    let task = client.start_task("run-payroll", &month).await.unwrap();
    let done = client.wait_for_task::<Value>(&task.task_id).await.unwrap();
    assert_eq!(done.state, TaskState::Completed);
    let expense = json!({ "amount": 5 });
    let task = client
        .start_task("approve-expense", &expense)
        .await
        .unwrap();
    let cancelled = client.cancel_task(&task.task_id).await.unwrap();
    assert_eq!(cancelled.state, TaskState::Cancelled);
}

#[tokio::test]
async fn what_is_wrong_with_a_credential_is_said_but_not_repeated() {
    let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
    let node = samples::node().jwt(issuer.options()).did(DidOptions::new());
    let node = MockNode::serve(node).await.unwrap();
    let token = || issuer.token("ada");
    for (token, code, why) in [
        (
            token().valid_for(-120),
            ErrorCode::Unauthenticated,
            "expired",
        ),
        (
            token().claim("aud", "billing"),
            ErrorCode::Unauthenticated,
            "`aud`",
        ),
        (
            token().tenant_id(8),
            ErrorCode::TenantMismatch,
            "`tenantId`",
        ),
        (
            token().roles([Role::Stream]),
            ErrorCode::Forbidden,
            "`invoke`",
        ),
    ] {
        let token = token.sign();
        let error = in_time(order(&client(&node, Auth::jwt(&*token))))
            .await
            .unwrap_err();
        assert_eq!(error.code(), &code, "{error}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(!format!("{error:?}").contains(&token), "{error:?}");
    }
    // The same node by another name is another audience.
    let renamed = node.base_url().replace("127.0.0.1", "localhost");
    let options = AncpClient::builder().base_url(renamed).node_id(42);
    let client = options
        .auth(Auth::did(DidKey::from_seed(&[7; 32])))
        .build()
        .unwrap();
    let error = in_time(order(&client)).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Unauthenticated);
    let endpoint = format!("`aud` must be {}/ncp/nodes/42", node.base_url());
    assert!(error.to_string().contains(&endpoint), "{error}");
}

#[tokio::test]
async fn a_key_that_the_document_does_not_list_is_refused() {
    let listed = DidKey::from_seed(&[7; 32]);
    let did = "did:web:partner.example";
    let listed = document(did, &listed);
    let web = DidWeb::with(move |_: &str| ready(Ok(listed.clone())));
    let node = samples::node().did(DidOptions::new().resolver("web", web));
    let node = MockNode::serve(node).await.unwrap();
    let other = DidKey::create().unwrap().of(did, format!("{did}#key-1"));
    let error = in_time(order(&client(&node, Auth::did(other)))).await;
    assert_eq!(error.unwrap_err().code(), &ErrorCode::Unauthenticated);
}

#[tokio::test]
async fn a_clock_that_is_a_little_wrong_does_no_harm() {
    for (node_is_ahead, accepted) in [(-50, true), (100, true), (-90, false), (150, false)] {
        let now = move || match u64::try_from(node_is_ahead) {
            Ok(ahead) => SystemTime::now() + Duration::from_secs(ahead),
            Err(_) => SystemTime::now() - Duration::from_secs(i64::unsigned_abs(node_is_ahead)),
        };
        let node = samples::node().did(DidOptions::new()).clock(now);
        let node = MockNode::serve(node).await.unwrap();
        let client = client(&node, Auth::did(DidKey::create().unwrap()));
        let answer = in_time(order(&client)).await;
        assert_eq!(answer.is_ok(), accepted, "{node_is_ahead} s: {answer:?}");
    }
}

#[tokio::test]
async fn a_node_of_another_origin_is_called_without_a_credential() {
    let node = samples::node().did(DidOptions::new());
    let node = MockNode::serve(node).await.unwrap();
    let url = node.base_url().replace("127.0.0.1", "localhost") + "/ncp/nodes/42";
    let elsewhere = |auth| {
        let options = AncpClient::builder().base_url(node.base_url());
        let address = NodeAddress::from_url(&url).unwrap();
        options.address(address).auth(auth).build().unwrap()
    };
    for auth in [
        Auth::api_key(node.api_key()),
        Auth::did(DidKey::create().unwrap()),
    ] {
        let client = elsewhere(auth);
        let error = in_time(order(&client)).await.unwrap_err();
        assert_eq!(error.code(), &ErrorCode::Unauthenticated);
        assert!(error.message().contains("credentialOrigins"), "{error}");
        // What needs no credential works.
        in_time(async { client.ping().await.unwrap() }).await;
    }
    for call in node.calls().list() {
        let mut names = call.headers.keys();
        assert!(!names.any(|name| name.contains("ancp")), "{call:?}");
    }
}
