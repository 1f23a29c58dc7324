use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1 << 20;

/// An event as it was given: name, id, data.
type Seen = (String, Option<String>, String);

fn seen(event: SseEvent<'_>) -> Seen {
    let id = event.id.map(str::to_owned);
    (event.name.to_owned(), id, event.data.to_string())
}

fn next(decoder: &mut Decoder) -> Result<Option<Seen>, TooLarge> {
    decoder.next_event().map(|event| event.map(seen))
}

/// Pushes the parts one by one, and takes all events after each.
fn decode<'a>(
    parts: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<Seen>, Decoder, bool) {
    let mut decoder = Decoder::new(limit);
    let mut events = Vec::new();
    for part in parts {
        decoder.push(Bytes::copy_from_slice(part));
        loop {
            match next(&mut decoder) {
                Ok(Some(event)) => events.push(event),
                Ok(None) => break,
                Err(TooLarge) => return (events, decoder, true),
            }
        }
    }
    (events, decoder, false)
}

fn event(name: &str, id: Option<&str>, data: &str) -> Seen {
    (name.to_owned(), id.map(str::to_owned), data.to_owned())
}

fn check(input: &[u8], expected: &[Seen]) -> Decoder {
    let (events, decoder, _) = decode([input], LIMIT);
    assert_eq!(events, expected);
    let (bytewise, ..) = decode(input.chunks(1), LIMIT);
    assert_eq!(bytewise, expected);
    decoder
}

#[test]
fn reads_events() {
    check(b"data: a\n\n", &[event("", None, "a")]);
    check(
        b"event: chunk\nid: 7\ndata: {}\n\nevent: done\ndata:{}\n\n",
        &[event("chunk", Some("7"), "{}"), event("done", None, "{}")],
    );
    check(
        b"data: a\ndata\ndata:  b\n\n",
        &[event("", None, "a\n\n b")],
    );
    check(
        b"data\n\ndata:\n\n",
        &[event("", None, ""), event("", None, "")],
    );
    check(
        b"event: a\nevent: b\nevent\ndata: x\n\n",
        &[event("", None, "x")],
    );
    check(
        b": hello\nfoo: bar\nDATA: x\n data: y\ndata: z\n:\n\n",
        &[event("", None, "z")],
    );
    check(
        "data: \u{FEFF}ä€😀\n\n".as_bytes(),
        &[event("", None, "\u{FEFF}ä€😀")],
    );
}

#[test]
fn an_event_without_data_is_none() {
    check(
        b"event: a\nid: 1\n\n\n\ndata: b\n\n",
        &[event("", None, "b")],
    );
}

#[test]
fn an_unfinished_event_is_dropped() {
    check(b"data: a\n\ndata: b\n", &[event("", None, "a")]);
    check(b"data: a", &[]);
}

#[test]
fn every_line_end_is_one() {
    for input in [
        &b"data: a\r\n\r\ndata: b\r\n\r\n"[..],
        b"data: a\r\rdata: b\r\r",
        b"data: a\n\ndata: b\n\n",
        b"data: a\r\n\rdata: b\n\r",
        b"data: a\r\n\ndata: b\r\r\n",
    ] {
        check(input, &[event("", None, "a"), event("", None, "b")]);
    }
}

#[test]
fn a_lone_cr_ends_a_line_at_once() {
    let mut decoder = Decoder::new(LIMIT);
    decoder.push(Bytes::from_static(b"data: a\r\r"));
    assert_eq!(next(&mut decoder), Ok(Some(event("", None, "a"))));
    // The LF belongs to the CR before it: it is no empty line, which would end this event early.
    decoder.push(Bytes::from_static(b"\ndata: b"));
    assert_eq!(next(&mut decoder), Ok(None));
    decoder.push(Bytes::from_static(b"\r"));
    decoder.push(Bytes::from_static(b"\ndata: c\n\r"));
    assert_eq!(next(&mut decoder), Ok(Some(event("", None, "b\nc"))));
}

