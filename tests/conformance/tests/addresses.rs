//! The string forms of addresses; `npm/test/address.test.ts` reads the same vectors.

use ancp_conformance::vector::load;
use ancp_core::{ErrorCode, NodeAddress};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "name")]
    _name: String,
    text: String,
    mode: Option<String>,
    value: Option<String>,
    prints: Option<String>,
    #[serde(default)]
    refused: bool,
}

#[test]
fn addresses_parse_and_print() {
    for loaded in load::<Vector>("addresses").unwrap() {
        let (key, vector) = (loaded.key, loaded.vector);
        let address = match vector.text.parse::<NodeAddress>() {
            Ok(address) => address,
            Err(error) => {
                assert!(vector.refused, "{key}: {error}");
                assert_eq!(error.code(), &ErrorCode::InvalidOptions, "{key}");
                continue;
            }
        };
        assert!(!vector.refused, "{key}: {address:?} is taken");
        assert_eq!(Some(address.value()), vector.value.as_deref(), "{key}");
        let mode = format!("{:?}", address.mode());
        let wanted = vector.mode.unwrap_or_default();
        assert!(mode.eq_ignore_ascii_case(&wanted), "{key}: {mode}");
        let prints = vector.prints.unwrap_or(vector.text);
        assert_eq!(address.to_string(), prints, "{key}");
    }
}
