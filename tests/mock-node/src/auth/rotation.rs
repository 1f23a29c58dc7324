//! Keys that change: read when they are needed, and again when a token names a key that is not
//! among them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::keys::KeySet;
use super::lookup::{DynKeySource, LookupError};
use super::token::Unverified;
use super::{refused, unavailable};
use crate::Failure;
use crate::clock::Clock;

/// Between two looks at the source: else anybody could have it asked all the time by made-up `kid`s.
const MIN_INTERVAL: Duration = Duration::from_secs(10);

/// After this long the keys are read again in any case, as one may have been withdrawn.
const MAX_AGE: Duration = Duration::from_secs(600);

/// How long a source may take.
const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct RotatingKeys {
    /// Without one the keys never change.
    source: Option<Box<dyn DynKeySource>>,
    clock: Clock,
    state: Mutex<State>,
    /// One look at a time: those who come meanwhile wait for its result.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    read_at: Option<SystemTime>,
    tried_at: Option<SystemTime>,
    failed: bool,
}

impl State {
    fn fits(&self, token: &Unverified<'_>) -> bool {
        self.keys.as_ref().is_some_and(|keys| fit(keys, token))
    }
}

impl RotatingKeys {
    pub(super) fn new(
        keys: Option<KeySet>,
        source: Option<Box<dyn DynKeySource>>,
        clock: Clock,
    ) -> Self {
        let read_at = keys.is_some().then(|| clock.now());
        let state = State {
            keys: keys.map(Arc::new),
            read_at,
            tried_at: None,
            failed: false,
        };
        Self {
            source,
            clock,
            state: Mutex::new(state),
            looking: tokio::sync::Mutex::new(()),
        }
    }

    /// Keys that may have signed the token.
    pub(super) async fn for_token(&self, token: &Unverified<'_>) -> Result<Arc<KeySet>, Failure> {
        let mut state = self.state();
        if self.wanting(&state, token)
            && let Some(source) = &self.source
        {
            // Keys that fit and are only old will do while somebody else looks.
            let turn = match state.fits(token) {
                true => self.looking.try_lock().ok(),
                false => Some(self.looking.lock().await),
            };
            state = self.state();
            if turn.is_some() && self.wanting(&state, token) && !self.is_too_soon(&state) {
                state = self.look(&**source).await;
            }
        }
        let failed = state.failed;
        let fitting = state.keys.filter(|keys| fit(keys, token));
        fitting.ok_or_else(|| match failed {
            // It may be signed with a key that only the source knows.
            true => unavailable("the keys to check the token with can't be had at the moment"),
            false => refused("there is no key with the token's `kid` and `alg`"),
        })
    }

    /// Whether looking again might help.
    fn wanting(&self, state: &State, token: &Unverified<'_>) -> bool {
        !state.fits(token) || self.since(state.read_at).is_none_or(|age| age >= MAX_AGE)
    }

    fn is_too_soon(&self, state: &State) -> bool {
        self.since(state.tried_at)
            .is_some_and(|age| age < MIN_INTERVAL)
    }

    /// How long ago; `None` where never, or where the clock was set back.
    fn since(&self, time: Option<SystemTime>) -> Option<Duration> {
        self.clock.now().duration_since(time?).ok()
    }

    async fn look(&self, source: &dyn DynKeySource) -> State {
        let loaded = tokio::time::timeout(TIMEOUT, source.load_boxed()).await;
        let loaded = loaded
            .unwrap_or_else(|_| Err(LookupError::Unavailable("the source took too long".into())));
        let keys = loaded
            .map_err(|error| error.to_string())
            .and_then(|text| KeySet::parse(&text).map_err(|error| error.to_string()));
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tried_at = Some(now);
        state.failed = keys.is_err();
        match keys {
            Ok(keys) => {
                state.keys = Some(Arc::new(keys));
                state.read_at = Some(now);
            }
            // Those that are known stay: better than to lock out everybody.
            Err(error) => tracing::warn!(%error, "can't read the keys of tokens"),
        }
        state.clone()
    }

    fn state(&self) -> State {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn fit(keys: &KeySet, token: &Unverified<'_>) -> bool {
    keys.candidates(token).next().is_some()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use ancp_core::ErrorCode;
    use tokio::time::Instant;

    use super::*;
    use crate::auth::jwt::Verifier;
    use crate::auth::{JwtOptions, TestIssuer, TokenAlgorithm};

    /// How a token fared, and how long that took.
    async fn verify(verifier: &Verifier, token: &str) -> (Option<ErrorCode>, Duration) {
        let since = Instant::now();
        let failure = verifier.verify(token).await.err();
        (
            failure.map(|failure| failure.code().clone()),
            since.elapsed(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_source_that_hangs_is_given_up() {
        let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
        let token = issuer.token("ada").valid_for(9999).sign();
        let passed = Arc::new(AtomicU64::new(0));
        let clock = passed.clone();
        let clock = Clock::new(move || {
            SystemTime::now() + Duration::from_secs(clock.load(Ordering::SeqCst))
        });
        // It gives the keys at the second time, and hangs at all others.
        let (asked, jwks) = (AtomicU64::new(0), issuer.jwks());
        let source = move || {
            let turn = asked.fetch_add(1, Ordering::SeqCst);
            let jwks = jwks.clone();
            async move {
                match turn {
                    1 => Ok(jwks),
                    _ => std::future::pending().await,
                }
            }
        };
        let verifier = Verifier::new(JwtOptions::key_source(source), "7", clock);
        let unavailable = (Some(ErrorCode::Unavailable), TIMEOUT);
        assert_eq!(verify(&verifier, &token).await, unavailable);
        passed.store(10, Ordering::SeqCst);
        assert_eq!(verify(&verifier, &token).await, (None, Duration::ZERO));
        // The keys are old now: one call looks for newer ones, and no other waits for that.
        passed.store(700, Ordering::SeqCst);
        let both = tokio::join!(verify(&verifier, &token), verify(&verifier, &token));
        assert_eq!(both, ((None, TIMEOUT), (None, Duration::ZERO)));
    }
}
