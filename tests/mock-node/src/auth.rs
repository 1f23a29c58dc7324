//! Who calls: credentials, roles and what they allow (wire contract, section 7).

use std::fmt;
use std::net::IpAddr;

use ancp_core::ErrorCode;
use ancp_core::message::Caller as CallerMeta;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::Failure;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Request-reply and fire-and-forget.
    Invoke,
    /// Streams.
    Stream,
    /// Tasks.
    Task,
    /// All of it, and the tasks and streams of others.
    Admin,
}

impl Role {
    /// What a caller has whose credential names no roles.
    pub const USUAL: [Self; 3] = [Self::Invoke, Self::Stream, Self::Task];
}

/// How a caller was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMode {
    /// A bearer token.
    Jwt,
    /// An API key.
    ApiKey,
    /// A DID proof.
    Did,
    /// Not at all.
    None,
}

impl AuthMode {
    /// The mode as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::ApiKey => "apiKey",
            Self::Did => "did",
            Self::None => "none",
        }
    }
}

/// Who calls, as the node established it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    mode: AuthMode,
    /// The subject; with [`AuthMode::None`] the remote address.
    subject: String,
    roles: Vec<Role>,
}

impl Caller {
    pub(crate) fn anonymous(remote: IpAddr) -> Self {
        Self {
            mode: AuthMode::None,
            subject: remote.to_string(),
            roles: Vec::new(),
        }
    }

    /// How the caller was authenticated.
    pub fn mode(&self) -> AuthMode {
        self.mode
    }

    /// Who the caller is; `None` on system actions.
    pub fn subject(&self) -> Option<&str> {
        (self.mode != AuthMode::None).then_some(&*self.subject)
    }

    /// Whether the caller has the role, or is an admin.
    pub fn has(&self, role: Role) -> bool {
        self.is_admin() || self.roles.contains(&role)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    pub(crate) fn require(&self, role: Role) -> Result<(), Failure> {
        if self.has(role) {
            return Ok(());
        }
        let role = format!("{role:?}").to_lowercase();
        let message = format!("the caller lacks the role `{role}`");
        Err(Failure::new(ErrorCode::Forbidden, message))
    }

    /// What tells callers apart: whose ids, tasks and streams are whose.
    pub(crate) fn key(&self) -> CallerKey {
        CallerKey(format!("{}:{}", self.mode.as_str(), self.subject))
    }

    pub(crate) fn to_meta(&self) -> CallerMeta {
        CallerMeta {
            mode: self.mode.as_str().into(),
            subject: self.subject().map(Into::into),
        }
    }
}

/// What tells callers apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallerKey(String);

/// The credentials that came with a request. `Debug` shows only which there are.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// `X-Ancp-Api-Key`.
    pub api_key: Option<String>,
    /// `X-Ancp-Did-Proof`.
    pub did_proof: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            bearer,
            api_key,
            did_proof,
        } = self;
        f.debug_struct("Credentials")
            .field("bearer", &bearer.is_some())
            .field("api_key", &api_key.is_some())
            .field("did_proof", &did_proof.is_some())
            .finish()
    }
}

/// A fresh API key.
pub fn random_api_key() -> String {
    format!("bfk_{}", crate::answer::random_name())
}

/// The credentials that a node takes. Secrets are kept as hashes.
#[derive(Clone, Default)]
pub(crate) struct Authenticator {
    api_keys: Vec<Known>,
    /// Stands where the verification of real tokens will.
    tokens: Vec<Known>,
}

#[derive(Clone)]
struct Known {
    hash: [u8; 32],
    caller: Caller,
}

impl Authenticator {
    pub(crate) fn add_api_key(&mut self, subject: String, key: &str, roles: Vec<Role>) {
        self.api_keys
            .push(Known::new(AuthMode::ApiKey, subject, key, roles));
    }

    pub(crate) fn add_token(&mut self, subject: String, token: &str, roles: Vec<Role>) {
        self.tokens
            .push(Known::new(AuthMode::Jwt, subject, token, roles));
    }

