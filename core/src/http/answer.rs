//! Reading answers: success, the node's errors, and the errors of whatever stands in between.

use alloc::boxed::Box;
use bytes::Bytes;
use bytestring::ByteString;

use super::{Parse, Path, ResponseHead};
use crate::json::Json;
use crate::message::{EnvelopeError, ErrorMeta, Message, Pattern, PlainAnswer};
use crate::retry::is_passing;
use crate::text::split_once;
use crate::transport::{Answer, Operation};
use crate::{Error, ErrorCode, Result};

/// Reads the answer to an operation that went well.
pub(super) fn success<P>(
    operation: &Operation<P>,
    head: &ResponseHead,
    body: Bytes,
    parse: Option<Parse<'_, P>>,
) -> Result<Answer> {
    match operation {
        Operation::EndStream { .. } => Ok(Answer::Accepted),
        Operation::Call(sent) => {
            let fires = super::pattern_of(sent) == Pattern::FireAndForget;
            let message = called(fires, &sent.payload, head, body, parse)?;
            Ok(message.map_or(Answer::Accepted, |message| {
                Answer::Message(Box::new(message))
            }))
        }
        Operation::Discover => document(json(head, body)?),
        // Static hosts serve a DID's document under many types; whether it is one, its `id` says.
        Operation::DidDocument { .. } => document(text(body)?),
        _ => Ok(Answer::Message(Box::new(message(&json(head, body)?)?))),
    }
}

/// What the answer to a call is read as.
pub(super) trait Read: Sized {
    /// Reads it; the payload may only be skimmed.
    fn read(text: &ByteString, skims: bool) -> Result<Self, EnvelopeError>;

    fn payload(&self) -> &Json;

    fn into_error(self) -> Option<Box<ErrorMeta>>;
}

impl Read for Message {
    fn read(text: &ByteString, skims: bool) -> Result<Self, EnvelopeError> {
        Self::from_answer(text, skims)
    }

    fn payload(&self) -> &Json {
        &self.payload
    }

    fn into_error(self) -> Option<Box<ErrorMeta>> {
        self.ncp?.error
    }
}

impl Read for PlainAnswer {
    fn read(text: &ByteString, skims: bool) -> Result<Self, EnvelopeError> {
        Self::read(text, skims)
    }

    fn payload(&self) -> &Json {
        &self.payload
    }

    fn into_error(self) -> Option<Box<ErrorMeta>> {
        self.error
    }
}

/// The same for a call: nothing where it is one that `fires` and is accepted without an answer.
pub(super) fn called<P, M: Read>(
    fires: bool,
    payload: &P,
    head: &ResponseHead,
    body: Bytes,
    mut parse: Option<Parse<'_, P>>,
) -> Result<Option<M>> {
    if body.is_empty() && fires {
        return Ok(None);
    }
    let text = json(head, body)?;
    // Where somebody else parses the payload and anything goes wrong, reading all of it tells what.
    loop {
        match (M::read(&text, parse.is_some()), parse.take()) {
            (Ok(message), Some(parse)) if !parse(payload, message.payload().as_str()) => {}
            (Ok(message), _) => return Ok(Some(message)),
            (Err(_), Some(_)) => {}
            (Err(error), None) => return Err(unreadable(error)),
        }
    }
}

fn document(text: ByteString) -> Result<Answer> {
    let document = Json::parse(text).map_err(|_| invalid("it is no valid JSON"))?;
    match document.as_str().starts_with('{') {
        true => Ok(Answer::Document(document)),
        false => Err(invalid("it is no JSON object")),
    }
}

/// Reads a message that a node sent.
pub(super) fn message(text: &ByteString) -> Result<Message> {
    Message::from_answer(text, false).map_err(unreadable)
}

/// The same where somebody else parses the payload.
pub(super) fn skimmed(text: &ByteString) -> Result<Message> {
    Message::from_answer(text, true).map_err(unreadable)
}

