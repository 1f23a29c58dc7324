//! The native client against the mock node, over real HTTP: the four patterns, and what a bad
//! network does to them.

use std::future::Future;
use std::time::Duration;

use ancp_core::{AncpClient, Auth, ClientBuilder, ErrorCode, Json, RetryPolicy, TaskState};
use ancp_mock_node::{FaultRule, MockNode, Operation};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const LIMIT: Duration = Duration::from_secs(20);

/// A test that hangs is a test that fails.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, work)
        .await
        .expect("the test took too long")
}

fn options(node: &MockNode) -> ClientBuilder {
    let retry = RetryPolicy {
        base: Duration::from_millis(5),
        ..RetryPolicy::default()
    };
    AncpClient::builder()
        .base_url(node.base_url())
        .node_id(42)
        .tenant_id(7)
        .auth(Auth::api_key(node.api_key()))
        .retry(retry)
}

async fn start() -> (MockNode, AncpClient) {
    let node = MockNode::start().await.unwrap();
    let client = options(&node).build().unwrap();
    (node, client)
}

fn fault(node: &MockNode, rule: Value) {
    let rule: FaultRule = serde_json::from_value(rule).unwrap();
    node.faults().add(rule);
}

/// What the node was asked for.
fn calls(node: &MockNode) -> Vec<Operation> {
    let calls = node.calls().list();
    calls.iter().map(|call| call.operation).collect()
}

/// Waits for something that happens at the node after the client has what it wanted.
async fn eventually(mut holds: impl FnMut() -> bool) {
    while !holds() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_four_patterns() {
    in_time(async {
        let (_node, client) = start().await;
        let order: Value = client
            .invoke("get-order", &json!({ "orderId": "ORD-1" }))
            .await
            .unwrap();
        assert_eq!(order["orderId"], "ORD-1");

        client
            .fire_and_forget("log-event", &json!({ "eventType": "test" }))
            .await
            .unwrap();

        let rows = client.stream::<Value>("generate-report", &json!({ "year": 2026, "rows": 30 }));
        assert_eq!(rows.try_collect::<Vec<_>>().await.unwrap().len(), 30);

        let task = client
            .start_task("run-payroll", &json!({ "month": "2026-03", "ms": 50 }))
            .await
            .unwrap();
        let mut progress = Vec::new();
        let done = client
            .wait_for_task::<Value>(&task.task_id)
            .on_progress(|status| progress.push(status.progress))
            .await
            .unwrap();
        assert_eq!(done.state, TaskState::Completed);
        assert!(done.result.unwrap()["employeesProcessed"].is_number());
        assert!(
            progress.windows(2).all(|two| two[0] <= two[1]),
            "{progress:?}"
        );
        assert_eq!(progress.last().unwrap(), &Some(1.0));
    })
    .await;
}

#[tokio::test]
async fn a_payload_passes_to_the_node_and_back_untouched() {
    in_time(async {
        let (_node, client) = start().await;
        let payload =
            r#"{ "z":1.50, "a" : [12345678901234567890123, 1e-7, "\u00e9\ud800"],"z2":{} }"#;
        let payload = Json::parse(payload).unwrap();
        let echoed: Json = client.invoke("echo", &payload).await.unwrap();
        assert_eq!(echoed.as_str(), payload.as_str());
        let large = json!("x".repeat(1_000_000));
        assert_eq!(client.invoke::<Value>("echo", &large).await.unwrap(), large);
        let too_large = json!("x".repeat(5_000_000));
        let error = client
            .invoke::<Value>("echo", &too_large)
            .await
            .unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (&ErrorCode::PayloadTooLarge, 413)
        );
    })
    .await;
}

