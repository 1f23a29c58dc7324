//! The client for Rust programs: typed payloads over serde.

mod call;
mod payment;
mod stream;
mod types;
mod wait;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{CallOptions, Client, ClientBuilder, MemberOutcome};
use crate::json::Json;
use crate::payment::Payment;
use crate::platform::{BoxFuture, Platform};
use crate::task::TaskStatus;
use crate::transport::Transport;
use crate::{Error, ErrorCode, Result};

pub use call::Call;
pub use payment::{AcceptedToken, ActionPrice, PaymentInfo, PaymentTerms, Receipt};
pub use stream::ChunkStream;
pub use types::{
    ActionDescriptor, Capabilities, DiscoveredNode, DiscoveryDocument, Negotiation, NodeGroup,
    NodeStatus, Ping,
};
pub use wait::WaitCall;

/// A client of an ANCP node. Cheap to clone; clones share credentials, connections and
/// [`close`](Self::close).
///
/// Every verb returns a [`Call`] to be awaited, which takes options for that call alone. A payload
/// is anything that serialises, an answer anything that deserialises; with [`Json`] as either, the
/// text passes untouched.
///
/// ```no_run
/// use ancp_core::{AncpClient, Auth};
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
///
/// #[derive(Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct OrderQuery { order_id: String }
///
/// #[derive(Deserialize)]
/// struct Order { status: String }
///
/// # async fn example() -> ancp_core::Result<()> {
/// let client = AncpClient::builder()
///     .base_url("https://api.example.com")
///     .node_id(42)
///     .auth(Auth::api_key("bfk_…"))
///     .build()?;
/// let query = OrderQuery { order_id: "ORD-123".into() };
/// let order: Order = client.invoke("get-order", &query).timeout(Duration::from_secs(5)).await?;
/// println!("{}", order.status);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AncpClient {
    raw: Client<Json>,
}

