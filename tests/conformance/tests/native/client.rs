//! The client of a vector.

use std::future::ready;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ancp_conformance::vector::{self, ClientOptions, PayerOptions, Secrets};
use ancp_core::{AncpClient, Auth, NodeAddress, Payer, Payment, Result, RetryPolicy};
use serde_json::Value;

/// What a vector's token provider gives.
#[derive(Clone)]
pub(crate) struct Tokens {
    tokens: Arc<Vec<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Tokens {
    pub(crate) fn new(auth: Option<&Secrets>) -> Self {
        let tokens = match auth {
            Some(Secrets::ApiKeys(tokens) | Secrets::JwtTokens(tokens)) => tokens.clone(),
            _ => Vec::new(),
        };
        Self {
            tokens: Arc::new(tokens),
            asked: Arc::default(),
        }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn next(&self) -> io::Result<String> {
        let place = self.asked.fetch_add(1, Ordering::SeqCst);
        let token = self
            .tokens
            .get(place)
            .or(self.tokens.last())
            .cloned()
            .flatten();
        token.ok_or_else(|| io::Error::other("there is no token"))
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
    tokens: &Tokens,
    payer_asked: &PayerAsked,
) -> Result<AncpClient> {
    let ClientOptions {
        base_url: own_base_url,
        url,
        node_id,
        tenant_id,
        auth,
        payer,
        timeout,
        liveness_timeout,
        idle_timeout,
        retry,
        headers,
    } = options;
    let at_run = |url: &str| url.replace("{{base}}", base_url);
    let mut builder = match url {
        Some(url) => AncpClient::builder().address(NodeAddress::from_url(&at_run(url))?),
        None => AncpClient::builder()
            .base_url(at_run(own_base_url.as_deref().unwrap_or("{{base}}")))
            .node_id(node_id.as_ref().map_or("42".into(), text_of)),
    };
    builder = builder.timeout(Duration::from_millis(timeout.unwrap_or(5000)));
    if let Some(tenant) = tenant_id {
        builder = builder.tenant_id(text_of(tenant));
    }
    if let Some(secrets) = auth {
        builder = builder.auth(credential(secrets, tokens));
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

fn credential(secrets: &Secrets, tokens: &Tokens) -> Auth {
    let tokens = tokens.clone();
    let provider = move || ready(tokens.next());
    match secrets {
        Secrets::ApiKey(key) => Auth::api_key(key),
        Secrets::JwtToken(token) => Auth::jwt(token),
        Secrets::ApiKeys(_) => Auth::api_key_provider(provider),
        Secrets::JwtTokens(_) => Auth::jwt_provider(provider),
    }
}

fn payer_of(options: &PayerOptions, asked: &PayerAsked) -> Payer {
    let PayerOptions {
        payments,
        max_per_call,
        max_total,
        timeout,
    } = options;
    let (payments, asked) = (payments.clone(), asked.clone());
    let mut payer = Payer::new(move |_| {
        let place = asked.0.fetch_add(1, Ordering::SeqCst);
        let payment = payments.get(place).or(payments.last()).cloned().flatten();
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
