//! JSON Web Tokens.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fetch::{self, Fetch};
use super::keys::{KeyError, KeySet};
use super::lookup::{DynKeySource, KeySource, LookupError};
use super::rotation::RotatingKeys;
use super::token::{Times, Unverified, missing};
use super::{AuthMode, Caller, Role, TestIssuer, refused};
use crate::Failure;
use crate::clock::Clock;

/// Which JWTs a node accepts: by which keys, from whom, and for whom.
///
/// A token must be signed with `RS256`, `ES256` or `EdDSA`, and have `exp` and `sub`. What is not
/// set here is not checked, so set issuer and audience wherever it matters.
///
/// ```
/// use ancp_mock_node::{JwtOptions, Role};
///
/// # let jwks = ancp_mock_node::TestIssuer::new(ancp_mock_node::TokenAlgorithm::Es256).jwks();
/// let options = JwtOptions::keys(&jwks)?
///     .issuer("https://login.example.com")
///     .audience("orders")
///     .default_roles([Role::Invoke]);
/// # Ok::<(), ancp_mock_node::KeyError>(())
/// ```
#[must_use]
pub struct JwtOptions {
    keys: Option<KeySet>,
    source: Option<Box<dyn DynKeySource>>,
    issuer: Option<String>,
    audience: Option<String>,
    default_roles: Vec<Role>,
}

impl fmt::Debug for JwtOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            keys: _,
            source: _,
            issuer,
            audience,
            default_roles,
        } = self;
        let mut shown = f.debug_struct("JwtOptions");
        shown.field("issuer", issuer).field("audience", audience);
        shown.field("default_roles", default_roles);
        shown.finish_non_exhaustive()
    }
}

impl JwtOptions {
    fn new(keys: Option<KeySet>, source: Option<Box<dyn DynKeySource>>) -> Self {
        Self {
            keys,
            source,
            issuer: None,
            audience: None,
            default_roles: Role::USUAL.to_vec(),
        }
    }

    /// Takes the tokens of an issuer for tests.
    pub(super) fn of_issuer(issuer: &TestIssuer) -> Self {
        let (iss, aud) = issuer.names();
        let keys = KeySet::parse(&issuer.jwks());
        Self::new(keys.ok(), None).issuer(iss).audience(aud)
    }

    /// Takes tokens that are signed with one of these keys: a JWKS, or one or more public keys in
    /// PEM.
    pub fn keys(text: &str) -> Result<Self, KeyError> {
        Ok(Self::new(Some(KeySet::parse(text)?), None))
    }

