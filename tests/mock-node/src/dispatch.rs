//! The way of a message through the node: the checks in the contract's order, the handler, the answer.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use ancp_core::message::{EnvelopeError, Message, Pattern};
use ancp_core::{ErrorCode, Json};
use bytestring::ByteString;
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::Failure;
use crate::action::Registered;
use crate::answer::{Answer, Reply, Thread};
use crate::auth::{Caller, Credentials, Role};
use crate::context::{ActionContext, CallContext};
use crate::duplicates::{CallKey, Claim, Outcome, Ticket};
use crate::envelope::{self, Call, peek_action};
use crate::handler::{Handler, Run};
use crate::node::Node;
use crate::stream;
use crate::system::{SystemAction, is_system};
use crate::task;

/// Where a message is posted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post<'a> {
    /// Request-reply, and every system action.
    Invoke,
    /// Fire-and-forget.
    Fire,
    /// Opens a stream.
    Stream,
    /// Starts a task.
    Task,
    /// Input of the task with this id.
    Input(&'a str),
}

impl Post<'_> {
    fn pattern(self) -> Pattern {
        match self {
            Self::Invoke => Pattern::RequestReply,
            Self::Fire => Pattern::FireAndForget,
            Self::Stream => Pattern::Streaming,
            Self::Task | Self::Input(_) => Pattern::TaskStart,
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Invoke | Self::Fire => Role::Invoke,
            Self::Stream => Role::Stream,
            Self::Task | Self::Input(_) => Role::Task,
        }
    }

    /// Tells apart requests that have the same id.
    fn fingerprint(self, body: &str) -> [u8; 32] {
        Sha256::digest(format!("{self:?}\n{body}")).into()
    }
}

/// What every request brings along.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The credentials presented.
    pub credentials: Credentials,
    /// The node's URL, as its discovery document has it: what a DID proof must be made for. By
    /// configuration, never by what the request says.
    pub endpoint: String,
    /// Where it came from: tells callers of system actions apart.
    pub remote: IpAddr,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// W3C trace context, vendors' part.
    pub tracestate: Option<String>,
}

impl Node {
    /// Takes a message in the IEnvelope encoding.
    pub async fn post(&self, to: Post<'_>, body: ByteString, sender: Sender) -> Answer {
        let read = Message::from_envelope(&body);
        let thread = Thread::of_read(&read);
        let answer = self.try_post(to, &body, read, sender, &thread).await;
        answer.unwrap_or_else(|failure| self.refuse_in(&thread, &failure).into())
    }

    /// The checks stand in the contract's order.
    async fn try_post(
        &self,
        to: Post<'_>,
        body: &ByteString,
        read: Result<Message<Json>, EnvelopeError>,
        sender: Sender,
        thread: &Thread,
    ) -> Result<Answer, Failure> {
        let system = match (&read, to) {
            // A task is never the system's, whatever the message says.
            (_, Post::Input(_)) => false,
            (Ok(message), _) => {
                let action = message.ncp.as_ref().and_then(|ncp| ncp.action.as_ref());
                action.is_some_and(|action| is_system(action))
            }
            (Err(_), _) => peek_action(body).is_some_and(|action| is_system(&action)),
        };
        let caller = match system {
            true => Caller::anonymous(sender.remote),
            false => self.authenticate(&sender).await?,
        };
        let call = envelope::check(body, read, &self.0.parts.identity)?;
        if !system {
            caller.require(to.role())?;
        }
        let target = self.target(to, &call, &caller)?;
        if self.is_closed() && !system {
            let message = "the node is shutting down";
            return Err(Failure::new(ErrorCode::Unavailable, message));
        }
        let key = CallKey {
            caller: caller.key(),
            id: call.message.id.to_string(),
        };
        let patience = self.limits().handler_timeout;
        let claim = self.0.duplicates.claim(key, to.fingerprint(body), patience);
        match claim.await? {
            Claim::Repeat(outcome) => self.repeat(outcome, &caller),
            Claim::New(ticket) => {
                let run = Running {
                    node: self,
                    sender,
                    call,
                    caller,
                    thread,
                };
                run.start(target, ticket).await
            }
        }
    }

