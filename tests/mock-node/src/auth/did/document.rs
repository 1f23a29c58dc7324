//! DID documents: which keys a DID may authenticate with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::key::read_multibase;
use crate::auth::keys::VerifyingKey;
use crate::auth::lookup::LookupError;

/// What a resolver finds: the Ed25519 keys that a DID authenticates with.
///
/// ```
/// use ancp_mock_node::DidDocument;
///
/// // As it was published,
/// let document = DidDocument::parse(r##"{
///     "id": "did:bizfirst:node:42",
///     "verificationMethod": [{
///         "id": "#key-1", "type": "Multikey", "controller": "did:bizfirst:node:42",
///         "publicKeyMultibase": "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
///     }],
///     "authentication": ["#key-1"]
/// }"##)?;
/// // or made of what a registry knows.
/// let document = DidDocument::new("did:bizfirst:node:42").key_of("key-1", [7; 32]);
/// # Ok::<(), ancp_mock_node::LookupError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidDocument {
    id: String,
    /// By their full ids.
    keys: Vec<(String, [u8; 32])>,
}

impl DidDocument {
    /// The document of a DID without keys.
    pub fn new(did: impl Into<String>) -> Self {
        Self {
            id: did.into(),
            keys: Vec::new(),
        }
    }

    /// Adds an Ed25519 public key, named `{did}#{fragment}`.
    #[must_use]
    pub fn key_of(mut self, fragment: &str, public_key: [u8; 32]) -> Self {
        let id = format!("{}#{fragment}", self.id);
        self.keys.push((id, public_key));
        self
    }

    /// Reads a document. The keys are those that stand, or are named, under `authentication`, as
    /// `publicKeyMultibase` or as `publicKeyJwk`. Those of other kinds are passed over.
    pub fn parse(text: &str) -> Result<Self, LookupError> {
        let document: Written = serde_json::from_str(text)
            .map_err(|error| LookupError::Invalid(format!("no DID document: {error}")))?;
        let mut read = Self::new(document.id);
        for relation in &document.authentication {
            let method = match relation {
                Relation::Embedded(method) => Some(method),
                Relation::Named(name) => {
                    let name = read.full_id(name);
                    let mut methods = document.verification_method.iter();
                    methods.find(|method| read.full_id(&method.id) == name)
                }
            };
            if let Some(method) = method
                && let Some(key) = method.ed25519()
            {
                let id = read.full_id(&method.id);
                read.keys.push((id, key));
            }
        }
        Ok(read)
    }

    /// A document may name its own keys by their fragment.
    fn full_id(&self, id: &str) -> String {
        match id.starts_with('#') {
            true => format!("{}{id}", self.id),
            false => id.to_owned(),
        }
    }

    /// The DID's key with this id.
    pub(super) fn key(&self, did: &str, kid: &str) -> Option<VerifyingKey> {
        let (_, key) = self.keys.iter().find(|(id, _)| id == kid)?;
        (self.id == did).then(|| VerifyingKey::ed25519(key))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    id: String,
    #[serde(default)]
    verification_method: Vec<Method>,
    #[serde(default)]
    authentication: Vec<Relation>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Relation {
    Named(String),
    Embedded(Method),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    id: String,
    public_key_multibase: Option<String>,
    public_key_jwk: Option<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
}

impl Method {
    fn ed25519(&self) -> Option<[u8; 32]> {
        if let Some(text) = &self.public_key_multibase {
            return read_multibase(text);
        }
        let jwk = self.public_key_jwk.as_ref()?;
        let is_ed25519 = jwk.kty == "OKP" && jwk.crv.as_deref() == Some("Ed25519");
        let bytes = URL_SAFE_NO_PAD.decode(jwk.x.as_deref()?).ok()?;
        bytes.try_into().ok().filter(|_| is_ed25519)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DID: &str = "did:web:example.com";
    const KEY: &str = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";

    fn has_key(document: &Value) -> bool {
        let document = DidDocument::parse(&document.to_string()).unwrap();
        document.key(DID, "did:web:example.com#k").is_some()
    }

    #[test]
    fn keys() {
        let multikey = json!({ "id": "did:web:example.com#k", "publicKeyMultibase": KEY });
        let relative = json!({ "id": "#k", "publicKeyMultibase": KEY });
        let x = "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik";
        let jwk = |kty: &str, crv: &str| {
            let key = json!({ "kty": kty, "crv": crv, "x": x });
            json!({ "id": "#k", "publicKeyJwk": key })
        };
        let other = json!({ "id": "#k", "publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5" });
        for (name, methods, authentication, found) in [
            (
                "named",
                json!([multikey]),
                json!(["did:web:example.com#k"]),
                true,
            ),
            ("named by fragment", json!([relative]), json!(["#k"]), true),
            ("embedded", json!([]), json!([relative]), true),
            ("jwk", json!([jwk("OKP", "Ed25519")]), json!(["#k"]), true),
            (
                "other curve",
                json!([jwk("OKP", "X25519")]),
                json!(["#k"]),
                false,
            ),
            (
                "other type",
                json!([jwk("EC", "Ed25519")]),
                json!(["#k"]),
                false,
            ),
            ("other kind", json!([other]), json!(["#k"]), false),
            ("for other uses", json!([multikey]), json!([]), false),
            ("another", json!([multikey]), json!(["#l"]), false),
        ] {
            let document = json!({
                "id": DID, "verificationMethod": methods, "authentication": authentication,
            });
            assert_eq!(has_key(&document), found, "{name}");
        }
        let foreign = json!({ "id": "did:web:evil.example", "authentication": [multikey] });
        assert!(!has_key(&foreign));
    }

    #[test]
    fn texts_that_are_no_documents() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"id":1}"#,
            r#"{"id":"x","authentication":[1]}"#,
        ] {
            assert!(DidDocument::parse(text).is_err(), "{text}");
        }
    }
}
