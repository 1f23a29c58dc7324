//! Deadlines, retries, credentials, cancelling and closing, without a network and without waiting:
//! tokio's clock is paused and moves by itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::{Reply, client, error, in_turn, ok, options, task};
use ancp_core::{Auth, ErrorCode, Json, RetryPolicy};
use serde_json::{Value, json};
use tokio::time::Instant;

async fn invoke(client: &ancp_core::AncpClient) -> ancp_core::Result<Value> {
    client
        .invoke("get-order", &json!({ "orderId": "ORD-1" }))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_post_with_the_contracts_envelope() {
    let options = options().auth(Auth::api_key("k-1")).header("x-a", "client");
    let (client, http) = client(options, |_| ok(json!(5)));
    let payload = Json::parse(r#"{ "b": 12345678901234567890123, "a":1.50 }"#).unwrap();
    let answer: Json = client
        .invoke("get-order", &payload)
        .header("X-A", "call")
        .correlation_id("c-1")
        .await
        .unwrap();
    assert_eq!(answer.as_str(), "5");
    let sent = &http.sent()[0];
    assert_eq!(
        (sent.method, sent.path.as_str()),
        ("POST", "/base/ncp/nodes/42/invoke")
    );
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.header("x-ancp-api-key"), Some("k-1"));
    assert_eq!(sent.header("x-a"), Some("call"));
    assert!(
        sent.body.contains(payload.as_str()),
        "the payload's text is untouched"
    );
    let message = sent.json();
    assert_eq!(message["type"], "Query");
    assert_eq!(message["source"], "service://7/ancp-client");
    assert_eq!(message["destination"], "node://7/42");
    assert_eq!(message["tenantId"], "7");
    assert_eq!(message["correlationId"], "c-1");
    let ncp = &message["body"]["data"]["metadata"]["extensions"]["ncp"];
    assert_eq!(
        *ncp,
        json!({ "action": "get-order", "pattern": "request-reply", "nodeId": 42 })
    );
}

#[tokio::test(start_paused = true)]
async fn every_attempt_of_a_call_is_the_same_to_the_byte() {
    let replies = [
        error(503, "unavailable", true),
        Reply::Broken,
        Reply::RetryAfter(429, "1"),
        ok(json!(1)),
    ];
    let (client, http) = client(options(), in_turn(replies));
    assert_eq!(invoke(&client).await.unwrap(), json!(1));
    let sent = http.sent();
    assert_eq!(sent.len(), 4);
    assert!(sent.iter().all(|request| request.body == sent[0].body));
    assert!(
        sent[3].at - sent[2].at >= Duration::from_secs(1),
        "Retry-After is obeyed"
    );
    let first = sent[0].json()["id"].clone();
    invoke(&client).await.unwrap();
    assert_ne!(
        http.sent()[4].json()["id"],
        first,
        "another call has another id"
    );
}

#[tokio::test(start_paused = true)]
async fn retries_end_with_their_number_and_are_not_made_for_lasting_errors() {
    for (reply, attempts) in [
        (error(503, "unavailable", true), 4),
        (error(500, "handler_error", true), 4),
        (error(500, "handler_error", false), 1),
        (error(504, "timeout", true), 4),
        (error(400, "invalid_payload", false), 1),
        (error(404, "action_not_found", true), 1),
        (Reply::Broken, 4),
    ] {
        let (client, http) = client(options(), in_turn([reply]));
        let error = invoke(&client).await.unwrap_err();
        assert_eq!(http.sent().len(), attempts, "{error}");
        assert_eq!(error.operation(), Some("invoke get-order"));
    }
    let (client, http) = client(
        options().retry(RetryPolicy::disabled()),
        in_turn([Reply::Broken]),
    );
    assert_eq!(
        invoke(&client).await.unwrap_err().code(),
        &ErrorCode::Network
    );
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let (client, http) = client(options(), in_turn([Reply::RetryAfter(503, "31")]));
    let began = Instant::now();
    let error = invoke(&client).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status()),
        (&ErrorCode::Unavailable, 503)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(31)));
    assert_eq!(http.sent().len(), 1);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_times_the_call_out() {
    let (client, http) = client(options().timeout(Duration::from_secs(9)), |_| Reply::Never);
    let began = Instant::now();
    let error = invoke(&client).await.unwrap_err();
    assert_eq!(
        (error.code(), error.status(), error.is_retryable()),
        (&ErrorCode::Timeout, 0, false)
    );
    assert_eq!(error.message(), "no answer within 9000 ms");
    assert!(error.may_have_been_delivered());
    assert_eq!(began.elapsed(), Duration::from_secs(9));
    let shorter = client
        .ping()
        .timeout(Duration::from_millis(10))
        .await
        .unwrap_err();
    assert_eq!(shorter.code(), &ErrorCode::Timeout);
    assert_eq!(began.elapsed(), Duration::from_millis(9010));
    assert_eq!(http.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_spent_budget_stops_retries_until_calls_succeed_again() {
    let (client, http) = client(options().retry_budget(4), |sent| {
        match sent.body.contains("well") {
            true => ok(json!(null)),
            false => error(503, "unavailable", true),
        }
    });
    for _ in 0..3 {
        invoke(&client).await.unwrap_err();
    }
    assert_eq!(http.sent().len(), 3 + 4, "three calls, four retries");
    for _ in 0..2 {
        client.invoke::<Value>("well", &()).await.unwrap();
    }
    invoke(&client).await.unwrap_err();
    assert_eq!(
        http.sent().len(),
        7 + 2 + 2,
        "two successes paid for one retry"
    );
}

#[tokio::test(start_paused = true)]
async fn one_refresh_serves_all_calls_that_were_refused() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let auth = Auth::jwt_provider(move || {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok::<_, io::Error>(format!("token-{number}"))
        }
    });
    let (client, http) = client(options().auth(auth), |sent| {
        match sent.header("authorization") {
            Some("Bearer token-1") => ok(json!(1)),
            _ => error(401, "unauthenticated", false),
        }
    });
    let calls = (0..10).map(|_| invoke(&client));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.unwrap(), json!(1));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(
        http.sent().len() <= 20,
        "each call is repeated at most once"
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_final_and_a_fixed_credential_is_not_tried_again() {
    let provider = Auth::jwt_provider(|| async { Ok::<_, io::Error>("t".to_owned()) });
    for (auth, attempts) in [(provider, 2), (Auth::jwt("t"), 1)] {
        let (client, http) = client(
            options().auth(auth),
            in_turn([error(401, "unauthenticated", false)]),
        );
        let error = invoke(&client).await.unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            (&ErrorCode::Unauthenticated, 401)
        );
        assert_eq!(http.sent().len(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_fails_sends_nothing_and_keeps_its_reason() {
    let auth =
        Auth::jwt_provider(|| async { Err::<String, _>(io::Error::other("the vault is sealed")) });
    let (client, http) = client(options().auth(auth), |_| ok(json!(1)));
    let error = invoke(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Unauthenticated);
    assert!(!error.may_have_been_delivered());
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the vault is sealed");
    assert!(http.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_the_credential() {
    let (client, _) = client(options().auth(Auth::api_key("s3cret")), |_| Reply::Broken);
    let error = invoke(&client).await.unwrap_err();
    assert!(!format!("{error} {error:?} {client:?}").contains("s3cret"));
    let options = options()
        .auth(Auth::jwt("s3cret"))
        .header("x-token", "s3cret");
    assert!(!format!("{options:?}").contains("s3cret"));
}

#[tokio::test(start_paused = true)]
async fn cancelling_and_closing_end_a_call_at_once() {
    let (client, _) = client(options(), |_| Reply::Never);
    let began = Instant::now();
    let after = |ms| tokio::time::sleep(Duration::from_millis(ms));
    let cancelled = client.ping().cancel_on(after(5)).await.unwrap_err();
    assert_eq!(cancelled.code(), &ErrorCode::Aborted);
    assert_eq!(began.elapsed(), Duration::from_millis(5));

    let other = client.clone();
    let (closed, ()) = tokio::join!(client.ping().into_future(), async move {
        after(5).await;
        other.close();
        other.close();
    });
    assert_eq!(closed.unwrap_err().code(), &ErrorCode::Aborted);
    assert_eq!(began.elapsed(), Duration::from_millis(10));
    assert_eq!(client.ping().await.unwrap_err().code(), &ErrorCode::Closed);
}

#[tokio::test(start_paused = true)]
async fn options_are_refused_by_name_before_anything_is_sent() {
    use ancp_core::ClientBuilder;
    let base = || ClientBuilder::new().base_url("http://node.test");
    for (options, named) in [
        (ClientBuilder::new().node_id(1), "baseUrl"),
        (base(), "nodeId"),
        (base().node_id("a b"), "nodeId"),
        (base().node_id(".."), "nodeId"),
        (
            ClientBuilder::new().base_url("node.test").node_id(1),
            "baseUrl",
        ),
        (
            ClientBuilder::new()
                .base_url("http://node.test/?a")
                .node_id(1),
            "baseUrl",
        ),
        (base().node_id(1).tenant_id("a/b"), "tenantId"),
        (base().node_id(1).timeout(Duration::ZERO), "timeout"),
        (base().node_id(1).header("a b", "c"), "headers"),
        (base().node_id(1).header("a", "c\r\nd: e"), "headers"),
        (
            base().node_id(1).header("Content-Type", "text/plain"),
            "headers",
        ),
        (base().node_id(1).auth(Auth::api_key("a b")), "credential"),
        (base().node_id(1).auth(Auth::jwt("")), "credential"),
    ] {
        let error = options.clone().build().unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions, "{options:?}");
        assert!(error.message().contains(named), "{error} names {named}");
    }
    let (client, http) = client(options(), |_| ok(json!(1)));
    for error in [
        client.invoke::<Value>("a b", &()).await.unwrap_err(),
        client
            .invoke::<Value>("a", &())
            .header("a:", "b")
            .await
            .unwrap_err(),
        client
            .invoke::<Value>("a", &())
            .timeout(Duration::ZERO)
            .await
            .unwrap_err(),
        client.task_status::<Value>("../invoke").await.unwrap_err(),
        client.cancel_task("").await.unwrap_err(),
    ] {
        assert_eq!(error.code(), &ErrorCode::InvalidOptions, "{error}");
    }
    assert!(http.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_polls_through_passing_failures_and_tells_news_only() {
    let replies = [
        task(200, "Running", 0.1),
        error(503, "unavailable", true),
        task(200, "Running", 0.1),
        Reply::Broken,
        task(200, "Napping", 0.5),
        task(200, "Completed", 1.0),
    ];
    let (client, http) = client(options(), in_turn(replies));
    let mut seen = Vec::new();
    let done = client
        .wait_for_task::<Value>("t-1")
        .poll_interval(Duration::from_millis(100))
        .on_progress(|status| seen.push(status.state.to_string()))
        .await
        .unwrap();
    assert_eq!(done.result, Some(json!({ "paid": 12 })));
    assert_eq!(seen, ["Running", "Napping", "Completed"]);
    let sent = http.sent();
    assert_eq!(sent.len(), 6);
    assert!(
        sent.windows(2)
            .all(|two| two[1].at - two[0].at == Duration::from_millis(100))
    );
    assert!(
        sent.iter()
            .all(|request| request.path == "/base/ncp/nodes/42/tasks/t-1")
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_with_lasting_errors_and_its_own_time() {
    for (status, code) in [
        (401, "unauthenticated"),
        (403, "forbidden"),
        (404, "task_not_found"),
        (410, "task_expired"),
    ] {
        let (client, http) = client(
            options(),
            in_turn([task(200, "Running", 0.1), error(status, code, false)]),
        );
        let wait = client
            .wait_for_task::<Value>("t-1")
            .poll_interval(Duration::from_millis(1));
        assert_eq!(wait.await.unwrap_err().code().as_str(), code);
        assert_eq!(http.sent().len(), 2);
    }
    let (client, _) = client(options(), in_turn([task(200, "Running", 0.1)]));
    let began = Instant::now();
    let wait = client
        .wait_for_task::<Value>("t-1")
        .timeout(Duration::from_secs(7));
    assert_eq!(wait.await.unwrap_err().code(), &ErrorCode::Timeout);
    assert_eq!(began.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn input_is_sent_as_the_tasks_own_action() {
    let (client, http) = client(options(), |sent| match sent.method {
        "GET" => task(200, "InputRequired", 0.5),
        _ => task(202, "Running", 0.5),
    });
    let status = client
        .provide_input("t-1", &json!({ "approved": true }))
        .await
        .unwrap();
    assert_eq!(status.state.as_str(), "Running");
    let sent = &http.sent()[1];
    assert_eq!(
        (sent.method, sent.path.as_str()),
        ("POST", "/base/ncp/nodes/42/tasks/t-1/input")
    );
    let message = sent.json();
    assert_eq!(message["type"], "Command");
    assert_eq!(
        message["body"]["data"]["payload"],
        json!({ "approved": true })
    );
    let ncp = &message["body"]["data"]["metadata"]["extensions"]["ncp"];
    assert_eq!(
        *ncp,
        json!({ "action": "run-payroll", "pattern": "task-start", "nodeId": 42 })
    );
}
