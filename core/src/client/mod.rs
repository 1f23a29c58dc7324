//! The client's verbs and the policies around them, the same over every transport and on every
//! platform. Payloads are not looked into: requests hold a `P`, answers are JSON text.

mod attempts;
mod call;
mod members;
mod options;
mod payment;
pub mod plain;
mod stream;
mod target;
mod task;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;

use bytestring::ByteString;

use crate::auth::Origins;
use crate::discovery::Documents;
use crate::json::{Json, write::integer};
use crate::message::{Message, Ncp, PROTOCOL_VERSION, Pattern, check_action, timestamp, uuid_v4};
use crate::platform::{BoxFuture, Platform};
use crate::resolve::{TaskNodes, Turns};
use crate::sync::Gate;
use crate::transport::{Operation, Payload, Transport};
use crate::{Error, ErrorCode, Result};

pub use members::MemberOutcome;
use options::Settings;
pub use options::{CallOptions, ClientBuilder};
pub(crate) use options::{invalid, not_allowed, positive};
use payment::Payments;
pub(crate) use payment::Spent;
pub use stream::StreamCall;
use target::Target;
pub use task::WaitOptions;

/// A client of one node over any transport. Cheap to clone; clones share credentials, the retry
/// budget and [`close`](Client::close).
pub struct Client<P = Json> {
    shared: Arc<ClientShared<P>>,
}

struct ClientShared<P> {
    settings: Settings,
    /// To whom credentials are shown, and payments made.
    origins: Origins,
    payments: Option<Payments>,
    transport: Box<dyn Transport<P>>,
    platform: Arc<dyn Platform>,
    documents: Documents,
    turns: Turns,
    tasks: TaskNodes,
    /// Where calls go that name no address.
    target: Target,
    /// Open once the client is closed.
    closed: Gate,
}

impl<P> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<P: Payload> Client<P> {
    /// A client over a transport of one's own.
    ///
    /// # Errors
    /// `invalid_options`, naming the option that is wrong.
    pub fn new(
        mut options: ClientBuilder,
        transport: impl Transport<P>,
        platform: Arc<dyn Platform>,
    ) -> Result<Self> {
        let payer = options.payer.take();
        let listed = mem::take(&mut options.credential_origins);
        let settings = options.check()?;
        Ok(Self {
            shared: Arc::new(ClientShared {
                target: Target::new(&settings, &transport, &settings.address)?,
                origins: Origins::new(settings.own.as_ref(), &listed)?,
                settings,
                payments: payer.map(Payments::new).transpose()?,
                transport: Box::new(transport),
                platform,
                documents: Documents::default(),
                turns: Turns::default(),
                tasks: TaskNodes::default(),
                closed: Gate::new(false),
            }),
        })
    }

