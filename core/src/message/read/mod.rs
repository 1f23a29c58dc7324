//! Reading a message in either encoding, in one pass over its text.
//!
//! Unreadable JSON ends the reading at once. Any other slip is noted and reading goes on, so that
//! an answer can repeat the message's ids, and so that a message of another major version is
//! called that, whatever else that version has changed.
//!
//! Fields are read into their places rather than returned: that halves the WebAssembly code.

mod fields;
mod ncp;
mod object;
mod value;

use alloc::string::String;
use alloc::vec::Vec;
use bytestring::ByteString;

use fields::{BODY, EXTENSIONS, FLAT, Fields, METADATA, data, header};
use object::{Field, Walk};

use super::ids::{self, InvalidId};
use super::{AddressUri, EnvelopeError, Message, MessageType, Ncp, Route, Scheme};
use super::{address, timestamp};
use crate::ErrorCode;
use crate::json::Json;
use crate::json::scan::{Scanner, Stop};
use crate::text::split_once;

impl Message<Json> {
    /// Reads a message in the encoding of HTTP. Texts and payload are slices of what came.
    pub fn from_envelope(text: &ByteString) -> Result<Self, EnvelopeError> {
        Reader::new(text, false).message(&header::FIELDS)
    }

    /// The same where somebody else parses the payload: it may turn out to be no JSON.
    pub(crate) fn from_envelope_skimmed(text: &ByteString) -> Result<Self, EnvelopeError> {
        Reader::new(text, true).message(&header::FIELDS)
    }

    /// Reads a message in the flat encoding of duplex transports and queues.
    pub fn from_flat(text: &ByteString) -> Result<Self, EnvelopeError> {
        Reader::new(text, false).message(&FLAT)
    }
}

/// A message before its text is read. Where a field turns out malformed it keeps what it has here:
/// the slip that is noted keeps the message from being used.
fn blank() -> Message {
    Message {
        id: ByteString::new(),
        kind: MessageType::Event,
        route: None,
        timestamp: ByteString::new(),
        protocol_version: ByteString::new(),
        correlation_id: None,
        reply_to: None,
        ncp: None,
        extensions: Vec::new(),
        payload: Json::null(),
    }
}