fn unreadable(error: EnvelopeError) -> Error {
    let code = match error.code {
        ErrorCode::UnsupportedVersion => ErrorCode::UnsupportedVersion,
        _ => ErrorCode::InvalidResponse,
    };
    let message = ["the answer can't be read: ", &error.message].concat();
    Error::new(code, message)
        .with_status(0)
        .maybe_delivered(true)
}

/// Reads the answer to an operation that did not go well. It never fails: an answer that is not
/// the contract's is judged by its status alone, and its text is left out.
pub(super) fn failure<M: Read>(path: Path, head: &ResponseHead, body: Bytes) -> Error {
    let error = node_error::<M>(head, body)
        .map(|meta| Error::from_meta(&meta, head.status))
        .unwrap_or_else(|| {
            let (code, what) = by_status(head.status, path);
            let error = Error::new(code, what)
                .with_status(head.status)
                .maybe_delivered(true)
                .retryable(false);
            let passing = is_passing(&error);
            error.retryable(passing)
        });
    with_head(error, head).with_retry_after(head.retry_after)
}

fn node_error<M: Read>(head: &ResponseHead, body: Bytes) -> Option<Box<ErrorMeta>> {
    if head.status < 400 || !is_type(head, "application/json") {
        return None;
    }
    M::read(&text(body).ok()?, false).ok()?.into_error()
}

fn by_status(status: u16, path: Path) -> (ErrorCode, &'static str) {
    match status {
        400 => (ErrorCode::InvalidEnvelope, "the request was not understood"),
        401 => (
            ErrorCode::Unauthenticated,
            "the credential was refused or is missing",
        ),
        402 => (ErrorCode::PaymentRequired, "a payment is required"),
        403 => (ErrorCode::Forbidden, "the call is not allowed"),
        404 => (
            ErrorCode::NodeNotFound,
            "there is no such node, or no such path",
        ),
        408 | 504 => (ErrorCode::Timeout, "the node took too long"),
        409 => (
            ErrorCode::DuplicateId,
            "the call conflicts with another one",
        ),
        410 if path == Path::Tasks => (ErrorCode::TaskExpired, "the task is no longer kept"),
        410 => (ErrorCode::StreamExpired, "the stream is no longer kept"),
        413 => (
            ErrorCode::PayloadTooLarge,
            "the payload is too large for the node",
        ),
        429 => (ErrorCode::RateLimited, "there were too many calls"),
        425 | 500..=599 => (ErrorCode::Unavailable, "the node is not available"),
        300..=399 => (
            ErrorCode::InvalidResponse,
            "the answer is a redirect; redirects are not followed: check the baseUrl",
        ),
        _ => (
            ErrorCode::InvalidResponse,
            "the answer's status is not one of the contract's",
        ),
    }
}

/// Adds what the head tells to an error.
pub(super) fn with_head(error: Error, head: &ResponseHead) -> Error {
    match &head.request_id {
        Some(id) => error.with_request_id(id.as_str()),
        None => error,
    }
}

/// Whether the answer is of a media type, whatever its parameters.
pub(super) fn is_type(head: &ResponseHead, wanted: &str) -> bool {
    head.content_type.as_deref().is_some_and(|content_type| {
        let (media_type, _) = split_once(content_type, b';').unwrap_or((content_type, ""));
        media_type.trim_ascii().eq_ignore_ascii_case(wanted)
    })
}

fn json(head: &ResponseHead, body: Bytes) -> Result<ByteString> {
    match is_type(head, "application/json") {
        true => text(body),
        false => Err(invalid("it is no JSON")),
    }
}

fn text(body: Bytes) -> Result<ByteString> {
    ByteString::try_from(body).map_err(|_| invalid("it is no valid UTF-8"))
}

pub(super) fn invalid(why: &str) -> Error {
    let message = ["the answer is not what the contract says: ", why].concat();
    Error::new(ErrorCode::InvalidResponse, message).maybe_delivered(true)
}
