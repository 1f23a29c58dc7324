//! Which node a request goes to: what its address means, which member of a group, and where that is
//! reached now.
//!
//! What documents mean is decided by `resolve`; here they are looked up, and once more where a node is
//! not, or no longer, where they say.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use bytestring::ByteString;

use super::{CallOptions, Client, Settings, invalid, millis, timed_out};
use crate::address::{Endpoint, NodeAddress};
use crate::discovery::Document;
use crate::json::Json;
use crate::message::{AddressUri, Message, NodeId, Pattern, Route, uuid_v4};
use crate::resolve::{self, Found, Member, Strategy, not_found};
use crate::retry::is_passing;
use crate::transport::{Answer, Operation, Payload, Reply, Request, Transport};
use crate::{Error, ErrorCode, Result};

/// How long a look-up may take where there is another way to go on.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(5);

/// Which node a request goes to.
#[derive(Clone)]
pub(super) struct Target {
    /// As the caller, or the client's options, name it.
    pub(super) address: NodeAddress,
    /// Whether that is looked up in documents.
    looked_up: bool,
    /// The node, once it is known. It is not changed for another one any more.
    pub(super) node: Option<Arc<Endpoint>>,
}

impl Target {
    /// What an address means to a client.
    ///
    /// # Errors
    /// `invalid_options` where there is nothing that it could be looked up in, or is below.
    pub(super) fn new<P: Payload>(
        settings: &Settings,
        transport: &dyn Transport<P>,
        address: &NodeAddress,
    ) -> Result<Self> {
        let base = settings.base.as_ref();
        let mut node = match (address.node_id(), address.url(), base) {
            (Some(id), _, Some(base)) => Some(Endpoint::below(base, id)),
            (_, Some(url), base) => Some(Endpoint::at(&url, base)),
            (None, None, Some(_)) => None,
            (None, None, None) if resolve::did_document_url(address).is_some() => None,
            _ => return Err(invalid("baseUrl", "is missing")),
        };
        let looked_up = node.is_none();
        if let Some(located) = transport.locate(address) {
            node = Some(located);
        }
        Ok(Self {
            looked_up: looked_up && node.is_none(),
            address: address.clone(),
            node: node.map(Arc::new),
        })
    }

    /// The same for one node of those that the address means.
    pub(super) fn of(&self, node: &Arc<Endpoint>) -> Self {
        Self {
            node: Some(Arc::clone(node)),
            ..self.clone()
        }
    }
}

/// What a look-up came to.
struct Located {
    found: Found,
    /// Whether that was known already, and may be out of date.
    known: bool,
}

/// A document that an address may be in.
struct Place<P> {
    document: Arc<Document>,
    /// What reads it.
    operation: Operation<P>,
    /// The version that was there when the look-up began.
    seen: u32,
    /// Whether it is a DID's, at the host that this names.
    at_host: bool,
}

impl<P> Place<P> {
    fn new(document: Arc<Document>, operation: Operation<P>, at_host: bool) -> Self {
        Self {
            seen: document.reads(),
            document,
            operation,
            at_host,
        }
    }
}

/// Why a look-up failed.
struct Missing {
    error: Error,
    /// Whether there was a document, and it says so.
    told: bool,
}

impl Missing {
    fn late(address: &NodeAddress, at_host: bool, limit: Duration) -> Self {
        let document = match at_host {
            true => "its DID document",
            false => "the discovery document",
        };
        let limit = millis(limit);
        let why = [
            "the address ",
            &*address.text(),
            " was not looked up: ",
            document,
            " did not come within ",
            &*limit,
            " ms",
        ];
        Self {
            error: timed_out(&why.concat()).maybe_delivered(false),
            told: false,
        }
    }
}

impl<P: Payload> Client<P> {
    /// The target that a call's options name, or the client's own.
    pub(super) fn target(&self, options: &CallOptions) -> Result<Target> {
        let shared = &*self.shared;
        match &options.address {
            Some(address) => Target::new(&shared.settings, &*shared.transport, address),
            None => Ok(shared.target.clone()),
        }
    }

