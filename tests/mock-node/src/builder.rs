//! Putting a node together.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use alloy_primitives::Address;
use ancp_core::message::{AddressUri, Pattern, check_action, check_tenant_id};
use futures_util::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;
use crate::action::{Action, Registered};
use crate::answer::Identity;
use crate::auth::{AuthOptions, Authenticator, DidOptions, JwtOptions, Role};
use crate::clock::Clock;
use crate::context::{ActionContext, TaskContext};
use crate::discovery::{Features, Profile, read_node_id};
use crate::handler::Handler;
use crate::limits::Limits;
use crate::node::{Node, Parts};
use crate::payment::{Chain, Offer, PaymentGate, PaymentTerms};
use crate::system::is_system;

/// A node in the making: its actions, credentials and limits.
///
/// Handlers take and give any type that serde knows, or [`Json`](ancp_core::Json) for the text as it
/// came.
///
/// ```
/// use ancp_core::Json;
/// use ancp_mock_node::{ActionContext, Failure, NodeBuilder, Role, TaskContext};
/// use futures_util::stream;
///
/// let node = NodeBuilder::new(42, 7)
///     .api_key("tests", "bfk_secret123", [Role::Invoke, Role::Stream, Role::Task])
///     .on_invoke("double", async |ctx: ActionContext<i64>| Ok(ctx.payload * 2))
///     .on_fire_and_forget("log-event", async |_: ActionContext<Json>| Ok(()))
///     .on_stream("count", |ctx: ActionContext<u32>| {
///         stream::iter((1..=ctx.payload).map(Ok::<_, Failure>))
///     })
///     .on_task("add", async |ctx: TaskContext<Vec<f64>>| {
///         ctx.progress(0.5, "half way");
///         Ok(ctx.payload.iter().sum::<f64>())
///     })
///     .build()?;
/// # Ok::<(), ancp_mock_node::BuildError>(())
/// ```
#[must_use]
pub struct NodeBuilder {
    node_id: String,
    tenant_id: String,
    profile: Profile,
    auth: AuthOptions,
    limits: Limits,
    features: Features,
    payment: PaymentTerms,
    chains: Vec<Box<dyn Chain>>,
    actions: Vec<(Registered, Handler)>,
}

/// A node can't be built like this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError(String);

impl BuildError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}

