//! What a node asks of a message beyond being readable: that it is a node call, and for this node.

use ancp_core::message::{AddressUri, EnvelopeError, Message, NodeId, Pattern, Scheme};
use ancp_core::{ErrorCode, Json};
use bytestring::ByteString;
use serde_json::Value;

use crate::Failure;
use crate::answer::Identity;

/// A request that is a node call.
pub(crate) struct Call {
    pub(crate) message: Message<Json>,
    pub(crate) action: ByteString,
    pub(crate) pattern: Pattern,
}

/// Checks the envelope first, then the tenant.
pub(crate) fn check(
    text: &str,
    read: Result<Message<Json>, EnvelopeError>,
    identity: &Identity,
) -> Result<Call, Failure> {
    let message = match read {
        Ok(message) => message,
        Err(error) => {
            // Where only the tenants differ, what else is wrong comes first.
            if error.code == ErrorCode::TenantMismatch
                && let Some((message, destination)) = without_tenant(text)
            {
                check_call(&message, Some(&destination), identity)?;
            }
            return Err(Failure::new(error.code, error.message));
        }
    };
    let destination = message.route.as_ref().map(|route| &route.destination);
    let (action, pattern) = check_call(&message, destination, identity)?;
    check_tenant(&message, identity)?;
    Ok(Call {
        message,
        action,
        pattern,
    })
}

fn check_call(
    message: &Message<Json>,
    destination: Option<&AddressUri>,
    identity: &Identity,
) -> Result<(ByteString, Pattern), Failure> {
    let invalid = |what: &str| Failure::new(ErrorCode::InvalidEnvelope, what);
    let Some(ncp) = &message.ncp else {
        return Err(invalid("ncp is missing"));
    };
    let Some(action) = &ncp.action else {
        return Err(invalid("ncp.action is missing"));
    };
    let Some(pattern) = ncp.pattern else {
        return Err(invalid("ncp.pattern is missing"));
    };
    if message.kind != pattern.message_type() {
        return Err(invalid("type does not go with ncp.pattern"));
    }
    let other_node = |id: &NodeId| *id != identity.node_id;
    if ncp.node_id.as_ref().is_some_and(other_node) {
        return Err(invalid("ncp.nodeId names another node"));
    }
    // Whatever its tenant, which is judged later.
    let elsewhere = |address: &AddressUri| {
        address.scheme() != Scheme::Node || address.path() != identity.node_id.as_str()
    };
    if destination.is_some_and(elsewhere) {
        return Err(invalid("destination names another node"));
    }
    Ok((action.clone(), pattern))
}

fn check_tenant(message: &Message<Json>, identity: &Identity) -> Result<(), Failure> {
    let route = message.route.as_ref().map(|route| &*route.tenant_id);
    let reply_to = message.reply_to.as_ref().map(AddressUri::tenant);
    let foreign = |tenant: &str| tenant != &*identity.tenant_id;
    if [route, reply_to].into_iter().flatten().any(foreign) {
        let message = "the node belongs to another tenant";
        return Err(Failure::new(ErrorCode::TenantMismatch, message));
    }
    Ok(())
}

/// A message without what names its tenant, and its destination.
fn without_tenant(text: &str) -> Option<(Message<Json>, AddressUri)> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    let header = value.as_object_mut()?;
    let destination = header.remove("destination")?;
    for name in ["source", "tenantId", "replyTo"] {
        header.remove(name);
    }
    let message = Message::from_envelope(&value.to_string().into()).ok()?;
    let destination = AddressUri::parse(destination.as_str()?.to_owned()).ok()?;
    Some((message, destination))
}

/// The action of a message, whatever else is wrong with it: system actions need no credential,
/// which is judged before the envelope.
pub(crate) fn peek_action(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    let action = value.pointer("/body/data/metadata/extensions/ncp/action")?;
    action.as_str().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peeks_at_unreadable_messages() {
        let ping = r#"{"id":7,"body":{"data":{"metadata":{"extensions":{"ncp":{"action":"ancp.ping"}}}}}}"#;
        assert_eq!(peek_action(ping).as_deref(), Some("ancp.ping"));
        for nothing in ["", "7", "{}", r#"{"body":{"data":null}}"#] {
            assert_eq!(peek_action(nothing), None, "{nothing}");
        }
    }
}
