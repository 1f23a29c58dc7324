//! Writing a message in either encoding.

use super::{
    AddressUri, Caller, ErrorMeta, Message, MessageType, Ncp, NodeId, PROTOCOL_VERSION, Pattern,
    Route, StreamMeta, TaskMeta,
};
use crate::json::Json;
use crate::json::fraction::push_fraction;
use crate::json::write::{push_integer, push_string};
use alloc::string::String;

impl Message<Json> {
    /// The message in the encoding of HTTP.
    pub fn to_envelope(&self) -> String {
        joined(self.envelope_parts(), &self.payload)
    }

    /// The message in the flat encoding of duplex transports and queues.
    pub fn to_flat(&self) -> String {
        joined(self.flat_parts(), &self.payload)
    }
}

fn joined((mut text, after): (String, String), payload: &Json) -> String {
    text.reserve_exact(payload.as_str().len() + after.len());
    text.push_str(payload.as_str());
    text.push_str(&after);
    text
}

/// What stands before a payload in the encoding of HTTP, and behind it.
const PAYLOAD: &str = r#","body":{"data":{"payload":"#;
const EXTENSIONS: &str = r#","metadata":{"extensions":"#;

/// The fields that both encodings have at the top.
struct Header<'a> {
    id: &'a str,
    kind: MessageType,
    /// Source, destination and tenant.
    route: Option<[&'a str; 3]>,
    timestamp: &'a str,
    protocol_version: &'a str,
    correlation_id: Option<&'a str>,
    reply_to: Option<&'a AddressUri>,
}

impl Header<'_> {
    /// Writes them, without the closing brace.
    fn write(&self) -> String {
        // About what a header takes: growing in steps would copy it.
        let mut json = String::with_capacity(512);
        let mut object = Object::new(&mut json);
        object.string("id", self.id);
        object.string("type", self.kind.as_str());
        if let Some([source, destination, tenant_id]) = self.route {
            object.string("source", source);
            object.string("destination", destination);
            object.string("tenantId", tenant_id);
        }
        object.string("timestamp", self.timestamp);
        object.string("protocolVersion", self.protocol_version);
        object.optional("correlationId", self.correlation_id);
        object.optional("replyTo", self.reply_to.map(AddressUri::as_str));
        json
    }
}

/// The message of a plain call, which takes less code to write than any other.
pub(crate) struct PlainMessage<'a> {
    pub(crate) id: &'a str,
    pub(crate) pattern: Pattern,
    pub(crate) route: Option<[&'a str; 3]>,
    pub(crate) timestamp: &'a str,
    pub(crate) correlation_id: &'a str,
    pub(crate) action: &'a str,
    pub(crate) node_id: &'a NodeId,
    pub(crate) receipt_id: Option<&'a str>,
}

impl PlainMessage<'_> {
    /// What stands before and after the payload's JSON text in the encoding of HTTP.
    pub(crate) fn envelope_parts(&self) -> (String, String) {
        let header = Header {
            id: self.id,
            kind: self.pattern.message_type(),
            route: self.route,
            timestamp: self.timestamp,
            protocol_version: PROTOCOL_VERSION,
            correlation_id: Some(self.correlation_id),
            reply_to: None,
        };
        let mut before = header.write();
        before.push_str(PAYLOAD);
        let mut after = String::from(EXTENSIONS);
        after.push_str(r#"{"ncp":"#);
        let mut ncp = Object::new(&mut after);
        ncp.string("action", self.action);
        ncp.string("pattern", self.pattern.as_str());
        push_node_id(ncp.field("nodeId"), self.node_id);
        ncp.optional("receiptId", self.receipt_id);
        after.push_str("}}}}}}");
        (before, after)
    }
}

impl<P> Message<P> {
    /// What stands before and after the payload's JSON text in the encoding of HTTP.
    pub fn envelope_parts(&self) -> (String, String) {
        let mut before = self.header();
        before.push_str(PAYLOAD);
        let mut after = String::with_capacity(128);
        if self.has_extensions() {
            after.push_str(EXTENSIONS);
            self.push_extensions(&mut after);
            after.push('}');
        }
        after.push_str("}}}");
        (before, after)
    }

