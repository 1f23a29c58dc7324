//! Public keys, from PEM or a JWKS.

use std::fmt;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, KeyOperations, PublicKeyUse,
};

use super::token::{TokenAlgorithm, Unverified};

/// More keys than this are no set of keys: a token without a `kid` is tried with each.
const MAX_KEYS: usize = 64;

/// What a block of PEM begins with.
const BEGIN: &str = "-----BEGIN ";

/// Keys that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(pub(super) String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

/// A key, and the one algorithm that it is for.
pub(super) struct VerifyingKey {
    pub(super) kid: Option<String>,
    pub(super) algorithm: TokenAlgorithm,
    pub(super) key: DecodingKey,
}

impl VerifyingKey {
    /// An Ed25519 key.
    pub(super) fn ed25519(public: &[u8; 32]) -> Self {
        Self {
            kid: None,
            algorithm: TokenAlgorithm::EdDsa,
            key: DecodingKey::from_ed_der(public),
        }
    }

    /// A key of a JWKS; `None` where it is not for signatures that are accepted, such as a shared
    /// secret or a key for encryption.
    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let algorithm = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => TokenAlgorithm::Rs256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
                TokenAlgorithm::Es256
            }
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
                TokenAlgorithm::EdDsa
            }
            _ => return None,
        };
        let common = &jwk.common;
        let fits = |named: KeyAlgorithm| named == algorithm.of_library().into();
        let signs = |usage: &PublicKeyUse| *usage == PublicKeyUse::Signature;
        let verifies = |operations: &Vec<_>| operations.contains(&KeyOperations::Verify);
        let usable = common.key_algorithm.is_none_or(fits)
            && common.public_key_use.as_ref().is_none_or(signs)
            && common.key_operations.as_ref().is_none_or(verifies);
        Some(Self {
            kid: common.key_id.clone(),
            algorithm,
            key: DecodingKey::from_jwk(jwk).ok().filter(|_| usable)?,
        })
    }

    /// A block of PEM, behind its `-----BEGIN `.
    fn from_pem(block: &str) -> Result<Self, KeyError> {
        // Of a certificate the library would take any part for the key.
        if !block.starts_with("PUBLIC KEY-----") && !block.starts_with("RSA PUBLIC KEY-----") {
            let message = "a PEM block other than `PUBLIC KEY` and `RSA PUBLIC KEY`";
            return Err(KeyError(message.into()));
        }
        let pem = format!("{BEGIN}{block}");
        let bytes = pem.as_bytes();
        let (algorithm, key) = if let Ok(key) = DecodingKey::from_ed_pem(bytes) {
            (TokenAlgorithm::EdDsa, key)
        } else if let Ok(key) = DecodingKey::from_ec_pem(bytes) {
            // A point of P-256, uncompressed.
            if key.try_get_as_bytes().map_or(0, <[u8]>::len) != 65 {
                return Err(KeyError("an elliptic curve that is not P-256".into()));
            }
            (TokenAlgorithm::Es256, key)
        } else if let Ok(key) = DecodingKey::from_rsa_pem(bytes) {
            (TokenAlgorithm::Rs256, key)
        } else {
            let message = "a PEM block that holds no key of RSA, P-256 or Ed25519";
            return Err(KeyError(message.into()));
        };
        Ok(Self {
            kid: None,
            algorithm,
            key,
        })
    }
}

/// The keys that tokens are checked with.
pub(super) struct KeySet(Vec<VerifyingKey>);

impl KeySet {
    /// Reads a JWKS, or public keys in PEM.
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        let keys = match text.contains(BEGIN) {
            true => read_pem(text)?,
            false => {
                let set: JwkSet = serde_json::from_str(text)
                    .map_err(|_| KeyError("neither PEM nor a JWKS".into()))?;
                set.keys.iter().filter_map(VerifyingKey::from_jwk).collect()
            }
        };
        match keys.len() {
            0 => Err(KeyError("no key for RS256, ES256 or EdDSA".into())),
            1..=MAX_KEYS => Ok(Self(keys)),
            _ => Err(KeyError(format!("more than {MAX_KEYS} keys"))),
        }
    }

    /// The first key as an entry of a JWKS.
    pub(super) fn to_jwk(&self) -> Option<serde_json::Value> {
        let key = self.0.first()?;
        let jwk = Jwk::from_decoding_key(&key.key, Some(key.algorithm.of_library())).ok()?;
        serde_json::to_value(jwk).ok()
    }

    /// The keys that a token may be signed with: those with its `kid`, and those without any, which
    /// are known by nothing but their use.
    pub(super) fn candidates<'a>(
        &'a self,
        token: &'a Unverified<'_>,
    ) -> impl Iterator<Item = &'a VerifyingKey> {
        self.0.iter().filter(|key| {
            let named = match (&key.kid, &token.kid) {
                (Some(key), Some(token)) => key == token,
                _ => true,
            };
            named && key.algorithm == token.algorithm
        })
    }
}

