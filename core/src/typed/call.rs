use std::future::IntoFuture;
use std::time::Duration;

use super::Run;
use crate::Result;
use crate::address::NodeAddress;
use crate::client::CallOptions;
use crate::platform::{BoxFuture, MaybeSend};

/// A call that has not been made: awaiting it makes it. Its setters are options for it alone.
#[must_use = "nothing is sent until the call is awaited"]
pub struct Call<'a, T> {
    run: Run<'a, T>,
    options: CallOptions,
}

impl<'a, T> Call<'a, T> {
    pub(super) fn new(
        run: impl FnOnce(CallOptions) -> BoxFuture<'a, Result<T>> + MaybeSend + 'a,
    ) -> Self {
        Self {
            run: Box::new(run),
            options: CallOptions::new(),
        }
    }

    /// The node or group that the call is for. Default: the client's; of a task, the node that this
    /// client started it on.
    pub fn address(mut self, address: NodeAddress) -> Self {
        self.options = self.options.address(address);
        self
    }

    /// How long the call may take, retries included. Default: the client's.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options = self.options.timeout(timeout);
        self
    }

    /// Ties the call to others in logs. Default: the message's own id.
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.options = self.options.correlation_id(id);
        self
    }

    /// The receipt of a payment that was made for the action. With one, the client's payer is not asked.
    pub fn receipt_id(mut self, id: impl Into<String>) -> Self {
        self.options = self.options.receipt_id(id);
        self
    }

    /// A header for the requests of this call.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options = self.options.header(name, value);
        self
    }

    /// Ends the call with `aborted` when the future is ready; so does dropping the call.
    pub fn cancel_on(mut self, cancel: impl Future<Output = ()> + MaybeSend + 'static) -> Self {
        self.options = self.options.cancel_on(cancel);
        self
    }

    /// All options at once, in the place of those set so far.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }
}

impl<'a, T> IntoFuture for Call<'a, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'a, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self.options)
    }
}