    /// The modes accepted, in their order.
    pub(crate) fn modes(&self) -> impl Iterator<Item = AuthMode> {
        let jwt = (!self.tokens.is_empty()).then_some(AuthMode::Jwt);
        let api_key = (!self.api_keys.is_empty()).then_some(AuthMode::ApiKey);
        jwt.into_iter().chain(api_key)
    }

    /// Takes the first credential that is present and whose mode is accepted. Where it is invalid
    /// a lower one is not tried: a caller with a bad token must not slip in by a forgotten key.
    pub(crate) fn authenticate(&self, credentials: &Credentials) -> Result<Caller, Failure> {
        for mode in self.modes() {
            let (presented, known) = match mode {
                AuthMode::Jwt => (&credentials.bearer, &self.tokens),
                AuthMode::ApiKey => (&credentials.api_key, &self.api_keys),
                AuthMode::Did | AuthMode::None => continue,
            };
            if let Some(secret) = presented {
                return find(known, secret).ok_or_else(|| refused("the credential is not valid"));
            }
        }
        Err(refused("a credential is needed"))
    }
}

impl Known {
    fn new(mode: AuthMode, subject: String, secret: &str, roles: Vec<Role>) -> Self {
        Self {
            hash: hash(secret),
            caller: Caller {
                mode,
                subject,
                roles,
            },
        }
    }
}

/// Compares with every known secret in constant time, so that the time tells nothing about them.
fn find(known: &[Known], secret: &str) -> Option<Caller> {
    let presented = hash(secret);
    let mut found = None;
    for candidate in known {
        if bool::from(candidate.hash.ct_eq(&presented)) {
            found = Some(candidate.caller.clone());
        }
    }
    found
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn refused(message: &str) -> Failure {
    Failure::new(ErrorCode::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authenticator() -> Authenticator {
        let mut authenticator = Authenticator::default();
        authenticator.add_api_key("service".into(), "key-1", vec![Role::Invoke]);
        authenticator.add_api_key("root".into(), "key-2", vec![Role::Admin]);
        authenticator.add_token("ada".into(), "token-1", Role::USUAL.to_vec());
        authenticator
    }

    fn credentials(bearer: Option<&str>, api_key: Option<&str>) -> Credentials {
        Credentials {
            bearer: bearer.map(Into::into),
            api_key: api_key.map(Into::into),
            did_proof: None,
        }
    }

    #[test]
    fn who_gets_in() {
        for (bearer, api_key, subject) in [
            (None, None, None),
            (None, Some("key-1"), Some("service")),
            (None, Some("key-2"), Some("root")),
            (None, Some("key-3"), None),
            (None, Some(""), None),
            (Some("token-1"), None, Some("ada")),
            (Some("token-1"), Some("key-1"), Some("ada")),
            (Some("token-1"), Some("wrong"), Some("ada")),
            (Some("wrong"), Some("key-1"), None),
            (Some(""), Some("key-1"), None),
        ] {
            let result = authenticator().authenticate(&credentials(bearer, api_key));
            let found = result.as_ref().ok().and_then(Caller::subject);
            assert_eq!(found, subject, "{bearer:?} {api_key:?}");
        }
    }

    #[test]
    fn a_mode_that_is_not_accepted_does_not_count() {
        let mut keys_only = Authenticator::default();
        keys_only.add_api_key("service".into(), "key-1", vec![]);
        let caller = keys_only
            .authenticate(&credentials(Some("whatever"), Some("key-1")))
            .unwrap();
        assert_eq!(caller.mode(), AuthMode::ApiKey);
        assert!(
            Authenticator::default()
                .authenticate(&credentials(Some("x"), Some("y")))
                .is_err()
        );
    }

    #[test]
    fn roles() {
        let caller = |key| {
            authenticator()
                .authenticate(&credentials(None, Some(key)))
                .unwrap()
        };
        assert!(caller("key-1").require(Role::Invoke).is_ok());
        assert!(caller("key-1").require(Role::Stream).is_err());
        assert!(caller("key-2").require(Role::Task).is_ok());
        let anonymous = Caller::anonymous(IpAddr::from([127, 0, 0, 1]));
        assert!(anonymous.require(Role::Invoke).is_err());
        assert_eq!(anonymous.subject(), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", credentials(Some("secret"), Some("secret")));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
