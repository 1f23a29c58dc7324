//! `did:web`: the document is at a URL that the DID says.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::document::DidDocument;
use super::resolver::DidResolver;
use crate::auth::fetch::{DynFetch, Fetch, Https};
use crate::auth::lookup::LookupError;

/// How long a document is used before it is asked for again.
const FRESH: Duration = Duration::from_secs(60);

/// How many documents are kept.
const MAX_KEPT: usize = 1000;

/// How many are asked for at once: who sends made-up DIDs must not have the node ask half the world.
const MAX_ASKED: usize = 16;

/// Resolves `did:web` over HTTPS.
///
/// Anybody can name any DID, so this is careful: it asks public addresses only, follows no redirect,
/// takes documents of up to 64 KiB within 5 seconds, at most 16 at a time, and uses one for 60
/// seconds.
pub struct DidWeb {
    fetch: Box<dyn DynFetch>,
    kept: Mutex<HashMap<String, (Instant, DidDocument)>>,
    asking: Semaphore,
}

impl DidWeb {
    /// Gets documents over HTTPS.
    pub fn over_https() -> Result<Self, LookupError> {
        Ok(Self::with(Https::of_callers()?))
    }

    /// Gets documents in a way of one's own, as tests do.
    pub fn with(fetch: impl Fetch) -> Self {
        Self {
            fetch: Box::new(fetch),
            kept: Mutex::default(),
            asking: Semaphore::new(MAX_ASKED),
        }
    }

    fn kept(&self, did: &str) -> Option<DidDocument> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, document) = kept.get(did)?;
        (since.elapsed() < FRESH).then(|| document.clone())
    }

    fn keep(&self, did: &str, document: &DidDocument) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (since, _)| since.elapsed() < FRESH);
        }
        if kept.len() < MAX_KEPT {
            kept.insert(did.to_owned(), (Instant::now(), document.clone()));
        }
    }
}

impl DidResolver for DidWeb {
    async fn resolve(&self, did: &str) -> Result<DidDocument, LookupError> {
        if let Some(document) = self.kept(did) {
            return Ok(document);
        }
        let url = url(did).ok_or_else(|| LookupError::Invalid("no did:web".into()))?;
        let turn = self.asking.try_acquire();
        let turn = turn.map_err(|_| LookupError::Unavailable("too many are asked for".into()))?;
        let text = self.fetch.get_boxed(&url).await?;
        drop(turn);
        let document = DidDocument::parse(&text)?;
        self.keep(did, &document);
        Ok(document)
    }
}

/// Where the document is. Only names are hosts: a number could be an address that only the node can
/// reach.
fn url(did: &str) -> Option<String> {
    let mut parts = did.strip_prefix("did:web:")?.split(':');
    let host = parts.next()?.replace("%3A", ":").replace("%3a", ":");
    let path: Vec<&str> = parts.collect();
    let path = match path.is_empty() {
        true => "/.well-known/did.json".to_owned(),
        false => format!("/{}/did.json", path.join("/")),
    };
    let url = Url::parse(&format!("https://{host}{path}")).ok()?;
    let plain = url.domain().is_some_and(|domain| domain.contains('.'))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        // `..` and empty segments would be another path than the DID says.
        && url.path() == path
        && !path.contains("//");
    plain.then(|| url.into())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls() {
        for (did, expected) in [
            (
                "did:web:example.com",
                Some("https://example.com/.well-known/did.json"),
            ),
            (
                "did:web:example.com:user:alice",
                Some("https://example.com/user/alice/did.json"),
            ),
            (
                "did:web:example.com%3A3000",
                Some("https://example.com:3000/.well-known/did.json"),
            ),
            (
                "did:web:example.com%3a3000:a",
                Some("https://example.com:3000/a/did.json"),
            ),
            ("did:web:", None),
            ("did:web:localhost", None),
            ("did:web:127.0.0.1", None),
            ("did:web:2130706433", None),
            ("did:web:0x7f.1", None),
            ("did:web:example.com:..:x", None),
            ("did:web:example.com:%2e%2e:x", None),
            ("did:web:example.com::x", None),
            ("did:web:user@example.com", None),
            ("did:web:example.com%40evil.example", None),
            ("did:web:example.com%2Fx", None),
            ("did:web:example.com%3Fx", None),
            ("did:web:[..1]", None),
            ("did:key:x", None),
        ] {
            let found = url(did);
            assert_eq!(found.as_deref(), expected, "{did}");
        }
    }

    proptest! {
        #[test]
        fn any_did_is_read_without_a_panic(id in "[a-zA-Z0-9.:%_-]{0,60}") {
            if let Some(url) = url(&format!("did:web:{id}")) {
                let url = Url::parse(&url).unwrap();
                prop_assert!(url.scheme() == "https" && url.domain().is_some());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn documents_are_kept_for_a_while() {
        static ASKED: AtomicU32 = AtomicU32::new(0);
        struct Counting;
        impl Fetch for Counting {
            async fn get(&self, url: &str) -> Result<String, LookupError> {
                ASKED.fetch_add(1, Ordering::SeqCst);
                match url.contains("down") {
                    true => Err(LookupError::Unavailable("down".into())),
                    false => Ok(r#"{"id":"did:web:x.example"}"#.into()),
                }
            }
        }
        let web = DidWeb::with(Counting);
        for (wait, did, asked) in [
            (0, "did:web:a.example", 1),
            (59, "did:web:a.example", 1),
            (0, "did:web:b.example", 2),
            (1, "did:web:a.example", 3),
            // A failure is not kept.
            (0, "did:web:down.example", 4),
            (0, "did:web:down.example", 5),
        ] {
            tokio::time::advance(Duration::from_secs(wait)).await;
            let found = web.resolve(did).await;
            assert_eq!(found.is_ok(), !did.contains("down"), "{did}");
            assert_eq!(ASKED.load(Ordering::SeqCst), asked, "{did}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_some_are_asked_for_at_once() {
        struct Slow;
        impl Fetch for Slow {
            async fn get(&self, _: &str) -> Result<String, LookupError> {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(r#"{"id":"did:web:x.example"}"#.into())
            }
        }
        let web = DidWeb::with(Slow);
        let all = (0..=MAX_ASKED).map(async |number| {
            let found = web.resolve(&format!("did:web:x{number}.example")).await;
            matches!(found, Err(LookupError::Unavailable(_)))
        });
        let refused = futures_util::future::join_all(all).await;
        assert_eq!(refused.iter().filter(|refused| **refused).count(), 1);
        assert!(web.resolve("did:web:later.example").await.is_ok());
    }
}
