//! The four patterns, with serde types.

use std::time::Duration;

use ancp_core::{Json, TaskState};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

use super::node::{client, mark, node, seen, soon};

mod example {
    include!("../../src/web/example.rs");

    pub(super) async fn run(base_url: &str, api_key: &str) -> Result<f64> {
        total(base_url, api_key).await
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderQuery {
    order_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    status: String,
    total: f64,
}

#[wasm_bindgen_test]
async fn request_reply() {
    let query = OrderQuery {
        order_id: "ORD-123".into(),
    };
    let client = client();
    let order: Order = soon("invoke", client.invoke("get-order", &query))
        .await
        .unwrap();
    assert_eq!((&*order.order_id, &*order.status), ("ORD-123", "Active"));
    assert!(order.total > 0.0);
}

#[wasm_bindgen_test]
async fn fire_and_forget() {
    let (client, mark) = (client(), mark());
    let call = client
        .fire_and_forget("log-event", &json!({ "event": "opened" }))
        .correlation_id(&mark);
    soon("fire", call).await.unwrap();
    let seen = seen("the event", |seen| {
        seen.correlation_id.as_ref() == Some(&mark)
    })
    .await;
    assert_eq!((&*seen.operation, seen.status), ("fire", Some(202)));
}

#[derive(Deserialize)]
struct Row {
    row: u32,
}

#[wasm_bindgen_test]
async fn streaming() {
    let query = json!({ "year": 2026, "rows": 40, "delayMs": 2 });
    let mut rows = client().stream::<Row>("generate-report", &query);
    let mut numbers = Vec::new();
    while let Some(row) = soon("a row", rows.next()).await {
        numbers.push(row.unwrap().row);
    }
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    assert_eq!(rows.summary().map(Json::as_str), Some("null"));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payroll {
    employees_processed: u32,
}

#[wasm_bindgen_test]
async fn long_task() {
    let client = client();
    let start = client.start_task("run-payroll", &json!({ "month": "2026-03", "ms": 300 }));
    let task = soon("the start", start).await.unwrap();
    let mut progress = Vec::new();
    let wait = client
        .wait_for_task::<Payroll>(&task.task_id)
        .on_progress(|status| progress.extend(status.progress));
    let done = soon("the task", wait).await.unwrap();
    assert_eq!(done.state, TaskState::Completed);
    assert_eq!(
        done.result.map(|payroll| payroll.employees_processed),
        Some(120)
    );
    assert!(progress.len() > 2 && progress.is_sorted(), "{progress:?}");
}

#[wasm_bindgen_test]
async fn polled_task() {
    let client = client();
    let start = client.start_task("run-payroll", &json!({ "month": "2026-03", "ms": 200 }));
    let task = soon("the start", start).await.unwrap();
    let wait = client
        .wait_for_task::<Value>(&task.task_id)
        .poll_interval(Duration::from_millis(20));
    assert_eq!(
        soon("the task", wait).await.unwrap().state,
        TaskState::Completed
    );
}

#[wasm_bindgen_test]
async fn cancelled_task() {
    let client = client();
    let start = client.start_task("run-payroll", &json!({ "month": "2026-04", "ms": 60_000 }));
    let task = soon("the start", start).await.unwrap();
    soon("the cancellation", client.cancel_task(&task.task_id))
        .await
        .unwrap();
    let done = soon("the task", client.wait_for_task::<Value>(&task.task_id))
        .await
        .unwrap();
    assert_eq!(done.state, TaskState::Cancelled);
}

#[wasm_bindgen_test]
async fn task_input() {
    let client = client();
    let task = soon(
        "the start",
        client.start_task("approve-expense", &json!({ "amount": 12.5 })),
    );
    let task = task.await.unwrap();
    let status = async {
        loop {
            let status = client.task_status::<Value>(&task.task_id).await.unwrap();
            if status.state == TaskState::InputRequired {
                return;
            }
        }
    };
    soon("the question", status).await;
    let input = client.provide_input(&task.task_id, &json!({ "approved": true }));
    soon("the input", input).await.unwrap();
    let done = soon("the task", client.wait_for_task::<Value>(&task.task_id))
        .await
        .unwrap();
    assert_eq!(done.result.unwrap()["approved"], true);
}

#[wasm_bindgen_test]
async fn system_actions() {
    let client = client();
    assert_eq!(soon("ping", client.ping()).await.unwrap().status, "ok");
    let negotiated = soon("negotiate", client.negotiate(["echo", "fly"]))
        .await
        .unwrap();
    assert_eq!(negotiated.missing, ["fly"]);
    assert!(
        !soon("discover", client.discover())
            .await
            .unwrap()
            .nodes
            .is_empty()
    );
}

#[wasm_bindgen_test]
async fn the_example_of_the_documentation() {
    let node = node();
    let total = soon("the example", example::run(&node.base_url, &node.api_key)).await;
    assert_eq!(total.unwrap(), 603.0);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_namespace = location, js_name = origin)]
    static ORIGIN: String;
}

/// The other tests are about cross-origin requests only if this is one.
#[wasm_bindgen_test]
fn the_node_has_another_origin() {
    let origin = ORIGIN.with(String::clone);
    assert!(origin.starts_with("http"), "{origin}");
    assert!(!node().base_url.starts_with(&origin), "{origin}");
}
