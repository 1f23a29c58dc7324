//! The four patterns of ANCP and a cancelled task, from Rust, against a node that is told by the
//! environment. `cargo xtask demo` starts such a node and runs this.

use std::env;
use std::error::Error;

use ancp_core::{AncpClient, Auth, TaskState, TaskStatus};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderQuery<'a> {
    order_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    status: String,
    total: f64,
    currency: String,
}

#[derive(Deserialize)]
struct Row {
    label: String,
    amount: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payroll {
    employees_processed: u32,
    total_paid: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let node_id = setting("ANCP_NODE_ID")?;
    let client = AncpClient::builder()
        .base_url(setting("ANCP_BASE_URL")?)
        .node_id(&node_id)
        .tenant_id(setting("ANCP_TENANT_ID")?)
        .auth(Auth::api_key(setting("ANCP_API_KEY")?))
        .build()?;

    let ping = client.ping().await?;
    tell(
        "ping",
        &format!(
            "node {node_id} is {}, version {}",
            ping.status, ping.version
        ),
    );

    let query = OrderQuery {
        order_id: "ORD-123",
    };
    let order: Order = client.invoke("get-order", &query).await?;
    let Order {
        order_id,
        status,
        total,
        currency,
    } = order;
    tell(
        "request-reply",
        &format!("order {order_id} is {status}, {total} {currency}"),
    );

    let event = json!({ "eventType": "demo", "runtime": "native" });
    client.fire_and_forget("log-event", &event).await?;
    tell("fire-and-forget", "the event was accepted");

    let report = json!({ "year": 2026, "rows": 5, "delayMs": 50 });
    let mut rows = client.stream::<Row>("generate-report", &report);
    let mut count = 0;
    while let Some(row) = rows.next().await {
        let Row { label, amount } = row?;
        tell(
            if count == 0 { "streaming" } else { "" },
            &format!("{label}: {amount}"),
        );
        count += 1;
    }
    if count != 5 {
        return Err(format!("{count} rows came instead of 5").into());
    }

    let payroll = client
        .start_task("run-payroll", &json!({ "month": "2026-03" }))
        .await?;
    tell("long task", &format!("started as {}", payroll.task_id));
    let paid: TaskStatus<Payroll> = client
        .wait_for_task(&payroll.task_id)
        .on_progress(show_progress)
        .await?;
    let result = paid.result.ok_or("the task has no result")?;
    let Payroll {
        employees_processed,
        total_paid,
    } = result;
    tell(
        "",
        &format!(
            "{}: {employees_processed} employees got {total_paid}",
            paid.state
        ),
    );

    let another = client
        .start_task("run-payroll", &json!({ "month": "2026-04", "ms": 60_000 }))
        .await?;
    client.cancel_task(&another.task_id).await?;
    let cancelled: TaskStatus<Value> = client.wait_for_task(&another.task_id).await?;
    tell(
        "cancelled task",
        &format!("{} is {}", another.task_id, cancelled.state),
    );
    if cancelled.state != TaskState::Cancelled {
        return Err("the task was not cancelled".into());
    }
    Ok(())
}

fn setting(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: run `cargo xtask demo`"))
}

fn tell(what: &str, text: &str) {
    println!("{what:<16} {text}");
}

fn show_progress(status: &TaskStatus) {
    let done = (status.progress.unwrap_or_default() * 20.0).round() as usize;
    let message = status.message.as_deref().unwrap_or_default();
    tell("", &format!("[{:<20}] {message}", "#".repeat(done)));
}
