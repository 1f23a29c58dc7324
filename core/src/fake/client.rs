use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Deref;

use serde::Serialize;

use super::{CapturedCall, FakeStep, FakeStream, FakeTask, FakeTransport};
use crate::client::ClientBuilder;
use crate::json::Json;
use crate::native::TokioPlatform;
use crate::platform::Platform;
use crate::retry::RetryPolicy;
use crate::typed::AncpClient;
use crate::{Error, Result};

/// A client for unit tests: the real client, checks and errors included, over a script instead of
/// a node. It derefs to [`AncpClient`], which is what the code under test takes.
///
/// ```
/// use ancp_core::fake::FakeClient;
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ancp_core::Result<()> {
/// let fake = FakeClient::new();
/// fake.setup_response("get-order", &json!({"status": "Active"}))?;
///
/// let order: Value = fake.invoke("get-order", &json!({"orderId": "ORD-1"})).await?;
///
/// assert_eq!(order["status"], "Active");
/// assert_eq!(fake.captured_calls()[0].action, "get-order");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FakeClient {
    client: AncpClient,
    transport: FakeTransport<Json>,
    platform: Arc<dyn Platform>,
}

impl Default for FakeClient {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeClient {
    /// A fake that knows no action yet, with the default options, except that failed calls are not
    /// repeated.
    pub fn new() -> Self {
        let options = ClientBuilder::new()
            .retry(RetryPolicy::disabled())
            .base_url("http://fake.invalid")
            .node_id("fake");
        Self::with_options(options).expect("these options are valid")
    }

    /// A fake whose client has options of one's own.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn with_options(options: ClientBuilder) -> Result<Self> {
        let platform: Arc<dyn Platform> = Arc::new(TokioPlatform::default());
        let transport = FakeTransport::new(Arc::clone(&platform), Json::clone);
        let client = AncpClient::over(options, transport.clone(), Arc::clone(&platform))?;
        Ok(Self {
            client,
            transport,
            platform,
        })
    }

    /// Answers an action always the same.
    ///
    /// # Errors
    /// `invalid_options` where the result does not serialise.
    pub fn setup_response(&self, action: &str, result: &(impl Serialize + ?Sized)) -> Result<()> {
        let result = Json::from_value(result)?;
        self.setup_response_with(action, move |_| Ok(result.clone()));
        Ok(())
    }

    /// Answers an action with what a closure makes of the call.
    pub fn setup_response_with(
        &self,
        action: &str,
        respond: impl Fn(CapturedCall) -> Result<Json> + Send + Sync + 'static,
    ) {
        self.transport.on_invoke(action, move |call| {
            let result = respond(call);
            Box::pin(async move { result })
        });
    }

    /// Fails an action, whatever its pattern.
    pub fn setup_error(&self, action: &str, error: Error) {
        self.transport.on_error(action, error);
    }

    /// Gives an action a price in USDC, a decimal string. Calls without a receipt fail with `payment_required`, and
    /// [`pay`](AncpClient::pay) gives a receipt for any transaction, once; `setup_error("ancp.pay", …)` makes it
    /// refuse instead.
    pub fn setup_price(&self, action: &str, usdc: &str) {
        self.transport.set_price(action, usdc);
    }

    /// Answers an action with a stream.
    pub fn setup_stream(&self, action: &str, stream: FakeStream) {
        self.setup_stream_with(action, move |_| Ok(stream.clone()));
    }

    /// Answers an action with a stream that a closure makes for the call.
    pub fn setup_stream_with(
        &self,
        action: &str,
        respond: impl Fn(CapturedCall) -> Result<FakeStream> + Send + Sync + 'static,
    ) {
        let platform = Arc::clone(&self.platform);
        self.transport.on_stream(action, move |call| {
            let chunks = respond(call).map(|stream| stream.into_chunks(platform.clone()));
            Box::pin(async move { chunks })
        });
    }

    /// Answers an action with a task.
    pub fn setup_task(&self, action: &str, task: FakeTask) {
        self.setup_task_with(action, move |_| Ok(task.clone()));
    }

    /// Answers an action with a task that a closure makes for the call.
    pub fn setup_task_with(
        &self,
        action: &str,
        respond: impl Fn(CapturedCall) -> Result<FakeTask> + Send + Sync + 'static,
    ) {
        self.transport.on_task(action, move |call| {
            let task = respond(call);
            Box::pin(async move { task })
        });
    }

    /// Gives a running task another step after those of its script.
    ///
    /// # Errors
    /// `task_not_found`.
    pub fn push_step(&self, task_id: &str, step: FakeStep) -> Result<()> {
        self.transport.push_step(task_id, step)
    }

    /// The calls so far, in their order; system actions that the fake answers by itself are left out.
    pub fn captured_calls(&self) -> Vec<CapturedCall> {
        self.transport.captured_calls()
    }

    /// Forgets script, calls and tasks.
    pub fn reset(&self) {
        self.transport.reset();
    }

    /// The client, for code that takes one by value.
    pub fn client(&self) -> AncpClient {
        self.client.clone()
    }
}

impl Deref for FakeClient {
    type Target = AncpClient;

    fn deref(&self) -> &AncpClient {
        &self.client
    }
}
