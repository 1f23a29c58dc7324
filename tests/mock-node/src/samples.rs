//! The sample actions, one and more for each pattern.

use std::time::Duration;

use ancp_core::{ErrorCode, Json};
use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::{Action, ActionContext, Failure, NodeBuilder, Profile, TaskContext};

/// Node 42 of tenant 7 with the sample actions.
pub fn node() -> NodeBuilder {
    let profile = Profile {
        name: Some("mock-node".into()),
        environment: Some("test".into()),
        ..Profile::default()
    };
    register(NodeBuilder::new(42, 7).profile(profile))
}

/// Registers the sample actions.
pub fn register(builder: NodeBuilder) -> NodeBuilder {
    builder
        .on_invoke(
            Action::new("get-order")
                .description("Looks an order up")
                .input_schema(schema(&["orderId: string"]))
                .output_schema(schema(&["orderId: string", "status: string", "total: number"])),
            get_order,
        )
        .on_invoke(
            Action::new("echo").description("Gives the payload back, byte for byte"),
            async |ctx: ActionContext<Json>| Ok(ctx.payload),
        )
        .on_fire_and_forget(
            Action::new("log-event").description("Writes a line to the node's log"),
            log_event,
        )
        .on_stream(
            Action::new("generate-report")
                .description("Streams the rows of a report")
                .input_schema(schema(&["year: integer", "rows?: integer", "delayMs?: integer"]))
                .output_schema(schema(&["row: integer", "year: integer", "amount: number"])),
            generate_report,
        )
        .on_task(
            Action::new("run-payroll")
                .description("Pays everybody for a month, with progress")
                .input_schema(schema(&["month: string", "ms?: integer", "fail?: boolean"]))
                .output_schema(schema(&["employeesProcessed: integer", "totalPaid: number"])),
            run_payroll,
        )
        .on_task(
            Action::new("approve-expense")
                .description("Asks for an approval; the input is { \"approved\": boolean, \"note\"?: string }")
                .input_schema(schema(&["amount: number", "purpose?: string"]))
                .output_schema(schema(&["approved: boolean", "amount: number", "note?: string"])),
            approve_expense,
        )
        .on_invoke(
            Action::new("slow")
                .description("Answers late")
                .input_schema(schema(&["ms: integer"]))
                .output_schema(schema(&["sleptMs: integer"])),
            slow,
        )
        .on_invoke(
            Action::new("failing")
                .description("Fails as asked")
                .input_schema(schema(&["code?: string", "message?: string", "retryable?: boolean"])),
            failing,
        )
}

/// A JSON schema of an object, from `name: type` or `name?: type`.
fn schema(fields: &[&str]) -> Json {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for field in fields {
        let (name, kind) = field.split_once(": ").unwrap_or((field, "string"));
        let name = match name.strip_suffix('?') {
            Some(name) => name,
            None => {
                required.push(name);
                name
            }
        };
        properties.insert(name.to_owned(), serde_json::json!({ "type": kind }));
    }
    let schema = serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": required,
    });
    Json::from_value(&schema).unwrap_or_else(|_| Json::null())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderQuery {
    order_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    status: &'static str,
    total: f64,
    currency: &'static str,
}

async fn get_order(ctx: ActionContext<OrderQuery>) -> Result<Order, Failure> {
    Ok(Order {
        order_id: ctx.payload.order_id,
        status: "Active",
        total: 99.99,
        currency: "USD",
    })
}