#[tokio::test]
async fn the_nodes_word_on_itself() {
    in_time(async {
        let (node, client) = start().await;
        assert_eq!(client.ping().await.unwrap().node_id, "42");
        assert!(client.status().await.unwrap().accepting_calls);
        let actions = client.capabilities().await.unwrap().actions;
        assert!(
            actions
                .iter()
                .any(|action| action.action == "run-payroll" && action.pattern == "task-start")
        );
        let negotiated = client.negotiate(["echo", "fly"]).await.unwrap();
        assert_eq!(
            (negotiated.supported.len(), negotiated.missing),
            (1, vec!["fly".to_owned()])
        );
        let document = client.discover().await.unwrap();
        assert_eq!(
            document.nodes[0].endpoint,
            format!("{}/ncp/nodes/42", node.base_url())
        );
    })
    .await;
}

#[tokio::test]
async fn a_node_is_reached_by_its_url_and_without_a_tenant() {
    in_time(async {
        let node = MockNode::start().await.unwrap();
        let url = format!("{}/ncp/nodes/42", node.base_url());
        let client = AncpClient::builder()
            .address(ancp_core::NodeAddress::from_url(&url).unwrap())
            .auth(Auth::api_key(node.api_key()))
            .build()
            .unwrap();
        assert_eq!(client.invoke::<u8>("echo", &1).await.unwrap(), 1);
        assert_eq!(client.discover().await.unwrap().nodes.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_node_refuses_has_its_code() {
    in_time(async {
        let (node, client) = start().await;
        let failing = client
            .invoke::<Value>("failing", &json!({ "message": "no paper" }))
            .await
            .unwrap_err();
        assert_eq!(
            (failing.code(), failing.status()),
            (&ErrorCode::HandlerError, 500)
        );
        assert!(failing.message().contains("no paper") && failing.request_id().is_some());
        let unknown = client.invoke::<Value>("fly", &()).await.unwrap_err();
        assert_eq!(unknown.code(), &ErrorCode::ActionNotFound);
        let pattern = client.start_task("echo", &()).await.unwrap_err();
        assert_eq!(pattern.code(), &ErrorCode::PatternMismatch);
        let payload = client
            .invoke::<Value>("get-order", &json!({ "orderId": 5 }))
            .await
            .unwrap_err();
        assert_eq!(payload.code(), &ErrorCode::InvalidPayload);
        let stranger = options(&node).auth(Auth::api_key("wrong")).build().unwrap();
        let error = stranger.invoke::<Value>("echo", &()).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (&ErrorCode::Unauthenticated, 401)
        );
        let foreigner = options(&node).tenant_id("8").build().unwrap();
        assert_eq!(
            foreigner.ping().await.unwrap_err().code(),
            &ErrorCode::TenantMismatch
        );
        let lost = options(&node).node_id(43).build().unwrap();
        assert_eq!(
            lost.ping().await.unwrap_err().code(),
            &ErrorCode::NodeNotFound
        );
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_gone_is_a_network_error_that_was_not_delivered() {
    in_time(async {
        let (node, client) = start().await;
        node.shutdown().await;
        let error = client.ping().await.unwrap_err();
        assert_eq!((error.code(), error.status()), (&ErrorCode::Network, 0));
        assert!(!error.may_have_been_delivered());
        assert!(error.message().contains("refused"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_lost_on_its_way_does_not_run_the_handler_again() {
    in_time(async {
        let (node, client) = start().await;
        fault(&node, json!({ "match": { "action": "run-payroll" }, "times": 2, "fault": { "dropResponse": true } }));
        let task = client.start_task("run-payroll", &json!({ "month": "2026-03", "ms": 10 })).await.unwrap();
        let calls = node.calls().list();
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.message_id == calls[0].message_id));
        assert!(calls.iter().all(|call| call.body_sha256 == calls[0].body_sha256));
        let done = client.wait_for_task::<Value>(&task.task_id).await.unwrap();
        assert_eq!(done.state, TaskState::Completed);
    })
    .await;
}

#[tokio::test]
async fn a_stream_survives_every_kind_of_bad_connection() {
    in_time(async {
        for fault_of_stream in [
            json!({ "dropAfterEvents": 3 }),
            json!({ "dropAfterEvents": 0 }),
            json!({ "dropAfterBytes": 700 }),
            json!({ "stallAfterEvents": 2 }),
            json!({ "skipEvent": 4 }),
            json!({ "repeatEvent": 4 }),
            json!({ "splitBytes": 7 }),
        ] {
            let node = MockNode::start().await.unwrap();
            let client = options(&node)
                .liveness_timeout(Duration::from_millis(200))
                .build()
                .unwrap();
            fault(
                &node,
                json!({ "match": { "operation": "stream" }, "times": 1, "fault": fault_of_stream }),
            );
            let rows =
                client.stream::<Value>("generate-report", &json!({ "year": 2026, "rows": 9 }));
            let rows: Vec<Value> = rows.try_collect().await.unwrap();
            let numbers: Vec<u64> = rows
                .iter()
                .map(|row| row["row"].as_u64().unwrap())
                .collect();
            assert_eq!(numbers, (1..=9).collect::<Vec<u64>>(), "{fault_of_stream}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_dropped_stream_ends_at_the_node() {
    in_time(async {
        let (node, client) = start().await;
        let endless = json!({ "year": 2026, "rows": 1_000_000, "delayMs": 1 });
        let mut rows = client.stream::<Value>("generate-report", &endless);
        rows.next().await.unwrap().unwrap();
        drop(rows);
        eventually(|| calls(&node).contains(&Operation::StreamEnd)).await;
    })
    .await;
}

#[tokio::test]
async fn a_slow_consumer_holds_the_node_back() {
    in_time(async {
        let (_node, client) = start().await;
        let many = json!({ "year": 2026, "rows": 20_000 });
        let mut rows = client.stream::<Value>("generate-report", &many);
        for _ in 0..5 {
            rows.next().await.unwrap().unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(
            rows.try_fold(5, |count, _| async move { Ok(count + 1) })
                .await
                .unwrap(),
            20_000
        );
    })
    .await;
}

#[tokio::test]
async fn a_task_is_cancelled_and_another_asks_for_input() {
    in_time(async {
        let (_node, client) = start().await;
        let task = client
            .start_task("run-payroll", &json!({ "month": "2026-04", "ms": 60_000 }))
            .await
            .unwrap();
        client.cancel_task(&task.task_id).await.unwrap();
        let done = client.wait_for_task::<Value>(&task.task_id).await.unwrap();
        assert_eq!(done.state, TaskState::Cancelled);

        let expense = json!({ "amount": 120, "purpose": "paper" });
        let task = client
            .start_task("approve-expense", &expense)
            .await
            .unwrap();
        loop {
            let status = client.task_status::<Value>(&task.task_id).await.unwrap();
            if status.state == TaskState::InputRequired {
                break;
            }
            assert!(!status.state.is_final(), "{status:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        client
            .provide_input(&task.task_id, &json!({ "approved": true }))
            .await
            .unwrap();
        let done = client.wait_for_task::<Value>(&task.task_id).await.unwrap();
        assert_eq!(done.result.unwrap()["approved"], true);
        let late = client.provide_input(&task.task_id, &()).await.unwrap_err();
        assert_eq!(late.code(), &ErrorCode::TaskNotWaiting);
    })
    .await;
}

#[tokio::test]
async fn waiting_goes_on_by_polling_when_the_events_fail() {
    in_time(async {
        let (node, client) = start().await;
        fault(
            &node,
            json!({ "match": { "operation": "taskEvents" }, "fault": { "dropAfterEvents": 1 } }),
        );
        let task = client
            .start_task("run-payroll", &json!({ "month": "2026-03", "ms": 300 }))
            .await
            .unwrap();
        let done = client.wait_for_task::<Value>(&task.task_id).await.unwrap();
        assert_eq!(done.state, TaskState::Completed);
        assert!(calls(&node).contains(&Operation::TaskStatus));
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_token_ends_a_call() {
    in_time(async {
        let (_node, client) = start().await;
        let token = CancellationToken::new();
        let slow = client
            .invoke::<Value>("slow", &json!({ "ms": 15_000 }))
            .cancel_on(token.clone().cancelled_owned());
        let (answer, ()) = tokio::join!(slow.into_future(), async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            token.cancel();
        });
        assert_eq!(answer.unwrap_err().code(), &ErrorCode::Aborted);
    })
    .await;
}
