//! Reading a message in either encoding, in one pass over its text.
//!
//! Unreadable JSON ends the reading: nothing more is found then. Any other slip is noted and reading goes on, so that
//! an answer can repeat the message's ids, and so that a message of another major version is
//! called that, whatever else that version has changed.
//!
//! Fields are read into their places rather than returned: that halves the WebAssembly code.

mod fields;
mod keep;
mod ncp;
mod object;
mod value;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::mem;

use bytestring::ByteString;

use fields::{BODY, EXTENSIONS, FLAT, Fields, METADATA, data, header};
use keep::{Answer, Keep};
use object::Walk;

pub(crate) use keep::PlainAnswer;

use super::address::Parts;
use super::ids::{self, DIGIT, InvalidId, leading};
use super::timestamp;
use super::{AddressUri, EnvelopeError, Message, MessageType, Route, Scheme};
use crate::ErrorCode;
use crate::json::Json;
use crate::json::scan::Scanner;

impl Message<Json> {
    /// Reads a message in the encoding of HTTP. Texts and payload are slices of what came.
    pub fn from_envelope(text: &ByteString) -> Result<Self, EnvelopeError> {
        Reader::new(text, false).message(&header::FIELDS)
    }

    /// The same for a client, which looks at a part of an answer. The rest is checked, but left as it is in a message
    /// without it.
    ///
    /// A payload that is skimmed may turn out to be no JSON: somebody else must parse it.
    pub(crate) fn from_answer(text: &ByteString, skims: bool) -> Result<Self, EnvelopeError> {
        let answer = Reader::<Answer>::new(text, skims).message(&header::FIELDS);
        answer.map(|Answer(message)| message)
    }

    /// Reads a message in the flat encoding of duplex transports and queues.
    pub fn from_flat(text: &ByteString) -> Result<Self, EnvelopeError> {
        Reader::new(text, false).message(&FLAT)
    }
}

impl PlainAnswer {
    /// Reads the answer to a plain call, as [`Message::from_answer`].
    pub(crate) fn read(text: &ByteString, skims: bool) -> Result<Self, EnvelopeError> {
        Reader::new(text, skims).message(&header::FIELDS)
    }
}

/// `K` is what the message is read into.
struct Reader<'a, K> {
    text: &'a ByteString,
    scanner: Scanner<'a>,
    /// Whether the payload is only skimmed.
    skims: bool,
    /// The field being read; the message itself has no place.
    fields: &'static Fields,
    place: usize,
    /// The first slip, for the error.
    slip: Option<String>,
    /// The message is of another major version.
    other_version: bool,
    /// Tenants differ.
    foreign: bool,
    /// Other extensions than `ncp`, where they are kept.
    extensions: Vec<(ByteString, Json)>,
    into: PhantomData<K>,
}

/// Who sends or receives.
struct Party<'a> {
    text: Cow<'a, str>,
    parts: Parts,
}

impl<'a, K: Keep> Reader<'a, K> {
    fn new(text: &'a ByteString, skims: bool) -> Self {
        Self {
            text,
            scanner: Scanner::new(text),
            skims,
            fields: &header::FIELDS,
            place: usize::MAX,
            slip: None,
            other_version: false,
            foreign: false,
            extensions: Vec::new(),
            into: PhantomData,
        }
    }

    fn message(mut self, header: &'static Fields) -> Result<K, EnvelopeError> {
        let mut message = K::blank();
        if let Some(walk) = self.open(header) {
            self.header(walk, &mut message);
        }
        self.scanner.end();
        if let Some(why) = self.scanner.why() {
            // Ids from a text that is no message might not be what they seem.
            return Err(EnvelopeError {
                code: ErrorCode::InvalidEnvelope,
                message: why.describe(),
                correlation_id: None,
                id: None,
            });
        }
        match self.verdict() {
            None => Ok(message),
            Some((code, reason)) => Err(EnvelopeError {
                code,
                message: reason,
                correlation_id: message.correlation_id().take(),
                id: message
                    .whole()
                    .map(|message| mem::take(&mut message.id))
                    .filter(|id| !id.is_empty()),
            }),
        }
    }

