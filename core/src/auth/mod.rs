//! Credentials: what a client shows a node, where it gets it, and to whom it shows it.

mod base64url;
mod credentials;
mod did;
#[cfg(feature = "did")]
mod key;
mod keys;
mod origins;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;

use zeroize::Zeroizing;

use crate::error::Cause;
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::{Error, ErrorCode, Result};

pub(crate) use credentials::Credentials;
pub use did::{BoxError, DidSigner};
#[cfg(feature = "did")]
pub use key::DidKey;
pub(crate) use keys::{Kept, Keys};
pub(crate) use origins::{Origins, is_credential};

/// How a client authenticates: the kind of credential, and the credential or a function that gives it.
///
/// A function is asked at the first call, and again when a node refuses what it gave (401). One
/// answer serves all calls that wait for it. The time that it takes is part of the time-out of the
/// call that asks.
///
/// ```
/// use ancp_core::Auth;
/// let fixed = Auth::api_key("bfk_…");
/// let fresh = Auth::jwt_provider(|| async { Ok::<_, std::io::Error>("eyJ…".to_owned()) });
/// assert_eq!(format!("{fixed:?}"), "Auth(apiKey)"); // never the secret
/// ```
#[derive(Clone)]
pub struct Auth(Source);

#[derive(Clone)]
enum Source {
    Fixed(Key),
    Tokens(Mode, Arc<dyn ProvideToken>),
    Signers(Arc<dyn ProvideSigner>),
}

/// How a token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As a bearer token.
    Jwt,
    /// As an API key.
    ApiKey,
}

impl Mode {
    pub(crate) fn credential(self, secret: &Secret) -> Credential {
        match self {
            Self::Jwt => Credential::Jwt(secret.clone()),
            Self::ApiKey => Credential::ApiKey(secret.clone()),
        }
    }
}

/// What credentials are made of: given by the user, or by the user's function.
#[derive(Clone)]
pub(crate) enum Key {
    Token(Mode, Secret),
    Signer(Arc<dyn DidSigner>),
}

impl Key {
    fn check(&self) -> Result<()> {
        match self {
            Self::Token(_, secret) if secret.is_fit() => Ok(()),
            Self::Token(..) => Err(unfit()),
            Self::Signer(signer) => did::check(&**signer),
        }
    }
}

impl Kept for Key {
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(_, one), Self::Token(_, two)) => one.is(two),
            (Self::Signer(one), Self::Signer(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

/// Gives tokens. Implemented for closures that return a future; its error is the source of the call's.
pub trait ProvideToken: MaybeSend + MaybeSync {
    /// Asks for a token that the node has not refused.
    fn token(&self) -> BoxFuture<'_, Result<String>>;
}

impl<F, Fut, E> ProvideToken for F
where
    F: Fn() -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = core::result::Result<String, E>> + MaybeSend + 'static,
    E: core::error::Error + Send + Sync + 'static,
{
    fn token(&self) -> BoxFuture<'_, Result<String>> {
        let answer = self();
        Box::pin(async move { answer.await.map_err(no_token) })
    }
}

/// Gives signers of DID proofs. Implemented for closures that return a future; its error is the
/// source of the call's.
pub trait ProvideSigner: MaybeSend + MaybeSync {
    /// Asks for a signer whose proofs the node has not refused.
    fn signer(&self) -> BoxFuture<'_, Result<Arc<dyn DidSigner>>>;
}

impl<F, Fut, S, E> ProvideSigner for F
where
    F: Fn() -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = core::result::Result<S, E>> + MaybeSend + 'static,
    S: DidSigner + 'static,
    E: core::error::Error + Send + Sync + 'static,
{
    fn signer(&self) -> BoxFuture<'_, Result<Arc<dyn DidSigner>>> {
        let answer = self();
        Box::pin(async move {
            match answer.await {
                Ok(signer) => Ok(Arc::new(signer) as Arc<dyn DidSigner>),
                Err(error) => {
                    Err(unauthenticated("the provider of the DID's key failed").with_source(error))
                }
            }
        })
    }
}

