//! The node: what it is made of, its life, and what it does beside taking messages.

use std::sync::Arc;
use std::time::Duration;

use ancp_core::ErrorCode;
use ancp_core::message::NodeId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::action::Registered;
use crate::answer::{Answer, Identity, Reply, Thread};
use crate::auth::{Authenticator, Caller, Role};
use crate::discovery::{Document, Features, FirstLine, NodeEntry, Profile};
use crate::dispatch::Sender;
use crate::duplicates::Duplicates;
use crate::handler::Handler;
use crate::limits::Limits;
use crate::payment::PaymentGate;
use crate::stream::Streams;
use crate::task::Tasks;
use crate::{Failure, NodeBuilder};

/// A node: give it requests, get answers. Cloning it is cheap.
#[derive(Clone)]
pub struct Node(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) parts: Parts,
    pub(crate) duplicates: Arc<Duplicates>,
    pub(crate) streams: Arc<Streams>,
    pub(crate) tasks: Tasks,
    started: Instant,
    /// No more calls.
    closed: CancellationToken,
    /// No more handlers.
    pub(crate) aborted: CancellationToken,
}

/// What a node is made of.
pub(crate) struct Parts {
    pub(crate) identity: Arc<Identity>,
    pub(crate) profile: Profile,
    pub(crate) auth: Authenticator,
    pub(crate) limits: Limits,
    pub(crate) features: Features,
    pub(crate) payment: PaymentGate,
    pub(crate) actions: Vec<(Registered, Handler)>,
}

impl Node {
    /// Begins a node: see [`NodeBuilder`].
    pub fn builder(node_id: impl ToString, tenant_id: impl ToString) -> NodeBuilder {
        NodeBuilder::new(node_id, tenant_id)
    }

    pub(crate) fn new(parts: Parts) -> Self {
        let limits = parts.limits;
        Self(Arc::new(Inner {
            duplicates: Duplicates::new(limits.duplicate_window, limits.max_remembered),
            streams: Streams::new(limits),
            tasks: Tasks::new(limits),
            started: Instant::now(),
            closed: CancellationToken::new(),
            aborted: CancellationToken::new(),
            parts,
        }))
    }

    /// The node's id.
    pub fn id(&self) -> &NodeId {
        &self.0.parts.identity.node_id
    }

    /// The node's tenant.
    pub fn tenant_id(&self) -> &str {
        &self.0.parts.identity.tenant_id
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.0.parts.limits
    }

    /// Takes no more calls, cancels the tasks and ends the streams. Running handlers go on.
    pub fn close(&self) {
        self.0.closed.cancel();
        self.0.tasks.shut_down();
        self.0.streams.shut_down();
    }

    /// Closes the node and cancels the token of every handler.
    pub fn abort(&self) {
        self.close();
        self.0.aborted.cancel();
    }

    /// Whether the node was closed.
    pub fn is_closed(&self) -> bool {
        self.0.closed.is_cancelled()
    }

    pub(crate) fn profile(&self) -> &Profile {
        &self.0.parts.profile
    }

    pub(crate) fn version(&self) -> &str {
        let version = self.profile().version.as_deref();
        version.unwrap_or(env!("CARGO_PKG_VERSION"))
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.0.started.elapsed()
    }

    pub(crate) fn payment(&self) -> &PaymentGate {
        &self.0.parts.payment
    }

    pub(crate) fn actions(&self) -> impl Iterator<Item = &Registered> {
        self.0
            .parts
            .actions
            .iter()
            .map(|(registered, _)| registered)
    }

    pub(crate) fn registered(&self, name: &str) -> Option<&Registered> {
        self.actions().find(|found| found.action.name == name)
    }

    /// Where the node is: below a base URL, unless its profile says otherwise.
    pub fn endpoint(&self, base_url: &str) -> String {
        let own = self.profile().endpoint.clone();
        own.unwrap_or_else(|| format!("{base_url}/ncp/nodes/{}", self.id()))
    }

