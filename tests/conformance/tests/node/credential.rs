//! The signed credentials of requests, made anew for each of them.

use std::time::{SystemTime, UNIX_EPOCH};

use ancp_conformance::vector::{Signature, Signed};
use ancp_mock_node::{TestIssuer, TestKey, TokenAlgorithm};
use serde_json::{Map, Value, json};

use crate::message;

/// Who signs: an issuer of JWTs that the node knows, a caller with a DID, and somebody else.
pub(crate) struct Signers {
    pub(crate) issuer: TestIssuer,
    caller: TestKey,
    stranger: TestKey,
}

impl Signers {
    pub(crate) fn new() -> Self {
        Self {
            issuer: TestIssuer::new(TokenAlgorithm::EdDsa)
                .issuer("https://issuer.test")
                .audience("orders"),
            caller: TestKey::generate(TokenAlgorithm::EdDsa),
            stranger: TestKey::generate(TokenAlgorithm::EdDsa),
        }
    }

    /// A JWT of the issuer, but for what the vector changes.
    pub(crate) fn jwt(&self, signed: &Signed) -> String {
        let header = json!({ "alg": "EdDSA" });
        let claims = json!({
            "iss": "https://issuer.test",
            "aud": "orders",
            "sub": "ada",
            "exp": now() + 60,
        });
        self.sign(self.issuer.key(), header, claims, signed)
    }

    /// A DID proof for the node, but for what the vector changes.
    pub(crate) fn proof(&self, endpoint: &str, signed: &Signed) -> String {
        let did = self.caller.did().expect("an Ed25519 key has a DID");
        let id = did.trim_start_matches("did:key:");
        let header = json!({ "alg": "EdDSA", "kid": format!("{did}#{id}") });
        let claims = json!({
            "iss": did,
            "sub": did,
            "aud": endpoint,
            "iat": now(),
            "exp": now() + 60,
            "jti": ancp_mock_node::random_api_key(),
        });
        self.sign(&self.caller, header, claims, signed)
    }

    fn sign(&self, key: &TestKey, mut header: Value, claims: Value, signed: &Signed) -> String {
        let key = match signed.by_stranger {
            true => &self.stranger,
            false => key,
        };
        let original = key.sign(&header, &claims);
        let mut claims = claims;
        change(&mut header, &signed.header);
        change(&mut claims, &signed.claims);
        let times = signed.claims_in.iter();
        let times = times.map(|(name, seconds)| (name.clone(), json!(now() + seconds)));
        change(&mut claims, &times.collect());
        let claims = message::fill(&claims.to_string(), &[]);
        let claims = serde_json::from_str(&claims).expect("placeholders leave it JSON");
        let token = key.sign(&header, &claims);
        let (content, _) = token.rsplit_once('.').expect("a token has parts");
        let (_, other) = original.rsplit_once('.').expect("a token has parts");
        match signed.signature {
            None => token,
            Some(Signature::None) => format!("{content}."),
            Some(Signature::OfAnother) => format!("{content}.{other}"),
        }
    }
}

/// Sets and, by `null`, takes away.
fn change(fields: &mut Value, changes: &Map<String, Value>) {
    let fields = fields.as_object_mut().expect("an object");
    for (name, value) in changes {
        match value {
            Value::Null => fields.remove(name),
            value => fields.insert(name.clone(), value.clone()),
        };
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is after 1970").as_secs().cast_signed()
}