struct Reader<'a> {
    text: &'a ByteString,
    scanner: Scanner<'a>,
    /// Whether the payload is only skimmed.
    skims: bool,
    /// The field being read.
    path: &'static str,
    name: &'static str,
    /// The first slip, for the error.
    slip: Option<String>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a ByteString, skims: bool) -> Self {
        Self {
            text,
            scanner: Scanner::new(text),
            skims,
            path: "",
            name: "the message",
            slip: None,
        }
    }

    fn message(mut self, header: &'static Fields) -> Result<Message, EnvelopeError> {
        let mut message = blank();
        if let Err(Stop) = self.whole(header, &mut message) {
            // Ids from a text that is no message might not be what they seem.
            return Err(EnvelopeError {
                code: ErrorCode::InvalidEnvelope,
                message: self.scanner.why().describe(),
                correlation_id: None,
                id: None,
            });
        }
        match self.verdict(&message) {
            None => Ok(message),
            Some((code, reason)) => Err(EnvelopeError {
                code,
                message: reason,
                correlation_id: message.correlation_id,
                id: Some(message.id).filter(|id| !id.is_empty()),
            }),
        }
    }

    fn whole(&mut self, header: &'static Fields, into: &mut Message) -> Result<(), Stop> {
        if let Some(walk) = self.open(header)? {
            self.header(walk, into)?;
        }
        self.scanner.end()
    }

    fn header(&mut self, mut walk: Walk, message: &mut Message) -> Result<(), Stop> {
        let (mut source, mut destination) = (ByteString::new(), ByteString::new());
        let mut tenant_id = ByteString::new();
        while let Some(place) = self.known(&mut walk)? {
            match place {
                header::ID => self.text(&mut message.id, ids::check_uuid_v4)?,
                header::TYPE => self.named(&mut message.kind, MessageType::parse)?,
                header::SOURCE => self.text(&mut source, address::check)?,
                header::DESTINATION => self.text(&mut destination, address::check)?,
                header::TENANT_ID => self.text(&mut tenant_id, ids::check_tenant_id)?,
                header::TIMESTAMP => self.text(&mut message.timestamp, timestamp::check)?,
                header::PROTOCOL_VERSION => {
                    self.text(&mut message.protocol_version, check_version)?;
                }
                header::CORRELATION_ID => self.optional(&mut message.correlation_id, ids::any)?,
                header::REPLY_TO => {
                    let mut reply_to = None;
                    self.optional(&mut reply_to, address::check)?;
                    message.reply_to = reply_to.map(AddressUri);
                }
                header::BODY if walk.is_envelope() => self.body(message)?,
                header::BODY => message.payload = self.payload()?,
                _ => self.extensions(message)?,
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
        match route.iter().filter(|place| walk.has(**place)).count() {
            0 => {}
            3 => {
                message.route = Some(Route {
                    source: AddressUri(source),
                    destination: AddressUri(destination),
                    tenant_id,
                });
            }
            _ => {
                let names = "source, destination and tenantId";
                self.slip_at("", names, "must stand together or not at all");
            }
        }
        Ok(())
    }

    fn body(&mut self, message: &mut Message) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&BODY)? else {
            return Ok(());
        };
        while self.known(&mut walk)?.is_some() {
            self.data(message)?;
        }
        Ok(())
    }

    fn data(&mut self, message: &mut Message) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&data::FIELDS)? else {
            return Ok(());
        };
        while let Some(place) = self.known(&mut walk)? {
            match place {
                data::PAYLOAD => message.payload = self.payload()?,
                _ => self.metadata(message)?,
            }
        }
        Ok(())
    }

    fn payload(&mut self) -> Result<Json, Stop> {
        if !self.skims {
            return self.json();
        }
        let value = self.scanner.skim()?;
        Ok(Json::from_scanned(self.text.slice_ref(value)))
    }

    fn metadata(&mut self, message: &mut Message) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&METADATA)? else {
            return Ok(());
        };
        while self.known(&mut walk)?.is_some() {
            self.extensions(message)?;
        }
        Ok(())
    }

    fn extensions(&mut self, message: &mut Message) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&EXTENSIONS)? else {
            return Ok(());
        };
        while let Some(field) = self.field(&mut walk)? {
            match field {
                Field::Known(_) => self.ncp(message.ncp.insert(Ncp::default()))?,
                Field::Other(name) => {
                    let value = self.json()?;
                    match self.meaning(name) {
                        Some(name) => message.extensions.push((name, value)),
                        None => self.slip_at("", "extensions", "has a name that is not Unicode"),
                    }
                }
            }
        }
        Ok(())
    }

    /// What is wrong with what has been read: the version first, then the fields, then the tenants.
    fn verdict(&mut self, message: &Message) -> Option<(ErrorCode, String)> {
        // A malformed version is not in the message.
        let version = &message.protocol_version;
        if !version.is_empty() && !version.starts_with("1.") {
            let reason = "protocolVersion is not 1.x".into();
            return Some((ErrorCode::UnsupportedVersion, reason));
        }
        let route = message.route.as_ref();
        let source = route.map(|route| &route.source);
        let destination = route.map(|route| &route.destination);
        let reply_to = message.reply_to.as_ref();
        for (name, address) in [("source", source), ("replyTo", reply_to)] {
            if address.is_some_and(is_topic) {
                self.slip_at("", name, "is a topic");
            }
        }
        if destination.is_some_and(is_topic) && message.kind != MessageType::Event {
            self.slip_at("", "destination", "is a topic, and the message is no Event");
        }
        if let Some(slip) = self.slip.take() {
            return Some((ErrorCode::InvalidEnvelope, slip));
        }
        let tenant_id = &*route?.tenant_id;
        let mut addresses = [source, destination, reply_to].into_iter().flatten();
        if addresses.any(|address| address.tenant() != tenant_id) {
            let reason = "source, destination or replyTo names another tenant than tenantId";
            return Some((ErrorCode::TenantMismatch, reason.into()));
        }
        None
    }
}

/// `{digits}.{digits}`; whether it is ours is judged later.
fn check_version(text: &str) -> Result<(), InvalidId> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    split_once(text, b'.')
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
        .then_some(())
        .ok_or(InvalidId::new("is not {digits}.{digits}"))
}

fn is_topic(address: &AddressUri) -> bool {
    address.scheme() == Scheme::Topic
}
