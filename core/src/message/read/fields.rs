//! What the objects of a message may hold.

use crate::json::Name;

/// The fields of an object that have a meaning; a reader skips others.
pub(super) struct Fields {
    /// Stands before the field's name in an error.
    pub(super) path: &'static str,
    /// In the order in which writers usually have them, which is found fastest.
    pub(super) names: &'static [Name],
    /// Whether the others are extensions of a message, and not ignored.
    pub(super) extensions: bool,
}

/// An object's fields, and the place of each among them: places are compared faster than names.
macro_rules! fields {
    ($object:ident, $path:literal, { $($place:ident: $name:literal,)* }) => {
        // What is matched last needs no name.
        #[allow(dead_code)]
        pub(super) mod $object {
            pub(in super::super) const FIELDS: super::Fields = super::Fields {
                path: $path,
                names: &[$(super::Name::new($name)),*],
                extensions: false,
            };
            #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
            enum Place { $($place),* }
            $(pub(in super::super) const $place: usize = Place::$place as usize;)*
        }
    };
}

fields!(header, "", {
    ID: "id",
    TYPE: "type",
    SOURCE: "source",
    DESTINATION: "destination",
    TENANT_ID: "tenantId",
    TIMESTAMP: "timestamp",
    PROTOCOL_VERSION: "protocolVersion",
    CORRELATION_ID: "correlationId",
    REPLY_TO: "replyTo",
    BODY: "body",
});
/// The flat encoding has the header in the same places, and the rest instead of a body.
pub(super) const FLAT: Fields = Fields {
    path: "",
    names: &[
        Name::new("id"),
        Name::new("type"),
        Name::new("source"),
        Name::new("destination"),
        Name::new("tenantId"),
        Name::new("timestamp"),
        Name::new("protocolVersion"),
        Name::new("correlationId"),
        Name::new("replyTo"),
        Name::new("payload"),
        Name::new("extensions"),
    ],
    extensions: false,
};
pub(super) const BODY: Fields = Fields {
    path: "body.",
    names: &[Name::new("data")],
    extensions: false,
};
fields!(data, "body.data.", { PAYLOAD: "payload", METADATA: "metadata", });
pub(super) const METADATA: Fields = Fields {
    path: "body.data.metadata.",
    names: &[Name::new("extensions")],
    extensions: false,
};
pub(super) const EXTENSIONS: Fields = Fields {
    path: "extensions.",
    names: &[Name::new("ncp")],
    extensions: true,
};
fields!(ncp, "ncp.", {
    ACTION: "action",
    PATTERN: "pattern",
    NODE_ID: "nodeId",
    TRACEPARENT: "traceparent",
    TRACESTATE: "tracestate",
    RECEIPT_ID: "receiptId",
    CALLER: "caller",
    TASK: "task",
    STREAM: "stream",
    ERROR: "error",
});
fields!(caller, "ncp.caller.", { MODE: "mode", SUBJECT: "subject", });
fields!(task, "ncp.task.", {
    TASK_ID: "taskId",
    ACTION: "action",
    STATE: "state",
    PROGRESS: "progress",
    MESSAGE: "message",
    CREATED_AT: "createdAt",
    UPDATED_AT: "updatedAt",
    ERROR: "error",
});
fields!(stream, "ncp.stream.", {
    STREAM_ID: "streamId",
    SEQUENCE: "sequence",
    RESUMABLE: "resumable",
    FINAL: "final",
});
fields!(error, "ncp.error.", {
    CODE: "code",
    MESSAGE: "message",
    RETRYABLE: "retryable",
    DETAILS: "details",
});

/// A task's error has the fields of an error.
pub(super) const TASK_ERROR: Fields = Fields {
    path: "ncp.task.error.",
    names: error::FIELDS.names,
    extensions: false,
};
