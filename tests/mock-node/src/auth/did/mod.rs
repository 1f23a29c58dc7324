//! DID proofs: a caller shows, anew for every request, that it holds a key of its DID.

mod document;
mod key;
mod resolver;
mod web;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

pub use document::DidDocument;
pub(super) use key::did_key;
pub(crate) use resolver::DidKey;
pub use resolver::DidResolver;
use resolver::Resolvers;
pub use web::DidWeb;

use super::lookup::LookupError;
use super::replay::{ReplayMemory, Unaccepted};
use super::token::{LEEWAY, Times, TokenAlgorithm, Unverified, missing};
use super::{AuthMode, Caller, Role, refused, unavailable};
use crate::Failure;
use crate::clock::Clock;

/// How long a proof may live, in seconds.
const MAX_LIFETIME: f64 = 300.0;

/// How many proofs are remembered unless set otherwise.
const REMEMBERED: usize = 100_000;

/// Which DID proofs a node accepts, and what their callers may do.
///
/// `did:key` (Ed25519) needs nobody to ask; other methods need a resolver. Anybody can make a DID:
/// a node that is not for everybody gives [`DidOptions::default_roles`] none, and roles to the
/// [`DidOptions::caller`]s that it knows.
///
/// ```
/// use ancp_mock_node::{DidOptions, DidWeb, Role};
///
/// let options = DidOptions::new()
///     .resolver("web", DidWeb::over_https()?)
///     .default_roles([])
///     .caller("did:web:partner.example", [Role::Invoke]);
/// # Ok::<(), ancp_mock_node::LookupError>(())
/// ```
#[must_use]
pub struct DidOptions {
    resolvers: Resolvers,
    default_roles: Vec<Role>,
    callers: BTreeMap<String, Vec<Role>>,
    max_remembered: usize,
}

impl fmt::Debug for DidOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            resolvers,
            default_roles,
            callers,
            max_remembered,
        } = self;
        f.debug_struct("DidOptions")
            .field("methods", &resolvers.methods())
            .field("default_roles", default_roles)
            .field("callers", callers)
            .field("max_remembered", max_remembered)
            .finish()
    }
}

impl Default for DidOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl DidOptions {
    /// Accepts proofs of `did:key`.
    pub fn new() -> Self {
        Self::none().resolver("key", DidKey)
    }

    /// Accepts no proofs: the methods are still to be named.
    pub(crate) fn none() -> Self {
        Self {
            resolvers: Resolvers::default(),
            default_roles: Role::USUAL.to_vec(),
            callers: BTreeMap::new(),
            max_remembered: REMEMBERED,
        }
    }

    /// Accepts proofs of one more DID method, such as `bizfirst`.
    pub fn resolver(mut self, method: impl Into<String>, resolver: impl DidResolver) -> Self {
        self.resolvers.add(method.into(), Box::new(resolver));
        self
    }

    /// What callers may do that are not named by [`DidOptions::caller`] ([`Role::USUAL`]).
    pub fn default_roles(mut self, roles: impl IntoIterator<Item = Role>) -> Self {
        self.default_roles = roles.into_iter().collect();
        self
    }

    /// What the caller with this DID may do.
    pub fn caller(mut self, did: impl Into<String>, roles: impl IntoIterator<Item = Role>) -> Self {
        self.callers.insert(did.into(), roles.into_iter().collect());
        self
    }

    /// How many proofs are remembered, so that none is accepted twice (100 000). Each is forgotten
    /// when it has expired. Beyond it proofs are answered with `unavailable`.
    pub fn max_remembered(mut self, proofs: usize) -> Self {
        self.max_remembered = proofs;
        self
    }
}

/// Checks DID proofs.
pub(super) struct Verifier {
    resolvers: Resolvers,
    default_roles: Vec<Role>,
    callers: BTreeMap<String, Vec<Role>>,
    replay: ReplayMemory,
    clock: Clock,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(flatten)]
    times: Times,
    iat: Option<f64>,
    iss: Option<String>,
    sub: Option<String>,
    /// One text: a proof for two nodes could be used at the second by the first.
    aud: Option<String>,
    jti: Option<String>,
}

impl Verifier {
    pub(super) fn new(options: DidOptions, clock: Clock) -> Self {
        let DidOptions {
            resolvers,
            default_roles,
            callers,
            max_remembered,
        } = options;
        Self {
            resolvers,
            default_roles,
            callers,
            replay: ReplayMemory::new(max_remembered),
            clock,
        }
    }

