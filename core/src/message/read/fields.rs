//! What the objects of a message may hold.

/// The fields of an object that have a meaning; a reader skips others.
pub(super) struct Fields {
    /// Stands before the field's name in an error.
    pub(super) path: &'static str,
    pub(super) names: &'static [&'static str],
}

pub(super) const ENVELOPE: Fields = Fields {
    path: "",
    names: &[
        "id",
        "type",
        "source",
        "destination",
        "tenantId",
        "timestamp",
        "protocolVersion",
        "correlationId",
        "replyTo",
        "body",
    ],
};
pub(super) const FLAT: Fields = Fields {
    path: "",
    names: &[
        "id",
        "type",
        "source",
        "destination",
        "tenantId",
        "timestamp",
        "protocolVersion",
        "correlationId",
        "replyTo",
        "payload",
        "extensions",
    ],
};
pub(super) const BODY: Fields = Fields {
    path: "body.",
    names: &["data"],
};
pub(super) const DATA: Fields = Fields {
    path: "body.data.",
    names: &["payload", "metadata"],
};
pub(super) const METADATA: Fields = Fields {
    path: "body.data.metadata.",
    names: &["extensions"],
};
pub(super) const EXTENSIONS: Fields = Fields {
    path: "extensions.",
    names: &["ncp"],
};
pub(super) const NCP: Fields = Fields {
    path: "ncp.",
    names: &[
        "action",
        "pattern",
        "nodeId",
        "traceparent",
        "tracestate",
        "receiptId",
        "caller",
        "task",
        "stream",
        "error",
    ],
};
pub(super) const CALLER: Fields = Fields {
    path: "ncp.caller.",
    names: &["mode", "subject"],
};
pub(super) const TASK: Fields = Fields {
    path: "ncp.task.",
    names: &[
        "taskId",
        "action",
        "state",
        "progress",
        "message",
        "createdAt",
        "updatedAt",
        "error",
    ],
};
pub(super) const TASK_ERROR: Fields = Fields {
    path: "ncp.task.error.",
    names: ERROR.names,
};
pub(super) const STREAM: Fields = Fields {
    path: "ncp.stream.",
    names: &["streamId", "sequence", "resumable", "final"],
};
pub(super) const ERROR: Fields = Fields {
    path: "ncp.error.",
    names: &["code", "message", "retryable", "details"],
};