    /// The same with the keys of a file. It is read now, and again when a token names a key that is
    /// not there, but not within 10 seconds, and every 10 minutes.
    pub fn key_file(path: impl Into<PathBuf>) -> Result<Self, KeyError> {
        let path = path.into();
        let named = |error: &dyn fmt::Display| KeyError(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(|error| named(&error))?;
        let keys = KeySet::parse(&text).map_err(|error| named(&error))?;
        Ok(Self::new(Some(keys), Some(Box::new(File(path)))))
    }

    /// The same with the JWKS at an `https` URL, such as an identity provider's. It is asked for
    /// when the first token comes.
    pub fn key_url(url: &str) -> Result<Self, KeyError> {
        let read = reqwest::Url::parse(url);
        if !read.is_ok_and(|url| url.scheme() == "https") {
            return Err(KeyError("the keys' URL is not an https URL".into()));
        }
        let https = fetch::Https::of_operator().map_err(|error| KeyError(error.to_string()))?;
        Ok(Self::key_source(Document {
            url: url.to_owned(),
            https,
        }))
    }

    /// The same with the keys of a source of one's own. It is asked when the first token comes.
    pub fn key_source(source: impl KeySource) -> Self {
        Self::new(None, Some(Box::new(source)))
    }

    /// Takes tokens of this issuer (`iss`) only.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Takes tokens for this audience (`aud`) only.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// What a caller may do whose token has no claim `roles` ([`Role::USUAL`]).
    pub fn default_roles(mut self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.default_roles = roles.into_iter().collect();
        self
    }
}

struct File(PathBuf);

impl KeySource for File {
    async fn load(&self) -> Result<String, LookupError> {
        let path: &Path = &self.0;
        let named = |error| LookupError::Unavailable(format!("{}: {error}", path.display()));
        tokio::fs::read_to_string(path).await.map_err(named)
    }
}

struct Document {
    url: String,
    https: fetch::Https,
}

impl KeySource for Document {
    async fn load(&self) -> Result<String, LookupError> {
        self.https.get(&self.url).await
    }
}

/// Checks JWTs.
pub(super) struct Verifier {
    keys: RotatingKeys,
    issuer: Option<String>,
    audience: Option<String>,
    tenant_id: String,
    default_roles: Vec<Role>,
    clock: Clock,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    times: Times,
    iss: Option<String>,
    aud: Option<Audience>,
    sub: Option<String>,
    roles: Option<Vec<String>>,
    #[serde(rename = "tenantId", default, deserialize_with = "present")]
    tenant_id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// Keeps a `null` apart from what is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Verifier {
    pub(super) fn new(options: JwtOptions, tenant_id: &str, clock: Clock) -> Self {
        let JwtOptions {
            keys,
            source,
            issuer,
            audience,
            default_roles,
        } = options;
        Self {
            keys: RotatingKeys::new(keys, source, clock.clone()),
            issuer,
            audience,
            tenant_id: tenant_id.to_owned(),
            default_roles,
            clock,
        }
    }

    pub(super) async fn verify(&self, token: &str) -> Result<Caller, Failure> {
        let token = Unverified::parse(token)?;
        let keys = self.keys.for_token(&token).await?;
        if !keys.candidates(&token).any(|key| token.is_signed_by(key)) {
            return Err(refused("the token's signature is not valid"));
        }
        let claims: Claims = token.claims()?;
        claims.times.check(self.clock.unix())?;
        if self.issuer.is_some() && claims.iss != self.issuer {
            return Err(refused("the token is of another issuer (`iss`)"));
        }
        if let Some(own) = &self.audience
            && !claims.aud.is_some_and(|named| named.includes(own))
        {
            return Err(refused("the token is for another audience (`aud`)"));
        }
        let subject = claims.sub.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or_else(|| missing("sub"))?;
        if let Some(named) = &claims.tenant_id
            && !self.is_own_tenant(named)
        {
            let message = "the token is of another tenant (`tenantId`)";
            return Err(Failure::new(ancp_core::ErrorCode::TenantMismatch, message));
        }
        let roles = match claims.roles {
            None => self.default_roles.clone(),
            // Those that are unknown are somebody else's.
            Some(names) => names.iter().filter_map(|name| Role::parse(name)).collect(),
        };
        Ok(Caller::new(AuthMode::Jwt, subject, roles))
    }

    /// A tenant is named by a text, or by the number that it is.
    fn is_own_tenant(&self, named: &Value) -> bool {
        match named {
            Value::String(text) => *text == self.tenant_id,
            Value::Number(number) => number.to_string() == self.tenant_id,
            _ => false,
        }
    }
}

impl Audience {
    fn includes(&self, own: &String) -> bool {
        match self {
            Self::One(named) => named == own,
            Self::Several(named) => named.contains(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::TokenAlgorithm;

    #[tokio::test]
    async fn whatever_is_changed_in_a_token_it_is_refused() {
        let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
        let verifier = Verifier::new(issuer.options(), "7", Clock::default());
        let token = issuer.token("ada").sign();
        assert!(verifier.verify(&token).await.is_ok());
        for place in 0..token.len() {
            for other in ["A", "B", "_", ".", "="] {
                let mut changed = token.clone();
                changed.replace_range(place..=place, other);
                let taken = verifier.verify(&changed).await.is_ok();
                assert_eq!(taken, changed == token, "{place} {other}");
            }
            let cut = verifier.verify(&token[..place]).await;
            assert!(cut.is_err(), "{place}");
        }
    }
}
