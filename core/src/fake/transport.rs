use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::ops::DerefMut;
use core::task::Poll;

use bytestring::ByteString;

use super::price::Prices;
use super::stream::FakeChunks;
use super::task::{FakeStep, FakeTask, Look, TaskRun, error_meta};
use crate::address::{Endpoint, NodeAddress};
use crate::json::Json;
use crate::message::{
    Message, MessageType, Ncp, Pattern, StreamMeta, TaskMeta, timestamp, uuid_v4,
};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync, Platform};
use crate::sync::Lock;
use crate::transport::{
    Answer, Batch, Event, EventKind, Events, Opened, Operation, Payload, Reply, Request, Transport,
};
use crate::{Error, ErrorCode, Result};

/// A call as the fake node got it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CapturedCall {
    /// The action.
    pub action: ByteString,
    /// The pattern.
    pub pattern: Pattern,
    /// The node or group that the call was for, as its address prints: `node:42`, `res:orders` …
    pub address: ByteString,
    /// The payload.
    pub payload: Json,
    /// The message's id.
    pub id: ByteString,
    /// The correlation id.
    pub correlation_id: Option<ByteString>,
    /// The receipt that the call was paid with.
    pub receipt_id: Option<ByteString>,
    /// The caller's additional headers; credentials are not among them.
    pub headers: Vec<(String, String)>,
}

/// Computes the answer to a call.
#[cfg(not(target_arch = "wasm32"))]
type Compute<T> = Arc<dyn Fn(CapturedCall) -> BoxFuture<'static, Result<T>> + Send + Sync>;
#[cfg(target_arch = "wasm32")]
type Compute<T> = Arc<dyn Fn(CapturedCall) -> BoxFuture<'static, Result<T>>>;

#[derive(Clone)]
enum Script {
    Reply(Compute<Json>),
    Stream(Compute<Box<dyn FakeChunks>>),
    Task(Compute<FakeTask>),
    Fail(Error),
}

/// A scripted transport. Clones share their script.
pub struct FakeTransport<P> {
    shared: Arc<Shared<P>>,
}

struct Shared<P> {
    platform: Arc<dyn Platform>,
    read: fn(&P) -> Json,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    scripts: BTreeMap<String, Script>,
    prices: Prices,
    captured: Vec<CapturedCall>,
    tasks: BTreeMap<ByteString, TaskRun>,
}

impl<P> Clone for FakeTransport<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<P> FakeTransport<P> {
    /// A fake that knows no action yet. `read` gives a payload's JSON text.
    pub fn new(platform: Arc<dyn Platform>, read: fn(&P) -> Json) -> Self {
        let state = Lock::default();
        Self {
            shared: Arc::new(Shared {
                platform,
                read,
                state,
            }),
        }
    }

    /// Answers an action with what the function computes. For a fire-and-forget action its result
    /// does not matter.
    pub fn on_invoke<F>(&self, action: &str, compute: F)
    where
        F: Fn(CapturedCall) -> BoxFuture<'static, Result<Json>> + MaybeSend + MaybeSync + 'static,
    {
        self.set(action, Script::Reply(Arc::new(compute)));
    }

    /// Answers an action with a stream of the chunks that the function's answer gives.
    pub fn on_stream<F>(&self, action: &str, compute: F)
    where
        F: Fn(CapturedCall) -> BoxFuture<'static, Result<Box<dyn FakeChunks>>>
            + MaybeSend
            + MaybeSync
            + 'static,
    {
        self.set(action, Script::Stream(Arc::new(compute)));
    }

    /// Answers an action with a task.
    pub fn on_task<F>(&self, action: &str, compute: F)
    where
        F: Fn(CapturedCall) -> BoxFuture<'static, Result<FakeTask>>
            + MaybeSend
            + MaybeSync
            + 'static,
    {
        self.set(action, Script::Task(Arc::new(compute)));
    }

    /// Fails an action, whatever its pattern.
    pub fn on_error(&self, action: &str, error: Error) {
        self.set(action, Script::Fail(error));
    }

