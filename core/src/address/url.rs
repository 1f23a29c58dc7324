use core::fmt;

use bytestring::ByteString;

use crate::json::Json;
use crate::text::{number, rsplit_once, split_once};
use crate::{Error, ErrorCode, Result};

/// A checked `http` or `https` URL without query, fragment, user info or a slash at its end.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HttpUrl(pub(super) ByteString);

impl HttpUrl {
    /// Checks a URL.
    ///
    /// # Errors
    /// `invalid_options`, saying what is wrong. The URL itself is not repeated: it may hold a secret.
    pub fn parse(url: &str) -> Result<Self> {
        Self::check(url)
            .map_err(|why| Error::new(ErrorCode::InvalidOptions, ["the URL ", why].concat()))
    }

    /// The same with what is wrong alone.
    pub(crate) fn check(url: &str) -> Result<Self, &'static str> {
        Self::check_text(url).map(|url| Self(url.into()))
    }

    /// The same without a copy of the text.
    pub(crate) fn check_text(url: &str) -> Result<&str, &'static str> {
        let (scheme, rest) = split_once(url, b':').unwrap_or_default();
        let rest = match rest.strip_prefix("//") {
            Some(rest)
                if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
            {
                rest
            }
            _ => return Err("must begin with http:// or https://"),
        };
        if url
            .bytes()
            .any(|byte| !(0x21..0x7f).contains(&byte) || byte == b'\\')
        {
            return Err("holds a space or a character that must be percent-encoded");
        }
        if holds(rest, b'?') || holds(rest, b'#') {
            return Err("must have no query and no fragment");
        }
        let (authority, _) = split_once(rest, b'/').unwrap_or((rest, ""));
        if holds(authority, b'@') {
            return Err("must hold no user or password; use `auth` for credentials");
        }
        let (host, port) = host_and_port(authority);
        let bracketed = host.starts_with('[') && host.ends_with(']');
        if host.is_empty()
            || (!bracketed && [b':', b'[', b']'].iter().any(|byte| holds(host, *byte)))
        {
            return Err("has no valid host");
        }
        let valid =
            |port: &str| number(port.as_bytes()).is_some_and(|port| port <= u16::MAX.into());
        if !port.is_none_or(valid) {
            return Err("has no valid port");
        }
        let mut url = url;
        while let Some(shorter) = url.strip_suffix('/') {
            url = shorter;
        }
        Ok(url)
    }

    /// The text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port as they stand in the text.
    pub fn origin(&self) -> &str {
        origin_of(&self.0)
    }
}

/// What stands before the path of a URL.
pub(crate) fn origin_of(url: &str) -> &str {
    let slashes = url.bytes().enumerate().filter(|(_, byte)| *byte == b'/');
    match slashes.map(|(at, _)| at).nth(2) {
        Some(path) => url.get(..path).unwrap_or(url),
        None => url,
    }
}

/// Whether a URL is `https`.
pub(crate) fn is_secure(url: &str) -> bool {
    split_once(url, b':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
}

/// Scheme, host and port of a URL, compared by what they mean: letters without case, and a port that
/// is left out as the scheme's own.
#[derive(Clone, Copy)]
pub(crate) struct Origin<'a> {
    secure: bool,
    host: &'a str,
    port: u64,
}

impl<'a> Origin<'a> {
    /// The origin of a URL; nothing where it is none.
    pub(crate) fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = split_once(origin_of(url), b':')?;
        let secure = is_secure(url);
        if !secure && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (host, port) = host_and_port(rest.strip_prefix("//")?);
        let port = match port {
            Some(port) => number(port.as_bytes())?,
            None if secure => 443,
            None => 80,
        };
        Some(Self { secure, host, port })
    }
}

/// A URL with its origin written in one way, to tell whether two are the same.
pub(crate) fn normal(url: &str) -> ByteString {
    let Some(Origin { secure, host, port }) = Origin::of(url) else {
        return url.into();
    };
    let path = url.get(origin_of(url).len()..).unwrap_or_default();
    let scheme = if secure { "https://" } else { "http://" };
    let port = Json::integer(port);
    [scheme, &host.to_ascii_lowercase(), ":", port.as_str(), path]
        .concat()
        .into()
}

impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.secure == other.secure
            && self.port == other.port
            && self.host.eq_ignore_ascii_case(other.host)
    }
}

/// An IPv6 host keeps its colons between brackets.
fn host_and_port(authority: &str) -> (&str, Option<&str>) {
    match rsplit_once(authority, b':') {
        Some((host, port)) if !holds(port, b']') => (host, Some(port)),
        _ => (authority, None),
    }
}

impl From<HttpUrl> for ByteString {
    fn from(url: HttpUrl) -> Self {
        url.0
    }
}

/// Whether a byte, which is ASCII, stands in a text.
fn holds(text: &str, byte: u8) -> bool {
    text.bytes().any(|other| other == byte)
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_mean_the_same_are_written_in_one_way() {
        let one = normal("https://Node.test/A/ncp");
        for same in [
            "HTTPS://node.TEST:443/A/ncp",
            "https://node.test:0443/A/ncp",
        ] {
            assert_eq!(normal(same), one);
        }
        for other in [
            "http://node.test/A/ncp",
            "https://node.test/a/ncp",
            "https://node.test:444/A/ncp",
        ] {
            assert_ne!(normal(other), one);
        }
        assert_eq!(normal("http://[::1]"), "http://[::1]:80");
        assert_eq!(normal("node:42"), "node:42");
    }

    #[test]
    fn urls_are_checked_and_lose_their_last_slash() {
        for (url, origin) in [
            ("http://127.0.0.1:7420/", "http://127.0.0.1:7420"),
            ("https://api.example.com/a/b/", "https://api.example.com"),
            ("http://[::1]:80/x", "http://[::1]:80"),
            ("http://[::1]", "http://[::1]"),
            ("HTTPS://Host", "HTTPS://Host"),
        ] {
            let parsed = HttpUrl::parse(url).unwrap();
            assert_eq!(parsed.as_str(), url.trim_end_matches('/'));
            assert_eq!(parsed.origin(), origin);
        }
        for url in [
            "",
            "localhost:7420",
            "ftp://host",
            "http://",
            "http:///path",
            "http://host:port",
            "http://host:+1",
            "http://host:99999",
            "http://user:pw@host",
            "http://host/?a=b",
            "http://host/#x",
            "http://ho st/",
            "http://host/\u{e9}",
            "http://a:b:c",
            "http://[::1",
        ] {
            let error = HttpUrl::parse(url).unwrap_err();
            assert_eq!(error.code(), &ErrorCode::InvalidOptions, "{url}");
            assert!(!error.message().contains("pw"), "{url}");
        }
    }
}
