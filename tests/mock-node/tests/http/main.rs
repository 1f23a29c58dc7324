//! The served node, end to end.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod credentials;
mod faults;
mod invoke;
mod payment;
mod refusals;
mod rpc;
mod serving;
mod streams;
mod tasks;

use std::time::Duration;

use ancp_mock_node::{Limits, MockNode, NodeBuilder, samples};
use common::http::{Client, Reply};
use common::{Call, ncp, within};
use serde_json::json;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

async fn sample() -> (MockNode, Client) {
    let node = within(MockNode::start()).await.unwrap();
    let client = Client::new(node.base_url(), Some(node.api_key()));
    (node, client)
}

async fn serve(builder: NodeBuilder) -> (MockNode, Client) {
    let node = within(MockNode::serve(builder)).await.unwrap();
    let client = Client::new(node.base_url(), Some(node.api_key()));
    (node, client)
}

fn limited(change: impl FnOnce(&mut Limits)) -> NodeBuilder {
    let mut limits = Limits::default();
    change(&mut limits);
    samples::node().limits(limits)
}

fn order() -> Call {
    Call::invoke("get-order", json!({ "orderId": "ORD-1" }))
}

fn report(rows: u64, delay_ms: u64) -> Call {
    let payload = json!({ "year": 2026, "rows": rows, "delayMs": delay_ms });
    Call::stream("generate-report", payload)
}

/// What every answer must have, errors too.
fn check_answer(reply: &Reply) {
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert!(reply.header("x-request-id").is_some());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let envelope = reply.envelope();
    assert_eq!(envelope["type"], "Response");
    assert_eq!(envelope["protocolVersion"], "1.0");
    ancp_core::message::check_uuid_v4(envelope["id"].as_str().unwrap()).unwrap();
    let known = ncp(&envelope)["error"]["code"] != "node_not_found";
    let expected = if known { "7" } else { "" };
    assert_eq!(envelope["tenantId"].as_str().unwrap_or_default(), expected);
    assert_eq!(envelope["source"].is_string(), known);
    assert_eq!(envelope["destination"].is_string(), known);
    let failed = reply.status >= 400;
    assert_eq!(ncp(&envelope)["error"].is_object(), failed, "{reply:?}");
    assert_eq!(ncp(&envelope)["caller"].is_object(), !failed, "{reply:?}");
}