#[test]
fn one_byte_order_mark_is_skipped() {
    check(b"\xEF\xBB\xBFdata: a\n\n", &[event("", None, "a")]);
    check(b"\xEF\xBB\xBF\xEF\xBB\xBFdata: a\n\n", &[]);
    check(b"\xEF\xBBdata: a\n\n", &[]);
    check(
        b"\xEF\xBB\n\xEF\xBB\xBFdata: a\ndata: b\n\n",
        &[event("", None, "b")],
    );
    check(b"\xEF", &[]);
}

#[test]
fn ids_last() {
    let decoder = check(
        b"id: 1\ndata: a\n\ndata: b\n\nid: 2\n\nid: x\0y\ndata: c\n\nid: 3\n",
        &[
            event("", Some("1"), "a"),
            event("", None, "b"),
            event("", None, "c"),
        ],
    );
    assert_eq!(decoder.last_id(), "2");
    let decoder = check(b"id: 1\n\nid\ndata: a\n\n", &[event("", Some(""), "a")]);
    assert_eq!(decoder.last_id(), "");
}

#[test]
fn retry_takes_digits_only() {
    assert_eq!(check(b"", &[]).retry(), None);
    assert_eq!(check(b"retry: 1500\n", &[]).retry(), Some(1500));
    for bad in ["", " 1", "1 ", "+1", "-1", "1.5", "x", "1\0"] {
        let input = format!("retry: 20\nretry: {bad}\nretry:\nretry\n");
        assert_eq!(check(input.as_bytes(), &[]).retry(), Some(20), "{bad:?}");
    }
    let input = b"retry: 99999999999999999999999\n";
    assert_eq!(check(input, &[]).retry(), Some(u64::MAX));
}

#[test]
fn what_is_not_utf8_is_replaced() {
    check(
        b"event: \xFFx\nid: \xC3\ndata: a\xE2\x82\ndata: \xF0\x9F\x98\x80\xF0\x9F\n\n",
        &[event(
            "\u{FFFD}x",
            Some("\u{FFFD}"),
            "a\u{FFFD}\n😀\u{FFFD}",
        )],
    );
}

#[test]
fn data_of_one_push_is_not_copied() {
    let input = Bytes::from(b"id: 1\ndata: hello\n\n".to_vec());
    let mut decoder = Decoder::new(LIMIT);
    decoder.push(input.clone());
    let event = decoder.next_event().unwrap().unwrap();
    assert_eq!(event.data.as_ptr(), input[12..].as_ptr());
}

#[test]
fn pushes_may_queue() {
    let mut decoder = Decoder::new(LIMIT);
    for part in ["da", "", "ta: a\n", "\ndata: b\n\nda", "ta: c\n\n"] {
        decoder.push(Bytes::from_static(part.as_bytes()));
    }
    for data in ["a", "b", "c"] {
        assert_eq!(next(&mut decoder), Ok(Some(event("", None, data))));
    }
    assert_eq!(next(&mut decoder), Ok(None));
}

#[test]
fn events_are_bounded() {
    // Lines of an event add up, without their ends; the event before comes through.
    let input = b"data: 1\n\ndata: 1234\nid: 1\n\ndata: 12345\nid: 1\n\n";
    for size in [1, 3, input.len()] {
        let (events, mut decoder, too_large) = decode(input.chunks(size), 15);
        assert_eq!(events.len(), 2, "{size}");
        assert!(too_large);
        decoder.push(Bytes::from_static(b"\n\ndata: a\n\n"));
        assert_eq!(next(&mut decoder), Err(TooLarge));
    }
    // A line is refused before its end is there.
    let (_, decoder, too_large) = decode([&b"data: 0123"[..], b"45678"], 14);
    assert!(too_large);
    assert_eq!(decoder.partial.capacity(), 0);
    // Lines that are ignored count too, or an event could have any number of them.
    let (_, _, too_large) = decode([&b"foo\n".repeat(5)[..]], 14);
    assert!(too_large);
    // Comments count one by one, and the empty line starts anew.
    let (events, _, too_large) = decode([&b": 0123456789\ndata: 1\n\n".repeat(5)[..]], 12);
    assert_eq!((events.len(), too_large), (5, false));
    let (_, _, too_large) = decode([&b": 01234567890"[..]], 12);
    assert!(too_large);
    assert_eq!(*Error::from(TooLarge).code(), ErrorCode::ResponseTooLarge);
}

