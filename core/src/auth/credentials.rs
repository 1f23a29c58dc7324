//! A client's credential, shared by its calls: asked for once, and again where a node refuses it.

use super::{Auth, Credential, Key, Keys, Secret, Source, did};
use crate::Result;
use crate::platform::Platform;
use crate::sync::Gate;

pub(crate) struct Credentials {
    keys: Keys<Key>,
    provider: Option<Source>,
    /// One call at a time asks the provider.
    gate: Gate,
}

impl Credentials {
    pub(crate) fn new(auth: Option<Auth>) -> Result<Self> {
        let (keys, provider) = match auth {
            None => (Keys::fixed(None), None),
            Some(Auth(Source::Fixed(key))) => {
                key.check()?;
                (Keys::fixed(Some(key)), None)
            }
            Some(Auth(provider)) => (Keys::provided(), Some(provider)),
        };
        Ok(Self {
            keys,
            provider,
            gate: Gate::new(true),
        })
    }

    /// Whether the client has a credential at all.
    pub(crate) fn are_set(&self) -> bool {
        self.keys.are_set()
    }

    /// Whether there is another key to try when a node refuses one.
    pub(crate) fn can_renew(&self) -> bool {
        self.keys.can_renew()
    }

    /// What the next attempt shows a node, and the key that it is made with; `refused` is the key that
    /// a node has refused.
    pub(crate) async fn show(
        &self,
        refused: Option<&Key>,
        node: &str,
        platform: &dyn Platform,
    ) -> Result<Option<(Key, Credential)>> {
        let Some(key) = self.get(refused).await? else {
            return Ok(None);
        };
        let credential = match &key {
            // The only one that is new each time.
            Key::Signer(signer) => {
                Credential::DidProof(did::prove(&**signer, node, platform).await?)
            }
            Key::Token(mode, secret) => mode.credential(secret),
        };
        Ok(Some((key, credential)))
    }

    /// The key for the next attempt, after one that a node refused another one than that. Of all
    /// calls that were refused with the same, one asks the provider; whoever came while it was being
    /// asked takes its answer, a failure included.
    async fn get(&self, refused: Option<&Key>) -> Result<Option<Key>> {
        let since = self.keys.answers();
        if let Some(known) = self.keys.known(refused, since) {
            return known;
        }
        let _turn = self.gate.turn().await;
        if let Some(known) = self.keys.known(refused, since) {
            return known;
        }
        let answer = match &self.provider {
            Some(provider) => provider.ask().await,
            None => return Ok(None),
        };
        self.keys.keep(answer.clone());
        answer.map(Some)
    }
}

impl Source {
    async fn ask(&self) -> Result<Key> {
        let key = match self {
            Self::Fixed(key) => return Ok(key.clone()),
            Self::Tokens(mode, provider) => Key::Token(*mode, Secret::new(provider.token().await?)),
            Self::Signers(provider) => Key::Signer(provider.signer().await?),
        };
        key.check()?;
        Ok(key)
    }
}

#[cfg(all(test, feature = "reqwest"))]
mod tests {
    use alloc::string::String;
    use alloc::sync::Arc;
    use core::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn of_calls_refused_with_the_same_one_asks_also_where_the_text_is_the_same_again() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let auth = Auth::jwt_provider(move || {
            count.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::io::Error>(String::from("same")) }
        });
        let credentials = Credentials::new(Some(auth)).unwrap();
        let refused = credentials.get(None).await.unwrap().unwrap();
        for _ in 0..5 {
            credentials.get(Some(&refused)).await.unwrap();
        }
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_failure_serves_all_that_wait_and_the_next_asks_again() {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let auth = Auth::jwt_provider(move || {
            count.fetch_add(1, Ordering::Relaxed);
            async {
                tokio::task::yield_now().await;
                Err::<String, _>(std::io::Error::other("sealed"))
            }
        });
        let credentials = Credentials::new(Some(auth)).unwrap();
        let waiting = (0..5).map(|_| credentials.get(None));
        let answers = futures_util::future::join_all(waiting).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        credentials.get(None).await.err().unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
