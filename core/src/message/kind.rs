/// The four kinds of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// Do something.
    Command,
    /// Something has happened.
    Event,
    /// Give me something.
    Query,
    /// The answer to a message.
    Response,
}

impl MessageType {
    /// The type as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "Command",
            Self::Event => "Event",
            Self::Query => "Query",
            Self::Response => "Response",
        }
    }

    /// Reads a type as it stands on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Command, Self::Event, Self::Query, Self::Response]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// The four message patterns of a node call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// One question, one answer.
    RequestReply,
    /// A message that nobody waits for.
    FireAndForget,
    /// One question, a stream of answers.
    Streaming,
    /// The start of a long-running task.
    TaskStart,
}

impl Pattern {
    /// The pattern as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestReply => "request-reply",
            Self::FireAndForget => "fire-and-forget",
            Self::Streaming => "streaming",
            Self::TaskStart => "task-start",
        }
    }

    /// Reads a pattern as it stands on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::RequestReply,
            Self::FireAndForget,
            Self::Streaming,
            Self::TaskStart,
        ]
        .into_iter()
        .find(|pattern| pattern.as_str() == text)
    }

    /// The type of a request of this pattern to a node.
    pub fn message_type(self) -> MessageType {
        match self {
            Self::RequestReply | Self::Streaming => MessageType::Query,
            Self::FireAndForget | Self::TaskStart => MessageType::Command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in ["Command", "Event", "Query", "Response"] {
            assert_eq!(MessageType::parse(name).unwrap().as_str(), name);
        }
        for name in [
            "request-reply",
            "fire-and-forget",
            "streaming",
            "task-start",
        ] {
            assert_eq!(Pattern::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(MessageType::parse("query"), None);
        assert_eq!(Pattern::parse("request_reply"), None);
    }

    #[test]
    fn types_of_patterns() {
        for (pattern, kind) in [
            (Pattern::RequestReply, MessageType::Query),
            (Pattern::FireAndForget, MessageType::Command),
            (Pattern::Streaming, MessageType::Query),
            (Pattern::TaskStart, MessageType::Command),
        ] {
            assert_eq!(pattern.message_type(), kind);
        }
    }
}
