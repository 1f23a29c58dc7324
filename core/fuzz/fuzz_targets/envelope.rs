//! Messages: reading never panics, what was read survives being written and read again, and JSON is JSON where
//! `serde_json` says so.

#![no_main]

use ancp_core::Json;
use ancp_core::message::Message;
use bytestring::ByteString;
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    let text = ByteString::from(text);
    let json = Json::parse(text.clone());
    let reference: Result<&RawValue, _> = serde_json::from_str(&text);
    // serde_json bounds the depth elsewhere, so that only texts within both bounds are compared.
    if text.len() < 120 {
        assert_eq!(json.is_ok(), reference.is_ok());
    }
    if let Ok(message) = Message::from_envelope(&text) {
        let again = Message::from_envelope(&message.to_envelope().into()).expect("it was written by us");
        assert_eq!(message, again);
        let flat = Message::from_flat(&message.to_flat().into()).expect("it was written by us");
        assert_eq!(message, flat);
    }
    let _ = Message::from_flat(&text);
});