    /// Finds the action and checks that it goes with the pattern and the path.
    fn target<'a>(
        &'a self,
        to: Post<'a>,
        call: &Call,
        caller: &Caller,
    ) -> Result<Target<'a>, Failure> {
        let action = &*call.action;
        let (target, registered) = if let Post::Input(task_id) = to {
            if self.0.tasks.action(caller, task_id)? != action {
                let message = "ncp.action is not the task's";
                return Err(Failure::new(ErrorCode::InvalidEnvelope, message));
            }
            (Target::Input(task_id), Pattern::TaskStart)
        } else if let Some(action) = SystemAction::parse(action) {
            (Target::System(action), Pattern::RequestReply)
        } else {
            let mut actions = self.0.parts.actions.iter();
            let found = actions.find(|(found, _)| found.action.name == action);
            let Some((registered, handler)) = found else {
                let message = "the node has no such action";
                return Err(Failure::new(ErrorCode::ActionNotFound, message));
            };
            (Target::Action(registered, handler), registered.pattern)
        };
        let mismatch = if call.pattern != registered {
            format!("the action is registered as {}", registered.as_str())
        } else if call.pattern != to.pattern() {
            format!("the path is for {}", to.pattern().as_str())
        } else {
            return Ok(target);
        };
        Err(Failure::new(ErrorCode::PatternMismatch, mismatch))
    }

    fn repeat(&self, outcome: Outcome, caller: &Caller) -> Result<Answer, Failure> {
        match outcome {
            Outcome::Reply(reply) => Ok(Answer::Reply(reply)),
            Outcome::Stream(id) => match self.0.streams.resume(caller, &id, 0) {
                Ok(connection) => Ok(Answer::Stream(connection)),
                Err(_) => {
                    let message = "the stream of this call is no longer there";
                    Err(Failure::new(ErrorCode::StreamExpired, message))
                }
            },
        }
    }
}

/// What a call is for.
enum Target<'a> {
    System(SystemAction),
    Action(&'a Registered, &'a Handler),
    Input(&'a str),
}

/// A call on its way to its handler.
struct Running<'a> {
    node: &'a Node,
    sender: Sender,
    call: Call,
    caller: Caller,
    thread: &'a Thread,
}

impl Running<'_> {
    /// Errors are refusals before the handler: they drop the ticket, and nothing is remembered.
    async fn start(self, target: Target<'_>, ticket: Ticket) -> Result<Answer, Failure> {
        match target {
            Target::System(action) => {
                let run = action.run(self.node, &self.call.message.payload);
                let limit = self.node.limits().handler_timeout;
                let result = timeout(limit, run).await.map_err(|_| too_long())??;
                Ok(settle(ticket, self.success(200, result)))
            }
            Target::Input(task_id) => {
                let input = &self.call.message.payload;
                let mut status = self.node.0.tasks.input(&self.caller, task_id, input)?;
                // The answer to this message, not to the one that began the task.
                let task = status.message.ncp.take().and_then(|ncp| ncp.task);
                let mut reply = self.success(202, status.message.payload);
                if let Some(ncp) = &mut reply.message.ncp {
                    ncp.task = task;
                }
                Ok(settle(ticket, reply))
            }
            Target::Action(registered, handler) => {
                let ncp = self.call.message.ncp.as_ref();
                let receipt = ncp.and_then(|ncp| ncp.receipt_id.as_deref());
                self.node.payment().check(&registered.action, receipt)?;
                self.handle(registered, handler, ticket).await
            }
        }
    }

    async fn handle(
        self,
        registered: &Registered,
        handler: &Handler,
        ticket: Ticket,
    ) -> Result<Answer, Failure> {
        let context = self.context();
        let cancellation = context.call.cancellation.clone();
        match handler {
            Handler::Invoke(handler) => {
                let run = handler(context)?;
                let outcome = ticket.outcome();
                tokio::spawn(invoke(self.detached(), run, cancellation, ticket));
                match outcome.await {
                    Some(Outcome::Reply(reply)) => Ok(Answer::Reply(reply)),
                    _ => Err(Failure::handler("the handler was lost")),
                }
            }
            Handler::Fire(handler) => {
                let run = handler(context)?;
                let answer = settle(ticket, self.success(202, Json::null()));
                let limit = self.node.limits().handler_timeout;
                let action = self.call.action.to_string();
                tokio::spawn(fire(action, run, cancellation, limit));
                Ok(answer)
            }
            Handler::Stream(handler) => {
                let resumable =
                    registered.action.resumable && self.node.0.parts.features.stream_resume;
                let about = stream::About {
                    identity: self.node.0.parts.identity.clone(),
                    thread: self.thread.clone(),
                    caller: self.caller,
                    resumable,
                    cancellation,
                };
                let connection = self.node.0.streams.open(about, || handler(context))?;
                ticket.settle(Outcome::Stream(connection.stream_id().to_owned()));
                Ok(Answer::Stream(connection))
            }
            Handler::Task(handler) => {
                let about = task::About {
                    identity: self.node.0.parts.identity.clone(),
                    thread: self.thread.clone(),
                    caller: self.caller,
                    action: registered.action.name.clone(),
                    cancellation,
                };
                let tasks = &self.node.0.tasks;
                let status = tasks.start(about, |task| handler(context, task))?;
                let mut reply = Reply::new(202, status.message);
                reply.task_id = Some(status.id);
                Ok(settle(ticket, reply))
            }
        }
    }

    fn success(&self, status: u16, payload: Json) -> Reply {
        let identity = &self.node.0.parts.identity;
        let message = identity.success(self.thread, self.caller.to_meta(), payload);
        Reply::new(status, message)
    }

    fn context(&self) -> ActionContext {
        let Call {
            message, action, ..
        } = &self.call;
        let ncp = message.ncp.as_ref();
        let text = |text: &ByteString| text.to_string();
        let traceparent = ncp.and_then(|ncp| ncp.traceparent.as_ref());
        let tracestate = ncp.and_then(|ncp| ncp.tracestate.as_ref());
        ActionContext {
            payload: message.payload.clone(),
            call: CallContext {
                action: action.to_string(),
                node_id: self.node.id().clone(),
                tenant_id: self.node.tenant_id().to_owned(),
                caller: self.caller.clone(),
                message_id: message.id.to_string(),
                correlation_id: self.thread.correlation_id().map(Into::into),
                traceparent: self.sender.traceparent.clone().or(traceparent.map(text)),
                tracestate: self.sender.tracestate.clone().or(tracestate.map(text)),
                receipt_id: ncp.and_then(|ncp| ncp.receipt_id.as_ref()).map(text),
                cancellation: self.node.0.aborted.child_token(),
            },
        }
    }

    fn detached(&self) -> Detached {
        Detached {
            node: self.node.clone(),
            caller: self.caller.clone(),
            thread: self.thread.clone(),
        }
    }
}