    /// Gives an action a price in USDC, a decimal string. Calls without a receipt fail with `payment_required`, and
    /// `ancp.pay` gives a receipt for any transaction, once.
    pub fn set_price(&self, action: &str, usdc: &str) {
        self.state().prices.set(action, usdc);
    }

    /// The calls so far, system actions not counted.
    pub fn captured_calls(&self) -> Vec<CapturedCall> {
        self.state().captured.clone()
    }

    /// Gives a running task another step after those of its script.
    ///
    /// # Errors
    /// `task_not_found`.
    pub fn push_step(&self, task_id: &str, step: FakeStep) -> Result<()> {
        self.task(task_id, |task| {
            task.push(step);
            Ok(())
        })
    }

    /// Forgets script, calls and tasks.
    pub fn reset(&self) {
        *self.state() = State::default();
    }

    fn set(&self, action: &str, script: Script) {
        self.state().scripts.insert(action.into(), script);
    }

    fn state(&self) -> impl DerefMut<Target = State> + '_ {
        self.shared.state.lock()
    }

    fn timestamp(&self) -> ByteString {
        timestamp::from_unix_millis(self.shared.platform.unix_millis()).into()
    }

    fn task<T>(&self, task_id: &str, look: impl FnOnce(&mut TaskRun) -> Result<T>) -> Result<T> {
        match self.state().tasks.get_mut(task_id) {
            Some(task) => look(task),
            None => Err(Error::new(ErrorCode::TaskNotFound, "there is no such task")),
        }
    }

    fn response(&self, correlation_id: Option<ByteString>, ncp: Ncp, payload: Json) -> Message {
        Message {
            id: uuid_v4(self.shared.platform.random()),
            kind: MessageType::Response,
            route: None,
            timestamp: self.timestamp(),
            protocol_version: ByteString::from_static("1.0"),
            correlation_id,
            reply_to: None,
            ncp: Some(ncp),
            extensions: Vec::new(),
            payload,
        }
    }

    /// Notes a call and finds what the script says of it.
    fn capture(
        &self,
        request: &Request<P>,
        message: &Message<P>,
    ) -> (CapturedCall, Option<Script>) {
        let ncp = message.ncp.clone().unwrap_or_default();
        let call = CapturedCall {
            action: ncp.action.unwrap_or_default(),
            pattern: ncp.pattern.unwrap_or(Pattern::RequestReply),
            address: request.endpoint.url.clone(),
            payload: (self.shared.read)(&message.payload),
            id: message.id.clone(),
            correlation_id: message.correlation_id.clone(),
            receipt_id: ncp.receipt_id,
            headers: request.headers.clone(),
        };
        let mut state = self.state();
        let script = state.scripts.get(&*call.action).cloned();
        if script.is_some() || !call.action.starts_with(SYSTEM) {
            state.captured.push(call.clone());
        }
        (call, script)
    }

    fn snapshot(&self, task: &TaskRun) -> Answer {
        let ncp = Ncp {
            task: Some(Box::new(task.meta.clone())),
            ..Ncp::default()
        };
        let message = self.response(task.correlation_id.clone(), ncp, task.result.clone());
        Answer::Message(Box::new(message))
    }

    /// Looks at a task, which makes it go on, and tells where it is.
    fn look(&self, task_id: &str) -> Result<Answer> {
        let now = self.shared.platform.now();
        let timestamp = self.timestamp();
        self.task(task_id, |task| {
            task.look(now, &timestamp);
            Ok(self.snapshot(task))
        })
    }
}

const SYSTEM: &str = "ancp.";

