//! Getting a small document over HTTPS: with a limit, a deadline and no redirects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};

use super::lookup::LookupError;

/// The largest document in bytes: a DID document or a JWKS has a few thousand.
const MAX_DOCUMENT: usize = 64 * 1024;

/// How long it may take, all in all.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Gets documents for [`DidWeb`](super::DidWeb); tests supply their own. Implemented for
/// closures that return a future.
pub trait Fetch: Send + Sync + 'static {
    /// The text of the document at a URL.
    fn get(&self, url: &str) -> impl Future<Output = Result<String, LookupError>> + Send;
}

impl<F, Fut> Fetch for F
where
    F: Fn(&str) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<String, LookupError>> + Send,
{
    fn get(&self, url: &str) -> impl Future<Output = Result<String, LookupError>> + Send {
        self(url)
    }
}

/// [`Fetch`] as an object.
pub(super) trait DynFetch: Send + Sync {
    fn get_boxed<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, LookupError>>;
}

impl<F: Fetch> DynFetch for F {
    fn get_boxed<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, LookupError>> {
        Box::pin(self.get(url))
    }
}

/// Gets documents over HTTPS.
pub(super) struct Https(Client);

impl Https {
    /// For URLs that the operator has chosen.
    pub(super) fn of_operator() -> Result<Self, LookupError> {
        Self::new(Client::builder().https_only(true))
    }

    /// For URLs that callers have chosen: they must not reach what only the node can reach.
    /// Addresses written as numbers don't pass by a resolver; who makes the URL must refuse them.
    pub(super) fn of_callers() -> Result<Self, LookupError> {
        let client = Client::builder().https_only(true).no_proxy();
        Self::new(client.dns_resolver(PublicOnly))
    }

    fn new(client: ClientBuilder) -> Result<Self, LookupError> {
        let client = client.redirect(Policy::none()).timeout(TIMEOUT).build();
        let client = client.map_err(|error| LookupError::Unavailable(explain(&error)))?;
        Ok(Self(client))
    }
}

impl Fetch for Https {
    async fn get(&self, url: &str) -> Result<String, LookupError> {
        let unavailable = |error| LookupError::Unavailable(format!("{url}: {}", explain(&error)));
        let invalid = |why: &str| LookupError::Invalid(format!("{url}: {why}"));
        let mut response = self.0.get(url).send().await.map_err(unavailable)?;
        let status = response.status();
        if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
            return Err(LookupError::Unavailable(format!("{url}: status {status}")));
        }
        if status.as_u16() != 200 {
            return Err(invalid(&format!("status {status}")));
        }
        let mut text = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(unavailable)? {
            if text.len() + piece.len() > MAX_DOCUMENT {
                return Err(invalid("the document is too large"));
            }
            text.extend_from_slice(&piece);
        }
        String::from_utf8(text).map_err(|_| invalid("the document is not UTF-8"))
    }
}

/// An error with what caused it.
fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

/// Resolves names to public addresses only. The connection is made to what was looked at here, so
/// that a name can't change its mind in between.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|found| is_public(found.ip())).collect();
            match public.is_empty() {
                true => Err("the name has no public address".into()),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address belongs to the public internet (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b)) // shared address space of providers
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only what is given out to the world, 2000::/3, without tunnels into IPv4, documentation and
    // other special uses.
    let [first, second, ..] = address.segments();
    let special = (first == 0x2001 && second < 0x0200)
        || (first, second) == (0x2001, 0x0db8)
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    (0x2000..0x4000).contains(&first) && !special
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn public_addresses() {
        for (address, public) in [
            ("1.1.1.1", true),
            ("172.15.0.1", true),
            ("2606:4700::1111", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("198.19.0.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("::", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:1.1.1.1", false),
            ("64:ff9b::a00:1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("2002:a00:1::", false),
            ("2001:db8::1", false),
            ("2001:0:4136::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    /// Answers one request with these bytes, in plain HTTP.
    async fn answering(bytes: Vec<u8>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&bytes).await;
        });
        url
    }

    #[tokio::test]
    async fn documents() {
        let response = |status: &str, header: &str, body: &str| {
            let length = body.len();
            format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{header}\r\n{body}")
                .into_bytes()
        };
        let large = "x".repeat(MAX_DOCUMENT + 1);
        let fits = "x".repeat(MAX_DOCUMENT);
        let mut no_text = response("200 OK", "", "x");
        no_text.pop();
        no_text.push(0xff);
        for (name, bytes, expected) in [
            ("fine", response("200 OK", "", "{}"), "fine"),
            ("fits", response("200 OK", "", &fits), "fine"),
            ("too large", response("200 OK", "", &large), "invalid"),
            ("no text", no_text, "invalid"),
            ("missing", response("404 Not Found", "", ""), "invalid"),
            (
                "moved",
                response("302 Found", "Location: /x\r\n", ""),
                "invalid",
            ),
            ("busy", response("503 Busy", "", ""), "unavailable"),
            (
                "cut",
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".into(),
                "unavailable",
            ),
        ] {
            let https = Https::new(Client::builder().no_proxy()).unwrap();
            let found = match https.get(&answering(bytes).await).await {
                Ok(_) => "fine",
                Err(LookupError::Invalid(_)) => "invalid",
                Err(LookupError::Unavailable(_)) => "unavailable",
            };
            assert_eq!(found, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn neither_plain_http_nor_private_names() {
        let url = answering(b"HTTP/1.1 200 OK\r\n\r\n".into()).await;
        assert!(Https::of_operator().unwrap().get(&url).await.is_err());
        let private = url.replace("http://127.0.0.1", "https://localhost");
        let refused = Https::of_callers().unwrap().get(&private).await;
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("no public address"), "{message}");
    }
}
