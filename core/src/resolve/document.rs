use alloc::sync::Arc;
use alloc::vec::Vec;

use bytestring::ByteString;

use super::{Found, Member, Strategy};
use crate::address::{AddressMode, Endpoint, HttpUrl, NodeAddress, is_secure};
use crate::json::Json;
use crate::message::{NodeId, check_tenant_id};
use crate::text::number;

/// What is wrong with an endpoint that would carry in the clear what the client was told to send by TLS.
const DOWNGRADE: &str = "is http, though the base URL is https";

/// Finds what an address means in a discovery document, or says why it means nothing there.
///
/// Of several nodes with the same id or DID, the first counts; so does the strategy of a group's first
/// member where members disagree. A client of one tenant sees that tenant's nodes only. Discovery for
/// what is found stays below `base`, whatever the document says.
pub(crate) fn find(
    document: &Json,
    address: &NodeAddress,
    tenant: Option<&ByteString>,
    base: Option<&ByteString>,
) -> Result<Found, &'static str> {
    let Some(nodes) = document.get("nodes") else {
        return Err("the discovery document has no nodes");
    };
    let mut strategy = None;
    let mut members = Vec::new();
    for node in nodes.elements() {
        let of_tenant = field(&node, "tenantId");
        if !is_of(of_tenant.as_ref(), tenant) {
            continue;
        }
        if address.is_group() {
            let Some(group) = group_of(&node, address) else {
                continue;
            };
            if members.is_empty() {
                strategy = field(&group, "strategy").and_then(|text| Strategy::parse(&text));
            }
        } else if !is_named(&node, address) {
            continue;
        }
        let member = member(&node, of_tenant, base);
        if !address.is_group() {
            return Ok(Found::Node(member));
        }
        members.push(member);
    }
    match (strategy, members.is_empty(), address.is_group()) {
        (Some(strategy), ..) => Ok(Found::Group(strategy, members)),
        (None, false, _) => Err("the group's strategy is not one that this client knows"),
        (None, true, true) => Err("the discovery document has no member of the group"),
        (None, true, false) => Err("the discovery document has no such node"),
    }
}

/// The entry of a node: the one of its URL, or of its id where it is below the base that the document
/// is for, and may be named there by another URL. A node elsewhere may have the id of one of those.
pub(crate) fn find_node(
    document: &Json,
    node: &Endpoint,
    tenant: Option<&ByteString>,
    base: Option<&ByteString>,
) -> Option<Json> {
    let tenant = tenant.or(node.tenant_id.as_ref());
    let is_below = base.is_some_and(|base| node.is_below(base));
    let id = node.node_id.as_ref().filter(|_| is_below);
    let is_it = |entry: &Json| {
        let url = field(entry, "endpoint").unwrap_or_default();
        let is_there = HttpUrl::check(&url).is_ok_and(|url| url.as_str() == &*node.url);
        let has_id = id.is_some_and(|id| is(field(entry, "nodeId"), id.as_str()));
        (is_there || has_id) && is_of(field(entry, "tenantId").as_ref(), tenant)
    };
    document.get("nodes")?.elements().into_iter().find(is_it)
}

/// Whether a node of this tenant, where it has one, is for a client of that one, where it has one.
fn is_of(tenant: Option<&ByteString>, wanted: Option<&ByteString>) -> bool {
    tenant.zip(wanted).is_none_or(|(own, wanted)| own == wanted)
}

/// An id or another text; ids may be integers, too.
fn field(object: &Json, name: &str) -> Option<ByteString> {
    text(&object.get(name)?)
}

fn text(json: &Json) -> Option<ByteString> {
    let is_integer = number(json.as_str().as_bytes()).is_some();
    json.text()
        .or_else(|| is_integer.then(|| json.as_str().into()))
}

fn is(text: Option<ByteString>, wanted: &str) -> bool {
    text.as_deref() == Some(wanted)
}