    /// Whatever costs nothing is checked before a resolver is asked, and only a good proof is
    /// remembered.
    pub(super) async fn verify(&self, proof: &str, endpoint: &str) -> Result<Caller, Failure> {
        let token = Unverified::parse(proof)?;
        if token.algorithm != TokenAlgorithm::EdDsa {
            return Err(refused("a DID proof must be signed with EdDSA"));
        }
        let kid = token
            .kid
            .as_deref()
            .ok_or_else(|| refused("the proof has no `kid`"))?;
        let (did, fragment) = kid.split_once('#').unwrap_or((kid, ""));
        let method = method(did).filter(|_| !fragment.is_empty());
        let method = method.ok_or_else(|| refused("the proof's `kid` is not {did}#{fragment}"))?;
        let resolver = self.resolvers.of(method);
        let resolver =
            resolver.ok_or_else(|| refused("proofs of this DID method are not accepted"))?;
        let claims: Claims = token.claims()?;
        let now = self.clock.unix();
        let end = claims.check(did, endpoint, now)?;
        let document = resolver.resolve_boxed(did).await.map_err(|error| {
            tracing::info!(%error, method, "a DID can't be resolved");
            match error {
                LookupError::Invalid(_) => refused("the proof's DID can't be resolved"),
                LookupError::Unavailable(_) => {
                    unavailable("the proof's DID can't be resolved at the moment")
                }
            }
        })?;
        let key = document.key(did, kid);
        let key =
            key.ok_or_else(|| refused("the DID has no key for authentication with this `kid`"))?;
        if !token.is_signed_by(&key) {
            return Err(refused("the proof's signature is not valid"));
        }
        let jti = claims.jti.as_deref().unwrap_or_default();
        self.replay
            .accept(did, jti, end + LEEWAY, now)
            .map_err(|unaccepted| match unaccepted {
                Unaccepted::Replayed => refused("the proof was used before (`jti`)"),
                Unaccepted::Full => unavailable("too many proofs at the moment"),
            })?;
        let roles = self.callers.get(did).unwrap_or(&self.default_roles);
        Ok(Caller::new(AuthMode::Did, did.to_owned(), roles.clone()))
    }
}

impl Claims {
    /// Checks all that needs no key; gives the end.
    fn check(&self, did: &str, endpoint: &str, now: f64) -> Result<f64, Failure> {
        for (name, claim) in [("iss", &self.iss), ("sub", &self.sub)] {
            let claim = claim.as_ref().ok_or_else(|| missing(name))?;
            if claim != did {
                let message = format!("the proof's `{name}` is not the DID of its `kid`");
                return Err(refused(message));
            }
        }
        let audience = self.aud.as_ref().ok_or_else(|| missing("aud"))?;
        if !is_same_url(audience, endpoint) {
            let message = format!("the proof is for another node: `aud` must be {endpoint}");
            return Err(refused(message));
        }
        let end = self.times.check(now)?;
        let begin = self.iat.ok_or_else(|| missing("iat"))?;
        if begin > now + LEEWAY {
            return Err(refused("the proof is of the future (`iat`)"));
        }
        // Without leeway: both times are of one clock.
        if end - begin > MAX_LIFETIME {
            let message = format!("the proof is for longer than {MAX_LIFETIME} seconds");
            return Err(refused(message));
        }
        if self.jti.as_ref().is_none_or(String::is_empty) {
            return Err(missing("jti"));
        }
        Ok(end)
    }
}

/// Whether two texts name the same URL; `http://HOST:80/x/` and `http://host/x` do.
fn is_same_url(one: &str, other: &str) -> bool {
    let read = |text: &str| {
        let url = reqwest::Url::parse(text).ok()?;
        Some(url.as_str().trim_end_matches('/').to_owned())
    };
    one == other || read(one).is_some_and(|one| read(other) == Some(one))
}

/// A DID's method, where it is a DID.
fn method(did: &str) -> Option<&str> {
    let (method, id) = did.strip_prefix("did:")?.split_once(':')?;
    let named = !method.is_empty()
        && method
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let id_chars = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte);
    let identified = !id.is_empty() && !id.ends_with(':') && id.bytes().all(id_chars);
    (named && identified).then_some(method)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn methods() {
        for (did, expected) in [
            ("did:key:z6Mk", Some("key")),
            ("did:bizfirst:node:42", Some("bizfirst")),
            ("did:web:example.com%3A80:a", Some("web")),
            ("did:key:", None),
            ("did:key", None),
            ("did::x", None),
            ("did:Key:x", None),
            ("did:web:example.com/x", None),
            ("did:web:example.com?x", None),
            ("did:web:example.com:", None),
            ("DID:key:x", None),
            ("", None),
        ] {
            assert_eq!(method(did), expected, "{did}");
        }
    }

    #[test]
    fn urls() {
        let node = "http://127.0.0.1:7420/ncp/nodes/42";
        for (url, same) in [
            (node, true),
            ("HTTP://127.0.0.1:7420/ncp/nodes/42/", true),
            ("https://127.0.0.1:7420/ncp/nodes/42", false),
            ("http://127.0.0.1:7421/ncp/nodes/42", false),
            ("http://127.0.0.1:7420/ncp/nodes/43", false),
            ("http://127.0.0.1:7420/ncp/nodes/42?x", false),
            ("http://127.0.0.1:7420/ncp/nodes/42#x", false),
            ("http://x@127.0.0.1:7420/ncp/nodes/42", false),
            ("", false),
            ("42", false),
        ] {
            assert_eq!(is_same_url(url, node), same, "{url}");
        }
        assert!(is_same_url(
            "https://Node.example:443/N",
            "https://node.example/N"
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_a_did_without_a_panic(text in "(did:)?\\PC*") {
            let _ = method(&text);
        }
    }
}