    /// The discovery document of some nodes below a base URL.
    pub fn discovery<'a>(nodes: impl IntoIterator<Item = &'a Self>, base_url: &str) -> String {
        let entry = |node: &'a Self| {
            let profile = node.profile();
            NodeEntry {
                node_id: node.id(),
                tenant_id: node.tenant_id(),
                name: profile.name.as_deref(),
                version: node.version(),
                endpoint: node.endpoint(base_url),
                res_id: profile.res_id.as_deref(),
                did: profile.did.as_deref(),
                evm_address: profile.evm_address.as_deref(),
                operate_ids: &profile.operate_ids,
                groups: &profile.groups,
                auth: node
                    .0
                    .parts
                    .auth
                    .modes()
                    .map(|mode| mode.as_str())
                    .collect(),
                features: node.0.parts.features,
                actions: node.actions().map(Into::into).collect(),
            }
        };
        let document = Document {
            protocol_version: "1.0",
            nodes: nodes.into_iter().map(entry).collect(),
        };
        // Only texts, numbers and JSON: there is always a JSON form.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// What a program that serves the node says first: where it is, and how to get in.
    pub fn first_line(&self, base_url: &str, api_key: Option<&str>, token: Option<&str>) -> String {
        let line = FirstLine {
            base_url,
            node_id: self.id(),
            tenant_id: self.tenant_id(),
            api_key,
            token,
        };
        // Only texts and numbers: there is always a JSON form.
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// An error's answer to something that could not be read, or is not there.
    pub fn refuse(&self, failure: &Failure) -> Reply {
        self.refuse_in(&Thread::default(), failure)
    }

    pub(crate) fn refuse_in(&self, thread: &Thread, failure: &Failure) -> Reply {
        self.0.parts.identity.failure(thread, failure)
    }

    /// Resumes a stream behind the event `last_event_id`.
    pub async fn resume_stream(
        &self,
        id: &str,
        last_event_id: Option<&str>,
        sender: &Sender,
    ) -> Answer {
        self.answer(sender, Role::Stream, |caller| {
            let after = match last_event_id {
                None => 0,
                Some(digits) => read_event_id(digits)?,
            };
            Ok(Answer::Stream(self.0.streams.resume(caller, id, after)?))
        })
        .await
    }

    /// Ends a stream.
    pub async fn end_stream(&self, id: &str, sender: &Sender) -> Answer {
        self.answer(sender, Role::Stream, |caller| {
            self.0.streams.end(caller, id);
            Ok(Answer::Done)
        })
        .await
    }

    /// Says how a task stands.
    pub async fn task_status(&self, id: &str, sender: &Sender) -> Answer {
        self.answer(sender, Role::Task, |caller| {
            let status = self.0.tasks.status(caller, id)?;
            Ok(Reply::new(200, status.message).into())
        })
        .await
    }

    /// Follows a task.
    pub async fn task_events(&self, id: &str, sender: &Sender) -> Answer {
        if !self.0.parts.features.task_events {
            let message = "the node offers no task events";
            return self
                .refuse(&Failure::new(ErrorCode::NodeNotFound, message))
                .into();
        }
        self.answer(sender, Role::Task, |caller| {
            Ok(Answer::TaskEvents(self.0.tasks.watch(caller, id)?))
        })
        .await
    }

    /// Cancels a task.
    pub async fn cancel_task(&self, id: &str, sender: &Sender) -> Answer {
        self.answer(sender, Role::Task, |caller| {
            let status = self.0.tasks.cancel(caller, id)?;
            Ok(Reply::new(200, status.message).into())
        })
        .await
    }

    pub(crate) async fn authenticate(&self, sender: &Sender) -> Result<Caller, Failure> {
        let auth = &self.0.parts.auth;
        auth.authenticate(&sender.credentials, &sender.endpoint)
            .await
    }

    async fn answer(
        &self,
        sender: &Sender,
        role: Role,
        answer: impl FnOnce(&Caller) -> Result<Answer, Failure>,
    ) -> Answer {
        let caller = self.authenticate(sender).await;
        let allowed = caller.and_then(|caller| caller.require(role).map(|()| caller));
        let answer = allowed.and_then(|caller| answer(&caller));
        answer.unwrap_or_else(|failure| self.refuse(&failure).into())
    }
}

/// A `Last-Event-ID`. One too large for a number is beyond the end of any stream.
fn read_event_id(text: &str) -> Result<u64, Failure> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "Last-Event-ID is not a number";
        return Err(Failure::new(ErrorCode::InvalidEnvelope, message));
    }
    Ok(text.parse().unwrap_or(u64::MAX))
}
