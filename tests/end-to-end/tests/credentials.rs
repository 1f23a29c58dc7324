//! The native client's credentials, checked by a node that checks them for real.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use ancp_core::auth::DidKey;
use ancp_core::{AncpClient, Auth, ErrorCode, TaskState};
use ancp_mock_node::{
    DidDocument, DidOptions, DidResolver, DidWeb, FaultRule, Fetch, Limits, LookupError, MockNode,
    Role, TestIssuer, TokenAlgorithm, samples,
};
use futures_util::{StreamExt, TryStreamExt, future};
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

struct Registry(String);

impl DidResolver for Registry {
    async fn resolve(&self, _: &str) -> Result<DidDocument, LookupError> {
        DidDocument::parse(&self.0)
    }
}

struct Web(String);

impl Fetch for Web {
    async fn get(&self, _: &str) -> Result<String, LookupError> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn every_kind_of_credential_opens_every_verb() {
    let key = || DidKey::from_seed(&[7; 32]);
    let registered = "did:bizfirst:node:42";
    let on_the_web = "did:web:partner.example";
    let issuer = TestIssuer::new(TokenAlgorithm::Rs256);
    let mut limits = Limits::default();
    limits.stream_retry = Some(Duration::from_millis(1));
    let node = samples::node()
        .limits(limits)
        .jwt(issuer.options())
        .api_key("service", "service-key", Role::USUAL)
        .did(
            DidOptions::new()
                .resolver("bizfirst", Registry(document(registered, &key())))
                .resolver("web", DidWeb::with(Web(document(on_the_web, &key())))),
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
            .any(|call| call.operation == "streamEnd" && call.status.is_some())
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
async fn a_token_that_has_expired_is_asked_for_again_once() {
    let issuer = Arc::new(TestIssuer::new(TokenAlgorithm::EdDsa));
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = ahead.clone();
    let now = move || SystemTime::now() + Duration::from_secs(clock.load(Ordering::SeqCst));
    let node = samples::node().jwt(issuer.options()).clock(now);
    let node = MockNode::serve(node).await.unwrap();
    let asked = Arc::new(AtomicU32::new(0));
    let (counter, of) = (asked.clone(), issuer.clone());
    let auth = Auth::jwt_provider(move || {
        let turn = i64::from(counter.fetch_add(1, Ordering::SeqCst));
        let token = of.token("ada").valid_for(3600 * (turn + 1)).sign();
        async { Ok::<_, Infallible>(token) }
    });
    let client = client(&node, auth);
    let five = || future::join_all((0..5).map(|_| order(&client)));
    for (hours, expected) in [(0, 1), (1, 2), (1, 2), (2, 3)] {
        ahead.store(hours * 3660, Ordering::SeqCst);
        for answer in in_time(five()).await {
            assert_eq!(answer.unwrap()["status"], "Active");
        }
        assert_eq!(asked.load(Ordering::SeqCst), expected, "after {hours} h");
    }
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
