//! Whether a call came out as its vector says.

use std::time::Duration;

use ancp_conformance::compare::{equal, includes};
use ancp_conformance::vector::{ErrorOutcome, Outcome, Secrets};
use ancp_core::Error;
use serde_json::{Value, json};

use crate::call::Actual;

/// Stands in bodies whose text must not get into errors.
const NOT_TO_BE_SHOWN: &str = "do-not-show";

pub(crate) fn problems(expected: &Outcome, actual: &Actual, auth: Option<&Secrets>) -> Vec<String> {
    let Outcome {
        result,
        result_includes,
        result_text,
        task,
        progress,
        chunks,
        summary,
        error,
        within_ms,
    } = expected;
    let mut problems = Vec::new();
    let mut check = |what: &str, difference: Result<(), String>| {
        problems.extend(
            difference
                .err()
                .map(|difference| format!("{what}: {difference}")),
        );
    };
    let value: Value = actual
        .result
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    if let Some(expected) = result {
        check("result", equal(expected, &value));
    }
    if let Some(expected) = result_includes {
        check("result", includes(expected, &value));
    }
    if let Some(expected) = result_text {
        check("result", equal(&json!(expected), &json!(actual.result)));
    }
    if let Some(expected) = task {
        check(
            "task",
            includes(expected, actual.task.as_ref().unwrap_or(&Value::Null)),
        );
    }
    if let Some(expected) = progress {
        check("progress", equal(&json!(expected), &json!(actual.progress)));
    }
    if let Some(expected) = chunks {
        check("chunks", equal(&json!(expected), &json!(actual.chunks)));
    }
    if let Some(expected) = summary {
        check("summary", equal(expected, &json!(actual.summary)));
    }
    if within_ms.is_some_and(|limit| actual.took > Duration::from_millis(limit)) {
        check("time", Err(format!("it took {:?}", actual.took)));
    }
    match (error, &actual.error) {
        (None, None) => {}
        (Some(expected), Some(actual)) => problems.extend(error_problems(expected, actual)),
        (Some(expected), None) => {
            problems.push(format!("expected the error {}, got none", expected.code))
        }
        (None, Some(actual)) => problems.push(format!("expected no error, got {actual:?}")),
    }
    if let Some(error) = &actual.error {
        let shown = format!("{error} {error:?}");
        if secrets(auth).iter().any(|secret| shown.contains(*secret)) {
            problems.push("the error shows what it must not".into());
        }
    }
    problems
}

fn error_problems(expected: &ErrorOutcome, actual: &Error) -> Vec<String> {
    let ErrorOutcome {
        code,
        status,
        retryable,
        message,
        details,
        payment,
        payment_reason,
        request_id,
        may_have_been_delivered,
    } = expected;
    let mut fields = json!({ "code": code });
    let mut expect = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields[name] = value;
        }
    };
    expect("status", status.map(Value::from));
    expect("retryable", retryable.map(Value::from));
    expect("message", message.clone().map(Value::from));
    expect("details", details.clone());
    expect("payment", payment.clone());
    expect("paymentReason", payment_reason.clone().map(Value::from));
    expect("requestId", request_id.clone().map(Value::from));
    expect(
        "mayHaveBeenDelivered",
        may_have_been_delivered.map(Value::from),
    );
    let details: Option<Value> = actual.details().and_then(|details| details.to().ok());
    let actual = json!({
        "code": actual.code().as_str(),
        "status": actual.status(),
        "retryable": actual.is_retryable(),
        "message": actual.message(),
        "details": details,
        "payment": actual.payment(),
        "paymentReason": actual.payment_reason().map(|reason| reason.to_string()),
        "requestId": actual.request_id(),
        "mayHaveBeenDelivered": actual.may_have_been_delivered(),
    });
    let difference = includes(&fields, &actual).err();
    difference
        .map(|difference| format!("error: {difference} in {actual}"))
        .into_iter()
        .collect()
}

fn secrets(auth: Option<&Secrets>) -> Vec<&str> {
    let mut secrets = match auth {
        Some(Secrets::ApiKey(secret) | Secrets::JwtToken(secret)) => vec![secret.as_str()],
        Some(Secrets::ApiKeys(secrets) | Secrets::JwtTokens(secrets)) => {
            secrets.iter().flatten().map(String::as_str).collect()
        }
        // A key is made for each run, and its proofs are told by their beginning.
        Some(Secrets::Did(_) | Secrets::Dids(_)) => vec!["eyJ"],
        None => Vec::new(),
    };
    secrets.push(NOT_TO_BE_SHOWN);
    // The empty text is in every text.
    secrets.retain(|secret| !secret.is_empty());
    secrets
}