impl<P: Payload> FakeTransport<P> {
    async fn call(&self, request: &Request<P>, message: &Message<P>) -> Result<Answer> {
        let (call, script) = self.capture(request, message);
        self.state().prices.check(&call)?;
        let correlation_id = call.correlation_id.clone();
        let reply = |payload| {
            let message = self.response(correlation_id.clone(), Ncp::default(), payload);
            Ok(Answer::Message(Box::new(message)))
        };
        match (call.pattern, script) {
            (_, Some(Script::Fail(error))) => Err(error),
            (Pattern::RequestReply, Some(Script::Reply(compute))) => reply(compute(call).await?),
            (Pattern::FireAndForget, Some(Script::Reply(compute))) => {
                // A node has accepted the message before its handler fails.
                let _ = compute(call).await;
                Ok(Answer::Accepted)
            }
            (Pattern::TaskStart, Some(Script::Task(compute))) => {
                let task = compute(call.clone()).await?;
                Ok(self.begin(&call, task))
            }
            (Pattern::RequestReply, None) if call.action.starts_with(SYSTEM) => {
                reply(self.system(&call)?)
            }
            (_, script) => Err(refusal(&call, script.as_ref())),
        }
    }

    fn begin(&self, call: &CapturedCall, task: FakeTask) -> Answer {
        let timestamp = self.timestamp();
        let meta = TaskMeta {
            task_id: call.id.clone(),
            action: call.action.clone(),
            state: ByteString::from_static("Pending"),
            progress: None,
            message: None,
            created_at: timestamp.clone(),
            updated_at: timestamp,
            error: None,
        };
        let now = self.shared.platform.now();
        let task = TaskRun::new(meta, call.correlation_id.clone(), task, now);
        let answer = self.snapshot(&task);
        self.state().tasks.insert(call.id.clone(), task);
        answer
    }

