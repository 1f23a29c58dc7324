//! Making a vector's call.

use std::time::{Duration, Instant};

use ancp_conformance::vector::{Call, Verb};
use ancp_core::{AncpClient, CallOptions, Error, Json, NodeAddress, Payment, Result, TaskStatus};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::{Value, json};

use crate::client::at_run;

/// What has come of a call.
#[derive(Default)]
pub(crate) struct Actual {
    /// The result's text.
    pub(crate) result: Option<String>,
    pub(crate) task: Option<Value>,
    pub(crate) progress: Vec<String>,
    pub(crate) chunks: Vec<Value>,
    pub(crate) summary: Option<Value>,
    pub(crate) error: Option<Error>,
    pub(crate) took: Duration,
}

/// Makes a call. `begun` is what is asked to hear of the run's first request.
pub(crate) async fn make(client: &AncpClient, call: &Call, begun: &str) -> Actual {
    let mut actual = Actual::default();
    let started = Instant::now();
    let closing = call.close_after_ms.map(|after| {
        let client = client.clone();
        let time = time_after(after, begun);
        tokio::spawn(async move {
            time.await;
            client.close();
        })
    });
    actual.error = run(client, call, begun, &mut actual).await.err();
    actual.took = started.elapsed();
    if let Some(closing) = closing {
        closing.abort();
    }
    actual
}

/// Waits until some time after the run's first request.
fn time_after(milliseconds: u64, begun: &str) -> impl Future<Output = ()> + Send + 'static {
    let begun = begun.to_owned();
    async move {
        if milliseconds > 0 {
            // A server that does not answer shows in the run's report.
            let _ = http().get(begun).send().await;
        }
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}

/// A client for what is no vector's request.
pub(crate) fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder
        .build()
        .expect("there is nothing that could be missing")
}

async fn run(client: &AncpClient, call: &Call, begun: &str, actual: &mut Actual) -> Result<()> {
    let Call {
        verb,
        action,
        task_id,
        payload,
        ..
    } = call;
    let options = options(call, begun)?;
    match verb {
        Verb::Invoke => {
            let result = client
                .invoke::<Json>(action, payload)
                .options(options)
                .await?;
            actual.result = Some(result.as_str().to_owned());
        }
        Verb::FireAndForget => {
            client
                .fire_and_forget(action, payload)
                .options(options)
                .await?
        }
        Verb::Stream => return stream(client, call, begun, actual).await,
        Verb::StartTask => {
            let status = client.start_task(action, payload).options(options).await?;
            actual.result = Some(json!(&*status.task_id).to_string());
        }
        Verb::GetTask => {
            actual.task = Some(task(
                client.task_status::<Json>(task_id).options(options).await?,
            ))
        }
        Verb::CancelTask => {
            actual.task = Some(task(client.cancel_task(task_id).options(options).await?))
        }
        Verb::ProvideInput => {
            actual.task = Some(task(
                client
                    .provide_input(task_id, payload)
                    .options(options)
                    .await?,
            ));
        }
        Verb::WaitForTask => {
            let progress = &mut actual.progress;
            let mut wait = client
                .wait_for_task::<Json>(task_id)
                .options(options)
                .on_progress(|status| progress.push(status.state.to_string()));
            if let Some(interval) = call.options.poll_interval_ms {
                wait = wait.poll_interval(Duration::from_millis(interval));
            }
            if let Some(limit) = call.options.timeout_ms {
                wait = wait.timeout(Duration::from_millis(limit));
            }
            actual.task = Some(task(wait.await?));
        }
        Verb::Ping => actual.result = text(client.ping().options(options).await?),
        Verb::GetCapabilities => {
            actual.result = text(client.capabilities().options(options).await?)
        }
        Verb::Negotiate => {
            let names = payload
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            actual.result = text(client.negotiate(names).options(options).await?);
        }
        Verb::GetStatus => actual.result = text(client.status().options(options).await?),
        Verb::GetPaymentInfo => actual.result = text(client.payment_info().options(options).await?),
        Verb::Pay => {
            let field = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
            let payment = Payment {
                tx_hash: field("txHash"),
                payer: field("payer"),
            };
            let receipt = client.pay(&field("action"), &payment).options(options);
            actual.result = text(receipt.await?);
        }
        Verb::Discover => actual.result = text(client.discover().options(options).await?),
        Verb::InvokeAll => {
            let call = client.invoke_all::<Value>(action, payload);
            let outcomes = call.options(options).await?;
            let shown = outcomes.iter().map(|outcome| {
                let id = outcome.node_id.as_ref().map(|id| id.as_str());
                let id = id.map(|id| id.parse().map_or(json!(id), |id: u64| json!(id)));
                match &outcome.result {
                    Ok(result) => json!({ "nodeId": id, "ok": true, "result": result }),
                    Err(error) => {
                        json!({ "nodeId": id, "ok": false, "code": error.code().as_str() })
                    }
                }
            });
            actual.result = text(shown.collect::<Vec<Value>>());
        }
        Verb::Close => client.close(),
    }
    Ok(())
}

