//! The fake: the real client over a script.

#![allow(missing_docs)]
#![cfg(not(target_arch = "wasm32"))]

use std::time::Duration;

use ancp_core::fake::{FakeClient, FakeStep, FakeStream, FakeTask};
use ancp_core::message::Pattern;
use ancp_core::{ClientBuilder, Error, ErrorCode, Json, Payer, Payment, PaymentReason, TaskState};
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::time::Instant;

fn json_text(text: &str) -> Json {
    Json::parse(text.to_owned()).unwrap()
}

#[tokio::test]
async fn it_answers_fails_and_captures() {
    let fake = FakeClient::new();
    fake.setup_response("get-order", &json!({ "status": "Active" }))
        .unwrap();
    fake.setup_response_with("double", |call| {
        Ok(json_text(&format!("[{0},{0}]", call.payload.as_str())))
    });
    fake.setup_error("bad-action", Error::new(ErrorCode::Forbidden, "no"));

    let order: Value = fake
        .invoke("get-order", &json!({ "orderId": "ORD-1" }))
        .header("x-a", "b")
        .await
        .unwrap();
    assert_eq!(order["status"], "Active");
    assert_eq!(fake.invoke::<Vec<u8>>("double", &4).await.unwrap(), [4, 4]);
    let error = fake.invoke::<Value>("bad-action", &()).await.unwrap_err();
    assert_eq!((error.code(), error.status()), (&ErrorCode::Forbidden, 403));
    fake.setup_response_with("log-event", |_| {
        Err(Error::new(ErrorCode::HandlerError, "full"))
    });
    fake.fire_and_forget("log-event", &json!({ "type": "x" }))
        .await
        .unwrap();

    let calls = fake.captured_calls();
    let actions: Vec<&str> = calls.iter().map(|call| &*call.action).collect();
    assert_eq!(actions, ["get-order", "double", "bad-action", "log-event"]);
    assert_eq!(calls[0].payload.as_str(), r#"{"orderId":"ORD-1"}"#);
    assert_eq!(calls[0].headers, [("x-a".to_owned(), "b".to_owned())]);
    assert_eq!(calls[3].pattern, Pattern::FireAndForget);
    fake.reset();
    assert!(fake.captured_calls().is_empty());
}

#[tokio::test]
async fn it_refuses_what_a_node_would_refuse() {
    let fake = FakeClient::new();
    fake.setup_response("get-order", &1).unwrap();
    let unknown = fake.invoke::<Value>("get-odrer", &()).await.unwrap_err();
    assert_eq!(unknown.code(), &ErrorCode::ActionNotFound);
    let unheard = fake.fire_and_forget("log-event", &()).await.unwrap_err();
    assert_eq!(unheard.code(), &ErrorCode::ActionNotFound);
    fake.setup_error("down", Error::new(ErrorCode::Unavailable, "no"));
    fake.invoke::<Value>("down", &()).await.unwrap_err();
    assert_eq!(
        fake.captured_calls()
            .iter()
            .filter(|call| call.action == "down")
            .count(),
        1
    );
    let other = fake.start_task("get-order", &()).await.unwrap_err();
    assert_eq!(other.code(), &ErrorCode::PatternMismatch);
    let stream = fake
        .stream::<Value>("get-order", &())
        .next()
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(stream.code(), &ErrorCode::PatternMismatch);
    let invalid = fake.invoke::<Value>("no spaces", &()).await.unwrap_err();
    assert_eq!(invalid.code(), &ErrorCode::InvalidOptions);
    fake.close();
    assert_eq!(fake.ping().await.unwrap_err().code(), &ErrorCode::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_delays_and_may_fail_at_its_end() {
    let fake = FakeClient::new();
    let chunks = || (1..=3).map(|number| json_text(&number.to_string()));
    fake.setup_stream(
        "whole",
        FakeStream::new(chunks()).delay(Duration::from_millis(10)),
    );
    let failing = FakeStream::new(chunks()).fails(Error::new(ErrorCode::HandlerError, "no paper"));
    fake.setup_stream("failing", failing);

    let began = Instant::now();
    let whole: Vec<u32> = fake
        .stream::<u32>("whole", &())
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(whole, [1, 2, 3]);
    assert_eq!(began.elapsed(), Duration::from_millis(30));

    let failing: Vec<ancp_core::Result<u32>> = fake.stream("failing", &()).collect().await;
    assert_eq!(failing.len(), 4);
    assert_eq!(
        failing[3].as_ref().unwrap_err().code(),
        &ErrorCode::HandlerError
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_lives_by_its_script_whether_polled_or_listened_to() {
    for poll in [None, Some(Duration::from_millis(1))] {
        let fake = FakeClient::new();
        fake.setup_task(
            "run-payroll",
            FakeTask::new([
                FakeStep::running(0.5).message("half"),
                FakeStep::completed(json_text(r#"{"paid":12}"#)).after(Duration::from_secs(2)),
            ]),
        );
        let began = Instant::now();
        let task = fake
            .start_task("run-payroll", &json!({ "month": "2026-03" }))
            .await
            .unwrap();
        assert_eq!(task.state, TaskState::Pending);
        let mut seen = Vec::new();
        let mut wait = fake.wait_for_task::<Value>(&task.task_id);
        if let Some(interval) = poll {
            wait = wait.poll_interval(interval);
        }
        let done = wait
            .on_progress(|status| seen.push(status.state.to_string()))
            .await
            .unwrap();
        assert_eq!(done.result, Some(json!({ "paid": 12 })));
        assert!(began.elapsed() >= Duration::from_secs(2));
        assert_eq!(seen.last().unwrap(), "Completed");
        assert!(seen.contains(&"Running".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_is_driven_from_the_test() {
    let fake = FakeClient::new();
    fake.setup_task(
        "approve",
        FakeTask::new([FakeStep::input_required("sign here")]),
    );
    let task = fake.start_task("approve", &()).await.unwrap();
    let waiting = {
        let client = fake.client();
        let task_id = task.task_id.to_string();
        tokio::spawn(async move { client.wait_for_task::<Value>(&task_id).await })
    };
    tokio::time::sleep(Duration::from_millis(1)).await;
    let early = fake.task_status::<Value>(&task.task_id).await.unwrap();
    assert_eq!(early.state, TaskState::InputRequired);
    fake.provide_input(&task.task_id, &true).await.unwrap();
    let again = fake.provide_input(&task.task_id, &true).await.unwrap_err();
    assert_eq!(again.code(), &ErrorCode::TaskNotWaiting);
    fake.push_step(
        &task.task_id,
        FakeStep::failed(&Error::new(ErrorCode::HandlerError, "no ink")),
    )
    .unwrap();
    let done = waiting.await.unwrap().unwrap();
    assert_eq!(done.state, TaskState::Failed);
    assert_eq!(done.error.unwrap().code, ErrorCode::HandlerError);
    let cancelled = fake.cancel_task(&task.task_id).await.unwrap();
    assert_eq!(
        cancelled.state,
        TaskState::Failed,
        "a final state never changes"
    );
    let unknown = fake.cancel_task("nobody").await.unwrap_err();
    assert_eq!(unknown.code(), &ErrorCode::TaskNotFound);
}

#[tokio::test]
async fn system_actions_tell_of_the_script() {
    let fake = FakeClient::new();
    fake.setup_response("get-order", &1).unwrap();
    fake.setup_stream("generate-report", FakeStream::new([]));
    assert_eq!(fake.ping().await.unwrap().status, "ok");
    assert!(fake.status().await.unwrap().accepting_calls);
    let actions = fake.capabilities().await.unwrap().actions;
    let known: Vec<(&str, &str)> = actions
        .iter()
        .map(|action| (action.action.as_str(), action.pattern.as_str()))
        .collect();
    assert_eq!(
        known,
        [
            ("generate-report", "streaming"),
            ("get-order", "request-reply")
        ]
    );
    let negotiated = fake.negotiate(["get-order", "fly"]).await.unwrap();
    assert_eq!(negotiated.supported.len(), 1);
    assert_eq!(negotiated.missing, ["fly"]);
    assert_eq!(fake.discover().await.unwrap().nodes[0].actions.len(), 2);
    assert!(fake.captured_calls().is_empty());
}

#[test]
fn clients_go_wherever_threads_go() {
    fn goes<T: Send + Sync>() {}
    fn moves<T: Send>() {}
    goes::<ancp_core::AncpClient>();
    goes::<FakeClient>();
    goes::<Error>();
    goes::<ancp_core::ClientBuilder>();
    moves::<ancp_core::typed::ChunkStream<Value>>();
    moves::<ancp_core::typed::Call<'_, Value>>();
    moves::<ancp_core::typed::WaitCall<'_, Value>>();
}

#[tokio::test]
async fn an_action_with_a_price_must_be_paid() {
    let fake = FakeClient::new();
    for action in ["run", "other"] {
        fake.setup_response(action, &"done").unwrap();
        fake.setup_price(action, "5.00");
    }
    fake.setup_stream("report", FakeStream::new([json_text("1")]));
    fake.setup_price("report", "1");
    let error = fake.invoke::<Value>("run", &()).await.unwrap_err();
    let terms = error.payment().unwrap();
    assert_eq!(
        (&*terms.price_usdc, terms.receipt_validity_sec),
        ("5.00", 300)
    );
    let mut chunks = fake.stream::<Value>("report", &());
    assert!(
        chunks
            .next()
            .await
            .unwrap()
            .unwrap_err()
            .payment()
            .is_some()
    );
    let payment = Payment {
        tx_hash: "0x1".into(),
        payer: "0x2".into(),
    };
    let receipt = fake.pay("run", &payment).await.unwrap();
    assert_eq!((&*receipt.amount_usdc, &*receipt.payer), ("5.00", "0x2"));
    let paid = fake
        .invoke::<Value>("run", &())
        .receipt_id(&receipt.receipt_id);
    assert_eq!(paid.await.unwrap(), "done");
    let last = fake.captured_calls().pop().unwrap();
    assert_eq!(last.receipt_id.as_deref(), Some(&*receipt.receipt_id));

    let reason = |error: Error| error.payment_reason().unwrap();
    let again = fake.pay("run", &payment).await.unwrap_err();
    assert_eq!(reason(again), PaymentReason::AlreadyUsed);
    let foreign = fake
        .invoke::<Value>("other", &())
        .receipt_id(&receipt.receipt_id);
    assert_eq!(
        reason(foreign.await.unwrap_err()),
        PaymentReason::ReceiptMismatch
    );
    let unknown = fake.invoke::<Value>("run", &()).receipt_id("x");
    assert_eq!(
        reason(unknown.await.unwrap_err()),
        PaymentReason::ReceiptUnknown
    );
    let free = fake.pay("free", &payment).await.unwrap_err();
    assert_eq!(free.code(), &ErrorCode::InvalidPayload);

    assert_eq!(fake.payment_info().await.unwrap().prices.len(), 3);
    let actions = fake.capabilities().await.unwrap().actions;
    assert!(actions.iter().all(|action| action.price_usdc.is_some()));
}

#[tokio::test]
async fn a_payer_of_the_code_under_test_is_tried_out() {
    let payer = Payer::new(|terms| async move {
        std::io::Result::Ok(Payment {
            tx_hash: format!("0x{}", terms.action),
            payer: "0x2".into(),
        })
    });
    let options = ClientBuilder::new()
        .base_url("http://fake.invalid")
        .node_id("fake");
    let fake = FakeClient::with_options(options.payer(payer.max_per_call("5").max_total("5")));
    let fake = fake.unwrap();
    fake.setup_response("run", &"done").unwrap();
    fake.setup_price("run", "5.00");
    assert_eq!(fake.invoke::<Value>("run", &()).await.unwrap(), "done");
}
