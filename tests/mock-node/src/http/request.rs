//! Reading requests.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{Extensions, HeaderMap};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::auth::Credentials;
use crate::dispatch::Sender;

/// How much of a body that is too large is read on, so that the sender gets to see the answer:
/// closing a connection with unread data resets it.
const DRAINED: usize = 64 * 1024 * 1024;

/// A request's body.
pub(super) enum RequestBody {
    Read(Bytes),
    TooLarge,
}

/// Reads a body up to the limit. An error: the connection broke.
pub(super) async fn read_body(body: Body, limit: usize) -> Result<RequestBody, axum::Error> {
    let expected = body.size_hint().lower().min(limit as u64);
    let mut text = BytesMut::with_capacity(usize::try_from(expected).unwrap_or_default());
    let mut pieces = body.into_data_stream();
    let mut length = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        length += piece.len();
        if length <= limit {
            text.extend_from_slice(&piece);
        } else if length > limit.saturating_add(DRAINED) {
            break;
        }
    }
    Ok(match length > limit {
        true => RequestBody::TooLarge,
        false => RequestBody::Read(text.freeze()),
    })
}

/// Whether the body is said to be JSON as the contract wants it: UTF-8 and not compressed.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let plain = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .all(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else {
        return false;
    };
    let mut parts = content_type.to_str().unwrap_or_default().split(';');
    let essence = parts.next().unwrap_or_default().trim();
    let is_utf8 = |parameter: &str| match parameter.trim().split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    plain && essence.eq_ignore_ascii_case("application/json") && parts.all(is_utf8)
}

/// Who sends, to which endpoint, and what for a trace.
pub(super) fn sender(headers: &HeaderMap, extensions: &Extensions, endpoint: String) -> Sender {
    let text = |name: &str| header(headers, name).filter(|text| !text.is_empty());
    Sender {
        credentials: Credentials {
            bearer: header(headers, AUTHORIZATION.as_str()).and_then(|value| bearer(&value)),
            api_key: header(headers, "x-ancp-api-key"),
            did_proof: header(headers, "x-ancp-did-proof"),
        },
        endpoint,
        remote: remote(extensions),
        traceparent: text("traceparent"),
        tracestate: text("tracestate"),
    }
}

/// A header's value. One that is no text is there all the same, and matches nothing; neither do
/// several, which are joined as RFC 9110 says: nobody is to choose among two credentials.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The token; another scheme is no credential. Schemes are compared without case (RFC 9110).
fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| token.trim().to_owned())
}

/// Where a request came from; within a process, from here.
pub(super) fn remote(extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Ipv4Addr::LOCALHOST.into(), |ConnectInfo(peer)| peer.ip())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_types() {
        for (content_type, accepted) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("application/json; odata=x", true),
            ("application/json; charset=latin1", false),
            ("application/jsonp", false),
            ("application/problem+json", false),
            ("text/plain", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(content_type);
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value)]);
            assert_eq!(is_json(&headers), accepted, "{content_type}");
        }
        assert!(!is_json(&HeaderMap::new()));
        let mut compressed = HeaderMap::new();
        compressed.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        compressed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert!(!is_json(&compressed));
    }

    #[test]
    fn several_values_are_one_that_matches_nothing() {
        let values = ["Bearer one", "Bearer two"].map(HeaderValue::from_static);
        let headers = values
            .map(|value| (AUTHORIZATION, value))
            .into_iter()
            .collect();
        let sender = sender(&headers, &Extensions::new(), String::new());
        assert_eq!(sender.credentials.bearer.unwrap(), "one, Bearer two");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let names = ["authorization", "x-ancp-api-key", "x-ancp-did-proof", "content-type"];
                let names = names.map(HeaderName::from_static);
                let headers = names.map(|name| (name, value.clone())).into_iter().collect();
                let sender = sender(&headers, &Extensions::new(), String::new());
                prop_assert!(sender.credentials.api_key.is_some());
                let _ = is_json(&headers);
            }
        }
    }

    #[test]
    fn bearer_tokens() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer", Some("")),
            ("Basic abc", None),
            ("Bearerabc", None),
        ] {
            assert_eq!(bearer(value).as_deref(), token, "{value}");
        }
    }
}