async fn log_event(ctx: ActionContext<Json>) -> Result<(), Failure> {
    // The payload might hold anything: it is not written out.
    let bytes = ctx.payload.as_str().len();
    tracing::info!(caller = ctx.caller.subject(), bytes, "log-event");
    Ok(())
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportQuery {
    year: i32,
    #[serde(default = "twelve")]
    rows: u64,
    #[serde(default)]
    delay_ms: u64,
    /// Fails behind this row.
    fail_after: Option<u64>,
}

fn twelve() -> u64 {
    12
}

#[derive(Serialize)]
struct ReportRow {
    row: u64,
    year: i32,
    label: String,
    amount: f64,
}

fn generate_report(
    ctx: ActionContext<ReportQuery>,
) -> impl Stream<Item = Result<ReportRow, Failure>> + Send {
    let query = ctx.payload;
    let rows = match query.fail_after {
        Some(after) if after < query.rows => after + 1,
        _ => query.rows,
    };
    stream::iter(1..=rows).then(move |row| {
        let ReportQuery {
            year,
            delay_ms,
            fail_after,
            ..
        } = query;
        async move {
            if delay_ms > 0 {
                sleep(Duration::from_millis(delay_ms)).await;
            }
            if fail_after.is_some_and(|after| row > after) {
                return Err(Failure::handler("the report failed, as asked"));
            }
            Ok(ReportRow {
                row,
                year,
                label: format!("Row {row} of {year}"),
                amount: row as f64 * 100.5,
            })
        }
    })
}

#[derive(Deserialize)]
struct PayrollInput {
    month: String,
    #[serde(default = "one_second")]
    ms: u64,
    #[serde(default)]
    fail: bool,
}

fn one_second() -> u64 {
    1000
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PayrollResult {
    employees_processed: u32,
    total_paid: f64,
}

const EMPLOYEES: u32 = 120;
const PAYROLL_STEPS: u32 = 10;

async fn run_payroll(ctx: TaskContext<PayrollInput>) -> Result<PayrollResult, Failure> {
    let step = Duration::from_millis(ctx.payload.ms) / PAYROLL_STEPS;
    for done in 1..=PAYROLL_STEPS {
        tokio::select! {
            () = sleep(step) => {}
            () = ctx.cancellation.cancelled() => return Err(Failure::handler("cancelled")),
        }
        if ctx.payload.fail && done > PAYROLL_STEPS / 2 {
            return Err(Failure::handler("the bank refused, as asked"));
        }
        let paid = EMPLOYEES * done / PAYROLL_STEPS;
        let month = &ctx.payload.month;
        let message = format!("Paid {paid} of {EMPLOYEES} employees for {month}");
        ctx.progress(f64::from(done) / f64::from(PAYROLL_STEPS), message);
    }
    Ok(PayrollResult {
        employees_processed: EMPLOYEES,
        total_paid: f64::from(EMPLOYEES) * 4500.25,
    })
}

#[derive(Deserialize)]
struct Expense {
    amount: f64,
    #[serde(default)]
    purpose: String,
}

#[derive(Deserialize)]
struct Approval {
    approved: bool,
    note: Option<String>,
}

#[derive(Serialize)]
struct ApprovedExpense {
    approved: bool,
    amount: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn approve_expense(ctx: TaskContext<Expense>) -> Result<ApprovedExpense, Failure> {
    let Expense { amount, purpose } = &ctx.payload;
    if *amount <= 0.0 {
        return Err(Failure::rejected("there is nothing to approve"));
    }
    let question = format!("Approve {amount:.2} for {purpose:?}?");
    let Approval { approved, note } = ctx.request_input(question).await?;
    Ok(ApprovedExpense {
        approved,
        amount: *amount,
        note,
    })
}

#[derive(Deserialize)]
struct Slow {
    ms: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Slept {
    slept_ms: u64,
}

async fn slow(ctx: ActionContext<Slow>) -> Result<Slept, Failure> {
    tokio::select! {
        () = sleep(Duration::from_millis(ctx.payload.ms)) => Ok(Slept { slept_ms: ctx.payload.ms }),
        () = ctx.cancellation.cancelled() => Err(Failure::handler("cancelled")),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    code: Option<String>,
    message: Option<String>,
    retryable: Option<bool>,
    retry_after_ms: Option<u64>,
    details: Option<Json>,
}

async fn failing(ctx: ActionContext<Option<Failing>>) -> Result<Json, Failure> {
    let Failing {
        code,
        message,
        retryable,
        retry_after_ms,
        details,
    } = ctx.payload.unwrap_or_default();
    let code = code.map_or(ErrorCode::HandlerError, |code| ErrorCode::from(&*code));
    let message = message.unwrap_or_else(|| "failed, as asked".into());
    let mut failure = Failure::new(code, message);
    if let Some(retryable) = retryable {
        failure = failure.retryable(retryable);
    }
    if let Some(ms) = retry_after_ms {
        failure = failure.retry_after(Duration::from_millis(ms));
    }
    if let Some(details) = details {
        failure = failure.with_details(details);
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas() {
        let text = schema(&["a: string", "b?: integer"]);
        let value: serde_json::Value = text.to().unwrap();
        assert_eq!(value["required"], serde_json::json!(["a"]));
        assert_eq!(value["properties"]["b"]["type"], "integer");
    }

    #[test]
    fn registered() {
        assert!(node().build().is_ok());
    }
}