/// The standard's algorithm, written as it stands there.
fn reference(input: &[u8]) -> (Vec<Seen>, String, Option<u64>) {
    let input = input.strip_prefix(&BOM).unwrap_or(input);
    let text = String::from_utf8_lossy(input)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop();
    let (mut data, mut name) = (String::new(), String::new());
    let (mut id, mut id_buffer, mut last_id) = (None, String::new(), String::new());
    let (mut retry, mut events) = (None, Vec::new());
    for line in lines {
        if line.is_empty() {
            last_id.clone_from(&id_buffer);
            let own_id: Option<String> = id.take();
            let event_name = std::mem::take(&mut name);
            if let Some(data) = std::mem::take(&mut data).strip_suffix('\n') {
                events.push((event_name, own_id, data.to_owned()));
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.to_owned(),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => {
                id_buffer = value.to_owned();
                id = Some(value.to_owned());
            }
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                retry = Some(value.parse().unwrap_or(u64::MAX));
            }
            _ => {}
        }
    }
    (events, last_id, retry)
}

/// Bytes that look enough like an event stream to reach everything.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(&b"\n"[..]),
        2 => Just(&b"\r"[..]),
        2 => Just(&b"\r\n"[..]),
        3 => Just(&b"data"[..]),
        2 => Just(&b"data: "[..]),
        1 => Just(&b"event:"[..]),
        1 => Just(&b"id: "[..]),
        1 => Just(&b"retry:"[..]),
        2 => Just(&b":"[..]),
        1 => Just(&b" "[..]),
        1 => Just(&b"12"[..]),
        1 => Just(&b"\0"[..]),
        1 => Just(&BOM[..]),
        1 => Just(&b"\xEF\xBB"[..]),
        1 => Just(&b"\xE2\x82\xAC"[..]),
        1 => Just(&b"\xE2\x82"[..]),
        1 => Just(&b"\xF0\x9F\x98"[..]),
        1 => Just(&b"\xC0\x80"[..]),
    ];
    prop_oneof![
        6 => prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

/// Cuts `input` into parts of the given lengths.
fn split<'a>(mut input: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    for &length in lengths {
        let (part, rest) = input.split_at(length.min(input.len()));
        parts.push(part);
        input = rest;
    }
    parts.push(input);
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn agrees_with_the_standard(input in streams(), lengths in prop::collection::vec(0usize..9, 0..40)) {
        let (expected, last_id, retry) = reference(&input);
        for parts in [vec![&input[..]], split(&input, &lengths), input.chunks(1).collect()] {
            let (events, decoder, too_large) = decode(parts, LIMIT);
            prop_assert_eq!(&events, &expected);
            prop_assert_eq!(decoder.last_id(), &*last_id);
            prop_assert_eq!(decoder.retry(), retry);
            prop_assert!(!too_large);
        }
    }

    #[test]
    fn pushes_do_not_change_the_limit(
        input in streams(),
        lengths in prop::collection::vec(0usize..9, 0..40),
        limit in 0usize..40,
    ) {
        let (expected, _, expected_too_large) = decode([&input[..]], limit);
        let (events, _, too_large) = decode(split(&input, &lengths), limit);
        prop_assert_eq!(events, expected);
        prop_assert_eq!(too_large, expected_too_large);
    }
}
