//! One call: attempts under a deadline, with retries and fresh credentials.
//!
//! The order of the policies, outermost first: close and cancel, target, payment, deadline, retry, credential,
//! attempt.

use alloc::boxed::Box;
use alloc::string::String;
use core::pin::pin;
use core::time::Duration;

use super::attempts::{Attempts, Next};
use super::payment::Spent;
use super::target::Target;
use super::{CallOptions, Client, ClientShared};
use crate::address::origin_of;
use crate::auth::{Credential, Secret, is_credential};
use crate::json::Json;
use crate::message::{ErrorMeta, Message, MessageType, Pattern};
use crate::platform::BoxFuture;
use crate::transport::{Answer, Operation, Payload, Reply, Request, unexpected};
use crate::{Error, ErrorCode, Result};

impl<P: Payload> Client<P> {
    /// Carries out an operation that has one answer: what the verbs come down to.
    ///
    /// # Errors
    /// What the node answered, or why there is no answer.
    // Boxed once here, rather than within the future of each verb.
    pub fn exchange(
        &self,
        operation: Operation<P>,
        mut options: CallOptions,
    ) -> BoxFuture<'_, Result<Answer>> {
        let limit = options.timeout.unwrap_or(self.shared.settings.timeout);
        let checked = options.check();
        let target = checked.and_then(|()| self.target_of(&operation, &options));
        let mut request = self.request(operation, &options);
        let mut cancel = options.cancel.take();
        Box::pin(async move {
            let mut target = target?;
            let exchange = self.exchange_for(&mut target, &mut request, &mut cancel, limit);
            exchange.await
        })
    }

    /// The same with options that are checked, and may serve another exchange.
    pub(super) async fn exchange_within(
        &self,
        operation: Operation<P>,
        options: &mut CallOptions,
        limit: Duration,
    ) -> Result<Answer> {
        let mut target = self.target_of(&operation, options)?;
        let mut request = self.request(operation, options);
        let exchange = self.exchange_for(&mut target, &mut request, &mut options.cancel, limit);
        exchange.await
    }

    async fn exchange_for(
        &self,
        target: &mut Target,
        request: &mut Request<P>,
        cancel: &mut Option<BoxFuture<'static, ()>>,
        limit: Duration,
    ) -> Result<Answer> {
        let answer = {
            let work = pin!(self.exchange_at(target, request, limit));
            self.guard(cancel, work).await
        };
        answer.map_err(|error| error.with_operation(name_of(&request.operation)))
    }

    /// The same for a request to a target.
    pub(super) async fn exchange_at(
        &self,
        target: &mut Target,
        request: &mut Request<P>,
        limit: Duration,
    ) -> Result<Answer> {
        let deadline = self.now().saturating_add(limit);
        let reply = self.attempt_at(target, request, deadline, true).await;
        let answer = check_answer(request, reply?.answer()?)?;
        match &answer {
            Answer::Document(document) => {
                let outcome = Ok(document.clone());
                self.shared.documents.nodes.keep(self.now(), outcome);
            }
            Answer::Message(message) => self.remember(target, request, message),
            Answer::Accepted => {}
        }
        Ok(answer)
    }

    pub(super) fn request(&self, operation: Operation<P>, options: &CallOptions) -> Request<P> {
        Request {
            // The target's, once that is known: mostly this one.
            endpoint: self.shared.target.node.clone().unwrap_or_default(),
            operation,
            credential: None,
            headers: self.shared.settings.headers(options),
            spent: self.spent(),
            parsed_later: options.parsed_later,
        }
    }

    /// What a call has paid when it begins: nothing.
    pub(super) fn spent(&self) -> Option<Spent> {
        // The core's type; in a browser there is one thread.
        #[allow(clippy::arc_with_non_send_sync)]
        let spent = || Spent::default();
        self.shared.payments.as_ref().map(|_| spent())
    }

    /// Makes attempts at a target until one succeeds or another one would not help, or would come too
    /// late.
    pub(super) fn attempts<'a>(
        &'a self,
        target: &'a mut Target,
        request: &'a mut Request<P>,
        limit: Duration,
        retry: bool,
    ) -> BoxFuture<'a, Result<Reply>> {
        let deadline = self.now().saturating_add(limit);
        Box::pin(self.attempt_at(target, request, deadline, retry))
    }

    /// Makes attempts at the request's endpoint. A failure that `retry` denies is not repeated.
    pub(super) fn attempts_here<'a>(
        &'a self,
        request: &'a mut Request<P>,
        limit: Duration,
        retry: &'a (dyn Fn(&Error) -> bool + Sync),
    ) -> impl Future<Output = Result<Reply>> + Unpin {
        let deadline = self.now().saturating_add(limit);
        let work: BoxFuture<'a, _> = Box::pin(self.attempt_until(request, deadline, retry));
        self.in_time(limit, work)
    }

    /// The same until a deadline that others see to.
    pub(super) async fn attempt_until(
        &self,
        request: &mut Request<P>,
        deadline: Duration,
        retry: &(dyn Fn(&Error) -> bool + Sync),
    ) -> Result<Reply> {
        let ClientShared {
            settings,
            transport,
            platform,
            ..
        } = &*self.shared;
        let withheld = self.withhold(request);
        // Documents are public, and may be asked for before there is a credential.
        let public = matches!(
            request.operation,
            Operation::Discover | Operation::DidDocument { .. }
        );
        let mut attempts = Attempts::new();
        loop {
            if !withheld && !public {
                let node = &request.endpoint.url;
                let shown = settings
                    .credentials
                    .show(attempts.refused(), node, &**platform);
                let shown = shown.await.map_err(|error| attempts.prevented(error))?;
                (attempts.shown, request.credential) = shown.unzip();
            }
            let error = match transport.carry(request).await {
                Ok(reply) => {
                    settings.retries.budget.deposit();
                    return Ok(reply);
                }
                Err(error) => error,
            };
            if withheld && error.status() == 401 {
                return Err(explain(attempts.prevented(error), request.target()));
            }
            let error =
                error.without_secret(request.credential.take().as_ref().map(Credential::secret));
            let left = deadline.saturating_sub(self.now());
            let next = attempts.failed(
                &settings.retries,
                settings.credentials.can_renew(),
                error,
                retry,
                left,
                self.random(),
            );
            if let Next::After(delay) = next? {
                platform.sleep(delay).await;
            }
        }
    }

    /// Whether there is a credential that a request must not carry, as it goes elsewhere than the user
    /// has said. Headers that hold one are taken out.
    fn withhold(&self, request: &mut Request<P>) -> bool {
        if self.shared.origins.contain(request.target()) {
            return false;
        }
        let before = request.headers.len();
        request.headers.retain(|(name, _)| !is_credential(name));
        self.shared.settings.credentials.are_set() || request.headers.len() < before
    }

    pub(super) fn random(&self) -> u32 {
        let [a, b, c, d, ..] = self.shared.platform.random();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// What to do about a 401 of a node that was shown no credential.
fn explain(error: Error, target: &str) -> Error {
    let message = [
        "the credential was withheld from ",
        origin_of(target),
        ", which is not the baseUrl's origin; if it may have the credential, name it in credentialOrigins (the node says: ",
        error.message(),
        ")",
    ];
    let message = message.concat();
    error.with_message(message)
}

/// The operation as errors name it.
pub(super) fn name_of<P>(operation: &Operation<P>) -> String {
    let verb = match operation {
        Operation::Call(message) => {
            let ncp = message.ncp.as_ref();
            let verb = match ncp.and_then(|ncp| ncp.pattern) {
                Some(Pattern::FireAndForget) => "fire and forget ",
                Some(Pattern::Streaming) => "stream ",
                Some(Pattern::TaskStart) => "start task ",
                Some(Pattern::RequestReply) | None => "invoke ",
            };
            let action = ncp
                .and_then(|ncp| ncp.action.as_deref())
                .unwrap_or_default();
            return [verb, action].concat();
        }
        Operation::ResumeStream { .. } => "resume stream",
        Operation::EndStream { .. } => "end stream",
        Operation::TaskStatus { .. } => "task status",
        Operation::TaskEvents { .. } => "task events",
        Operation::TaskInput { .. } => "task input",
        Operation::CancelTask { .. } => "cancel task",
        Operation::Discover => "discover",
        Operation::DidDocument { .. } => "read DID document",
    };
    verb.into()
}

/// What every answer must fulfil, whatever carried it.
pub(super) fn check_answer<P>(request: &Request<P>, answer: Answer) -> Result<Answer> {
    let Answer::Message(message) = answer else {
        return Ok(answer);
    };
    let asked = match &request.operation {
        Operation::Call(asked) | Operation::TaskInput { message: asked, .. } => {
            asked.correlation_id.as_deref()
        }
        _ => None,
    };
    let error = message.ncp.as_ref().and_then(|ncp| ncp.error.as_deref());
    check_response(&message, asked)?;
    check_error(error, request.credential.as_ref().map(Credential::secret))?;
    Ok(Answer::Message(message))
}

/// Refuses what tells of an error.
pub(super) fn check_error(error: Option<&ErrorMeta>, shown: Option<&Secret>) -> Result<()> {
    match error {
        Some(error) => {
            let error = Error::from_meta(error, error.code.status());
            Err(error.without_secret(shown))
        }
        None => Ok(()),
    }
}

/// Refuses what is no Response, or the Response to something else.
pub(super) fn check_response(message: &Message<Json>, asked: Option<&str>) -> Result<()> {
    check_kind(message.kind, message.correlation_id.as_deref(), asked)
}

/// The same by a message's kind and its correlation id.
pub(super) fn check_kind(kind: MessageType, got: Option<&str>, asked: Option<&str>) -> Result<()> {
    if kind != MessageType::Response {
        return Err(unexpected("it is no Response"));
    }
    match (got, asked) {
        (Some(got), Some(asked)) if got != asked => Err(Error::new(
            ErrorCode::InvalidResponse,
            "the answer belongs to another call: its correlationId is foreign",
        )
        .maybe_delivered(true)),
        _ => Ok(()),
    }
}