impl Auth {
    /// A JWT, sent as a bearer token.
    pub fn jwt(token: impl Into<String>) -> Self {
        Self::fixed(Mode::Jwt, token.into())
    }

    /// An API key.
    pub fn api_key(key: impl Into<String>) -> Self {
        Self::fixed(Mode::ApiKey, key.into())
    }

    /// Proofs that the caller holds the key of a DID: a fresh one for every request, signed by
    /// `signer`. A `DidKey` is one for keys in memory (feature `did`); keys
    /// that are kept elsewhere sign by a [`DidSigner`] of one's own.
    ///
    /// ```
    /// # #[cfg(feature = "did")] {
    /// use ancp_core::{Auth, auth::DidKey};
    /// let key = DidKey::create()?;
    /// println!("the node must know {}", key.did());
    /// let auth = Auth::did(key);
    /// # }
    /// # Ok::<_, ancp_core::Error>(())
    /// ```
    pub fn did(signer: impl DidSigner + 'static) -> Self {
        Self(Source::Fixed(Key::Signer(Arc::new(signer))))
    }

    /// A function that gives a JWT.
    pub fn jwt_provider(provider: impl ProvideToken + 'static) -> Self {
        Self(Source::Tokens(Mode::Jwt, Arc::new(provider)))
    }

    /// A function that gives an API key.
    pub fn api_key_provider(provider: impl ProvideToken + 'static) -> Self {
        Self(Source::Tokens(Mode::ApiKey, Arc::new(provider)))
    }

    /// A function that gives a signer of DID proofs, such as one that reads a key from a vault, or
    /// changes to another key.
    pub fn did_provider(provider: impl ProvideSigner + 'static) -> Self {
        Self(Source::Signers(Arc::new(provider)))
    }

    pub(crate) fn fixed(mode: Mode, text: String) -> Self {
        Self(Source::Fixed(Key::Token(mode, Secret::new(text))))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Source::Fixed(Key::Token(Mode::Jwt, _)) | Source::Tokens(Mode::Jwt, _) => "Auth(jwt)",
            Source::Fixed(Key::Token(Mode::ApiKey, _)) | Source::Tokens(Mode::ApiKey, _) => {
                "Auth(apiKey)"
            }
            Source::Fixed(Key::Signer(_)) | Source::Signers(_) => "Auth(did)",
        })
    }
}

/// A credential on its way to a node.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A bearer token.
    Jwt(Secret),
    /// An API key.
    ApiKey(Secret),
    /// A proof for one request.
    DidProof(Secret),
}

impl Credential {
    /// What must not be shown.
    pub(crate) fn secret(&self) -> &Secret {
        let (Self::Jwt(secret) | Self::ApiKey(secret) | Self::DidProof(secret)) = self;
        secret
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwt(_) => "Credential(jwt)",
            Self::ApiKey(_) => "Credential(apiKey)",
            Self::DidProof(_) => "Credential(did)",
        })
    }
}

/// A text that is wiped from memory when it is no longer used, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }

    /// Whether it can be shown in a header.
    pub(crate) fn is_fit(&self) -> bool {
        let text = self.expose();
        !text.is_empty() && text.bytes().all(|byte| (0x21..0x7f).contains(&byte))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Kept for Secret {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The error for a credential that can't be had; nothing has been sent.
pub(crate) fn no_token(why: impl core::error::Error + Send + Sync + 'static) -> Error {
    no_token_because(Arc::new(why))
}

/// The same with a cause that others have, too.
pub(crate) fn no_token_because(why: Cause) -> Error {
    unauthenticated("the token provider failed").with_shared_source(why)
}

/// The error for a credential that no header can hold.
pub(crate) fn unfit() -> Error {
    Error::new(
        ErrorCode::InvalidOptions,
        "the credential is empty or holds a space, a line break or a character beyond ASCII",
    )
}

fn unauthenticated(message: &str) -> Error {
    Error::new(ErrorCode::Unauthenticated, message).maybe_delivered(false)
}
