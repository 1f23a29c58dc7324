//! `did:key`: the identifier is the key itself.

/// Before an Ed25519 key in its multicodec form.
const ED25519: [u8; 2] = [0xed, 0x01];

/// Longer than any text of 34 bytes; decoding base58 takes time by the square.
const MAX_TEXT: usize = 64;

/// The DID of an Ed25519 key.
pub(in crate::auth) fn did_key(public: &[u8; 32]) -> String {
    let bytes = [&ED25519[..], public].concat();
    format!("did:key:z{}", bs58::encode(bytes).into_string())
}

/// The key in an identifier, or in a document's `publicKeyMultibase`.
pub(super) fn read_multibase(text: &str) -> Option<[u8; 32]> {
    let text = text
        .strip_prefix('z')
        .filter(|text| text.len() <= MAX_TEXT)?;
    let bytes = bs58::decode(text).into_vec().ok()?;
    bytes.strip_prefix(&ED25519)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(did: &str) -> Option<[u8; 32]> {
        read_multibase(did.strip_prefix("did:key:")?)
    }

    #[test]
    fn the_specifications_example() {
        // From the did:key method's test vectors: the seed of 32 zero bytes.
        let did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
        let key = read(did).unwrap();
        assert_eq!(key[..4], [0x3b, 0x6a, 0x27, 0xbc]);
        assert_eq!(did_key(&key), did);
    }

    #[test]
    fn others() {
        for did in [
            "did:key:",
            "did:key:z",
            "did:key:6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
            "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW",
            "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp1",
            "did:key:z0OIl",
            // X25519 and P-256.
            "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
            "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        ] {
            assert_eq!(read(did), None, "{did}");
        }
    }

    proptest! {
        #[test]
        fn keys_survive(key: [u8; 32]) {
            prop_assert_eq!(read(&did_key(&key)), Some(key));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "z?\\PC*") {
            let _ = read_multibase(&text);
        }

        #[test]
        fn any_base58_is_read_without_a_panic(text in "z[1-9A-HJ-NP-Za-km-z]{0,100}") {
            let _ = read_multibase(&text);
        }
    }
}
