//! Who calls: the credentials that a node takes, and how it checks them (wire contract, section 7).
//!
//! A file for each thing that is checked: [`api_key`], [`jwt`] with its [`keys`], [`did`] with its
//! resolvers and its [`replay`] memory. What JWTs and DID proofs share is in [`token`].

mod api_key;
mod caller;
mod did;
mod fetch;
mod issuer;
mod jwt;
mod keys;
mod lookup;
mod replay;
mod rotation;
mod token;

use std::fmt;

use ancp_core::ErrorCode;

pub(crate) use api_key::ApiKeys;
pub use api_key::random_api_key;
pub(crate) use caller::CallerKey;
pub use caller::{AuthMode, Caller, Role};
pub(crate) use did::DidKey;
pub use did::{DidDocument, DidOptions, DidResolver, DidWeb};
pub use fetch::Fetch;
pub use issuer::{TestIssuer, TestKey, TokenBuilder};
pub use jwt::JwtOptions;
pub use keys::KeyError;
pub use lookup::{KeySource, LookupError};
pub use token::TokenAlgorithm;

use crate::Failure;
use crate::clock::Clock;

/// The longest credential that is looked at, in bytes. Tokens are far smaller; what is larger would
/// only cost time, and comes from nobody who means well.
const MAX_CREDENTIAL: usize = 8 * 1024;

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

/// The credentials that a node takes, as its builder collects them.
#[derive(Default)]
pub(crate) struct AuthOptions {
    pub(crate) api_keys: ApiKeys,
    pub(crate) jwt: Option<JwtOptions>,
    pub(crate) did: Option<DidOptions>,
    pub(crate) clock: Clock,
}

/// Checks credentials.
pub(crate) struct Authenticator {
    jwt: Option<jwt::Verifier>,
    api_keys: ApiKeys,
    did: Option<did::Verifier>,
}

impl Authenticator {
    pub(crate) fn new(options: AuthOptions, tenant_id: &str) -> Self {
        let AuthOptions {
            api_keys,
            jwt,
            did,
            clock,
        } = options;
        Self {
            jwt: jwt.map(|jwt| jwt::Verifier::new(jwt, tenant_id, clock.clone())),
            api_keys,
            did: did.map(|did| did::Verifier::new(did, clock)),
        }
    }

    /// The modes accepted, in their order.
    pub(crate) fn modes(&self) -> impl Iterator<Item = AuthMode> {
        let jwt = self.jwt.is_some().then_some(AuthMode::Jwt);
        let api_key = (!self.api_keys.is_empty()).then_some(AuthMode::ApiKey);
        let did = self.did.is_some().then_some(AuthMode::Did);
        [jwt, api_key, did].into_iter().flatten()
    }

    /// Takes the first credential that is present and whose mode is accepted. Where it is invalid
    /// a lower one is not tried: a caller with a bad token must not slip in by a forgotten key.
    /// `endpoint` is the node's URL, which a DID proof must be for.
    pub(crate) async fn authenticate(
        &self,
        credentials: &Credentials,
        endpoint: &str,
    ) -> Result<Caller, Failure> {
        if let (Some(verifier), Some(token)) = (&self.jwt, &credentials.bearer) {
            return verifier.verify(bounded(token)?).await;
        }
        if let (false, Some(key)) = (self.api_keys.is_empty(), &credentials.api_key) {
            return self.api_keys.find(bounded(key)?);
        }
        if let (Some(verifier), Some(proof)) = (&self.did, &credentials.did_proof) {
            return verifier.verify(bounded(proof)?, endpoint).await;
        }
        let modes: Vec<_> = self.modes().map(AuthMode::as_str).collect();
        Err(refused(match modes.is_empty() {
            true => "the node accepts no credentials".into(),
            false => format!("a credential is needed: {}", modes.join(", ")),
        }))
    }
}

fn bounded(credential: &str) -> Result<&str, Failure> {
    match credential.len() > MAX_CREDENTIAL {
        true => Err(refused(format!(
            "the credential is longer than {MAX_CREDENTIAL} bytes"
        ))),
        false => Ok(credential),
    }
}

/// The credential is not valid. `why` says what is wrong with it, never what stands in it.
fn refused(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::Unauthenticated, why)
}

/// The credential may be valid, but this can't be found out at the moment.
fn unavailable(why: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::Unavailable, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials {
            bearer: Some("secret".into()),
            api_key: Some("secret".into()),
            did_proof: Some("secret".into()),
        };
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