impl AncpClient {
    /// The options of a new client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client over a transport of one's own.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn over(
        options: ClientBuilder,
        transport: impl Transport<Json>,
        platform: Arc<dyn Platform>,
    ) -> Result<Self> {
        Client::new(options, transport, platform).map(|raw| Self { raw })
    }

    /// The same client for payloads as JSON text.
    pub fn raw(&self) -> &Client<Json> {
        &self.raw
    }

    /// Calls an action and waits for its result.
    ///
    /// # Errors
    /// What the node answered, or why there is no answer; `invalid_response` where the result is
    /// not of the type asked for.
    pub fn invoke<R>(&self, action: &str, payload: &(impl Serialize + ?Sized)) -> Call<'_, R>
    where
        R: DeserializeOwned + 'static,
    {
        let action = action.to_owned();
        let payload = Json::from_value(payload);
        Call::new(move |mut options| {
            options.parsed_later = true;
            let result = payload.map(|payload| self.raw.invoke(&action, payload, options));
            Box::pin(async move { read(&result?.await?, &action) })
        })
    }

    /// Calls an action at every member of a group, whatever its strategy, and waits for all their
    /// outcomes, in the order of the discovery document. See [`Client::invoke_all`].
    ///
    /// ```no_run
    /// # async fn example(client: ancp_core::AncpClient) -> ancp_core::Result<()> {
    /// use ancp_core::NodeAddress;
    /// use serde_json::{Value, json};
    /// let stores = NodeAddress::from_node_group_id(5)?;
    /// let outcomes = client.invoke_all::<Value>("stock", &json!({"sku": 7})).address(stores).await?;
    /// for outcome in outcomes {
    ///     println!("{:?}: {:?}", outcome.node_id, outcome.result);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `address_not_found`, `invalid_options`, `aborted` and `closed`; what fails at a member is its
    /// outcome.
    pub fn invoke_all<R>(
        &self,
        action: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Call<'_, Vec<MemberOutcome<R>>>
    where
        R: DeserializeOwned + 'static,
    {
        let action = action.to_owned();
        let payload = Json::from_value(payload);
        Call::new(move |options| {
            Box::pin(async move {
                let outcomes = self.raw.invoke_all(&action, payload?, options).await?;
                let typed = outcomes.into_iter().map(|outcome| MemberOutcome {
                    node_id: outcome.node_id,
                    endpoint: outcome.endpoint,
                    result: outcome.result.and_then(|result| read(&result, &action)),
                });
                Ok(typed.collect())
            })
        })
    }

    /// Sends a message that nobody waits for: done once the node has accepted it.
    ///
    /// # Errors
    /// Why the node did not accept it; a failure of the handler is the node's own affair.
    pub fn fire_and_forget(
        &self,
        action: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Call<'_, ()> {
        let action = action.to_owned();
        let payload = Json::from_value(payload);
        Call::new(move |options| {
            Box::pin(async move { self.raw.fire_and_forget(&action, payload?, options).await })
        })
    }

    /// Calls an action that answers with a stream of chunks. Nothing is sent before the first chunk
    /// is asked for; dropping the stream ends it at the node.
    ///
    /// ```no_run
    /// # async fn example(client: ancp_core::AncpClient) -> ancp_core::Result<()> {
    /// use futures_util::StreamExt;
    /// use serde_json::{Value, json};
    /// let mut chunks = client.stream::<Value>("generate-report", &json!({"year": 2026}));
    /// while let Some(chunk) = chunks.next().await {
    ///     println!("{}", chunk?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream<C>(&self, action: &str, payload: &(impl Serialize + ?Sized)) -> ChunkStream<C>
    where
        C: DeserializeOwned,
    {
        ChunkStream::new(self.raw.clone(), action, Json::from_value(payload))
    }

    /// Starts a long-running task and returns its first status, with its id.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn start_task(
        &self,
        action: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Call<'_, TaskStatus> {
        let action = action.to_owned();
        let payload = Json::from_value(payload);
        Call::new(move |options| {
            Box::pin(async move { self.raw.start_task(&action, payload?, options).await })
        })
    }

    /// Asks for a task's status.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke); `task_not_found` and `task_expired` among them.
    pub fn task_status<R>(&self, task_id: &str) -> Call<'_, TaskStatus<R>>
    where
        R: DeserializeOwned + 'static,
    {
        let task_id = task_id.to_owned();
        Call::new(move |options| {
            Box::pin(async move { typed(self.raw.task_status(&task_id, options).await?) })
        })
    }

    /// Waits until a task is `Completed`, `Failed`, `Cancelled` or `Rejected`.
    ///
    /// ```no_run
    /// # async fn example(client: ancp_core::AncpClient) -> ancp_core::Result<()> {
    /// use serde_json::{Value, json};
    /// use std::time::Duration;
    /// let task = client.start_task("run-payroll", &json!({"month": "2026-03"})).await?;
    /// let done = client
    ///     .wait_for_task::<Value>(&task.task_id)
    ///     .timeout(Duration::from_secs(120))
    ///     .on_progress(|status| println!("{:?}", status.progress))
    ///     .await?;
    /// println!("{}: {:?}", done.state, done.result);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `timeout`, `aborted`, or an error that lasts: 401, 403, 404, 410. Passing failures do not
    /// end the wait.
    pub fn wait_for_task<R>(&self, task_id: &str) -> WaitCall<'_, R>
    where
        R: DeserializeOwned + 'static,
    {
        WaitCall::new(&self.raw, task_id)
    }

    /// Gives a task the input that it waits for.
    ///
    /// # Errors
    /// As for [`task_status`](Self::task_status); `task_not_waiting` where it waits for none.
    pub fn provide_input(
        &self,
        task_id: &str,
        input: &(impl Serialize + ?Sized),
    ) -> Call<'_, TaskStatus> {
        let task_id = task_id.to_owned();
        let input = Json::from_value(input);
        Call::new(move |options| {
            Box::pin(async move { self.raw.provide_input(&task_id, input?, options).await })
        })
    }

    /// Cancels a task. Cancelling a finished one changes nothing.
    ///
    /// # Errors
    /// As for [`task_status`](Self::task_status).
    pub fn cancel_task(&self, task_id: &str) -> Call<'_, TaskStatus> {
        let task_id = task_id.to_owned();
        Call::new(move |options| {
            Box::pin(async move { self.raw.cancel_task(&task_id, options).await })
        })
    }

    /// Asks whether the node is there.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn ping(&self) -> Call<'_, Ping> {
        self.invoke("ancp.ping", &())
    }

    /// Asks what the node can do.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn capabilities(&self) -> Call<'_, Capabilities> {
        self.invoke("ancp.capabilities", &())
    }

    /// Asks which of these actions the node has.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn negotiate<'a>(
        &self,
        actions: impl IntoIterator<Item = &'a str>,
    ) -> Call<'_, Negotiation> {
        let actions: Vec<&str> = actions.into_iter().collect();
        self.invoke(
            "ancp.negotiate",
            &std::collections::BTreeMap::from([("actions", actions)]),
        )
    }

    /// Asks how the node is doing.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn status(&self) -> Call<'_, NodeStatus> {
        self.invoke("ancp.status", &())
    }

    /// Asks what actions cost, and how the node is paid.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn payment_info(&self) -> Call<'_, PaymentInfo> {
        self.invoke("ancp.payment-info", &())
    }

    /// Turns a payment into a receipt for an action, whose id goes into
    /// [`CallOptions::receipt_id`]. A client with a [`Payer`](crate::Payer) does this by itself.
    ///
    /// ```no_run
    /// # async fn example(client: ancp_core::AncpClient) -> ancp_core::Result<()> {
    /// use ancp_core::Payment;
    /// use serde_json::{Value, json};
    /// let payment = Payment { tx_hash: "0x5c50…".into(), payer: "0x5290…".into() };
    /// let receipt = client.pay("run-payroll", &payment).await?;
    /// let paid: Value = client
    ///     .invoke("run-payroll", &json!({"month": "2026-03"}))
    ///     .receipt_id(receipt.receipt_id)
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `payment_required` where the node does not take the transaction, with
    /// [`payment_reason`](Error::payment_reason): retryable while it is `unconfirmed`. `invalid_payload` where the
    /// action has no price.
    pub fn pay(&self, action: &str, payment: &Payment) -> Call<'_, Receipt> {
        let Payment { tx_hash, payer } = payment;
        self.invoke(
            "ancp.pay",
            &payment::PayRequest {
                action,
                tx_hash,
                payer,
            },
        )
    }

    /// Reads the discovery document: what nodes there are below the base URL.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub fn discover(&self) -> Call<'_, DiscoveryDocument> {
        Call::new(move |options| {
            Box::pin(async move { read(&self.raw.discover(options).await?, "discover") })
        })
    }

    /// Ends what is running with `aborted` and refuses what comes later with `closed`. Closing
    /// twice is allowed.
    pub fn close(&self) {
        self.raw.close();
    }
}

impl std::fmt::Debug for AncpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AncpClient").finish_non_exhaustive()
    }
}

/// What a verb does once its options are known.
#[cfg(not(target_arch = "wasm32"))]
type Run<'a, T> = Box<dyn FnOnce(CallOptions) -> BoxFuture<'a, Result<T>> + Send + 'a>;
/// What a verb does once its options are known.
#[cfg(target_arch = "wasm32")]
type Run<'a, T> = Box<dyn FnOnce(CallOptions) -> BoxFuture<'a, Result<T>> + 'a>;

/// Reads an answer as the type that was asked for. Where it was to be parsed later, it may be no JSON.
fn read<T: DeserializeOwned>(json: &Json, what: &str) -> Result<T> {
    json.to().map_err(|error: serde_json::Error| {
        let fault = match error.is_data() {
            true => "is not of the type asked for",
            false => "can't be read",
        };
        Error::new(
            ErrorCode::InvalidResponse,
            format!("the answer of {what} {fault}: {error}"),
        )
        .maybe_delivered(true)
        .with_source(error)
    })
}

fn typed<R: DeserializeOwned>(status: TaskStatus) -> Result<TaskStatus<R>> {
    status.try_map(|result| read(&result, "the task"))
}
