//! What credentials are made of, as the calls of a client share it.

use crate::Error;
use crate::sync::Lock;

/// Something to make credentials of.
pub(crate) trait Kept: Clone {
    /// Whether both are of the same answer of a provider: it may give the same text again, and has then been asked all
    /// the same.
    fn is(&self, other: &Self) -> bool;
}

/// A client's key, or that which its provider gave last. `F` is why it gave none.
pub(crate) struct Keys<K, F = Error> {
    is_provided: bool,
    latest: Lock<Latest<K, F>>,
}

struct Latest<K, F> {
    key: Option<K>,
    /// Why the provider gave nothing.
    failure: Option<F>,
    /// How often it has answered.
    answers: u32,
}

impl<K: Kept, F: Clone> Keys<K, F> {
    /// A key that stays, or none at all.
    pub(crate) fn fixed(key: Option<K>) -> Self {
        Self::new(false, key)
    }

    /// Keys of a provider.
    pub(crate) fn provided() -> Self {
        Self::new(true, None)
    }

    fn new(is_provided: bool, key: Option<K>) -> Self {
        Self {
            is_provided,
            latest: Lock::new(Latest {
                key,
                failure: None,
                answers: 0,
            }),
        }
    }

    /// Whether there is another key to try when a node refuses one: only a provider has one. Where
    /// a DID's key is fixed, a fresh proof would be refused for the same reason as the first.
    pub(crate) fn can_renew(&self) -> bool {
        self.is_provided
    }

    /// Whether the client has a credential at all.
    pub(super) fn are_set(&self) -> bool {
        self.is_provided || self.latest.lock().key.is_some()
    }

    /// How often the provider has answered. A call takes the failure of one that it has waited for.
    pub(crate) fn answers(&self) -> u32 {
        self.latest.lock().answers
    }

    /// The key without asking for it, or why there is none; nothing where the provider has to be asked. `refused` is the
    /// key that a node has refused.
    pub(crate) fn known(&self, refused: Option<&K>, since: u32) -> Option<Result<Option<K>, F>> {
        let mut latest = self.latest.lock();
        let is_stale = |key: &K| self.is_provided && refused.is_some_and(|refused| key.is(refused));
        match (&latest.key, &latest.failure) {
            (Some(key), _) if !is_stale(key) => Some(Ok(Some(key.clone()))),
            (None, Some(failure)) if latest.answers != since => Some(Err(failure.clone())),
            _ if !self.is_provided => Some(Ok(None)),
            _ => {
                latest.key = None;
                None
            }
        }
    }

    /// Keeps what the provider has answered.
    pub(crate) fn keep(&self, answer: Result<K, F>) {
        let mut latest = self.latest.lock();
        latest.answers = latest.answers.wrapping_add(1);
        (latest.key, latest.failure) = match answer {
            Ok(key) => (Some(key), None),
            Err(failure) => (None, Some(failure)),
        };
    }
}
