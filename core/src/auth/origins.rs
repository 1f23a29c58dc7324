//! To whom credentials are shown.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Result;
use crate::address::{HttpUrl, Origin};
use crate::client::invalid;

/// The origins that may have the client's credentials, whatever an address resolves to.
pub(crate) struct Origins(Vec<HttpUrl>);

impl Origins {
    /// That of the client's own URL, and those of the user's list.
    pub(crate) fn new(own: Option<&HttpUrl>, listed: &[String]) -> Result<Self> {
        const OPTION: &str = "credentialOrigins";
        let mut origins: Vec<HttpUrl> = own.cloned().into_iter().collect();
        for url in listed {
            let url = HttpUrl::parse(url).map_err(|error| invalid(OPTION, error.message()))?;
            if url.origin() != url.as_str() {
                let why = "an origin ends after its host and port; it has no path";
                return Err(invalid(OPTION, why));
            }
            origins.push(url);
        }
        Ok(Self(origins))
    }

    /// Whether a request to this URL may carry a credential.
    pub(crate) fn contain(&self, url: &str) -> bool {
        // Most requests go below the client's own URL, as it was written.
        let is_below = |own: &HttpUrl| {
            let rest = url.strip_prefix(own.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        if self.0.first().is_some_and(is_below) {
            return true;
        }
        let origin = Origin::of(url);
        let mut own = self.0.iter().map(|own| Origin::of(own.as_str()));
        origin.is_some() && own.any(|own| own == origin)
    }
}

/// The headers by which a credential is shown, in whichever option the user has put it.
const HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-ancp-api-key",
    "x-ancp-did-proof",
];

/// Whether a header holds a credential.
pub(crate) fn is_credential(header: &str) -> bool {
    HEADERS.iter().any(|name| header.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_by_their_meaning() {
        let own = HttpUrl::parse("HTTPS://Api.Example.com/base").unwrap();
        let listed = ["http://other.test:8080".into(), "http://[::1]/".into()];
        let origins = Origins::new(Some(&own), &listed).unwrap();
        for url in [
            "https://api.example.com/ncp/nodes/1",
            "https://api.example.com:443/x",
            "https://API.example.COM:0443",
            "http://other.test:8080/ncp",
            "http://[::1]:80/ncp",
        ] {
            assert!(origins.contain(url), "{url}");
        }
        for url in [
            "http://api.example.com/ncp",
            "https://api.example.com:8443/ncp",
            "https://api.example.com.evil.test/ncp",
            "https://evil.test/https://api.example.com",
            "https://example.com",
            "http://other.test",
            "http://other.test:80801",
            "http://::1/",
            "memory",
            "",
        ] {
            assert!(!origins.contain(url), "{url}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for listed in [
            "api.example.com",
            "https://a.test/path",
            "*",
            "https://a@b.test",
        ] {
            let error = Origins::new(None, &[listed.into()]).err().unwrap();
            assert!(
                error.message().starts_with("credentialOrigins: "),
                "{listed}"
            );
        }
    }
}
