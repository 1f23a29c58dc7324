//! The client of a vector.

use std::future::{pending, ready};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ancp_conformance::vector::{self, ClientOptions, PayerOptions, Secrets, Signer};
use ancp_core::auth::{BoxError, DidKey, DidSigner};
use ancp_core::platform::BoxFuture;
use ancp_core::{AncpClient, Auth, NodeAddress, Payer, Payment, Result, RetryPolicy};
use serde_json::Value;

/// What a vector's provider gives.
#[derive(Clone)]
pub(crate) struct Provider {
    secrets: Arc<Secrets>,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    fn new(secrets: &Secrets, asked: &Arc<AtomicUsize>) -> Self {
        Self {
            secrets: Arc::new(secrets.clone()),
            asked: Arc::clone(asked),
        }
    }

    fn token(&self) -> io::Result<String> {
        match &*self.secrets {
            Secrets::ApiKeys(tokens) | Secrets::JwtTokens(tokens) => self.next(tokens),
            _ => Err(io::Error::other("there are no tokens")),
        }
    }

    fn signer(&self) -> io::Result<VectorSigner> {
        match &*self.secrets {
            Secrets::Dids(signers) => self.next(signers).and_then(VectorSigner::new),
            _ => Err(io::Error::other("there are no signers")),
        }
    }

    fn next<T: Clone>(&self, all: &[Option<T>]) -> io::Result<T> {
        let place = self.asked.fetch_add(1, Ordering::SeqCst);
        let one = all.get(place).or(all.last()).cloned().flatten();
        one.ok_or_else(|| io::Error::other("there is no token"))
    }
}

/// A signer that does what its vector says.
struct VectorSigner(Signer, DidKey);

impl VectorSigner {
    fn new(signer: Signer) -> io::Result<Self> {
        Ok(Self(signer, DidKey::create().map_err(io::Error::other)?))
    }
}

impl DidSigner for VectorSigner {
    fn did(&self) -> &str {
        self.1.did()
    }

    fn key_id(&self) -> &str {
        self.1.key_id()
    }

    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> BoxFuture<'a, std::result::Result<Vec<u8>, BoxError>> {
        match self.0 {
            Signer::Signs => self.1.sign(message),
            Signer::Throws => Box::pin(ready(Err("there is no key".into()))),
            Signer::Misfires => Box::pin(ready(Ok(vec![0; 63]))),
            Signer::Hangs => Box::pin(pending()),
        }
    }
}

/// How often a vector's payer was asked.
#[derive(Clone, Default)]
pub(crate) struct PayerAsked(Arc<AtomicUsize>);

impl PayerAsked {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn build(
    options: &ClientOptions,
    base_url: &str,
    asked: &Arc<AtomicUsize>,
    payer_asked: &PayerAsked,
) -> Result<AncpClient> {
    let ClientOptions {
        base_url: own_base_url,
        address,
        node_id,
        tenant_id,
        auth,
        payer,
        credential_origins,
        timeout,
        liveness_timeout,
        idle_timeout,
        retry,
        headers,
    } = options;
    let at_run = |url: &str| at_run(url, base_url);
    let mut builder = AncpClient::builder();
    let is_url = |address: &String| at_run(address).starts_with("http");
    if own_base_url.is_some() || !address.as_ref().is_some_and(is_url) {
        builder = builder.base_url(at_run(own_base_url.as_deref().unwrap_or("{{base}}")));
    }
    builder = match address {
        Some(address) => builder.address(at_run(address).parse::<NodeAddress>()?),
        None => builder.node_id(node_id.as_ref().map_or("42".into(), text_of)),
    };
    for origin in credential_origins {
        // An origin has no path, which the run's base URLs have.
        let host = base_url.split("/v/").next().unwrap_or_default();
        let host = host.replace("127.0.0.1", "localhost");
        builder = builder.credential_origin(origin.replace("{{elsewhere}}", &host));
    }
    builder = builder.timeout(Duration::from_millis(timeout.unwrap_or(5000)));
    if let Some(tenant) = tenant_id {
        builder = builder.tenant_id(text_of(tenant));
    }
    if let Some(secrets) = auth {
        builder = builder.auth(credential(secrets, asked));
    }
    if let Some(options) = payer {
        builder = builder.payer(payer_of(options, payer_asked));
    }
    if let Some(limit) = liveness_timeout {
        builder = builder.liveness_timeout(Duration::from_millis(*limit));
    }
    if let Some(limit) = idle_timeout {
        builder = builder.idle_timeout(Duration::from_millis(*limit));
    }
    let (count, base, cap) = match retry {
        Some(retry) => (retry.max_retries, retry.base_delay_ms, retry.max_delay_ms),
        None => (None, None, None),
    };
    builder = builder.retry(RetryPolicy {
        max_retries: count.unwrap_or(3),
        base: Duration::from_millis(base.unwrap_or(1)),
        cap: Duration::from_millis(cap.unwrap_or(5)),
    });
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    // Reading the system's certificates takes longer than most vectors.
    builder.build_with(reqwest::Client::builder().no_proxy().tls_certs_only([]))
}

/// A vector's URL, or an address that is none.
pub(crate) fn at_run(url: &str, base_url: &str) -> String {
    let elsewhere = base_url.replace("127.0.0.1", "localhost");
    url.replace("{{base}}", base_url)
        .replace("{{elsewhere}}", &elsewhere)
}

fn credential(secrets: &Secrets, asked: &Arc<AtomicUsize>) -> Auth {
    let provider = Provider::new(secrets, asked);
    match secrets {
        Secrets::ApiKey(key) => Auth::api_key(key),
        Secrets::JwtToken(token) => Auth::jwt(token),
        Secrets::ApiKeys(_) => Auth::api_key_provider(move || ready(provider.token())),
        Secrets::JwtTokens(_) => Auth::jwt_provider(move || ready(provider.token())),
        Secrets::Did(signer) => {
            Auth::did(VectorSigner::new(*signer).expect("there is randomness to make a key of"))
        }
        Secrets::Dids(_) => Auth::did_provider(move || ready(provider.signer())),
    }
}

fn payer_of(options: &PayerOptions, asked: &PayerAsked) -> Payer {
    let PayerOptions {
        payments,
        max_per_call,
        price_usdc,
        max_total,
        timeout,
    } = options;
    let (payments, asked, price) = (payments.clone(), asked.clone(), price_usdc.clone());
    let mut payer = Payer::new(move |terms| {
        let place = asked.0.fetch_add(1, Ordering::SeqCst);
        let payment = payments.get(place).or(payments.last()).cloned().flatten();
        let payment = payment.filter(|_| {
            price
                .as_ref()
                .is_none_or(|price| *price == terms.price_usdc)
        });
        let payment = payment.map(|vector::Payment { tx_hash, payer }| Payment { tx_hash, payer });
        ready(payment.ok_or_else(|| io::Error::other("nothing was paid")))
    });
    if let Some(usdc) = max_per_call {
        payer = payer.max_per_call(usdc);
    }
    if let Some(usdc) = max_total {
        payer = payer.max_total(usdc);
    }
    match timeout {
        Some(limit) => payer.timeout(Duration::from_millis(*limit)),
        None => payer,
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