    /// The node that a task was started on, as far as the client knows it.
    pub(super) fn task_target(&self, task_id: &str, options: &CallOptions) -> Result<Target> {
        let tasks = &self.shared.tasks;
        let mut target = self.target(options)?;
        let shared = &*self.shared;
        let (named, own) = (options.address.as_ref(), &shared.target.address);
        if let Some((address, node)) = tasks.find(task_id, named, own) {
            target = Target::new(&shared.settings, &*shared.transport, &address)?;
            target.node = Some(node);
        }
        Ok(target)
    }

    /// The target of an operation.
    pub(super) fn target_of(
        &self,
        operation: &Operation<P>,
        options: &CallOptions,
    ) -> Result<Target> {
        match operation {
            Operation::TaskStatus { task_id }
            | Operation::TaskEvents { task_id }
            | Operation::TaskInput { task_id, .. }
            | Operation::CancelTask { task_id } => self.task_target(task_id, options),
            Operation::Discover => {
                let mut target = self.shared.target.clone();
                target.node = Some(self.document_endpoint());
                target.looked_up = false;
                Ok(target)
            }
            _ => self.target(options),
        }
    }

    /// Keeps in mind where a task was started.
    pub(super) fn remember(&self, target: &Target, request: &Request<P>, answer: &Message) {
        if let Operation::Call(message) = &request.operation
            && let Some(asked) = &message.ncp
            && asked.pattern == Some(Pattern::TaskStart)
            && let Some(task) = answer.ncp.as_ref().and_then(|ncp| ncp.task.as_ref())
        {
            let (address, node) = (target.address.clone(), request.endpoint.clone());
            let tasks = &self.shared.tasks;
            tasks.remember(task.task_id.clone(), address, node);
        }
    }

    /// Makes attempts at a target: at the node that it means, or one member of a group after the
    /// other. Where a node is not to be reached where a document that was known has it, the document
    /// is looked up afresh, once.
    pub(super) async fn attempt_at(
        &self,
        target: &mut Target,
        request: &mut Request<P>,
        mut deadline: Duration,
        retry: bool,
    ) -> Result<Reply> {
        let mut may_refresh = target.looked_up;
        let mut nodes = match &target.node {
            Some(node) => vec![Arc::clone(node)],
            None => {
                // Boxed, like what follows on a failure: else each call's future has room for it.
                let located = Box::pin(self.locate(&target.address, false, deadline)).await;
                let located = located.map_err(|missing| missing.error)?;
                may_refresh = located.known;
                self.choose(&target.address, located.found, &request.operation)?
            }
        };
        // What one node must not have, the next may.
        let headers = target.looked_up.then(|| request.headers.clone());
        // The ids of the messages that went to each node.
        let mut ids: Vec<(Arc<Endpoint>, ByteString)> = Vec::new();
        let mut delivered = false;
        let mut place = 0;
        loop {
            let Some(node) = nodes.get(place) else {
                return Err(not_found(&target.address, "it has no member"));
            };
            place += 1;
            let is_last = place == nodes.len();
            direct(&self.shared.settings, request, node);
            if let Some(message) = message_of(&mut request.operation)
                && !ids.is_empty()
            {
                // Every node gets a message of its own: the first one the message as it is.
                let known = ids.iter().rev().find(|(other, _)| other.is_same_node(node));
                message.id = match known {
                    Some((_, id)) => id.clone(),
                    None => uuid_v4(self.shared.platform.random()),
                };
            }
            if let Some(headers) = &headers {
                request.headers.clone_from(headers);
            }
            let goes_elsewhere = |error: &Error| {
                (may_refresh && is_outdated(error)) || (!is_last && is_unavailable(error))
            };
            let repeats = |error: &Error| retry && !goes_elsewhere(error);
            let left = deadline.saturating_sub(self.now());
            if left.is_zero() {
                let why = "the time was over before the request could be sent";
                return Err(timed_out(why).maybe_delivered(delivered));
            }
            let reply = match retry && self.shared.payments.is_some() {
                true => self.paid(request, &mut deadline, &repeats).await,
                false => self.attempts_here(request, left, &repeats).await,
            };
            let error = match reply {
                Ok(reply) => {
                    target.node = Some(Arc::clone(&request.endpoint));
                    return Ok(reply);
                }
                Err(error) => error.or_delivered(delivered),
            };
            if !goes_elsewhere(&error) {
                return Err(error);
            }
            if let Some(message) = message_of(&mut request.operation) {
                // That of another message where this one had to be paid.
                ids.push((Arc::clone(&request.endpoint), message.id.clone()));
            }
            delivered = error.may_have_been_delivered();
            if is_last || !is_unavailable(&error) {
                may_refresh = false;
                let refreshed = Box::pin(self.refreshed(target, request, error, deadline));
                nodes = refreshed.await?;
                place = 0;
            }
        }
    }