    fn header(&mut self, mut walk: Walk, message: &mut K) {
        let (mut source, mut destination, mut reply_to) = (None, None, None);
        let (mut id, mut tenant_id, mut timestamp, mut version) = (None, None, None, None);
        while let Some(place) = self.known(&mut walk) {
            match place {
                header::ID => id = self.string(ids::check_uuid_v4),
                header::TYPE => self.named(message.kind(), MessageType::parse),
                header::SOURCE => source = self.address(),
                header::DESTINATION => destination = self.address(),
                header::TENANT_ID => tenant_id = self.string(ids::check_tenant_id),
                header::TIMESTAMP => timestamp = self.string(timestamp::check),
                header::PROTOCOL_VERSION => version = self.string(check_version),
                header::CORRELATION_ID => self.optional(message.correlation_id(), ids::any),
                header::REPLY_TO => reply_to = self.address(),
                header::BODY if walk.is_envelope() => self.body(message),
                header::BODY => *message.payload() = self.payload(),
                _ => self.extensions(message),
            }
        }
        self.require(
            &walk,
            &[
                header::ID,
                header::TYPE,
                header::TIMESTAMP,
                header::PROTOCOL_VERSION,
            ],
        );
        let route = [header::SOURCE, header::DESTINATION, header::TENANT_ID];
        if !matches!(
            route.iter().filter(|place| walk.has(**place)).count(),
            0 | 3
        ) {
            let names = "source, destination and tenantId";
            self.slip_at("", names, "must stand together or not at all");
        }
        for (name, party) in [("source", &source), ("replyTo", &reply_to)] {
            if is_topic(party) {
                self.slip_at("", name, "is a topic");
            }
        }
        if is_topic(&destination) && *message.kind() != MessageType::Event {
            self.slip_at("", "destination", "is a topic, and the message is no Event");
        }
        if let Some(tenant_id) = &tenant_id {
            let mut parties = [&source, &destination, &reply_to].into_iter().flatten();
            self.foreign = parties.any(|party| party.parts.tenant(&party.text) != *tenant_id);
        }
        self.other_version = version
            .as_ref()
            .is_some_and(|version| !version.starts_with("1."));
        if let Some(message) = message.whole() {
            for (into, text) in [
                (&mut message.id, id),
                (&mut message.timestamp, timestamp),
                (&mut message.protocol_version, version),
            ] {
                *into = text.map(|text| self.kept(text)).unwrap_or_default();
            }
            message.reply_to = reply_to.map(|party| self.kept_address(party));
            if let (Some(source), Some(destination), Some(tenant_id)) =
                (source, destination, tenant_id)
            {
                message.route = Some(Route {
                    source: self.kept_address(source),
                    destination: self.kept_address(destination),
                    tenant_id: self.kept(tenant_id),
                });
            }
        }
    }

    fn kept_address(&self, party: Party<'a>) -> AddressUri {
        AddressUri::from_parts(self.kept(party.text), party.parts)
    }

    fn body(&mut self, message: &mut K) {
        let Some(mut walk) = self.open(&BODY) else {
            return;
        };
        while self.known(&mut walk).is_some() {
            self.data(message);
        }
    }

    fn data(&mut self, message: &mut K) {
        let Some(mut walk) = self.open(&data::FIELDS) else {
            return;
        };
        while let Some(place) = self.known(&mut walk) {
            match place {
                data::PAYLOAD => *message.payload() = self.payload(),
                _ => self.metadata(message),
            }
        }
    }

    fn payload(&mut self) -> Json {
        let value = match self.skims {
            true => self.scanner.skim(),
            false => self.scanner.value(),
        };
        self.kept_json(value)
    }

    fn metadata(&mut self, message: &mut K) {
        let Some(mut walk) = self.open(&METADATA) else {
            return;
        };
        while self.known(&mut walk).is_some() {
            self.extensions(message);
        }
    }

    fn extensions(&mut self, message: &mut K) {
        let Some(mut walk) = self.open(&EXTENSIONS) else {
            return;
        };
        while self.known(&mut walk).is_some() {
            self.ncp(message);
        }
        if let Some(message) = message.whole() {
            message.extensions = mem::take(&mut self.extensions);
        }
    }

    /// What is wrong with what has been read: the version first, then the fields, then the tenants.
    fn verdict(&mut self) -> Option<(ErrorCode, String)> {
        if self.other_version {
            let reason = "protocolVersion is not 1.x".into();
            return Some((ErrorCode::UnsupportedVersion, reason));
        }
        if let Some(slip) = self.slip.take() {
            return Some((ErrorCode::InvalidEnvelope, slip));
        }
        if self.foreign {
            let reason = "source, destination or replyTo names another tenant than tenantId";
            return Some((ErrorCode::TenantMismatch, reason.into()));
        }
        None
    }
}

/// `{digits}.{digits}`; whether it is ours is judged later.
fn check_version(text: &str) -> Result<(), InvalidId> {
    let digits = |text: &[u8]| leading(text, DIGIT);
    let text = text.as_bytes();
    let major = digits(text);
    match text.get(major..) {
        Some([b'.', minor @ ..])
            if major > 0 && !minor.is_empty() && digits(minor) == minor.len() =>
        {
            Ok(())
        }
        _ => Err(InvalidId::new("is not {digits}.{digits}")),
    }
}

fn is_topic(party: &Option<Party<'_>>) -> bool {
    party
        .as_ref()
        .is_some_and(|party| party.parts.scheme == Scheme::Topic)
}
