//! Server-sent events: decoding never panics, and does not depend on how the bytes are split.

#![no_main]

use ancp_core::sse::Decoder;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 64;

fn events(pieces: impl Iterator<Item = Vec<u8>>) -> Vec<String> {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::from(piece));
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(format!("{event:?}")),
                Ok(None) => break,
                Err(_) => {
                    events.push("too large".to_owned());
                    return events;
                }
            }
        }
    }
    events.push(format!("{:?}", decoder.retry()));
    events
}

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (size, bytes) = input;
    let whole = events(std::iter::once(bytes.clone()));
    let split = events(bytes.chunks(usize::from(size) + 1).map(<[u8]>::to_vec));
    assert_eq!(whole, split);
});