    /// Where the node of a request is now, or which others may take its place.
    async fn refreshed(
        &self,
        target: &Target,
        request: &Request<P>,
        error: Error,
        deadline: Duration,
    ) -> Result<Vec<Arc<Endpoint>>> {
        let found = match self.locate(&target.address, true, deadline).await {
            Ok(located) => located.found,
            // What began at a node may still be there, whatever documents say.
            Err(missing) if missing.told && target.node.is_none() => {
                return Err(missing.error.or_delivered(error.may_have_been_delivered()));
            }
            Err(missing) => {
                let (said, why) = (error.message(), missing.error.message());
                let message = [said, " (looked up afresh: ", why, ")"].concat();
                return Err(error.with_message(message));
            }
        };
        let keeps = target.node.is_some()
            || matches!(
                found,
                Found::Group(Strategy::RoundRobin | Strategy::Random, _)
            );
        if keeps {
            let members = match &found {
                Found::Node(member) => core::slice::from_ref(member),
                Found::Group(_, members) => members,
            };
            let same = members.iter().find(|member| {
                member.wrong.is_none() && member.endpoint.is_same_node(&request.endpoint)
            });
            if let Some(member) = same {
                return Ok(vec![member.endpoint.clone()]);
            }
        }
        match target.node {
            Some(_) => Err(error),
            None => self.choose(&target.address, found, &request.operation),
        }
    }

    /// The nodes to try, one after the other; at least one.
    fn choose(
        &self,
        address: &NodeAddress,
        found: Found,
        operation: &Operation<P>,
    ) -> Result<Vec<Arc<Endpoint>>> {
        let (strategy, members) = match found {
            Found::Node(member) => (Strategy::FirstAvailable, vec![member]),
            Found::Group(strategy, members) => (strategy, members),
        };
        if strategy == Strategy::Broadcast {
            let why = " is a broadcast group: call all its members by invoke_all (invokeAll)";
            return Err(invalid("address", &[&*address.text(), why].concat()));
        }
        let mut wrong = None;
        let mut nodes = Vec::new();
        for member in members {
            match member.wrong {
                None => nodes.push(member.endpoint),
                why => wrong = why,
            }
        }
        if let (true, Some(why)) = (nodes.is_empty(), wrong) {
            return Err(Member::unusable(address, why));
        }
        if nodes.len() > 1 && !matches!(operation, Operation::Call(_)) {
            let why = "this client does not know which member of the group has the task; name that node by `address`";
            return Err(invalid("taskId", why));
        }
        let turn = match strategy {
            Strategy::RoundRobin => self.shared.turns.next(address),
            Strategy::Random => self.random(),
            _ => return Ok(nodes),
        };
        let chosen = nodes.get(turn as usize % nodes.len().max(1)).cloned();
        Ok(chosen.into_iter().collect())
    }

