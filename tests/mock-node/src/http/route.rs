//! Which path is for what.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::faults::Operation;

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    Discovery,
    Node { node: String, at: NodePath },
    Faults,
    Calls,
}

/// A path below a node's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NodePath {
    Invoke,
    Fire,
    OpenStream,
    Tasks,
    Stream(String),
    Task(String),
    TaskEvents(String),
    TaskInput(String),
}

impl Endpoint {
    /// Reads a path below the base URL's.
    pub(super) fn parse(path: &str) -> Option<Self> {
        match path {
            "/.well-known/ncp.json" => return Some(Self::Discovery),
            "/_faults" => return Some(Self::Faults),
            "/_calls" => return Some(Self::Calls),
            _ => {}
        }
        let segments: Vec<String> = path
            .strip_prefix("/ncp/nodes/")?
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8().map(Into::into))
            .collect::<Result<_, _>>()
            .ok()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (node, rest) = segments
            .split_first()
            .filter(|(node, _)| !node.is_empty())?;
        let at = match *rest {
            ["invoke"] => NodePath::Invoke,
            ["fire"] => NodePath::Fire,
            ["stream"] => NodePath::OpenStream,
            ["tasks"] => NodePath::Tasks,
            ["streams", id] if !id.is_empty() => NodePath::Stream(id.into()),
            ["tasks", id] if !id.is_empty() => NodePath::Task(id.into()),
            ["tasks", id, "events"] if !id.is_empty() => NodePath::TaskEvents(id.into()),
            ["tasks", id, "input"] if !id.is_empty() => NodePath::TaskInput(id.into()),
            _ => return None,
        };
        Some(Self::Node {
            node: (*node).into(),
            at,
        })
    }

    /// The methods that the path takes.
    pub(super) fn methods(&self) -> &'static [Method] {
        match self {
            Self::Discovery => &[Method::GET],
            Self::Faults => &[Method::GET, Method::POST, Method::DELETE],
            Self::Calls => &[Method::GET, Method::DELETE],
            Self::Node { at, .. } => match at {
                NodePath::Invoke | NodePath::Fire | NodePath::OpenStream => &[Method::POST],
                NodePath::Tasks | NodePath::TaskInput(_) => &[Method::POST],
                NodePath::Stream(_) | NodePath::Task(_) => &[Method::GET, Method::DELETE],
                NodePath::TaskEvents(_) => &[Method::GET],
            },
        }
    }

    /// What is asked for, for fault rules and the log of calls.
    pub(super) fn operation(&self, method: &Method) -> Operation {
        let delete = *method == Method::DELETE;
        match self {
            Self::Discovery => Operation::Discovery,
            Self::Faults | Self::Calls => Operation::Control,
            Self::Node { at, .. } => match at {
                NodePath::Invoke => Operation::Invoke,
                NodePath::Fire => Operation::Fire,
                NodePath::OpenStream => Operation::Stream,
                NodePath::Stream(_) if delete => Operation::StreamEnd,
                NodePath::Stream(_) => Operation::StreamResume,
                NodePath::Tasks => Operation::TaskStart,
                NodePath::Task(_) if delete => Operation::TaskCancel,
                NodePath::Task(_) => Operation::TaskStatus,
                NodePath::TaskEvents(_) => Operation::TaskEvents,
                NodePath::TaskInput(_) => Operation::TaskInput,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, operation) in [
            ("/.well-known/ncp.json", Some(Operation::Discovery)),
            ("/ncp/nodes/42/invoke", Some(Operation::Invoke)),
            ("/ncp/nodes/%34%32/invoke", Some(Operation::Invoke)),
            ("/ncp/nodes/42/fire", Some(Operation::Fire)),
            ("/ncp/nodes/42/stream", Some(Operation::Stream)),
            ("/ncp/nodes/42/streams/a", Some(Operation::StreamResume)),
            ("/ncp/nodes/42/tasks", Some(Operation::TaskStart)),
            ("/ncp/nodes/42/tasks/a", Some(Operation::TaskStatus)),
            ("/ncp/nodes/42/tasks/a/events", Some(Operation::TaskEvents)),
            ("/ncp/nodes/42/tasks/a/input", Some(Operation::TaskInput)),
            ("", None),
            ("/", None),
            ("/ncp/nodes", None),
            ("/ncp/nodes/42", None),
            ("/ncp/nodes/42/", None),
            ("/ncp/nodes//invoke", None),
            ("/ncp/nodes/42/invoke/", None),
            ("/ncp/nodes/42/streams/", None),
            ("/ncp/nodes/42/tasks//events", None),
            ("/ncp/nodes/42/tasks/a/other", None),
            ("/ncp/nodes/%ff/invoke", None),
            ("/NCP/nodes/42/invoke", None),
        ] {
            let found = Endpoint::parse(path);
            let found = found.map(|endpoint| endpoint.operation(&Method::GET));
            assert_eq!(found, operation, "{path}");
        }
    }
}