fn read_pem(text: &str) -> Result<Vec<VerifyingKey>, KeyError> {
    if text.contains("PRIVATE KEY-----") {
        let message = "a private key; a node needs the public one only";
        return Err(KeyError(message.into()));
    }
    // The library reads the first block of a text only.
    let blocks = text.split(BEGIN).skip(1);
    blocks.map(VerifyingKey::from_pem).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::TestKey;

    const ALL: [TokenAlgorithm; 3] = [
        TokenAlgorithm::Rs256,
        TokenAlgorithm::Es256,
        TokenAlgorithm::EdDsa,
    ];

    fn algorithms(text: &str) -> Result<Vec<TokenAlgorithm>, String> {
        let keys = KeySet::parse(text).map_err(|error| error.to_string())?;
        Ok(keys.0.iter().map(|key| key.algorithm).collect())
    }

    #[test]
    fn a_key_fits_the_algorithm_of_its_kind() {
        let keys = ALL.map(TestKey::generate);
        let pems: String = keys.iter().map(TestKey::public_pem).collect();
        assert_eq!(algorithms(&pems), Ok(ALL.to_vec()));
        let jwks: Vec<_> = keys.iter().map(|key| key.jwk("k")).collect();
        assert_eq!(
            algorithms(&json!({ "keys": jwks }).to_string()),
            Ok(ALL.to_vec())
        );
    }

    #[test]
    fn keys_for_other_uses_are_passed_over() {
        let key = TestKey::generate(TokenAlgorithm::EdDsa);
        let with = |name: &str, value: Value| {
            let mut jwk = key.jwk("k");
            jwk[name] = value;
            algorithms(&json!({ "keys": [jwk] }).to_string()).is_ok()
        };
        for (name, value, used) in [
            ("use", json!("sig"), true),
            ("use", json!("enc"), false),
            ("alg", json!("EdDSA"), true),
            ("alg", json!("ES256"), false),
            ("alg", json!("HS256"), false),
            ("key_ops", json!(["verify"]), true),
            ("key_ops", json!(["sign"]), false),
            ("crv", json!("X25519"), false),
            ("kty", json!("oct"), false),
        ] {
            assert_eq!(with(name, value.clone()), used, "{name} {value}");
        }
    }

    #[test]
    fn texts_that_hold_no_key() {
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----";
        let garbled = "-----BEGIN PUBLIC KEY-----\nMC4CAQ==\n-----END PUBLIC KEY-----";
        let secret = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#;
        for (text, expected) in [
            ("", "neither PEM nor a JWKS"),
            ("{}", "neither PEM nor a JWKS"),
            (r#"{"keys":[]}"#, "no key for"),
            (secret, "no key for"),
            (private, "a private key"),
            (garbled, "holds no key"),
            (&garbled.replace("PUBLIC KEY", "CERTIFICATE"), "other than"),
        ] {
            let error = algorithms(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let key = TestKey::generate(TokenAlgorithm::EdDsa).jwk("k");
        let many = json!({ "keys": vec![key; 65] }).to_string();
        assert!(algorithms(&many).unwrap_err().contains("more than 64"));
    }

    /// Signed by others than us.
    #[test]
    fn the_examples_of_the_standards() {
        let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        for (name, jwk, signed, signature) in [
            (
                "RFC 7515, A.2",
                json!({
                    "kty": "RSA",
                    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
                    "e": "AQAB",
                }),
                format!("eyJhbGciOiJSUzI1NiJ9.{claims}"),
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            ),
            (
                "RFC 7515, A.3",
                json!({
                    "kty": "EC",
                    "crv": "P-256",
                    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
                }),
                format!("eyJhbGciOiJFUzI1NiJ9.{claims}"),
                "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            ),
            (
                "RFC 8037, A.4",
                json!({
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                }),
                "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".into(),
                "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            ),
        ] {
            let keys = KeySet::parse(&json!({ "keys": [jwk] }).to_string()).unwrap();
            let signs = |token: &str| {
                let token = Unverified::parse(token).unwrap();
                keys.candidates(&token).any(|key| token.is_signed_by(key))
            };
            assert!(signs(&format!("{signed}.{signature}")), "{name}");
            assert!(!signs(&format!("{signed}A.{signature}")), "{name}");
        }
    }
}
