//! Calling all members of a group.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use bytestring::ByteString;

use super::call::name_of;
use super::target::Target;
use super::{CallOptions, Client};
use crate::Result;
use crate::json::Json;
use crate::message::{Message, NodeId, Pattern, uuid_v4};
use crate::platform::BoxFuture;
use crate::resolve::Member;
use crate::transport::{Answer, Operation, Payload, Request};

/// How many members are called at once: enough to be quick, and few enough for a browser's limits.
const WIDTH: usize = 8;

/// What one member of a group answered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MemberOutcome<T = Json> {
    /// The member's id, where it is known.
    pub node_id: Option<NodeId>,
    /// The URL that it was called at; empty where the document names none that can be used.
    pub endpoint: ByteString,
    /// Its result, or why there is none.
    pub result: Result<T>,
}

impl<P: Payload> Client<P> {
    /// Calls an action at every member of a group, whatever its strategy, and waits for all
    /// outcomes, which stand in the order of the discovery document. At most 8 members are called
    /// at once; each gets a message of its own, all with the same correlation id. An address of one
    /// node has one outcome.
    ///
    /// # Errors
    /// `invalid_options`, `aborted`, `closed`, and `address_not_found`. A member's failure, its
    /// time-out among them, is its outcome and does not end the others.
    pub async fn invoke_all(
        &self,
        action: &str,
        payload: P,
        mut options: CallOptions,
    ) -> Result<Vec<MemberOutcome>> {
        options.check()?;
        let limit = options.timeout.unwrap_or(self.shared.settings.timeout);
        let mut cancel = options.cancel.take();
        let target = self.target(&options)?;
        let message = self.message(action, Pattern::RequestReply, payload, &options)?;
        let headers = self.shared.settings.headers(&options);
        let work = pin!(self.all(&target, &message, &headers, limit));
        let outcomes = self.guard(&mut cancel, work).await;
        outcomes.map_err(|error| error.with_operation(["invoke all ", action].concat()))
    }

    async fn all(
        &self,
        target: &Target,
        message: &Message<P>,
        headers: &[(String, String)],
        limit: Duration,
    ) -> Result<Vec<MemberOutcome>> {
        let deadline = self.now().saturating_add(limit);
        let members = self.members(target, deadline).await?;
        let mut outcomes: Vec<Option<MemberOutcome>> = members.iter().map(|_| None).collect();
        let spent = self.spent();
        let mut waiting = members.into_iter().enumerate();
        let mut running = Vec::new();
        poll_fn(|cx| {
            loop {
                while running.len() < WIDTH
                    && let Some((place, member)) = waiting.next()
                {
                    let mut message = message.clone();
                    if place > 0 {
                        message.id = uuid_v4(self.shared.platform.random());
                    }
                    let request = Request {
                        endpoint: Arc::default(),
                        operation: Operation::Call(Box::new(message)),
                        credential: None,
                        headers: headers.to_vec(),
                        spent: spent.clone(),
                        parsed_later: false,
                    };
                    let outcome: BoxFuture<'_, _> =
                        Box::pin(self.one(target, member, request, deadline));
                    running.push((place, outcome));
                }
                let before = running.len();
                running.retain_mut(|(place, outcome)| match outcome.as_mut().poll(cx) {
                    Poll::Ready(done) => {
                        if let Some(slot) = outcomes.get_mut(*place) {
                            *slot = Some(done);
                        }
                        false
                    }
                    Poll::Pending => true,
                });
                if before == 0 {
                    return Poll::Ready(());
                }
                // Where one is done, the next may begin.
                if running.len() == before {
                    return Poll::Pending;
                }
            }
        })
        .await;
        Ok(outcomes.into_iter().flatten().collect())
    }

    async fn one(
        &self,
        target: &Target,
        member: Member,
        mut request: Request<P>,
        deadline: Duration,
    ) -> MemberOutcome {
        let result = match member.wrong {
            Some(why) => Err(Member::unusable(&target.address, why)),
            None => {
                let mut target = target.of(&member.endpoint);
                let left = deadline.saturating_sub(self.now());
                let answer = self.exchange_at(&mut target, &mut request, left).await;
                answer.and_then(Answer::into_result)
            }
        };
        MemberOutcome {
            node_id: member.endpoint.node_id.clone(),
            endpoint: member.endpoint.url.clone(),
            result: result.map_err(|error| error.with_operation(name_of(&request.operation))),
        }
    }
}
