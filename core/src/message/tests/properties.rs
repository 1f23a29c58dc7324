use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn name(pattern: &'static str) -> impl Strategy<Value = ByteString> {
    pattern.prop_map(ByteString::from)
}

fn text() -> impl Strategy<Value = ByteString> {
    any::<String>().prop_map(ByteString::from)
}

fn json() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::null()),
        text().prop_map(|text| Json::string(&text)),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,3})?".prop_map(|text| Json::parse(text).unwrap()),
        Just(Json::parse("{ \"a\" : [ 1.0 , \"\\ud800\" ], \"a\": {} }").unwrap()),
    ]
}

fn moment() -> impl Strategy<Value = ByteString> {
    prop_oneof![
        any::<u64>().prop_map(|millis| timestamp::from_unix_millis(millis).into()),
        Just("2024-02-29t23:59:59.123456789-07:30".into()),
    ]
}

fn node_id() -> impl Strategy<Value = NodeId> {
    prop_oneof![
        (0..1_u64 << 53).prop_map(|number| NodeId::try_from(number).unwrap()),
        name("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}").prop_map(|text| NodeId::new(text).unwrap()),
    ]
}

fn error_meta() -> impl Strategy<Value = ErrorMeta> {
    (
        name("[a-z_]{1,20}"),
        text(),
        any::<bool>(),
        option::of(json()),
    )
        .prop_map(|(code, message, retryable, details)| ErrorMeta {
            code: ErrorCode::from(&*code),
            message,
            retryable,
            details,
        })
}

fn caller() -> impl Strategy<Value = Caller> {
    prop_oneof![
        Just(Caller {
            mode: "none".into(),
            subject: None,
        }),
        (name("jwt|apiKey|did"), text()).prop_map(|(mode, subject)| Caller {
            mode,
            subject: Some(subject),
        }),
    ]
}

fn task() -> impl Strategy<Value = TaskMeta> {
    (
        name("[A-Za-z0-9_-]{1,128}"),
        name("[A-Za-z0-9._:/-]{1,128}"),
        name("[A-Z][a-z]{0,12}"),
        option::of((0..=1_000_000_u32).prop_map(|parts| f64::from(parts) / 1e6)),
        option::of(text()),
        (moment(), moment()),
        option::of(error_meta().boxed()),
    )
        .prop_map(
            |(task_id, action, state, progress, message, (created_at, updated_at), error)| {
                TaskMeta {
                    task_id,
                    action,
                    state,
                    progress,
                    message,
                    created_at,
                    updated_at,
                    error: error.map(Box::new),
                }
            },
        )
}

fn stream() -> impl Strategy<Value = StreamMeta> {
    let sequence = 0..1_u64 << 53;
    (
        name("[A-Za-z0-9_-]{1,128}"),
        sequence,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(stream_id, sequence, resumable, is_final)| StreamMeta {
            stream_id,
            sequence,
            resumable,
            is_final,
        })
}

fn ncp() -> impl Strategy<Value = Ncp> {
    let pattern = name("request-reply|fire-and-forget|streaming|task-start");
    (
        option::of(name("[A-Za-z0-9._:/-]{1,128}")),
        option::of(pattern.prop_map(|text| Pattern::parse(&text).unwrap())),
        option::of(node_id().boxed()),
        (option::of(text()), option::of(text()), option::of(text())),
        option::of(caller().boxed()),
        option::of(task().boxed()),
        option::of(stream().boxed()),
        option::of(error_meta().boxed()),
    )
        .prop_map(
            |(action, pattern, node_id, texts, caller, task, stream, error)| Ncp {
                action,
                pattern,
                node_id,
                traceparent: texts.0,
                tracestate: texts.1,
                receipt_id: texts.2,
                caller: caller.map(Box::new),
                task: task.map(Box::new),
                stream,
                error: error.map(Box::new),
            },
        )
}

prop_compose! {
    fn route()(
        tenant_id in name("[A-Za-z0-9._-]{1,128}"),
        source in "(node|agent|service|user)://",
        destination in "(node|agent|service|user)://",
        paths in ("([A-Za-z0-9._~-]|%[0-9a-fA-F]{2}){1,9}", "[a-z]{1,9}(/[a-z0-9]{1,9}){0,3}"),
    ) -> Route {
        Route {
            source: AddressUri::parse([&source, &*tenant_id, "/", &paths.0].concat()).unwrap(),
            destination: AddressUri::parse([&destination, &*tenant_id, "/", &paths.1].concat()).unwrap(),
            tenant_id,
        }
    }
}

