//! The mock node that the tests run against: another process, started with `--faults`.

use std::cell::Cell;
use std::time::Duration;

use ancp_core::platform::Platform;
use ancp_core::web::WebPlatform;
use ancp_core::{AncpClient, Auth, ClientBuilder};
use futures_util::future::{Either, select};
use gloo_net::http::Request;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the node wrote on its first line.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Node {
    pub(crate) base_url: String,
    pub(crate) node_id: Value,
    pub(crate) tenant_id: Value,
    pub(crate) api_key: String,
}

/// A browser's test can only be told of the node when it is compiled.
const FIRST_LINE: Option<&str> = option_env!("ANCP_TEST_NODE");

/// The node, or a failed test where there is none.
pub(crate) fn node() -> Node {
    let line = FIRST_LINE.expect(
        "ANCP_TEST_NODE is not set: start `cargo run -p ancp-mock-node -- --port 0 --faults` and \
         compile this test with the first line that it writes in that variable",
    );
    serde_json::from_str(line).expect("ANCP_TEST_NODE is the first line that the mock node writes")
}

fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The options of a client of the node.
pub(crate) fn builder() -> ClientBuilder {
    let node = node();
    AncpClient::builder()
        .base_url(&node.base_url)
        .node_id(text(&node.node_id))
        .tenant_id(text(&node.tenant_id))
        .auth(Auth::api_key(&node.api_key))
}

/// A client of the node.
pub(crate) fn client() -> AncpClient {
    builder().build().expect("the options are valid")
}

/// Waits for something that must not take long.
pub(crate) async fn soon<T>(what: &str, work: impl IntoFuture<Output = T>) -> T {
    let work = std::pin::pin!(work.into_future());
    match select(work, sleep(10_000)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => panic!("{what}: not done within 10 s"),
    }
}

/// Waits for so many milliseconds.
pub(crate) fn sleep(ms: u64) -> impl Future<Output = ()> + Unpin {
    WebPlatform.sleep(Duration::from_millis(ms))
}

/// A correlation id of its own for each test, to find its requests by.
pub(crate) fn mark() -> String {
    thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    let count = COUNT.replace(COUNT.get() + 1);
    format!("web-{}-{count}", WebPlatform.unix_millis())
}

/// One request that the node saw.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) path: String,
    pub(crate) operation: String,
    pub(crate) headers: std::collections::BTreeMap<String, String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
}

/// Waits until the node saw a request that is like this.
pub(crate) async fn seen(what: &str, is_it: impl Fn(&Seen) -> bool) -> Seen {
    let search = async {
        loop {
            if let Some(found) = calls().await.into_iter().find(|seen| is_it(seen)) {
                return found;
            }
            sleep(50).await;
        }
    };
    soon(what, search).await
}

/// All requests that the node saw.
pub(crate) async fn calls() -> Vec<Seen> {
    let log = control("GET", "/_calls", None).await;
    serde_json::from_str(&log).expect("the log of calls")
}

/// Has the node do something wrong, once, to a request with this operation and action.
pub(crate) async fn once(operation: &str, action: &str, fault: Value) {
    let rule = json!({
        "match": { "operation": operation, "action": action },
        "times": 1,
        "fault": fault,
    });
    soon("the fault rule", control("POST", "/_faults", Some(rule))).await;
}

async fn control(method: &str, path: &str, body: Option<Value>) -> String {
    let url = format!("{}{path}", node().base_url);
    let request = match body {
        Some(body) => Request::post(&url)
            .header("content-type", "application/json")
            .body(body.to_string()),
        None => Request::get(&url).build(),
    };
    let response = request.expect("a valid request").send().await;
    let response = response.expect("the mock node is running");
    assert!(
        response.ok(),
        "{method} {path}: {}; is it started with --faults?",
        response.status()
    );
    response.text().await.expect("the node's answer")
}