fn settle(ticket: Ticket, reply: Reply) -> Answer {
    let reply = Box::new(reply);
    ticket.settle(Outcome::Reply(reply.clone()));
    Answer::Reply(reply)
}

/// What is needed to answer a call whose connection may be gone.
struct Detached {
    node: Node,
    caller: Caller,
    thread: Thread,
}

impl Detached {
    fn reply(&self, outcome: Result<Json, Failure>) -> Outcome {
        let identity = &self.node.0.parts.identity;
        let reply = match outcome {
            Ok(result) => {
                let caller = self.caller.to_meta();
                Reply::new(200, identity.success(&self.thread, caller, result))
            }
            Err(failure) => identity.failure(&self.thread, &failure),
        };
        Outcome::Reply(Box::new(reply))
    }
}

/// Runs a request-reply handler to its end, also where the caller has gone: it may come back.
async fn invoke(call: Detached, run: Run, cancellation: CancellationToken, ticket: Ticket) {
    let mut run = AssertUnwindSafe(run).catch_unwind();
    match timeout(call.node.limits().handler_timeout, &mut run).await {
        Ok(outcome) => ticket.settle(call.reply(flatten(outcome))),
        Err(_) => {
            cancellation.cancel();
            ticket.late(call.reply(Err(too_long())));
            // Only when this run has ended may the call be run again.
            tokio::select! {
                _ = run => {}
                () = call.node.0.aborted.cancelled() => {}
            }
        }
    }
}

/// Runs a fire-and-forget handler; nobody hears of its failure but the log.
async fn fire(action: String, run: Run, cancellation: CancellationToken, limit: Duration) {
    let mut run = AssertUnwindSafe(run).catch_unwind();
    let outcome = match timeout(limit, &mut run).await {
        Ok(outcome) => flatten(outcome),
        Err(_) => {
            cancellation.cancel();
            Err(too_long())
        }
    };
    if let Err(failure) = outcome {
        tracing::warn!(%action, %failure, "a fire-and-forget handler failed");
    }
}

fn flatten(outcome: std::thread::Result<Result<Json, Failure>>) -> Result<Json, Failure> {
    outcome.unwrap_or_else(|_| Err(Failure::handler("the handler panicked")))
}

fn too_long() -> Failure {
    Failure::new(ErrorCode::Timeout, "the handler took too long")
}