    /// All that an address means, for a call to all of them.
    pub(super) async fn members(&self, target: &Target, deadline: Duration) -> Result<Vec<Member>> {
        if let Some(node) = &target.node {
            return Ok(vec![Member {
                endpoint: node.clone(),
                wrong: None,
            }]);
        }
        match self.locate(&target.address, false, deadline).await {
            Ok(Located { found, .. }) => Ok(match found {
                Found::Node(member) => vec![member],
                Found::Group(_, members) => members,
            }),
            Err(missing) => Err(missing.error),
        }
    }

    /// Looks an address up in the discovery document, and a `did:web` that is not in there at its
    /// host. What is in no document that is known is looked for in fresh ones, within the call's time.
    async fn locate(
        &self,
        address: &NodeAddress,
        fresh: bool,
        deadline: Duration,
    ) -> Result<Located, Missing> {
        let places = self.places(address);
        if !fresh {
            for place in &places {
                if let Some(Ok(known)) = place.document.known(self.now())
                    && let Ok(found) = self.find(&known, address, place.at_host)
                {
                    return Ok(Located { found, known: true });
                }
            }
        }
        let mut missing = None;
        let mut places = places.into_iter().peekable();
        while let Some(place) = places.next() {
            let left = deadline.saturating_sub(self.now());
            let limit = match places.peek() {
                // A place that does not answer must leave time for the next.
                Some(_) => LOOK_UP_LIMIT.min(left / 2),
                None => left,
            };
            let Place {
                document,
                operation,
                seen,
                at_host,
            } = place;
            let read = Box::pin(self.read(&document, operation, seen, limit));
            let Some(read) = self.within(limit, read).await else {
                missing = Some(Missing::late(address, at_host, limit));
                continue;
            };
            let outcome = match &read {
                Ok(read) => self.find(read, address, at_host),
                Err(_) if at_host => Err("its DID document can't be read"),
                Err(_) => Err("the discovery document can't be read"),
            };
            match (outcome, read) {
                (Ok(found), _) => {
                    return Ok(Located {
                        found,
                        known: false,
                    });
                }
                (Err(why), Ok(_)) => {
                    missing = Some(Missing {
                        error: not_found(address, why),
                        told: true,
                    });
                }
                (Err(why), Err(error)) => {
                    missing = Some(Missing {
                        error: not_found(address, &[why, ": ", error.message()].concat())
                            .retryable(is_passing(&error))
                            .with_source_of(error),
                        told: false,
                    });
                }
            }
        }
        // There is always one of the two, as `Target::new` sees to.
        Err(missing.unwrap_or_else(|| Missing {
            error: not_found(address, "there is no document to look it up in"),
            told: false,
        }))
    }

    /// The documents that an address may be in, in the order in which they count.
    fn places(&self, address: &NodeAddress) -> Vec<Place<P>> {
        let shared = &*self.shared;
        let nodes = shared.settings.base.as_ref().map(|_| {
            let document = Arc::clone(&shared.documents.nodes);
            Place::new(document, Operation::Discover, false)
        });
        let did = resolve::did_document_url(address).map(|url| {
            let document = shared.documents.did(&url);
            Place::new(document, Operation::DidDocument { url }, true)
        });
        nodes.into_iter().chain(did).collect()
    }