impl NodeBuilder {
    /// A node without actions and credentials: it answers system actions only.
    pub fn new(node_id: impl ToString, tenant_id: impl ToString) -> Self {
        Self {
            node_id: node_id.to_string(),
            tenant_id: tenant_id.to_string(),
            profile: Profile::default(),
            auth: AuthOptions::default(),
            limits: Limits::default(),
            features: Features {
                stream_resume: true,
                task_events: true,
            },
            payment: PaymentTerms::default(),
            chains: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// Sets what the node says of itself.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Whether streams can be resumed (the default).
    pub fn stream_resume(mut self, offered: bool) -> Self {
        self.features.stream_resume = offered;
        self
    }

    /// Whether tasks can be followed by events (the default).
    pub fn task_events(mut self, offered: bool) -> Self {
        self.features.task_events = offered;
        self
    }

    /// Sets the profile's blockchain address, which the node is paid at.
    pub fn evm_address(mut self, address: Address) -> Self {
        self.profile.evm_address = Some(address.to_string());
        self
    }

    /// Sets how the node is paid. It needs an [`evm_address`](Self::evm_address), and the
    /// [`chain`](Self::chain) of every token.
    pub fn payment_terms(mut self, terms: PaymentTerms) -> Self {
        self.payment = terms;
        self
    }

    /// Adds a chain that payments are looked up on, such as [`JsonRpc`](crate::JsonRpc) or
    /// [`FakeChain`](crate::FakeChain). Payments on a chain that no accepted token is of are
    /// refused with `wrong_chain`.
    pub fn chain(mut self, chain: impl Chain) -> Self {
        self.chains.push(Box::new(chain));
        self
    }

    /// Accepts an API key. Callers with it are `subject`. The key is kept as its SHA-256 hash, and
    /// can be given as that: `sha256:` and 64 hexadecimal digits.
    pub fn api_key(
        mut self,
        subject: impl Into<String>,
        key: &str,
        roles: impl IntoIterator<Item = Role>,
    ) -> Self {
        let roles = roles.into_iter().collect();
        self.auth.api_keys.add(subject.into(), key, roles);
        self
    }

    /// Accepts JWTs.
    pub fn jwt(mut self, options: JwtOptions) -> Self {
        self.auth.jwt = Some(options);
        self
    }

    /// Accepts DID proofs.
    pub fn did(mut self, options: DidOptions) -> Self {
        self.auth.did = Some(options);
        self
    }

    /// Sets the clock by which tokens, proofs and receipts begin and end (the system's). Tests set
    /// their own, so that nobody waits.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.auth.clock = Clock::new(now);
        self
    }

    /// Registers a request-reply action.
    pub fn on_invoke<I, O, F, Fut>(self, action: impl Into<Action>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(ActionContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Failure>> + Send + 'static,
    {
        self.on(
            action.into(),
            Pattern::RequestReply,
            Handler::invoke(handler),
        )
    }

    /// Registers a fire-and-forget action. Its failures are logged.
    pub fn on_fire_and_forget<I, F, Fut>(self, action: impl Into<Action>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        F: Fn(ActionContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.on(
            action.into(),
            Pattern::FireAndForget,
            Handler::fire(handler),
        )
    }

    /// Registers a streaming action. The stream is pulled as its reader reads, with a bounded lead;
    /// it is dropped when nobody wants it any more.
    pub fn on_stream<I, O, F, S>(self, action: impl Into<Action>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(ActionContext<I>) -> S + Send + Sync + 'static,
        S: Stream<Item = Result<O, Failure>> + Send + 'static,
    {
        self.on(action.into(), Pattern::Streaming, Handler::stream(handler))
    }

    /// Registers a long-running action. The handler reports progress and asks for input by its
    /// context, and watches the context's cancellation token.
    pub fn on_task<I, O, F, Fut>(self, action: impl Into<Action>, handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(TaskContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Failure>> + Send + 'static,
    {
        self.on(action.into(), Pattern::TaskStart, Handler::task(handler))
    }

    fn on(mut self, action: Action, pattern: Pattern, handler: Handler) -> Self {
        self.actions.push((Registered { action, pattern }, handler));
        self
    }

    /// Sets or clears the price of an action that is registered.
    pub(crate) fn price(&mut self, action: &str, price: &str) -> Result<(), BuildError> {
        let found = self
            .actions
            .iter_mut()
            .find(|(found, _)| found.action.name == action);
        let (registered, _) = found.ok_or_else(|| {
            BuildError(format!("a price for `{action}`, which is not registered"))
        })?;
        registered.action.price_usdc = Some(price.to_owned());
        Ok(())
    }

    /// Keeps only the actions named.
    pub(crate) fn retain(&mut self, names: &[String]) -> Result<(), BuildError> {
        let known = |name: &&String| {
            self.actions
                .iter()
                .any(|(found, _)| found.action.name == **name)
        };
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            return Err(BuildError(format!("there is no action `{unknown}`")));
        }
        self.actions
            .retain(|(found, _)| names.contains(&found.action.name));
        Ok(())
    }

    /// Builds the node. Fails where an id or an action's name breaks the contract's rules, and where
    /// somebody could pay and not get what they paid for.
    pub fn build(mut self) -> Result<Node, BuildError> {
        let refuse =
            |what: String, error: &dyn fmt::Display| BuildError(format!("{what}: {error}"));
        let node_id = read_node_id(&self.node_id)
            .map_err(|error| refuse(format!("node id `{}`", self.node_id), &error))?;
        let tenant = |error| refuse(format!("tenant id `{}`", self.tenant_id), &error);
        check_tenant_id(&self.tenant_id).map_err(tenant)?;
        for (place, (registered, _)) in self.actions.iter().enumerate() {
            let name = &registered.action.name;
            let action = || format!("action `{name}`");
            check_action(name).map_err(|error| refuse(action(), &error))?;
            if is_system(name) {
                return Err(refuse(action(), &"the prefix is the system's"));
            }
            let earlier = self.actions.iter().take(place);
            if earlier.clone().any(|(other, _)| other.action.name == *name) {
                return Err(refuse(action(), &"registered twice"));
            }
        }
        if let Some(subject) = self.auth.api_keys.invalid() {
            let hash = "`sha256:` must be followed by 64 hexadecimal digits";
            return Err(refuse(format!("API key of `{subject}`"), &hash));
        }
        let identity = Identity {
            address: AddressUri::node(&self.tenant_id, &node_id).map_err(tenant)?,
            client: AddressUri::service(&self.tenant_id, "ancp-client").map_err(tenant)?,
            tenant_id: self.tenant_id.as_str().into(),
            node_id,
        };
        let address = self.profile.evm_address.as_deref();
        let payee: Option<Address> = address.and_then(|address| address.parse().ok());
        if let Some(address) = payee {
            // With its checksum, however it was written.
            self.profile.evm_address = Some(address.to_string());
        }
        let offer = Offer {
            payee,
            terms: self.payment,
        };
        let actions = self.actions.iter().map(|(found, _)| &found.action);
        Ok(Node::new(Parts {
            identity: Arc::new(identity),
            payment: PaymentGate::new(offer, self.chains, actions, self.auth.clock.clone())?,
            profile: self.profile,
            auth: Authenticator::new(self.auth, &self.tenant_id),
            limits: self.limits.bounded(),
            features: self.features,
            actions: self.actions,
        }))
    }
}

#[cfg(test)]
mod tests {
    use ancp_core::Json;

    use super::*;

    fn with(action: &str) -> NodeBuilder {
        NodeBuilder::new(42, 7).on_invoke(action, async |ctx: ActionContext<Json>| Ok(ctx.payload))
    }

    #[test]
    fn names_are_checked() {
        assert!(with("a/b:c.d").build().is_ok());
        for (builder, expected) in [
            (with("no spaces"), "action `no spaces`"),
            (with("ancp.ping"), "action `ancp.ping`: the prefix"),
            (NodeBuilder::new("a b", 7), "node id `a b`"),
            (NodeBuilder::new(42, ""), "tenant id ``"),
            (with("a").api_key("s", "sha256:12", []), "API key of `s`"),
        ] {
            let error = builder.build().err().unwrap().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let twice = with("a").on_fire_and_forget("a", async |_: ActionContext<Json>| Ok(()));
        assert!(twice.build().err().unwrap().to_string().contains("twice"));
    }
}