prop_compose! {
    fn message()(
        random: [u8; 16],
        kind in name("Command|Event|Query|Response"),
        route in option::of(route().boxed()),
        timestamp in moment(),
        minor: u32,
        correlation_id in option::of(text()),
        replies: bool,
        ncp in option::of(ncp().boxed()),
        extensions in vec((text().prop_filter("its own field", |name| name != "ncp"), json()), 0..3),
        payload in json(),
    ) -> Message {
        Message {
            id: uuid_v4(random),
            kind: MessageType::parse(&kind).unwrap(),
            reply_to: route.as_ref().filter(|_| replies).map(|route| route.source.clone()),
            route,
            timestamp,
            protocol_version: format!("1.{minor}").into(),
            correlation_id,
            ncp,
            extensions,
            payload,
        }
    }
}

/// What a client finds in an answer.
fn of_answer(message: &Message) -> impl PartialEq + std::fmt::Debug {
    let ncp = message.ncp.clone().unwrap_or_default();
    let Message {
        kind,
        correlation_id,
        payload,
        ..
    } = message.clone();
    (
        kind,
        correlation_id,
        payload,
        ncp.task,
        ncp.stream,
        ncp.error,
    )
}

/// What any reader of a text must agree on, whoever wrote it.
fn judge(text: &str) -> Result<(), TestCaseError> {
    let text = ByteString::from(text);
    match (
        Message::from_envelope(&text),
        Message::from_answer(&text, false),
    ) {
        (Ok(message), Ok(answer)) => {
            prop_assert_eq!(of_answer(&answer), of_answer(&message));
            let skimmed = Message::from_answer(&text, true);
            prop_assert_eq!(skimmed, Ok(answer));
        }
        (Err(error), Err(of_answer)) => {
            prop_assert_eq!(
                (of_answer.code, of_answer.message),
                (error.code, error.message)
            );
        }
        (message, answer) => prop_assert!(false, "{message:?}, but as an answer {answer:?}"),
    }
    let (Ok(message), other) = (
        Message::from_envelope(&text),
        serde_json::from_str::<Value>(&text),
    ) else {
        return Ok(());
    };
    let again = Message::from_envelope(&message.to_envelope().into());
    prop_assert_eq!(again.as_ref(), Ok(&message));
    let flat = Message::from_flat(&message.to_flat().into());
    prop_assert_eq!(flat.as_ref(), Ok(&message));
    // `serde_json` takes neither half surrogate pairs nor numbers out of range.
    if let (Ok(other), Ok(payload)) = (
        other,
        serde_json::from_str::<Value>(message.payload.as_str()),
    ) {
        let seen = other.pointer("/body/data/payload").unwrap_or(&Value::Null);
        prop_assert_eq!(seen, &payload);
        prop_assert_eq!(other["id"].as_str(), Some(&*message.id));
        prop_assert_eq!(other["type"].as_str(), Some(message.kind.as_str()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn both_encodings_lose_nothing(message in message()) {
        let envelope = message.to_envelope();
        let read = Message::from_envelope(&envelope.clone().into());
        prop_assert_eq!(read.as_ref(), Ok(&message));
        let flat = Message::from_flat(&message.to_flat().into());
        prop_assert_eq!(flat.as_ref(), Ok(&message));
        prop_assert_eq!(flat.unwrap().to_envelope(), envelope);
    }

    #[test]
    fn any_text_is_judged(text: String) {
        judge(&text)?;
        let _ = Message::from_flat(&text.into());
    }

    #[test]
    fn changed_messages_are_judged(
        message in message(),
        changes in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), ".{0,3}"), 1..4),
    ) {
        let mut text: Vec<char> = message.to_envelope().chars().collect();
        for (from, to, with) in changes {
            let (from, to) = (from.index(text.len() + 1), to.index(text.len() + 1));
            // Short changes leave most of the message standing.
            let to = to.clamp(from, (from + 8).min(text.len()));
            text.splice(from..to, with.chars());
        }
        judge(&String::from_iter(text))?;
    }

    #[test]
    fn values_in_wrong_places_are_judged(
        message in message(),
        at: prop::sample::Index,
        with in prop::sample::select(vec!["null", "1", "\"x\"", "{}", "[]", "true", "-0.5", "\"\\ud800\""]),
    ) {
        // Each colon is followed by a value, but for those within strings.
        let text = message.to_envelope();
        let colons: Vec<usize> = text.match_indices("\":").map(|(at, _)| at + 2).collect();
        let start = colons[at.index(colons.len())];
        let mut scanner = crate::json::scan::Scanner::new(&text[start..]);
        if let Some(value) = scanner.value() {
            let rest = &text[start + value.len()..];
            judge(&[&text[..start], with, rest].concat())?;
        }
    }
}
