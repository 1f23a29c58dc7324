//! A client's credential, shared by its calls: asked for once, and again where a node refuses it.

use alloc::string::String;
use alloc::sync::Arc;

use super::{Auth, Credential, Key, Secret, Source, did, no_token, unauthenticated};
use crate::platform::Platform;
use crate::sync::{Gate, Lock};
use crate::{Error, ErrorCode, Result};

pub(crate) struct Credentials {
    auth: Option<Auth>,
    kept: Lock<Kept>,
    /// One call at a time asks the provider.
    gate: Gate,
}

/// What the provider gave last.
#[derive(Default)]
struct Kept {
    key: Option<Key>,
    /// Why it gave nothing.
    failure: Option<Error>,
    /// How often it has answered.
    answers: u32,
}

impl Credentials {
    pub(crate) fn new(auth: Option<Auth>) -> Result<Self> {
        if let Some(Auth(Source::Fixed(key))) = &auth {
            key.check()?;
        }
        Ok(Self {
            auth,
            kept: Lock::new(Kept::default()),
            gate: Gate::new(true),
        })
    }

    /// Whether the client has a credential at all.
    pub(crate) fn are_set(&self) -> bool {
        self.auth.is_some()
    }

    /// Whether there is another key to try when a node refuses one: only a provider has one. Where
    /// a DID's key is fixed, a fresh proof would be refused for the same reason as the first.
    pub(crate) fn can_renew(&self) -> bool {
        !matches!(self.auth, None | Some(Auth(Source::Fixed(_))))
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
        let since = self.answers();
        if let Some(known) = self.known(refused, since) {
            return known;
        }
        let _turn = self.gate.turn().await;
        if let Some(known) = self.known(refused, since) {
            return known;
        }
        let answer = match &self.auth {
            Some(Auth(source)) => source.ask().await,
            None => return Ok(None),
        };
        self.keep(answer.clone());
        answer.map(Some)
    }

    /// Whether a plain client can show them: those that are there, or that its host asks for.
    pub(crate) fn are_plain(&self) -> bool {
        matches!(
            &self.auth,
            None | Some(Auth(Source::Fixed(Key::Token(..)) | Source::Host(_)))
        )
    }

    /// How often the provider has answered. A call takes the failure of one that it has waited for.
    pub(crate) fn answers(&self) -> u32 {
        self.kept.lock().answers
    }

    /// The key without asking for it, or why there is none; nothing where the provider has to be asked.
    pub(crate) fn known(&self, refused: Option<&Key>, since: u32) -> Option<Result<Option<Key>>> {
        match &self.auth {
            None => return Some(Ok(None)),
            Some(Auth(Source::Fixed(key))) => return Some(Ok(Some(key.clone()))),
            Some(_) => {}
        }
        let mut kept = self.kept.lock();
        // By identity: a provider may give the same text again, and has then been asked all the same.
        let is_stale = |kept: &Key| refused.is_some_and(|refused| kept.is(refused));
        match (&kept.key, &kept.failure) {
            (Some(key), _) if !is_stale(key) => Some(Ok(Some(key.clone()))),
            (None, Some(failure)) if kept.answers != since => Some(Err(failure.clone())),
            _ => {
                kept.key = None;
                None
            }
        }
    }

    /// Takes what the host's function gave as the token.
    pub(crate) fn told<E>(&self, answer: core::result::Result<String, E>)
    where
        E: core::error::Error + Send + Sync + 'static,
    {
        let Some(Auth(Source::Host(mode))) = &self.auth else {
            return;
        };
        self.keep(answer.map_err(no_token).and_then(|text| {
            let key = Key::Token(*mode, Secret::new(text));
            key.check()?;
            Ok(key)
        }));
    }

    /// Keeps what the provider has answered.
    fn keep(&self, answer: Result<Key>) {
        let mut kept = self.kept.lock();
        kept.answers = kept.answers.wrapping_add(1);
        (kept.key, kept.failure) = match answer {
            Ok(key) => (Some(key), None),
            Err(failure) => (None, Some(failure)),
        };
    }
}

impl Source {
    async fn ask(&self) -> Result<Key> {
        let key = match self {
            Self::Fixed(key) => return Ok(key.clone()),
            Self::Tokens(mode, provider) => Key::Token(*mode, Secret::new(provider.token().await?)),
            Self::Signers(provider) => Key::Signer(provider.signer().await?),
            Self::Host(_) => return Err(unauthenticated("this client asks no host for tokens")),
        };
        key.check()?;
        Ok(key)
    }
}

impl Key {
    /// What a token is shown as; a signer makes something new each time.
    pub(crate) fn credential(&self) -> Option<Credential> {
        match self {
            Self::Token(mode, secret) => Some(mode.credential(secret)),
            Self::Signer(_) => None,
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Token(_, secret) => check(secret.expose()),
            Self::Signer(signer) => did::check(&**signer),
        }
    }

    /// Whether both are of the same answer of a provider.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(_, Secret(one)), Self::Token(_, Secret(two))) => Arc::ptr_eq(one, two),
            (Self::Signer(one), Self::Signer(two)) => Arc::ptr_eq(one, two),
            _ => false,
        }
    }
}

fn check(text: &str) -> Result<()> {
    if text.is_empty() || !text.bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
        return Err(Error::new(
            ErrorCode::InvalidOptions,
            "the credential is empty or holds a space, a line break or a character beyond ASCII",
        ));
    }
    Ok(())
}

#[cfg(all(test, feature = "reqwest"))]
mod tests {
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
