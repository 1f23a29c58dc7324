//! Keys and tokens for tests, and for trying a node by hand.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::did::did_key;
use super::keys::KeySet;
use super::{JwtOptions, Role, TokenAlgorithm};

/// A key pair that lives in memory only, and signs whatever it is given: good tokens and proofs, and
/// those that a node must refuse.
pub struct TestKey(Pair);

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl TestKey {
    /// A fresh key pair.
    ///
    /// # Panics
    /// Without randomness from the operating system there is no safe way on.
    #[allow(clippy::expect_used)]
    pub fn generate(algorithm: TokenAlgorithm) -> Self {
        let pair = match algorithm {
            TokenAlgorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
            TokenAlgorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec)
            }
            TokenAlgorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed),
        };
        Self(pair.expect("the operating system gives random bytes"))
    }

    /// What it signs with.
    pub fn algorithm(&self) -> TokenAlgorithm {
        match &self.0 {
            Pair::Rsa(_) => TokenAlgorithm::Rs256,
            Pair::Ec(_) => TokenAlgorithm::Es256,
            Pair::Ed(_) => TokenAlgorithm::EdDsa,
        }
    }

    /// The public key in PEM.
    pub fn public_pem(&self) -> String {
        let der: Result<PublicKeyX509Der<'_>, Unspecified> = match &self.0 {
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ec(pair) => pair.public_key().as_der(),
            Pair::Ed(pair) => pair.public_key().as_der(),
        };
        // A key that was generated has a DER form.
        let text = der
            .map(|der| STANDARD.encode(der.as_ref()))
            .unwrap_or_default();
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        let lines = lines.join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n")
    }

    /// The public key as an entry of a JWKS, under a name.
    pub fn jwk(&self, kid: &str) -> Value {
        let algorithm = self.algorithm();
        let jwk = KeySet::parse(&self.public_pem())
            .ok()
            .and_then(|keys| keys.to_jwk());
        // As above: there is always one.
        let mut jwk = jwk.unwrap_or_default();
        if let Some(fields) = jwk.as_object_mut() {
            fields.insert("kid".into(), kid.into());
            fields.insert("use".into(), "sig".into());
            fields.insert("alg".into(), algorithm.as_str().into());
        }
        jwk
    }

    /// The `did:key` of an Ed25519 key; others have none here.
    pub fn did(&self) -> Option<String> {
        match &self.0 {
            Pair::Ed(pair) => Some(did_key(pair.public_key().as_ref().try_into().ok()?)),
            Pair::Rsa(_) | Pair::Ec(_) => None,
        }
    }

    /// Signs a header and claims as they are.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = match &self.0 {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = SystemRandom::new();
                let done = pair.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    signed.as_bytes(),
                    &mut signature,
                );
                done.map(|()| signature)
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), signed.as_bytes());
                signature.map(|signature| signature.as_ref().to_vec())
            }
            Pair::Ed(pair) => Ok(pair.sign(signed.as_bytes()).as_ref().to_vec()),
        };
        // Fails for want of memory at most, and no node takes a token without a signature.
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(signature.unwrap_or_default())
        )
    }
}

/// Issues JWTs that a node accepts which was given [`TestIssuer::options`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use ancp_mock_node::{MockNode, Role, TestIssuer, TokenAlgorithm, samples};
///
/// let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
/// let node = MockNode::serve(samples::node().jwt(issuer.options())).await?;
/// let token = issuer.token("ada").roles([Role::Invoke]).sign();
/// # Ok(())
/// # }
/// ```
pub struct TestIssuer {
    key: TestKey,
    kid: String,
    issuer: String,
    audience: String,
}

impl TestIssuer {
    /// An issuer `https://issuer.test` with a fresh key, whose tokens are for the audience
    /// `ancp-mock-node`.
    pub fn new(algorithm: TokenAlgorithm) -> Self {
        Self {
            key: TestKey::generate(algorithm),
            kid: crate::answer::random_name(),
            issuer: "https://issuer.test".into(),
            audience: "ancp-mock-node".into(),
        }
    }

    /// Sets what stands in `iss`.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// Sets what stands in `aud`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// What a node needs to accept the tokens.
    pub fn options(&self) -> JwtOptions {
        JwtOptions::of_issuer(self)
    }

    /// The public key as a JWKS.
    pub fn jwks(&self) -> String {
        json!({ "keys": [self.key.jwk(&self.kid)] }).to_string()
    }

    /// The key that it signs with.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// A token in the making, for an hour and with no roles said.
    pub fn token(&self, subject: impl Into<String>) -> TokenBuilder<'_> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        let claims = json!({
            "iss": self.issuer,
            "aud": self.audience,
            "sub": subject.into(),
            "iat": now,
            "exp": now + 3600,
        });
        let header = json!({
            "alg": self.key.algorithm().as_str(),
            "typ": "JWT",
            "kid": self.kid,
        });
        TokenBuilder {
            key: &self.key,
            now,
            header: object(header),
            claims: object(claims),
        }
    }

    pub(super) fn names(&self) -> (&str, &str) {
        (&self.issuer, &self.audience)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A token in the making; see [`TestIssuer::token`].
#[must_use]
pub struct TokenBuilder<'a> {
    key: &'a TestKey,
    now: u64,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl TokenBuilder<'_> {
    /// Says what the caller may do.
    pub fn roles(self, roles: impl IntoIterator<Item = Role>) -> Self {
        let roles: Vec<_> = roles.into_iter().map(Role::as_str).collect();
        self.claim("roles", roles)
    }

    /// Names the tenant that the token is for.
    pub fn tenant_id(self, tenant_id: impl ToString) -> Self {
        self.claim("tenantId", tenant_id.to_string())
    }

    /// For how many seconds it is valid (3600); a negative number makes it one that has expired.
    pub fn valid_for(self, seconds: i64) -> Self {
        let exp = self.now.saturating_add_signed(seconds);
        self.claim("exp", exp)
    }

    /// Sets any claim; `null` takes it away.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// Sets any field of the header; `null` takes it away.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// The token.
    pub fn sign(self) -> String {
        self.key.sign(&self.header.into(), &self.claims.into())
    }
}

fn set(fields: &mut Map<String, Value>, name: &str, value: Value) {
    match value {
        Value::Null => fields.remove(name),
        value => fields.insert(name.to_owned(), value),
    };
}