async fn stream(client: &AncpClient, call: &Call, begun: &str, actual: &mut Actual) -> Result<()> {
    let mut chunks = client.stream::<Value>(&call.action, &call.payload);
    if let Some(limit) = call.options.timeout {
        chunks = chunks.timeout(Duration::from_millis(limit));
    }
    if let Some(address) = address(call, begun)? {
        chunks = chunks.address(address);
    }
    if let Some(id) = &call.options.correlation_id {
        chunks = chunks.correlation_id(id);
    }
    if let Some(id) = &call.options.receipt_id {
        chunks = chunks.receipt_id(id);
    }
    for (name, value) in &call.options.headers {
        chunks = chunks.header(name, value);
    }
    if let Some(after) = call.abort_after_ms {
        chunks = chunks.cancel_on(time_after(after, begun));
    }
    while call.take.is_none_or(|take| actual.chunks.len() < take) {
        let Some(chunk) = chunks.next().await else {
            actual.summary = chunks
                .summary()
                .map(|summary| summary.to().unwrap_or_default());
            return Ok(());
        };
        actual.chunks.push(chunk?);
        if actual.chunks.len() == 1 {
            tokio::time::sleep(Duration::from_millis(call.pause_ms)).await;
        }
    }
    Ok(())
}

/// The address of a call.
fn address(call: &Call, begun: &str) -> Result<Option<NodeAddress>> {
    let base_url = begun.replace("/begun/", "/v/");
    let address = call.options.address.as_ref();
    address
        .map(|text| at_run(text, &base_url).parse())
        .transpose()
}

fn options(call: &Call, begun: &str) -> Result<CallOptions> {
    let mut options = CallOptions::new();
    if let Some(address) = address(call, begun)? {
        options = options.address(address);
    }
    if let Some(limit) = call.options.timeout {
        options = options.timeout(Duration::from_millis(limit));
    }
    if let Some(id) = &call.options.correlation_id {
        options = options.correlation_id(id);
    }
    if let Some(id) = &call.options.receipt_id {
        options = options.receipt_id(id);
    }
    for (name, value) in &call.options.headers {
        options = options.header(name, value);
    }
    Ok(match call.abort_after_ms {
        Some(0) => options.cancel_on(std::future::ready(())),
        Some(after) => options.cancel_on(time_after(after, begun)),
        None => options,
    })
}

fn text(result: impl Serialize) -> Option<String> {
    serde_json::to_string(&result).ok()
}

fn task(status: TaskStatus) -> Value {
    let mut json = json!({
        "taskId": &*status.task_id,
        "action": &*status.action,
        "state": status.state.as_str(),
        "progress": status.progress,
        "message": status.message.as_deref(),
        "createdAt": &*status.created_at,
        "updatedAt": &*status.updated_at,
    });
    if let Some(result) = status.result {
        json["result"] = result.to().unwrap_or_default();
    }
    if let Some(error) = status.error {
        json["error"] = json!({
            "code": error.code.as_str(),
            "message": &*error.message,
            "retryable": error.retryable,
        });
        if let Some(details) = error.details {
            json["error"]["details"] = details.to().unwrap_or_default();
        }
    }
    json
}