    /// What a node answers by itself, as far as a fake can know.
    fn system(&self, call: &CapturedCall) -> Result<Json> {
        let descriptors = |wanted: &dyn Fn(&str) -> bool| {
            let state = self.state();
            let known = state.scripts.iter().filter(|(action, _)| wanted(action));
            let descriptors: Vec<String> = known
                .map(|(action, script)| descriptor(action, script, &state.prices))
                .collect();
            descriptors.join(",")
        };
        let text = match &*call.action {
            "ancp.ping" => [
                r#"{"nodeId":"fake","tenantId":"fake","status":"ok","version":"0.0.0","uptimeSec":0,"timestamp":""#,
                &self.timestamp(),
                r#""}"#,
            ]
            .concat(),
            "ancp.capabilities" => {
                [r#"{"nodeId":"fake","actions":["#, &descriptors(&|_| true), "]}"].concat()
            }
            "ancp.negotiate" => {
                let asked = call.payload.get("actions").map(|actions| actions.elements());
                let asked = asked.unwrap_or_default();
                let is_asked = |action: &str| asked.contains(&Json::string(action));
                let state = self.state();
                let is_known = |name: &&Json| {
                    state.scripts.keys().any(|action| Json::string(action) == **name)
                };
                let missing: Vec<&str> =
                    asked.iter().filter(|name| !is_known(name)).map(Json::as_str).collect();
                let missing = missing.join(",");
                drop(state);
                let supported = descriptors(&is_asked);
                [r#"{"supported":["#, &supported, r#"],"missing":["#, &missing, "]}"].concat()
            }
            "ancp.payment-info" => self.state().prices.info(),
            "ancp.pay" => {
                let now = self.shared.platform.unix_millis();
                self.state().prices.pay(&call.payload, now)?
            }
            "ancp.status" => {
                r#"{"nodeId":"fake","environment":"test","aiModel":null,"isAutonomous":false,"acceptingCalls":true,"version":"0.0.0"}"#.into()
            }
            _ => return Err(refusal(call, None)),
        };
        Json::parse(text).map_err(|error| Error::new(ErrorCode::HandlerError, error.to_string()))
    }

    fn discovery(&self) -> Result<Answer> {
        let state = self.state();
        let actions: Vec<String> = state
            .scripts
            .iter()
            .map(|(action, script)| descriptor(action, script, &state.prices))
            .collect();
        let text = [
            r#"{"protocolVersion":"1.0","nodes":[{"nodeId":"fake","tenantId":"fake","name":"fake","version":"0.0.0","endpoint":"http://fake.invalid/ncp/nodes/fake","auth":[],"features":{"streamResume":false,"taskEvents":true},"actions":["#,
            &actions.join(","),
            "]}]}",
        ]
        .concat();
        let document = Json::parse(text);
        document
            .map(Answer::Document)
            .map_err(|error| Error::new(ErrorCode::HandlerError, error.to_string()))
    }
}

/// Why the script has no answer to a call.
fn refusal(call: &CapturedCall, script: Option<&Script>) -> Error {
    match script {
        Some(_) => Error::new(
            ErrorCode::PatternMismatch,
            [
                &*call.action,
                " was set up for another pattern than ",
                call.pattern.as_str(),
            ]
            .concat(),
        ),
        None => Error::new(
            ErrorCode::ActionNotFound,
            [&*call.action, " was not set up on the fake"].concat(),
        ),
    }
}

fn descriptor(action: &str, script: &Script, prices: &Prices) -> String {
    let pattern = match script {
        Script::Reply(_) | Script::Fail(_) => Pattern::RequestReply,
        Script::Stream(_) => Pattern::Streaming,
        Script::Task(_) => Pattern::TaskStart,
    };
    [
        r#"{"action":"#,
        Json::string(action).as_str(),
        r#","pattern":""#,
        pattern.as_str(),
        r#"","description":"","priceUsdc":"#,
        prices.of(action).as_str(),
        "}",
    ]
    .concat()
}

impl<P: Payload> Transport<P> for FakeTransport<P> {
    /// The fake is whatever node is addressed.
    fn locate(&self, address: &NodeAddress) -> Option<Endpoint> {
        Some(Endpoint {
            url: address.text().into(),
            node_id: address.node_id(),
            ..Endpoint::default()
        })
    }

    fn carry<'a>(&'a self, request: &'a Request<P>) -> BoxFuture<'a, Result<Reply>> {
        Box::pin(async move {
            match request.operation.has_stream() {
                true => self.open(request).await.map(Reply::Opened),
                false => self.exchange(request).await.map(Reply::Answer),
            }
        })
    }
}

impl<P: Payload> FakeTransport<P> {
    async fn exchange(&self, request: &Request<P>) -> Result<Answer> {
        match &request.operation {
            Operation::Call(message) => self.call(request, message).await,
            Operation::TaskStatus { task_id } => self.look(task_id),
            Operation::TaskInput { task_id, message } => {
                let now = self.shared.platform.now();
                let timestamp = self.timestamp();
                self.task(task_id, |task| {
                    task.provide_input(now, &timestamp)?;
                    let ncp = Ncp {
                        task: Some(Box::new(task.meta.clone())),
                        ..Ncp::default()
                    };
                    let correlation_id = message.correlation_id.clone();
                    let message = self.response(correlation_id, ncp, task.result.clone());
                    Ok(Answer::Message(Box::new(message)))
                })
            }
            Operation::CancelTask { task_id } => {
                let now = self.shared.platform.now();
                let timestamp = self.timestamp();
                self.task(task_id, |task| {
                    task.cancel(now, &timestamp);
                    Ok(self.snapshot(task))
                })
            }
            Operation::Discover => self.discovery(),
            // Addresses need no look-up here.
            Operation::DidDocument { .. } => {
                Err(Error::new(ErrorCode::NodeNotFound, "a fake has no DIDs"))
            }
            Operation::EndStream { .. } => Ok(Answer::Accepted),
            Operation::ResumeStream { .. } | Operation::TaskEvents { .. } => Err(Error::new(
                ErrorCode::InvalidEnvelope,
                "the answer is a stream",
            )),
        }
    }

    async fn open(&self, request: &Request<P>) -> Result<Opened> {
        match &request.operation {
            Operation::Call(message) => {
                let (call, script) = self.capture(request, message);
                self.state().prices.check(&call)?;
                match script {
                    Some(Script::Stream(compute)) => {
                        let stream_id = call.id.clone();
                        let correlation_id = call.correlation_id.clone();
                        let chunks = compute(call).await?;
                        let events = FakeEvents {
                            fake: self.clone(),
                            chunks,
                            stream_id: stream_id.clone(),
                            correlation_id,
                            sequence: 0,
                        };
                        Ok(Opened {
                            stream_id: Some(stream_id),
                            events: Box::new(events),
                        })
                    }
                    Some(Script::Fail(error)) => Err(error),
                    script => Err(refusal(&call, script.as_ref())),
                }
            }
            Operation::TaskEvents { task_id } => {
                self.task(task_id, |_| Ok(()))?;
                let events = TaskEvents {
                    fake: self.clone(),
                    task_id: task_id.clone(),
                    told: false,
                };
                Ok(Opened {
                    stream_id: None,
                    events: Box::new(events),
                })
            }
            _ => Err(Error::new(
                ErrorCode::StreamExpired,
                "a fake stream can't be resumed",
            )),
        }
    }
}

/// A fake stream as the events of a node.
struct FakeEvents<P> {
    fake: FakeTransport<P>,
    chunks: Box<dyn FakeChunks>,
    stream_id: ByteString,
    correlation_id: Option<ByteString>,
    sequence: u64,
}

impl<P: Payload> Events for FakeEvents<P> {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async move {
            let chunk = self.chunks.next().await;
            let mut ncp = Ncp::default();
            let (kind, payload) = match chunk {
                Ok(Some(payload)) => {
                    self.sequence += 1;
                    (EventKind::Chunk, payload)
                }
                Ok(None) => (EventKind::Done, Json::null()),
                Err(error) => {
                    ncp.error = Some(Box::new(error_meta(&error)));
                    (EventKind::Error, Json::null())
                }
            };
            ncp.stream = Some(StreamMeta {
                stream_id: self.stream_id.clone(),
                sequence: self.sequence,
                resumable: false,
                is_final: kind == EventKind::Done,
            });
            let message = self
                .fake
                .response(self.correlation_id.clone(), ncp, payload);
            let events = vec![Event {
                kind,
                sequence: None,
                message,
            }];
            Ok(Some(Batch {
                events,
                ..Batch::default()
            }))
        })
    }
}