    /// What stands before and after the payload's JSON text in the flat encoding.
    pub fn flat_parts(&self) -> (String, String) {
        let mut before = self.header();
        before.push_str(r#","payload":"#);
        let mut after = String::new();
        if self.has_extensions() {
            after.push_str(r#","extensions":"#);
            self.push_extensions(&mut after);
        }
        after.push('}');
        (before, after)
    }

    fn header(&self) -> String {
        let header = Header {
            id: &self.id,
            kind: self.kind,
            route: self.route.as_ref().map(|route| {
                let Route {
                    source,
                    destination,
                    tenant_id,
                } = route;
                [source.as_str(), destination.as_str(), tenant_id]
            }),
            timestamp: &self.timestamp,
            protocol_version: &self.protocol_version,
            correlation_id: self.correlation_id.as_deref(),
            reply_to: self.reply_to.as_ref(),
        };
        header.write()
    }

    fn has_extensions(&self) -> bool {
        self.ncp.is_some() || !self.extensions.is_empty()
    }

    fn push_extensions(&self, json: &mut String) {
        let mut object = Object::new(json);
        if let Some(ncp) = &self.ncp {
            push_ncp(object.field("ncp"), ncp);
        }
        for (name, value) in &self.extensions {
            // `ncp` has its own place: a second one would make the message unreadable.
            if name != "ncp" {
                object.named(name).push_str(value.as_str());
            }
        }
        object.end();
    }
}

fn push_ncp(json: &mut String, ncp: &Ncp) {
    let mut object = Object::new(json);
    object.optional("action", ncp.action.as_deref());
    object.optional("pattern", ncp.pattern.map(|pattern| pattern.as_str()));
    if let Some(node_id) = &ncp.node_id {
        push_node_id(object.field("nodeId"), node_id);
    }
    object.optional("traceparent", ncp.traceparent.as_deref());
    object.optional("tracestate", ncp.tracestate.as_deref());
    object.optional("receiptId", ncp.receipt_id.as_deref());
    if let Some(caller) = &ncp.caller {
        push_caller(object.field("caller"), caller);
    }
    if let Some(task) = &ncp.task {
        push_task(object.field("task"), task);
    }
    if let Some(stream) = &ncp.stream {
        push_stream(object.field("stream"), stream);
    }
    if let Some(error) = &ncp.error {
        push_error(object.field("error"), error);
    }
    object.end();
}

fn push_node_id(json: &mut String, node_id: &NodeId) {
    if node_id.is_numeric() {
        json.push_str(node_id.as_str());
    } else {
        push_string(json, node_id.as_str());
    }
}

fn push_caller(json: &mut String, caller: &Caller) {
    let mut object = Object::new(json);
    object.string("mode", &caller.mode);
    object.optional("subject", caller.subject.as_deref());
    object.end();
}

fn push_task(json: &mut String, task: &TaskMeta) {
    let mut object = Object::new(json);
    object.string("taskId", &task.task_id);
    object.string("action", &task.action);
    object.string("state", &task.state);
    let progress = object.field("progress");
    match task.progress {
        Some(value) if !value.is_nan() => push_fraction(progress, value),
        _ => progress.push_str("null"),
    }
    match &task.message {
        Some(message) => object.string("message", message),
        None => object.field("message").push_str("null"),
    }
    object.string("createdAt", &task.created_at);
    object.string("updatedAt", &task.updated_at);
    if let Some(error) = &task.error {
        push_error(object.field("error"), error);
    }
    object.end();
}

fn push_stream(json: &mut String, stream: &StreamMeta) {
    let mut object = Object::new(json);
    object.string("streamId", &stream.stream_id);
    push_integer(object.field("sequence"), stream.sequence);
    if stream.resumable || !stream.is_final {
        object.boolean("resumable", stream.resumable);
    }
    if stream.is_final {
        object.boolean("final", true);
    }
    object.end();
}

fn push_error(json: &mut String, error: &ErrorMeta) {
    let mut object = Object::new(json);
    object.string("code", error.code.as_str());
    object.string("message", &error.message);
    object.boolean("retryable", error.retryable);
    if let Some(details) = &error.details {
        object.json("details", details);
    }
    object.end();
}

/// A JSON object that is being written.
struct Object<'a> {
    json: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    fn new(json: &'a mut String) -> Self {
        json.push('{');
        Self { json, empty: true }
    }

    /// Writes a key of ours, which has nothing to escape; the caller writes the value behind it.
    fn field(&mut self, name: &str) -> &mut String {
        let before = if self.empty { "\"" } else { ",\"" };
        self.empty = false;
        self.json.push_str(before);
        self.json.push_str(name);
        self.json.push_str("\":");
        self.json
    }

    /// Writes any key.
    fn named(&mut self, name: &str) -> &mut String {
        if !self.empty {
            self.json.push(',');
        }
        self.empty = false;
        push_string(self.json, name);
        self.json.push(':');
        self.json
    }

    fn string(&mut self, name: &str, text: &str) {
        push_string(self.field(name), text);
    }

    fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(name, text);
        }
    }

    fn boolean(&mut self, name: &str, value: bool) {
        self.field(name)
            .push_str(if value { "true" } else { "false" });
    }

    fn json(&mut self, name: &str, value: &Json) {
        self.field(name).push_str(value.as_str());
    }

    fn end(self) {
        self.json.push('}');
    }
}