    /// Finds an address in a discovery document, or in a DID's.
    fn find(
        &self,
        document: &Json,
        address: &NodeAddress,
        at_host: bool,
    ) -> Result<Found, &'static str> {
        let Settings {
            tenant_id, base, ..
        } = &self.shared.settings;
        match at_host {
            true => resolve::find_service(document, address, base.as_ref()).map(Found::Node),
            false => resolve::find(document, address, tenant_id.as_ref(), base.as_ref()),
        }
    }

    /// Reads a document, unless another call does so at the moment. The limit, which others see to,
    /// says how long retries are of use.
    async fn read(
        &self,
        document: &Document,
        operation: Operation<P>,
        seen: u32,
        limit: Duration,
    ) -> Result<Json> {
        let headers = match operation {
            // Meant for the nodes' server, and not for any other.
            Operation::DidDocument { .. } => Vec::new(),
            _ => self.shared.settings.headers.clone(),
        };
        let mut request = Request {
            endpoint: self.document_endpoint(),
            operation,
            credential: None,
            headers,
            spent: None,
            parsed_later: false,
        };
        let deadline = self.now().saturating_add(limit);
        let read = async {
            let reply = self.attempt_until(&mut request, deadline, &|_| true).await;
            let answer = reply.and_then(Reply::answer);
            let outcome = answer.and_then(Answer::into_document);
            // Who has little time gives up early. That is no answer for those who have more.
            let gave_up = limit < LOOK_UP_LIMIT && outcome.as_ref().is_err_and(is_passing);
            if !gave_up {
                document.keep(self.now(), outcome.clone());
            }
            outcome
        };
        document.read_once(seen, read).await
    }

    fn document_endpoint(&self) -> Arc<Endpoint> {
        Arc::new(Endpoint {
            base: self.shared.settings.base.clone(),
            ..Endpoint::default()
        })
    }

    /// Whether a node says that it offers a feature. Where its document can't be had, it does not.
    pub(super) async fn has_feature(&self, target: &Target, feature: &str) -> bool {
        let document = &self.shared.documents.nodes;
        let known = match document.known(self.now()) {
            Some(known) => known.ok(),
            None => {
                let seen = document.reads();
                let read = self.read(document, Operation::Discover, seen, LOOK_UP_LIMIT);
                let read = self.within(LOOK_UP_LIMIT, Box::pin(read)).await;
                if read.is_none() {
                    // A node whose document does not come is not asked for it at every wait.
                    let late = Error::new(ErrorCode::Timeout, "no document in time");
                    document.keep(self.now(), Err(late));
                }
                read.and_then(Result::ok)
            }
        };
        let Settings {
            tenant_id, base, ..
        } = &self.shared.settings;
        let node = target.node.as_ref();
        known
            .zip(node)
            .and_then(|(known, node)| {
                resolve::find_node(&known, node, tenant_id.as_ref(), base.as_ref())
            })
            .and_then(|node| node.get("features")?.get(feature))
            .is_some_and(|offered| offered.as_str() == "true")
    }
}

/// What sends a client's messages.
pub(super) const SERVICE: &str = "ancp-client";

/// Makes a request one to a node, which its message names.
pub(super) fn direct<P>(settings: &Settings, request: &mut Request<P>, node: &Arc<Endpoint>) {
    if let Some(message) = message_of(&mut request.operation) {
        // The client's own tenant, or that of the node.
        let tenant = settings.tenant_id.as_ref().or(node.tenant_id.as_ref());
        message.route = node.node_id.as_ref().and_then(|id| route(tenant, id));
        if let Some(ncp) = &mut message.ncp {
            ncp.node_id = node.node_id.clone();
        }
    }
    request.endpoint = Arc::clone(node);
}

/// Who writes to whom, where the tenant is known.
fn route(tenant: Option<&ByteString>, node_id: &NodeId) -> Option<Route> {
    let tenant = tenant?;
    Some(Route {
        source: AddressUri::service(tenant, SERVICE).ok()?,
        destination: AddressUri::node(tenant, node_id).ok()?,
        tenant_id: tenant.clone(),
    })
}

/// What an operation sends to a node.
fn message_of<P>(operation: &mut Operation<P>) -> Option<&mut Message<P>> {
    match operation {
        Operation::Call(message) | Operation::TaskInput { message, .. } => Some(message),
        _ => None,
    }
}

/// Whether the node may be somewhere else.
fn is_outdated(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::Network | ErrorCode::NodeNotFound)
}

/// Whether the next member is tried.
fn is_unavailable(error: &Error) -> bool {
    *error.code() == ErrorCode::Network || error.status() == 503
}
