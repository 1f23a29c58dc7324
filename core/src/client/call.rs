//! One call: attempts under a deadline, with retries and fresh credentials.
//!
//! The order of the policies, outermost first: close and cancel, deadline, retry, credential, attempt.

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use super::{CallOptions, Client};
use crate::json::Json;
use crate::message::{Message, Pattern};
use crate::platform::BoxFuture;
use crate::retry::Failure;
use crate::transport::{Answer, Opened, Operation, Payload, Request, unexpected};
use crate::{Error, ErrorCode, Result};

impl<P: Payload> Client<P> {
    /// Carries out an operation that has one answer: what the verbs come down to.
    ///
    /// # Errors
    /// What the node answered, or why there is no answer.
    pub async fn exchange(
        &self,
        operation: Operation<P>,
        mut options: CallOptions,
    ) -> Result<Answer> {
        options.check()?;
        let limit = options.timeout.unwrap_or(self.shared.settings.timeout);
        self.exchange_within(operation, &mut options, limit).await
    }

    /// The same with options that are checked, and may serve another exchange.
    // Boxed once here, rather than within the future of each verb.
    pub(super) fn exchange_within<'a>(
        &'a self,
        operation: Operation<P>,
        options: &'a mut CallOptions,
        limit: Duration,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let mut request = self.request(operation, options);
            let work = self.attempts(&mut request, limit, true);
            let reply = self.guard(&mut options.cancel, work).await;
            reply
                .and_then(Reply::answer)
                .and_then(|answer| {
                    let answer = check_answer(&request.operation, answer)?;
                    if let Answer::Document(document) = &answer {
                        self.shared
                            .discovery
                            .keep(self.now(), Some(document.clone()));
                    }
                    Ok(answer)
                })
                .map_err(|error| error.with_operation(name_of(&request.operation)))
        })
    }

    pub(super) fn request(&self, operation: Operation<P>, options: &CallOptions) -> Request<P> {
        let settings = &self.shared.settings;
        let mut headers = settings.headers.clone();
        // The call's header takes the place of the client's.
        headers.retain(|(name, _)| {
            !options
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        });
        headers.extend(options.headers.iter().cloned());
        Request {
            endpoint: settings.endpoint.clone(),
            operation,
            credential: None,
            headers,
        }
    }

    /// Makes attempts until one succeeds or another one would not help, or would come too late.
    pub(super) fn attempts<'a>(
        &'a self,
        request: &'a mut Request<P>,
        limit: Duration,
        retry: bool,
    ) -> impl Future<Output = Result<Reply>> + Unpin {
        let deadline = self.now().saturating_add(limit);
        let work: BoxFuture<'a, _> = Box::pin(self.attempt_until(request, deadline, retry));
        self.in_time(limit, work)
    }

    async fn attempt_until(
        &self,
        request: &mut Request<P>,
        deadline: Duration,
        retry: bool,
    ) -> Result<Reply> {
        let shared = &*self.shared;
        let credentials = &shared.settings.credentials;
        let mut refused = None;
        let mut retries = 0;
        // Whether the node may have seen an attempt before the last.
        let mut delivered = false;
        loop {
            let credential = match request.operation {
                // The document is public, and may be asked for before there is a credential.
                Operation::Discover => Ok(None),
                _ => credentials.get(refused.as_ref()).await,
            };
            request.credential = credential.map_err(|error| error.or_delivered(delivered))?;
            let attempt = match request.operation.has_stream() {
                true => shared.transport.open(request).await.map(Reply::Opened),
                false => shared.transport.exchange(request).await.map(Reply::Answer),
            };
            let error = match attempt {
                Ok(reply) => {
                    shared.settings.budget.deposit();
                    return Ok(reply);
                }
                Err(error) => error.or_delivered(delivered),
            };
            delivered = error.may_have_been_delivered();
            if error.status() == 401
                && refused.is_none()
                && credentials.can_renew()
                && request.credential.is_some()
            {
                refused = request.credential.take();
                continue;
            }
            if !retry {
                return Err(error);
            }
            let failure = Failure {
                error: &error,
                retries,
                retry_after: error.retry_after(),
                remaining: Some(deadline.saturating_sub(self.now())),
            };
            let budget = &shared.settings.budget;
            let Some(delay) = shared.settings.retry.decide(budget, failure, self.random()) else {
                return Err(error);
            };
            retries += 1;
            shared.platform.sleep(delay).await;
        }
    }

    fn random(&self) -> u32 {
        let [a, b, c, d, ..] = self.shared.platform.random();
        u32::from_le_bytes([a, b, c, d])
    }
}

/// What an attempt brings. One type for both kinds, as two would be the code of the attempts twice.
pub(super) enum Reply {
    Answer(Answer),
    Opened(Opened),
}

impl Reply {
    pub(super) fn answer(self) -> Result<Answer> {
        match self {
            Self::Answer(answer) => Ok(answer),
            Self::Opened(_) => Err(unexpected("it is a stream")),
        }
    }

    pub(super) fn opened(self) -> Result<Opened> {
        match self {
            Self::Opened(opened) => Ok(opened),
            Self::Answer(_) => Err(unexpected("it is no stream")),
        }
    }
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
    };
    verb.into()
}

/// What every answer must fulfil, whatever carried it.
pub(super) fn check_answer<P>(operation: &Operation<P>, answer: Answer) -> Result<Answer> {
    let Answer::Message(message) = answer else {
        return Ok(answer);
    };
    let asked = match operation {
        Operation::Call(asked) | Operation::TaskInput { message: asked, .. } => {
            asked.correlation_id.as_deref()
        }
        _ => None,
    };
    check_response(&message, asked)?;
    if let Some(error) = message.ncp.as_ref().and_then(|ncp| ncp.error.as_ref()) {
        return Err(Error::from_meta(error, error.code.status()));
    }
    Ok(Answer::Message(message))
}

/// Refuses what is no Response, or the Response to something else.
pub(super) fn check_response(message: &Message<Json>, asked: Option<&str>) -> Result<()> {
    if message.kind != crate::message::MessageType::Response {
        return Err(unexpected("it is no Response"));
    }
    match (message.correlation_id.as_deref(), asked) {
        (Some(got), Some(asked)) if got != asked => Err(Error::new(
            ErrorCode::InvalidResponse,
            "the answer belongs to another call: its correlationId is foreign",
        )
        .maybe_delivered(true)),
        _ => Ok(()),
    }
}
