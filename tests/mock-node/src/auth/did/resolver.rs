//! Who knows the keys of a DID.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;

use super::document::DidDocument;
use super::key::read_multibase;
use crate::auth::lookup::LookupError;

/// Resolves the DIDs of one method, such as `did:bizfirst`. Implemented for closures that return a
/// future.
///
/// ```
/// use ancp_mock_node::{DidDocument, DidOptions, DidResolver, LookupError};
///
/// struct Registry;
///
/// impl DidResolver for Registry {
///     async fn resolve(&self, did: &str) -> Result<DidDocument, LookupError> {
///         match did {
///             "did:bizfirst:node:42" => Ok(DidDocument::new(did).key_of("key-1", [7; 32])),
///             _ => Err(LookupError::Invalid("no such node".into())),
///         }
///     }
/// }
///
/// let options = DidOptions::new().resolver("bizfirst", Registry);
/// ```
pub trait DidResolver: Send + Sync + 'static {
    /// The document of a DID. It is asked for with every proof, before its signature is checked:
    /// the resolver sets its own deadline, and remembers what is dear to find out.
    fn resolve(&self, did: &str) -> impl Future<Output = Result<DidDocument, LookupError>> + Send;
}

impl<F, Fut> DidResolver for F
where
    F: Fn(&str) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<DidDocument, LookupError>> + Send,
{
    fn resolve(&self, did: &str) -> impl Future<Output = Result<DidDocument, LookupError>> + Send {
        self(did)
    }
}

/// [`DidResolver`] as an object.
pub(super) trait DynDidResolver: Send + Sync {
    fn resolve_boxed<'a>(&'a self, did: &'a str)
    -> BoxFuture<'a, Result<DidDocument, LookupError>>;
}

impl<R: DidResolver> DynDidResolver for R {
    fn resolve_boxed<'a>(
        &'a self,
        did: &'a str,
    ) -> BoxFuture<'a, Result<DidDocument, LookupError>> {
        Box::pin(self.resolve(did))
    }
}

/// The resolvers by their methods.
#[derive(Default)]
pub(super) struct Resolvers(BTreeMap<String, Box<dyn DynDidResolver>>);

impl Resolvers {
    pub(super) fn add(&mut self, method: String, resolver: Box<dyn DynDidResolver>) {
        self.0.insert(method, resolver);
    }

    pub(super) fn of(&self, method: &str) -> Option<&dyn DynDidResolver> {
        self.0.get(method).map(|resolver| &**resolver)
    }

    pub(super) fn methods(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// `did:key`: its one key is named like the DID itself.
pub(crate) struct DidKey;

impl DidResolver for DidKey {
    async fn resolve(&self, did: &str) -> Result<DidDocument, LookupError> {
        let id = did.strip_prefix("did:key:").unwrap_or_default();
        let key = read_multibase(id);
        let key = key.ok_or_else(|| LookupError::Invalid("no did:key of Ed25519".into()))?;
        Ok(DidDocument::new(did).key_of(id, key))
    }
}