    /// Calls an action and waits for its result.
    ///
    /// # Errors
    /// What the node answered, or why there is no answer.
    // The message is made here: a future would keep room for all that it is made of.
    pub fn invoke<'a>(
        &'a self,
        action: &str,
        payload: P,
        options: CallOptions,
    ) -> impl Future<Output = Result<Json>> + use<'a, P> {
        let call = self.call(action, Pattern::RequestReply, payload, &options);
        let answer = call.map(|call| self.exchange(call, options));
        async move { answer?.await?.into_result() }
    }

    /// Sends a message that nobody waits for: done once the node has accepted it.
    ///
    /// # Errors
    /// Why the node did not accept it; a failure of the handler is the node's own affair.
    pub async fn fire_and_forget(
        &self,
        action: &str,
        payload: P,
        options: CallOptions,
    ) -> Result<()> {
        let call = self.call(action, Pattern::FireAndForget, payload, &options)?;
        self.exchange(call, options).await.map(drop)
    }

    /// Reads the discovery document.
    ///
    /// # Errors
    /// As for [`invoke`](Self::invoke).
    pub async fn discover(&self, options: CallOptions) -> Result<Json> {
        let answer = self.exchange(Operation::Discover, options).await?;
        answer.into_document()
    }

    /// Ends what is running with `aborted` and refuses what comes later with `closed`. Streams are
    /// ended at the node: at once where somebody waits for a chunk, else when they are next polled
    /// or dropped. Closing twice is allowed.
    pub fn close(&self) {
        self.shared.closed.open();
    }

    fn now(&self) -> Duration {
        self.shared.platform.now()
    }

    /// A node call as an operation, for [`exchange`](Self::exchange).
    ///
    /// # Errors
    /// `invalid_options`, naming the argument that is wrong.
    pub fn call(
        &self,
        action: &str,
        pattern: Pattern,
        payload: P,
        options: &CallOptions,
    ) -> Result<Operation<P>> {
        self.message(action, pattern, payload, options)
            .map(Operation::Call)
    }

    /// A message, with the same id and the same bytes for all its attempts at one node. The target
    /// names that node in it.
    fn message(
        &self,
        action: &str,
        pattern: Pattern,
        payload: P,
        options: &CallOptions,
    ) -> Result<Box<Message<P>>> {
        let platform = &self.shared.platform;
        message(
            action,
            pattern,
            payload,
            [&options.correlation_id, &options.receipt_id].map(Clone::clone),
            platform.random(),
            platform.unix_millis(),
        )
    }

    // These are no `async fn`s: each of those costs the WebAssembly module a state machine.

    /// Runs a call's work until it is done, the caller cancels, or the client is closed.
    fn guard<'a, T>(
        &'a self,
        cancel: &'a mut Option<BoxFuture<'static, ()>>,
        mut work: impl Future<Output = Result<T>> + Unpin,
    ) -> impl Future<Output = Result<T>> {
        let refused = self.shared.closed.is_open();
        let mut closed = self.shared.closed.visit();
        poll_fn(move |cx| {
            if refused {
                return Err(Error::new(ErrorCode::Closed, "the client is closed")).into();
            }
            if closed.poll(cx, false).is_ready() {
                return aborted("the client was closed").into();
            }
            if let Some(cancel) = cancel
                && cancel.as_mut().poll(cx).is_ready()
            {
                return aborted("the call was cancelled").into();
            }
            Pin::new(&mut work).poll(cx)
        })
    }

    /// Waits for a future, but no longer than the limit.
    fn within<W: Future + Unpin>(
        &self,
        limit: Duration,
        mut work: W,
    ) -> impl Future<Output = Option<W::Output>> + Unpin {
        let mut timer = self.shared.platform.sleep(limit);
        poll_fn(move |cx| match Pin::new(&mut work).poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        })
    }

    /// The same with an error at the end.
    fn in_time<T, W: Future<Output = Result<T>> + Unpin>(
        &self,
        limit: Duration,
        work: W,
    ) -> impl Future<Output = Result<T>> + Unpin {
        let mut work = self.within(limit, work);
        poll_fn(move |cx| {
            let result = Pin::new(&mut work).poll(cx);
            result.map(|result| result.unwrap_or_else(|| Err(late(limit))))
        })
    }
}

/// A message to no node yet.
fn message<P>(
    action: &str,
    pattern: Pattern,
    payload: P,
    [correlation_id, receipt_id]: [Option<ByteString>; 2],
    random: [u8; 16],
    unix_millis: u64,
) -> Result<Box<Message<P>>> {
    check_action(action).map_err(|error| not_allowed("action", error))?;
    let id = uuid_v4(random);
    Ok(Box::new(Message {
        kind: pattern.message_type(),
        route: None,
        timestamp: timestamp::from_unix_millis(unix_millis).into(),
        protocol_version: ByteString::from_static(PROTOCOL_VERSION),
        correlation_id: Some(correlation_id.unwrap_or_else(|| id.clone())),
        id,
        reply_to: None,
        ncp: Some(Ncp {
            action: Some(action.into()),
            pattern: Some(pattern),
            receipt_id,
            ..Ncp::default()
        }),
        extensions: Vec::new(),
        payload,
    }))
}

fn aborted<T>(why: &str) -> Result<T> {
    Err(Error::new(ErrorCode::Aborted, why).maybe_delivered(true))
}

/// The error of a call that has used up its time.
fn late(limit: Duration) -> Error {
    timed_out(&["no answer within ", &*millis(limit), " ms"].concat())
}

/// A limit for messages, in whole milliseconds: what is left of one has lost some of its last.
fn millis(limit: Duration) -> String {
    let part = limit.subsec_micros().div_ceil(1000);
    integer(
        limit
            .as_secs()
            .saturating_mul(1000)
            .saturating_add(part.into()),
    )
}

/// The client's own time-out: unlike a node's it has no status and is not retried.
fn timed_out(what: &str) -> Error {
    Error::new(ErrorCode::Timeout, what)
        .with_status(0)
        .retryable(false)
}

/// Whether it is the client's own time-out.
pub(crate) fn is_late(error: &Error) -> bool {
    error.code() == &ErrorCode::Timeout && error.status() == 0
}
