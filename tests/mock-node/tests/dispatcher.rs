//! The dispatcher's rules without HTTP, in virtual time.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ancp_core::Json;
use ancp_mock_node::{
    Action, ActionContext, Answer, Credentials, Failure, Limits, Node, NodeBuilder, Post, Role,
    Sender, StreamConnection, StreamEvent, TaskContext,
};
use common::{Call, ncp, payload, within_limit};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::time::{Instant, advance, sleep};

/// Virtual: longer than any window.
const LIMIT: Duration = Duration::from_secs(30 * 24 * 3600);

async fn within<F: Future>(future: F) -> F::Output {
    within_limit(LIMIT, future).await
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn by(api_key: Option<&str>) -> Sender {
    Sender {
        credentials: Credentials {
            api_key: api_key.map(Into::into),
            ..Credentials::default()
        },
        endpoint: "http://node.test/ncp/nodes/42".into(),
        remote: [127, 0, 0, 1].into(),
        traceparent: None,
        tracestate: None,
    }
}

/// The usual caller.
fn ada() -> Sender {
    by(Some("ada-key"))
}

fn builder() -> NodeBuilder {
    NodeBuilder::new(42, 7)
        .api_key("ada", "ada-key", Role::USUAL)
        .api_key("bob", "bob-key", Role::USUAL)
        .api_key("root", "root-key", [Role::Admin])
}

/// An answer as the wire has it: the status, and the envelope.
fn reply(answer: Answer) -> (u16, Value) {
    match answer {
        Answer::Reply(reply) => {
            let envelope = serde_json::from_str(&reply.message.to_envelope()).unwrap();
            (reply.status, envelope)
        }
        Answer::Done => (204, Value::Null),
        Answer::Stream(_) | Answer::TaskEvents(_) => panic!("events"),
    }
}

fn code(answer: Answer) -> (u16, String) {
    let (status, envelope) = reply(answer);
    let code = ncp(&envelope)["error"]["code"].as_str();
    (status, code.unwrap_or_default().to_owned())
}

fn connection(answer: Answer) -> StreamConnection {
    match answer {
        Answer::Stream(connection) => connection,
        other => panic!("no stream: {:?}", code(other)),
    }
}

async fn post(node: &Node, to: Post<'_>, call: &Call) -> Answer {
    within(node.post(to, call.text().into(), ada())).await
}

async fn numbers(connection: &mut StreamConnection, most: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.len() < most {
        match within(connection.next()).await {
            Some(StreamEvent::Chunk(number, _)) => numbers.push(number),
            _ => break,
        }
    }
    numbers
}

/// A node whose action counts its runs.
fn counting(limits: Limits) -> (Node, Arc<AtomicU32>) {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let count = move |ctx: ActionContext<u64>| {
        let counter = counter.clone();
        async move {
            let run = counter.fetch_add(1, Ordering::SeqCst) + 1;
            sleep(Duration::from_millis(ctx.payload)).await;
            Ok(run)
        }
    };
    let node = builder().limits(limits).on_invoke("count", count).build();
    (node.unwrap(), runs)
}

#[tokio::test(start_paused = true)]
async fn a_repeated_call_gets_the_stored_answer() {
    let (node, runs) = counting(Limits::default());
    let call = Call::invoke("count", json!(0));
    let first = reply(post(&node, Post::Invoke, &call).await);
    advance(secs(599)).await;
    let again = reply(post(&node, Post::Invoke, &call).await);
    assert_eq!(first, again);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    let other = call.clone().with_payload(json!(1));
    let refused = code(post(&node, Post::Invoke, &other).await);
    assert_eq!(refused, (409, "duplicate_id".into()));
    // Another caller's ids are others.
    let bob = within(node.post(Post::Invoke, call.text().into(), by(Some("bob-key"))));
    assert_eq!(payload(&reply(bob.await).1), 2);
    // Whitespace is other bytes.
    let spaced = format!(" {}", call.text());
    let refused = code(within(node.post(Post::Invoke, spaced.into(), ada())).await);
    assert_eq!(refused, (409, "duplicate_id".into()));
    advance(secs(2)).await;
    assert_eq!(payload(&reply(post(&node, Post::Invoke, &call).await).1), 3);
}

#[tokio::test(start_paused = true)]
async fn repeats_of_a_running_call_share_its_answer() {
    let (node, runs) = counting(Limits::default());
    let call = Call::invoke("count", json!(5000));
    let started = Instant::now();
    let (first, second) = tokio::join!(post(&node, Post::Invoke, &call), async {
        sleep(secs(1)).await;
        post(&node, Post::Invoke, &call).await
    });
    assert_eq!(reply(first), reply(second));
    assert_eq!(started.elapsed(), secs(5));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_does_not_stop_the_handler() {
    let (node, runs) = counting(Limits::default());
    let call = Call::invoke("count", json!(5000));
    let gone = tokio::time::timeout(secs(1), node.post(Post::Invoke, call.text().into(), ada()));
    assert!(gone.await.is_err());
    assert_eq!(payload(&reply(post(&node, Post::Invoke, &call).await).1), 1);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn refusals_before_the_handler_are_not_stored() {
    let (node, runs) = counting(Limits::default());
    let bad = Call::invoke("count", json!("not a number"));
    let refused = code(post(&node, Post::Invoke, &bad).await);
    assert_eq!(refused, (400, "invalid_payload".into()));
    let good = bad.with_payload(json!(0));
    assert_eq!(reply(post(&node, Post::Invoke, &good).await).0, 200);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn retryable_answers_are_not_stored_but_others_are() {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let node = builder()
        .on_invoke("fail", move |ctx: ActionContext<bool>| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move { Err::<(), _>(Failure::handler("no").retryable(ctx.payload)) }
        })
        .build()
        .unwrap();
    for (retryable, expected) in [(true, 2), (false, 1)] {
        runs.store(0, Ordering::SeqCst);
        let call = Call::invoke("fail", json!(retryable));
        for _ in 0..2 {
            let answer = code(post(&node, Post::Invoke, &call).await);
            assert_eq!(answer, (500, "handler_error".into()));
        }
        assert_eq!(runs.load(Ordering::SeqCst), expected, "{retryable}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_handler_is_cancelled_and_run_again_only_when_it_has_ended() {
    let running = Arc::new(AtomicU32::new(0));
    let runs = Arc::new(AtomicU32::new(0));
    let (now, all) = (running.clone(), runs.clone());
    let stubborn = move |ctx: ActionContext<Json>| {
        let (now, all) = (now.clone(), all.clone());
        async move {
            assert_eq!(now.fetch_add(1, Ordering::SeqCst), 0, "two runs at once");
            let run = all.fetch_add(1, Ordering::SeqCst) + 1;
            if run == 1 {
                ctx.cancellation.cancelled().await;
                sleep(secs(3)).await;
            }
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(run)
        }
    };
    let mut limits = Limits::default();
    limits.handler_timeout = secs(10);
    let node = builder()
        .limits(limits)
        .on_invoke("stubborn", stubborn)
        .build()
        .unwrap();
    let call = Call::invoke("stubborn", json!({}));
    let started = Instant::now();
    let (status, envelope) = reply(post(&node, Post::Invoke, &call).await);
    assert_eq!((status, started.elapsed()), (504, secs(10)));
    assert_eq!(ncp(&envelope)["error"]["retryable"], true);
    // Judged afresh, also with other bytes.
    let repeated = call.with_payload(json!({ "other": true }));
    let (status, envelope) = reply(post(&node, Post::Invoke, &repeated).await);
    assert_eq!((status, started.elapsed()), (200, secs(13)));
    assert_eq!(payload(&envelope), 2);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_keeps_its_repeats_out() {
    let node = builder()
        .on_invoke("deaf", async |_: ActionContext<Json>| {
            std::future::pending::<Result<(), Failure>>().await
        })
        .build()
        .unwrap();
    let call = Call::invoke("deaf", json!({}));
    for _ in 0..2 {
        let answer = code(post(&node, Post::Invoke, &call).await);
        assert_eq!(answer, (504, "timeout".into()));
    }
}

#[tokio::test(start_paused = true)]
async fn panics_are_handler_errors() {
    let node = builder()
        .on_invoke(
            "invoke",
            async |_: ActionContext<Json>| -> Result<(), Failure> { panic!("on purpose") },
        )
        .on_stream(
            "stream",
            |_: ActionContext<Json>| -> stream::Empty<Result<(), Failure>> { panic!("on purpose") },
        )
        .on_task(
            "task",
            async |_: TaskContext<Json>| -> Result<(), Failure> { panic!("on purpose") },
        )
        .build()
        .unwrap();
    let answer = post(&node, Post::Invoke, &Call::invoke("invoke", json!({}))).await;
    assert_eq!(code(answer), (500, "handler_error".into()));
    let answer = post(&node, Post::Stream, &Call::stream("stream", json!({}))).await;
    let event = within(connection(answer).next()).await;
    assert!(matches!(event, Some(StreamEvent::Error(_))));
    let id = start(&node, "task", json!({})).await;
    let status = finished(&node, &id).await;
    assert_eq!(ncp(&status)["task"]["state"], "Failed");
    assert_eq!(ncp(&status)["task"]["error"]["code"], "handler_error");
}

#[tokio::test(start_paused = true)]
async fn fire_and_forget_answers_before_the_handler_runs() {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let node = builder()
        .on_fire_and_forget("log", move |_: ActionContext<Json>| {
            let counter = counter.clone();
            async move {
                sleep(secs(1)).await;
                counter.fetch_add(1, Ordering::SeqCst);
                Err(Failure::handler("only logged"))
            }
        })
        .build()
        .unwrap();
    let call = Call::fire("log", json!({}));
    let (status, envelope) = reply(post(&node, Post::Fire, &call).await);
    assert_eq!((status, payload(&envelope)), (202, &Value::Null));
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    assert_eq!(reply(post(&node, Post::Fire, &call).await).0, 202);
    sleep(secs(5)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn the_handler_sees_the_call() {
    let node = builder()
        .on_invoke("who", async |ctx: ActionContext<Json>| {
            let call = &ctx.call;
            Ok(json!([
                call.action,
                call.node_id.as_str(),
                call.tenant_id,
                call.caller.subject(),
                call.message_id,
                call.correlation_id,
                call.traceparent,
                call.receipt_id,
            ]))
        })
        .build()
        .unwrap();
    let call = Call::invoke("who", json!(null))
        .with("correlationId", "c")
        .with_ncp("traceparent", "t")
        .with_ncp("receiptId", "r");
    let (_, envelope) = reply(post(&node, Post::Invoke, &call).await);
    let expected = json!(["who", "42", "7", "ada", call.id(), "c", "t", "r"]);
    assert_eq!(payload(&envelope), &expected);
}

fn counter(limits: Limits) -> Node {
    let builder = builder()
        .limits(limits)
        .on_stream("count", |ctx: ActionContext<u64>| {
            stream::iter((1..=ctx.payload).map(Ok::<_, Failure>))
        });
    let silent = |_: ActionContext<Json>| stream::pending::<Result<(), Failure>>();
    let builder = builder.on_stream("silent", silent);
    builder
        .on_stream(
            Action::new("once").resumable(false),
            |ctx: ActionContext<u64>| stream::iter((1..=ctx.payload).map(Ok::<_, Failure>)),
        )
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_resumed_where_it_was_left() {
    let node = counter(Limits::default());
    let call = Call::stream("count", json!(5));
    let mut first = connection(post(&node, Post::Stream, &call).await);
    assert_eq!(numbers(&mut first, 2).await, [1, 2]);
    let id = first.stream_id().to_owned();
    drop(first);
    sleep(secs(59)).await;
    let mut second = connection(node.resume_stream(&id, Some("2"), &ada()).await);
    assert_eq!(numbers(&mut second, 9).await, [3, 4, 5]);
    drop(second);
    // Over, but kept for its window.
    let mut third = connection(node.resume_stream(&id, Some("5"), &ada()).await);
    let event = within(third.next()).await;
    let Some(StreamEvent::Done(done)) = event else {
        panic!("{event:?}");
    };
    let done: Value = serde_json::from_str(&done.to_envelope()).unwrap();
    assert_eq!(
        ncp(&done)["stream"],
        json!({ "streamId": id, "sequence": 5, "final": true })
    );
    assert_eq!(done["correlationId"], call.id());
    assert!(within(third.next()).await.is_none());
    // The same call again: the same stream from its beginning.
    let mut again = connection(post(&node, Post::Stream, &call).await);
    assert_eq!(again.stream_id(), id);
    assert_eq!(numbers(&mut again, 9).await, [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_expires_when_nobody_comes_back() {
    let node = counter(Limits::default());
    let call = Call::stream("count", json!(5));
    let id = connection(post(&node, Post::Stream, &call).await)
        .stream_id()
        .to_owned();
    sleep(secs(61)).await;
    let expired = (410, "stream_expired".to_owned());
    assert_eq!(code(node.resume_stream(&id, None, &ada()).await), expired);
    assert_eq!(code(post(&node, Post::Stream, &call).await), expired);
    let bob = node.resume_stream(&id, None, &by(Some("bob-key"))).await;
    assert_eq!(code(bob), (404, "stream_not_found".into()));
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_replaces_the_old_one() {
    let node = counter(Limits::default());
    let call = Call::stream("silent", json!({}));
    let mut first = connection(post(&node, Post::Stream, &call).await);
    let id = first.stream_id().to_owned();
    let waiting = tokio::spawn(async move { first.next().await.is_none() });
    sleep(secs(1)).await;
    let mut second = connection(node.resume_stream(&id, Some("0"), &ada()).await);
    assert!(within(waiting).await.unwrap(), "the old connection ends");
    let third = connection(post(&node, Post::Stream, &call).await);
    assert!(within(second.next()).await.is_none());
    // The old ones' windows are over; the stream has its third reader.
    sleep(secs(100)).await;
    drop(third);
    sleep(secs(59)).await;
    connection(node.resume_stream(&id, None, &ada()).await);
}

#[tokio::test(start_paused = true)]
async fn deleted_streams_are_expired_and_then_unknown() {
    let node = counter(Limits::default());
    let mut running =
        connection(post(&node, Post::Stream, &Call::stream("silent", json!({}))).await);
    let id = running.stream_id().to_owned();
    let gone = async |node: &Node| code(node.resume_stream(&id, None, &ada()).await);
    // Not another's to end.
    assert_eq!(
        reply(node.end_stream(&id, &by(Some("bob-key"))).await).0,
        204
    );
    drop(connection(
        node.resume_stream(&id, None, &by(Some("root-key"))).await,
    ));
    assert!(within(running.next()).await.is_none());
    for _ in 0..2 {
        assert_eq!(reply(node.end_stream(&id, &ada()).await).0, 204);
    }
    sleep(secs(59)).await;
    assert_eq!(gone(&node).await, (410, "stream_expired".into()));
    sleep(secs(2)).await;
    assert_eq!(gone(&node).await, (404, "stream_not_found".into()));
    assert_eq!(reply(node.end_stream(&id, &ada()).await).0, 204);
}

#[tokio::test(start_paused = true)]
async fn last_event_ids() {
    let node = counter(Limits::default());
    let mut first = connection(post(&node, Post::Stream, &Call::stream("count", json!(3))).await);
    numbers(&mut first, 9).await;
    let id = first.stream_id().to_owned();
    let bad = (400, "invalid_envelope".to_owned());
    let expired = (410, "stream_expired".to_owned());
    for (last, expected) in [
        ("x", &bad),
        ("", &bad),
        ("-1", &bad),
        ("+1", &bad),
        ("1.0", &bad),
        ("4", &expired),
        ("99999999999999999999999999", &expired),
    ] {
        let answer = code(node.resume_stream(&id, Some(last), &ada()).await);
        assert_eq!(&answer, expected, "{last}");
    }
    assert_eq!(
        code(node.resume_stream("nope", Some("x"), &ada()).await),
        bad
    );
    for (last, expected) in [
        (None, vec![1, 2, 3]),
        (Some("002"), vec![3]),
        (Some("3"), vec![]),
    ] {
        let mut connection = connection(node.resume_stream(&id, last, &ada()).await);
        assert_eq!(numbers(&mut connection, 9).await, expected, "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_buffer_is_bounded() {
    let mut limits = Limits::default();
    limits.stream_buffer = 3;
    let produced = Arc::new(AtomicU32::new(0));
    let count = produced.clone();
    let node = builder()
        .limits(limits)
        .on_stream("endless", move |_: ActionContext<Json>| {
            let count = count.clone();
            stream::repeat_with(move || Ok::<_, Failure>(count.fetch_add(1, Ordering::SeqCst)))
        })
        .build()
        .unwrap();
    let mut first =
        connection(post(&node, Post::Stream, &Call::stream("endless", json!({}))).await);
    sleep(secs(1)).await;
    assert_eq!(
        produced.load(Ordering::SeqCst),
        3,
        "no further than the buffer"
    );
    assert_eq!(numbers(&mut first, 10).await.last(), Some(&10));
    sleep(secs(1)).await;
    assert_eq!(produced.load(Ordering::SeqCst), 13);
    let id = first.stream_id().to_owned();
    // 11 to 13 are kept, and nothing of what was given.
    assert_eq!(
        code(node.resume_stream(&id, Some("9"), &ada()).await).0,
        410
    );
    let mut second = connection(node.resume_stream(&id, Some("10"), &ada()).await);
    assert_eq!(numbers(&mut second, 2).await, [11, 12]);
}

#[tokio::test(start_paused = true)]
async fn streams_that_can_not_be_resumed() {
    let node = counter(Limits::default());
    let call = Call::stream("once", json!(2));
    let mut only = connection(post(&node, Post::Stream, &call).await);
    let Some(StreamEvent::Chunk(1, chunk)) = within(only.next()).await else {
        panic!("no chunk");
    };
    let chunk: Value = serde_json::from_str(&chunk.to_envelope()).unwrap();
    assert_eq!(ncp(&chunk)["stream"]["resumable"], false);
    let id = only.stream_id().to_owned();
    assert_eq!(
        code(node.resume_stream(&id, Some("1"), &ada()).await).0,
        410
    );
    assert_eq!(
        code(post(&node, Post::Stream, &call).await),
        (410, "stream_expired".into())
    );
    assert_eq!(numbers(&mut only, 9).await, [2], "it was not replaced");
}

#[tokio::test(start_paused = true)]
async fn abandoned_streams_stop_their_handler() {
    let (sender, mut dropped) = tokio::sync::mpsc::channel::<()>(1);
    let sender = std::sync::Mutex::new(Some(sender));
    let node = builder()
        .on_stream("held", move |_: ActionContext<Json>| {
            let held = sender.lock().unwrap().take();
            stream::unfold(held, |held| async {
                std::future::pending::<()>().await;
                Some((Ok::<_, Failure>(()), held))
            })
        })
        .build()
        .unwrap();
    let reader = connection(post(&node, Post::Stream, &Call::stream("held", json!({}))).await);
    let id = reader.stream_id().to_owned();
    sleep(secs(1)).await;
    drop(reader);
    node.end_stream(&id, &ada()).await;
    assert!(
        within(dropped.recv()).await.is_none(),
        "the handler is dropped"
    );
}

async fn start(node: &Node, action: &str, payload: Value) -> String {
    let (status, envelope) = reply(post(node, Post::Task, &Call::task(action, payload)).await);
    assert_eq!(status, 202, "{envelope}");
    assert_eq!(ncp(&envelope)["task"]["state"], "Pending");
    ncp(&envelope)["task"]["taskId"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn finished(node: &Node, id: &str) -> Value {
    let Answer::TaskEvents(mut watch) = node.task_events(id, &ada()).await else {
        panic!("no events");
    };
    let mut last = None;
    while let Some(message) = within(watch.next()).await {
        last = Some(message);
    }
    serde_json::from_str(&last.unwrap().to_envelope()).unwrap()
}

fn task_node() -> Node {
    builder()
        .on_task("work", async |ctx: TaskContext<u64>| {
            for step in 1..=4 {
                sleep(Duration::from_millis(ctx.payload / 4)).await;
                ctx.progress(f64::from(step) / 4.0, format!("step {step}"));
            }
            Ok("done")
        })
        .on_task("ask", async |ctx: TaskContext<Json>| {
            ctx.request_input::<u32>("how many?").await
        })
        .on_task("refuse", async |ctx: TaskContext<bool>| {
            if ctx.payload {
                ctx.progress(0.1, "begun");
            }
            Err::<(), _>(Failure::rejected("not that"))
        })
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_task_reports_its_way() {
    let node = task_node();
    let call = Call::task("work", json!(4000)).with("correlationId", "c-1");
    let (_, started) = reply(post(&node, Post::Task, &call).await);
    let id = ncp(&started)["task"]["taskId"].as_str().unwrap();
    let (_, again) = reply(post(&node, Post::Task, &call).await);
    assert_eq!(ncp(&again)["task"]["taskId"], id);
    let Answer::TaskEvents(mut watch) = node.task_events(id, &ada()).await else {
        panic!("no events");
    };
    let mut seen = Vec::new();
    while let Some(message) = within(watch.next()).await {
        let envelope: Value = serde_json::from_str(&message.to_envelope()).unwrap();
        assert_eq!(envelope["correlationId"], "c-1");
        let task = &ncp(&envelope)["task"];
        seen.push((
            task["state"].clone(),
            task["progress"].clone(),
            payload(&envelope).clone(),
        ));
    }
    let row = |state: &str, progress: Value, result: Value| (json!(state), progress, result);
    assert_eq!(
        seen.first(),
        Some(&row("Pending", Value::Null, Value::Null))
    );
    assert!(
        seen.contains(&row("Running", json!(0.25), Value::Null)),
        "{seen:?}"
    );
    assert_eq!(
        seen.last(),
        Some(&row("Completed", json!(1), json!("done")))
    );
    let (status, envelope) = reply(node.task_status(id, &ada()).await);
    assert_eq!((status, payload(&envelope)), (200, &json!("done")));
    assert_eq!(envelope["correlationId"], "c-1");
}

#[tokio::test(start_paused = true)]
async fn cancelling() {
    let node = task_node();
    let id = start(&node, "work", json!(60_000)).await;
    sleep(secs(20)).await;
    let (status, envelope) = reply(node.cancel_task(&id, &ada()).await);
    assert_eq!(
        (status, &ncp(&envelope)["task"]["state"]),
        (200, &json!("Cancelled"))
    );
    sleep(secs(60)).await;
    let (_, later) = reply(node.task_status(&id, &ada()).await);
    assert_eq!(
        ncp(&later)["task"],
        ncp(&envelope)["task"],
        "a final state never changes"
    );
    // Cancelling what is over changes nothing.
    let id = start(&node, "work", json!(0)).await;
    finished(&node, &id).await;
    let (status, envelope) = reply(node.cancel_task(&id, &ada()).await);
    assert_eq!(
        (status, &ncp(&envelope)["task"]["state"]),
        (200, &json!("Completed"))
    );
}

#[tokio::test(start_paused = true)]
async fn rejection_is_before_any_work() {
    let node = task_node();
    for (begun, state) in [(false, "Rejected"), (true, "Failed")] {
        let id = start(&node, "refuse", json!(begun)).await;
        let status = finished(&node, &id).await;
        assert_eq!(ncp(&status)["task"]["state"], state);
        assert_eq!(ncp(&status)["task"]["error"]["message"], "not that");
    }
}

#[tokio::test(start_paused = true)]
async fn input() {
    let node = task_node();
    let id = start(&node, "ask", json!({})).await;
    let to = Post::Input(&id);
    sleep(secs(1)).await;
    let (_, waiting) = reply(node.task_status(&id, &ada()).await);
    assert_eq!(ncp(&waiting)["task"]["state"], "InputRequired");
    assert_eq!(ncp(&waiting)["task"]["message"], "how many?");
    let other = Call::task("work", json!(5));
    assert_eq!(
        code(post(&node, to, &other).await),
        (400, "invalid_envelope".into())
    );
    let wrong = Call::invoke("ask", json!(5));
    assert_eq!(
        code(post(&node, to, &wrong).await),
        (409, "pattern_mismatch".into())
    );
    let bad = Call::task("ask", json!("five"));
    assert_eq!(
        code(post(&node, to, &bad).await),
        (400, "invalid_payload".into())
    );
    let good = bad.with_payload(json!(5));
    let (status, envelope) = reply(post(&node, to, &good).await);
    assert_eq!(
        (status, &ncp(&envelope)["task"]["state"]),
        (202, &json!("Running"))
    );
    assert_eq!(envelope["correlationId"], good.id());
    assert_eq!(payload(&finished(&node, &id).await), 5);
    // A repeat is answered as before, not refused.
    assert_eq!(reply(post(&node, to, &good).await), (202, envelope));
    let late = Call::task("ask", json!(6));
    assert_eq!(
        code(post(&node, to, &late).await),
        (409, "task_not_waiting".into())
    );
    // The id of the input on another path.
    let moved = post(&node, Post::Task, &good).await;
    assert_eq!(code(moved), (409, "duplicate_id".into()));
    let unknown = post(&node, Post::Input("nope"), &late).await;
    assert_eq!(code(unknown), (404, "task_not_found".into()));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_waits_can_be_cancelled() {
    let node = task_node();
    let id = start(&node, "ask", json!({})).await;
    sleep(secs(1)).await;
    node.cancel_task(&id, &ada()).await;
    let call = Call::task("ask", json!(5));
    assert_eq!(
        code(post(&node, Post::Input(&id), &call).await).1,
        "task_not_waiting"
    );
    assert_eq!(
        ncp(&finished(&node, &id).await)["task"]["state"],
        "Cancelled"
    );
}

#[tokio::test(start_paused = true)]
async fn tasks_are_their_callers() {
    let node = task_node();
    let id = start(&node, "work", json!(1000)).await;
    let bob = by(Some("bob-key"));
    for answer in [
        node.task_status(&id, &bob).await,
        node.task_events(&id, &bob).await,
        node.cancel_task(&id, &bob).await,
        node.task_status("nope", &ada()).await,
    ] {
        assert_eq!(code(answer), (404, "task_not_found".into()));
    }
    let (_, envelope) = reply(node.task_status(&id, &by(Some("root-key"))).await);
    assert_eq!(ncp(&envelope)["caller"]["subject"], "root");
}

#[tokio::test(start_paused = true)]
async fn finished_tasks_are_kept_for_an_hour() {
    let node = task_node();
    let id = start(&node, "work", json!(0)).await;
    finished(&node, &id).await;
    sleep(secs(3599)).await;
    assert_eq!(reply(node.task_status(&id, &ada()).await).0, 200);
    sleep(secs(2)).await;
    // Starting another purges the first: it is expired either way.
    for _ in 0..2 {
        assert_eq!(
            code(node.task_status(&id, &ada()).await),
            (410, "task_expired".into())
        );
        start(&node, "work", json!(0)).await;
    }
    assert_eq!(
        code(node.task_status(&id, &by(Some("bob-key"))).await).0,
        404
    );
}

#[tokio::test(start_paused = true)]
async fn a_closed_node_takes_no_calls_and_ends_its_work() {
    let node = task_node();
    let id = start(&node, "work", json!(60_000)).await;
    node.close();
    assert_eq!(
        ncp(&finished(&node, &id).await)["task"]["state"],
        "Cancelled"
    );
    let refused = post(&node, Post::Task, &Call::task("work", json!(0))).await;
    assert_eq!(code(refused), (503, "unavailable".into()));
    let status = Call::invoke("ancp.status", Value::Null);
    let (_, envelope) = reply(post(&node, Post::Invoke, &status).await);
    assert_eq!(payload(&envelope)["acceptingCalls"], false);

    let node = counter(Limits::default());
    let mut reader =
        connection(post(&node, Post::Stream, &Call::stream("silent", json!({}))).await);
    node.close();
    assert!(matches!(
        within(reader.next()).await,
        Some(StreamEvent::Error(_))
    ));
}
