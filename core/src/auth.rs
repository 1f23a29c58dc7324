//! Credentials: what a client shows a node, and where it gets it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;

use zeroize::Zeroizing;

use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::sync::{Gate, Lock};
use crate::{Error, ErrorCode, Result};

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
pub struct Auth {
    mode: Mode,
    source: Source,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Jwt,
    ApiKey,
}

#[derive(Clone)]
enum Source {
    Fixed(Secret),
    Provider(Provider),
}

/// A function that gives a token; its error is the source of the call's.
pub type Provider = Arc<dyn ProvideToken>;

/// Gives tokens. Implemented for closures that return a future.
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
        Box::pin(async move {
            answer.await.map_err(|error| {
                Error::new(ErrorCode::Unauthenticated, "the token provider failed")
                    .maybe_delivered(false)
                    .with_source(error)
            })
        })
    }
}

impl Auth {
    /// A JWT, sent as a bearer token.
    pub fn jwt(token: impl Into<String>) -> Self {
        Self {
            mode: Mode::Jwt,
            source: Source::Fixed(Secret::new(token.into())),
        }
    }

    /// An API key.
    pub fn api_key(key: impl Into<String>) -> Self {
        Self {
            mode: Mode::ApiKey,
            source: Source::Fixed(Secret::new(key.into())),
        }
    }

    /// A function that gives a JWT.
    pub fn jwt_provider(provider: impl ProvideToken + 'static) -> Self {
        Self {
            mode: Mode::Jwt,
            source: Source::Provider(Arc::new(provider)),
        }
    }

    /// A function that gives an API key.
    pub fn api_key_provider(provider: impl ProvideToken + 'static) -> Self {
        Self {
            mode: Mode::ApiKey,
            source: Source::Provider(Arc::new(provider)),
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.mode {
            Mode::Jwt => "Auth(jwt)",
            Mode::ApiKey => "Auth(apiKey)",
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
}

impl Credential {
    /// Whether both are of the same answer of a provider.
    fn is(&self, other: &Self) -> bool {
        let (Self::Jwt(Secret(one)) | Self::ApiKey(Secret(one))) = self;
        let (Self::Jwt(Secret(two)) | Self::ApiKey(Secret(two))) = other;
        Arc::ptr_eq(one, two)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwt(_) => "Credential(jwt)",
            Self::ApiKey(_) => "Credential(apiKey)",
        })
    }
}

/// A text that is wiped from memory when it is no longer used, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    fn new(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A client's credential, shared by its calls.
pub(crate) struct Credentials {
    auth: Option<Auth>,
    kept: Lock<Kept>,
    /// One call at a time asks the provider.
    gate: Gate,
}

/// What the provider gave last.
#[derive(Default)]
struct Kept {
    credential: Option<Credential>,
    /// Why it gave nothing.
    failure: Option<Error>,
    /// How often it has answered.
    answers: u32,
}

impl Credentials {
    pub(crate) fn new(auth: Option<Auth>) -> Result<Self> {
        if let Some(Auth {
            source: Source::Fixed(secret),
            ..
        }) = &auth
        {
            check(secret)?;
        }
        Ok(Self {
            auth,
            kept: Lock::new(Kept::default()),
            gate: Gate::new(true),
        })
    }

    /// Whether there is another one to try when a node refuses one: only a provider has one.
    pub(crate) fn can_renew(&self) -> bool {
        let source = self.auth.as_ref().map(|auth| &auth.source);
        matches!(source, Some(Source::Provider(_)))
    }

    /// The credential for the next attempt, after one that a node refused another one than that. Of
    /// all calls that were refused with the same, one asks the provider; whoever came while it was
    /// being asked takes its answer, a failure included.
    pub(crate) async fn get(&self, refused: Option<&Credential>) -> Result<Option<Credential>> {
        let Some(auth) = &self.auth else {
            return Ok(None);
        };
        let provider = match &auth.source {
            Source::Fixed(secret) => return Ok(Some(auth.mode.credential(secret.clone()))),
            Source::Provider(provider) => provider,
        };
        let answers = self.kept.lock().answers;
        let _turn = self.gate.turn().await;
        {
            let mut kept = self.kept.lock();
            // By identity: a provider may give the same text again, and has then been asked all the same.
            let is_stale = |kept: &Credential| refused.is_some_and(|refused| kept.is(refused));
            match (&kept.credential, &kept.failure) {
                (Some(credential), _) if !is_stale(credential) => {
                    return Ok(Some(credential.clone()));
                }
                (None, Some(failure)) if kept.answers != answers => return Err(failure.clone()),
                _ => kept.credential = None,
            }
        }
        let answer = auth.mode.ask(provider).await;
        let mut kept = self.kept.lock();
        kept.answers = kept.answers.wrapping_add(1);
        kept.credential = answer.as_ref().ok().cloned();
        kept.failure = answer.as_ref().err().cloned();
        answer.map(Some)
    }
}

impl Mode {
    fn credential(self, secret: Secret) -> Credential {
        match self {
            Self::Jwt => Credential::Jwt(secret),
            Self::ApiKey => Credential::ApiKey(secret),
        }
    }

    async fn ask(self, provider: &Provider) -> Result<Credential> {
        let secret = Secret::new(provider.token().await?);
        check(&secret)?;
        Ok(self.credential(secret))
    }
}

fn check(secret: &Secret) -> Result<()> {
    let text = secret.expose();
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
        credentials.get(None).await.unwrap_err();
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