/// The statuses of a fake task as the events of a node.
struct TaskEvents<P> {
    fake: FakeTransport<P>,
    task_id: ByteString,
    told: bool,
}

impl<P: Payload> Events for TaskEvents<P> {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async move {
            if self.told && self.fake.task(&self.task_id, |task| Ok(task.is_final()))? {
                return Ok(None);
            }
            let mut timer: Option<BoxFuture<'static, ()>> = None;
            let answer = poll_fn(|cx| {
                loop {
                    let platform = &self.fake.shared.platform;
                    let (now, timestamp) = (platform.now(), self.fake.timestamp());
                    let looked = self.fake.task(&self.task_id, |task| {
                        // The first event tells where the task is; it goes on after that.
                        if !self.told {
                            return Ok(Ok(self.fake.snapshot(task)));
                        }
                        match task.look(now, &timestamp) {
                            Look::News => Ok(Ok(self.fake.snapshot(task))),
                            Look::Wait(delay) => {
                                task.wait(cx.waker());
                                Ok(Err(delay))
                            }
                        }
                    });
                    match looked {
                        Err(error) => return Poll::Ready(Err(error)),
                        Ok(Ok(answer)) => return Poll::Ready(Ok(answer)),
                        Ok(Err(None)) => return Poll::Pending,
                        Ok(Err(Some(delay))) => {
                            let timer = timer.insert(platform.sleep(delay));
                            if timer.as_mut().poll(cx).is_pending() {
                                return Poll::Pending;
                            }
                        }
                    }
                }
            })
            .await?;
            self.told = true;
            let mut batch = Batch::default();
            if let Answer::Message(message) = answer {
                batch.events.push(Event {
                    kind: EventKind::Status,
                    sequence: None,
                    message: *message,
                });
            }
            Ok(Some(batch))
        })
    }
}
