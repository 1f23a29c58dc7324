//! `did:web` (W3C CCG did:web): a DID that names the host which has its document.

use alloc::string::String;
use alloc::sync::Arc;

use bytestring::ByteString;

use super::Member;
use crate::address::{AddressMode, Endpoint, HttpUrl, NodeAddress, is_secure};
use crate::json::Json;
use crate::text::{rsplit_once, split_once};

/// The type of the service entry whose `serviceEndpoint` is a node's endpoint (`N`).
const SERVICE: &str = "AncpNode";

/// Where the document of a `did:web` is: `https://{host}/.well-known/did.json`, or
/// `https://{host}/{path}/did.json` where the DID has a path. Nothing for all else.
pub(crate) fn did_document_url(address: &NodeAddress) -> Option<HttpUrl> {
    if address.mode() != AddressMode::Did {
        return None;
    }
    let id = address.value().strip_prefix("did:web:")?;
    let (host, path) = split_once(id, b':').unwrap_or((id, ".well-known"));
    // Of the host, the colon before a port is all that needs an escape.
    let (host, port) = match split_once(host, b'%') {
        Some((host, port)) => {
            let digits = port.strip_prefix("3A").or_else(|| port.strip_prefix("3a"));
            (host, Some(digits?))
        }
        None => (host, None),
    };
    if !is_domain(host) {
        return None;
    }
    let mut url = String::from("https://");
    url.push_str(host);
    if let Some(port) = port {
        url.push(':');
        url.push_str(port);
    }
    url.push('/');
    let mut rest = path;
    loop {
        let (segment, after) = split_once(rest, b':').unwrap_or((rest, ""));
        if segment.is_empty() || is_dots(segment) {
            return None;
        }
        url.push_str(segment);
        url.push('/');
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    url.push_str("did.json");
    HttpUrl::check(&url).ok()
}

/// Whether it is a name with a dot in it, as the method asks for, and not what a URL would take for an IP
/// address: those, and names such as `localhost`, may be nodes that only this machine can reach.
fn is_domain(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = rsplit_once(host, b'.').map(|(_, last)| last);
    last.and_then(|last| last.bytes().next())
        .is_some_and(|first| first.is_ascii_alphabetic())
}

/// Whether URLs would take a segment out, and lead elsewhere: `.` and `..`, escaped or not.
fn is_dots(segment: &str) -> bool {
    let mut rest = segment;
    while let Some(after) = [".", "%2e", "%2E"]
        .iter()
        .find_map(|dot| rest.strip_prefix(dot))
    {
        rest = after;
    }
    rest.is_empty()
}

/// Finds the node's endpoint in a DID's document: the `serviceEndpoint` of the first service of the
/// type `AncpNode`, a URL or an object with `uri`.
pub(crate) fn find_service(
    document: &Json,
    address: &NodeAddress,
    base: Option<&ByteString>,
) -> Result<Member, &'static str> {
    let id = document.get("id").and_then(|id| id.text());
    if id.as_deref() != Some(address.value()) {
        return Err("the DID document is another DID's");
    }
    let services = document.get("service").map(|all| all.elements());
    let is_node = |service: &Json| {
        let kind = service.get("type");
        let is = |kind: &Json| kind.text().as_deref() == Some(SERVICE);
        kind.is_some_and(|kind| is(&kind) || kind.elements().iter().any(is))
    };
    let mut services = services.unwrap_or_default().into_iter();
    let endpoint = services
        .find(is_node)
        .and_then(|service| service.get("serviceEndpoint"));
    let endpoint = endpoint.ok_or("its DID document has no service of the type AncpNode")?;
    let url = endpoint.text().or_else(|| endpoint.get("uri")?.text());
    match HttpUrl::check(&url.unwrap_or_default()) {
        Ok(url) if !is_secure(url.as_str()) => {
            Err("the serviceEndpoint in its DID document is http, though the document is https")
        }
        Ok(url) => Ok(Member {
            endpoint: Arc::new(Endpoint::at(&url, base)),
            wrong: None,
        }),
        Err(_) => Err("the serviceEndpoint in its DID document is no usable URL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_did_names_its_documents_url() {
        for (did, url) in [
            (
                "did:web:example.com",
                Some("https://example.com/.well-known/did.json"),
            ),
            (
                "did:web:example.com%3A8443:nodes:42",
                Some("https://example.com:8443/nodes/42/did.json"),
            ),
            (
                "did:web:example.com:a%2Fb",
                Some("https://example.com/a%2Fb/did.json"),
            ),
            ("did:web:user%40example.com", None),
            ("did:web:example.com:..:x", None),
            ("did:web:example.com:%2e%2E:x", None),
            ("did:web:example.com:.%2e", None),
            ("did:web:example.com:%2E:x", None),
            ("did:web:127.0.0.1", None),
            ("did:web:127.0.0.1.%3A80", None),
            ("did:web:2130706433", None),
            ("did:web:0x7f.1", None),
            ("did:web:a.0x7f", None),
            ("did:web:localhost%3A8443", None),
            (
                "did:web:example.com:..x:%2e.y",
                Some("https://example.com/..x/%2e.y/did.json"),
            ),
            ("did:web:example.com::x", None),
            ("did:key:z6Mk", None),
        ] {
            let found = did_document_url(&NodeAddress::from_did(did).unwrap());
            assert_eq!(found.as_ref().map(HttpUrl::as_str), url, "{did}");
        }
    }

    #[test]
    fn the_first_service_of_the_type_is_the_endpoint() {
        let address = NodeAddress::from_did("did:web:example.com").unwrap();
        let look_up = |services: &str| {
            let text = [r#"{"id":"did:web:example.com","service":"#, services, "}"].concat();
            let found = find_service(&Json::parse(text).unwrap(), &address, None);
            found.map(|member| member.endpoint.url.clone())
        };
        for services in [
            r#"[{"type":"Other","serviceEndpoint":"https://no"},{"type":"AncpNode","serviceEndpoint":"https://a/ncp/nodes/1"}]"#,
            r#"[{"type":["X","AncpNode"],"serviceEndpoint":{"uri":"https://a/ncp/nodes/1/"}}]"#,
        ] {
            assert_eq!(look_up(services).unwrap(), "https://a/ncp/nodes/1");
        }
        for (services, why) in [
            ("[]", "no service"),
            ("7", "no service"),
            (r#"[{"type":"AncpNode"}]"#, "no service"),
            (
                r#"[{"type":"AncpNode","serviceEndpoint":"javascript:1"}]"#,
                "no usable URL",
            ),
            (
                r#"[{"type":"AncpNode","serviceEndpoint":"http://a/ncp/nodes/1"}]"#,
                "is http",
            ),
        ] {
            assert!(look_up(services).unwrap_err().contains(why), "{services}");
        }
        let other = Json::parse(r#"{"id":"did:web:other"}"#).unwrap();
        assert!(find_service(&other, &address, None).is_err());
    }
}