fn is_named(node: &Json, address: &NodeAddress) -> bool {
    let wanted = address.value();
    match address.mode() {
        AddressMode::ResId => is(field(node, "resId"), wanted),
        AddressMode::Did => is(field(node, "did"), wanted),
        AddressMode::BlockchainAddress => {
            field(node, "evmAddress").is_some_and(|own| own.eq_ignore_ascii_case(wanted))
        }
        AddressMode::OperateId => node
            .get("operateIds")
            .is_some_and(|ids| ids.elements().iter().any(|id| is(text(id), wanted))),
        // These need no look-up, or name groups.
        _ => false,
    }
}

fn group_of(node: &Json, address: &NodeAddress) -> Option<Json> {
    let key = match address.mode() {
        AddressMode::NodeGroupId => "groupId",
        _ => "resId",
    };
    let groups = node.get("groups")?.elements();
    groups
        .into_iter()
        .find(|group| is(field(group, key), address.value()))
}

/// Reads a node's entry. It comes from outside: nothing of it is used unchecked.
fn member(node: &Json, tenant: Option<ByteString>, base: Option<&ByteString>) -> Member {
    let url = field(node, "endpoint").unwrap_or_default();
    let safe = base.is_some_and(|base| is_secure(base));
    let checked = HttpUrl::check(&url).and_then(|url| match safe && !is_secure(url.as_str()) {
        true => Err(DOWNGRADE),
        false => Ok(url),
    });
    let (mut endpoint, wrong) = match checked {
        Ok(url) => (Endpoint::at(&url, base), None),
        Err(why) => (Endpoint::default(), Some(why)),
    };
    if let Some(id) = field(node, "nodeId")
        && let Ok(id) = NodeId::from_text(&id)
    {
        endpoint.node_id = Some(id);
    }
    endpoint.tenant_id = tenant.filter(|tenant| check_tenant_id(tenant).is_ok());
    Member {
        endpoint: Arc::new(endpoint),
        wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: ByteString = ByteString::from_static("https://base");
    const EVM: &str = "0xABCDEFabcdef0123456789012345678901234567";

    fn document() -> Json {
        let text = r#"{"protocolVersion":"1.0","nodes":[
            {"nodeId":41,"tenantId":"8","resId":"res-\u00e4","endpoint":"https://b/ncp/nodes/41",
             "groups":[{"groupId":5,"resId":"grp","strategy":"RoundRobin"}]},
            {"nodeId":42,"tenantId":"7","endpoint":"https://a/ncp/nodes/42/","resId":"res-orders",
             "did":"did:bizfirst:node:42","evmAddress":"0xABCDEFabcdef0123456789012345678901234567",
             "operateIds":["op-1","op-9"],
             "groups":[{"groupId":"5","resId":"grp","strategy":"Random"},{"groupId":6,"strategy":"Odd"}]},
            {"nodeId":"x","tenantId":"no tenant","resId":"res-broken","endpoint":"ftp://x"},
            {"resId":"res-bare","endpoint":"https://c/elsewhere"}, 7, null]}"#;
        Json::parse(text).unwrap()
    }

    fn look_up(address: &str, tenant: Option<&str>) -> Result<Found, &'static str> {
        let tenant = tenant.map(ByteString::from);
        let address = address.parse().unwrap();
        find(&document(), &address, tenant.as_ref(), Some(&BASE))
    }

    fn node(address: &str) -> Member {
        match look_up(address, None) {
            Ok(Found::Node(member)) => member,
            other => panic!("{address}: {other:?}"),
        }
    }

    #[test]
    fn each_mode_finds_its_node() {
        let orders = Member {
            endpoint: Arc::new(Endpoint {
                url: "https://a/ncp/nodes/42".into(),
                base: Some(BASE),
                node_id: Some(NodeId::from(42)),
                tenant_id: Some("7".into()),
            }),
            wrong: None,
        };
        let evm = ["evm:0x", &EVM[2..].to_uppercase()].concat();
        for address in [
            "res:res-orders",
            "did:bizfirst:node:42",
            "operate:op-9",
            &evm,
        ] {
            assert_eq!(node(address), orders, "{address}");
        }
        // Escapes are read, as strings are compared.
        assert_eq!(node("res:res-\u{e4}").endpoint.node_id, Some(41.into()));
    }

    #[test]
    fn a_group_has_its_members_in_order_and_the_strategy_of_the_first() {
        for address in ["group:5", "group-res:grp"] {
            let Ok(Found::Group(Strategy::RoundRobin, members)) = look_up(address, None) else {
                panic!("{address}");
            };
            let ids: Vec<_> = members
                .iter()
                .map(|one| one.endpoint.node_id.clone())
                .collect();
            assert_eq!(ids, [Some(NodeId::from(41)), Some(NodeId::from(42))]);
        }
        let of_tenant = look_up("group:5", Some("7"));
        assert!(
            matches!(of_tenant, Ok(Found::Group(Strategy::Random, members)) if members.len() == 1)
        );
    }

    #[test]
    fn what_is_not_there_is_told_apart() {
        for (address, tenant, why) in [
            ("res:nope", None, "no such node"),
            ("res:res-orders", Some("8"), "no such node"),
            ("group:7", None, "no member"),
            ("group:6", None, "strategy"),
            // Ids are compared as a whole, and in the field that they belong to.
            ("res:res-order", None, "no such node"),
            ("operate:res-orders", None, "no such node"),
        ] {
            let found = look_up(address, tenant).unwrap_err();
            assert!(found.contains(why), "{address}: {found}");
        }
        let empty = Json::parse("{}").unwrap();
        let address = "res:x".parse().unwrap();
        assert!(find(&empty, &address, None, Some(&BASE)).is_err());
    }

    #[test]
    fn what_comes_from_outside_is_checked() {
        let broken = node("res:res-broken");
        assert!(broken.wrong.unwrap().contains("http"));
        assert_eq!(broken.endpoint.tenant_id, None);
        let bare = node("res:res-bare");
        assert_eq!(bare.endpoint.url, "https://c/elsewhere");
        assert_eq!((bare.endpoint.node_id.as_ref(), bare.wrong), (None, None));
    }

    #[test]
    fn a_nodes_entry_is_that_of_its_url_or_of_its_id_below_the_base() {
        let document = Json::parse(
            r#"{"nodes":[{"nodeId":"a","tenantId":8,"x":0},{"nodeId":"a","tenantId":7,"x":1},
                {"nodeId":42,"endpoint":"https://b/ncp/nodes/42/","x":2}]}"#,
        );
        let document = document.unwrap();
        let tenant = ByteString::from("7");
        for (url, x) in [
            ("https://base/ncp/nodes/a", Some("1")),
            ("https://base/ncp/nodes/42", Some("2")),
            ("https://b/ncp/nodes/42", Some("2")),
            ("https://base/ncp/nodes/b", None),
            ("https://elsewhere/ncp/nodes/42", None),
            ("https://elsewhere/agents/a", None),
        ] {
            let node = Endpoint::at(&HttpUrl::parse(url).unwrap(), Some(&BASE));
            let found = find_node(&document, &node, Some(&tenant), Some(&BASE));
            let found = found.map(|entry| entry.get("x").unwrap().as_str().to_owned());
            assert_eq!(found.as_deref(), x, "{url}");
        }
    }

    #[test]
    fn an_endpoint_is_no_less_safe_than_the_document() {
        let text = r#"{"nodes":[{"resId":"r","endpoint":"http://a/ncp/nodes/1"}]}"#;
        let document = Json::parse(text).unwrap();
        let address = "res:r".parse().unwrap();
        for (base, is_wrong) in [
            ("https://base", true),
            ("HTTPS://base", true),
            ("http://base", false),
        ] {
            let found = find(&document, &address, None, Some(&base.into()));
            let Ok(Found::Node(member)) = found else {
                panic!("{found:?}");
            };
            assert_eq!(member.wrong.is_some(), is_wrong, "{base}");
        }
    }
}
