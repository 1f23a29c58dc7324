//! What a node looks up elsewhere to check a credential, and how that fails.

use std::fmt;

use futures_util::future::BoxFuture;

/// Why something that a credential is checked with can't be had. The text is for the node's log: a
/// caller only hears that it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LookupError {
    /// It is not there, or is not what it must be: the credential is `unauthenticated`.
    Invalid(String),
    /// It can't be asked for at the moment: the call is answered with `unavailable`, and a client
    /// tries again.
    Unavailable(String),
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Invalid(why) | Self::Unavailable(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for LookupError {}

/// Where the public keys come from that JWTs are checked with; see
/// [`JwtOptions::key_source`](super::JwtOptions::key_source). Implemented for closures that return a
/// future.
pub trait KeySource: Send + Sync + 'static {
    /// The keys of now, as a JWKS or as public keys in PEM. Given up after 10 seconds.
    fn load(&self) -> impl Future<Output = Result<String, LookupError>> + Send;
}

impl<F, Fut> KeySource for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<String, LookupError>> + Send,
{
    fn load(&self) -> impl Future<Output = Result<String, LookupError>> + Send {
        self()
    }
}

/// [`KeySource`] as an object.
pub(super) trait DynKeySource: Send + Sync {
    fn load_boxed(&self) -> BoxFuture<'_, Result<String, LookupError>>;
}

impl<S: KeySource> DynKeySource for S {
    fn load_boxed(&self) -> BoxFuture<'_, Result<String, LookupError>> {
        Box::pin(self.load())
    }
}
