//! The discovery document: what nodes there are, what they offer.

use core::time::Duration;

use crate::client::{CallOptions, Client};
use crate::json::Json;
use crate::message::NodeId;
use crate::sync::Lock;
use crate::transport::Payload;

/// How long a document, or that there is none, is believed before it is looked up again.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// How long a look-up may take that only serves a better way of waiting.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(5);

/// What the last look-up came to, and when: a node that has no document is not asked at every wait.
#[derive(Default)]
pub(crate) struct DiscoveryCache(Lock<Option<(Duration, Option<Json>)>>);

impl DiscoveryCache {
    pub(crate) fn get(&self, now: Duration) -> Option<Option<Json>> {
        let kept = self.0.lock();
        let (read_at, document) = kept.as_ref()?;
        (now.saturating_sub(*read_at) < KEPT_FOR).then(|| document.clone())
    }

    pub(crate) fn keep(&self, now: Duration, document: Option<Json>) {
        *self.0.lock() = Some((now, document));
    }
}

impl<P: Payload> Client<P> {
    /// Whether the node says that it offers a feature. Where its document can't be had, it does not.
    pub(crate) async fn has_feature(&self, feature: &str) -> bool {
        let Some(document) = self.document().await else {
            return false;
        };
        node_of(&document, self.node_id())
            .and_then(|node| node.get("features")?.get(feature))
            .is_some_and(|offered| offered.as_str() == "true")
    }

    async fn document(&self) -> Option<Json> {
        if let Some(document) = self.discovery().get(self.now()) {
            return document;
        }
        let options = CallOptions::new().timeout(LOOK_UP_LIMIT);
        let document = self.discover(options).await.ok();
        if document.is_none() {
            self.discovery().keep(self.now(), None);
        }
        document
    }
}

/// The entry of a node: the one of that id, or the only one there is.
fn node_of(document: &Json, id: Option<&NodeId>) -> Option<Json> {
    let mut nodes = document.get("nodes")?.elements();
    match id {
        Some(id) => nodes.into_iter().find(|node| {
            let found = node.get("nodeId");
            found.is_some_and(|found| unquoted(found.as_str()) == id.as_str())
        }),
        None if nodes.len() == 1 => nodes.pop(),
        None => None,
    }
}

/// An id's text, be it a JSON string (without escapes, which no id needs) or a number.
fn unquoted(json: &str) -> &str {
    let inner = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_found_by_its_id_as_text() {
        let document =
            Json::parse(r#"{"nodes":[{"nodeId":"a","x":1},{"nodeId":42,"x":2}]}"#).unwrap();
        for (id, x) in [("a", "1"), ("42", "2")] {
            let node = node_of(&document, Some(&NodeId::new(id).unwrap())).unwrap();
            assert_eq!(node.get("x").unwrap().as_str(), x);
        }
        assert!(node_of(&document, Some(&NodeId::new("b").unwrap())).is_none());
        assert!(node_of(&document, None).is_none());
    }

    #[test]
    fn a_document_is_kept_for_a_minute() {
        let cache = DiscoveryCache::default();
        cache.keep(Duration::from_secs(100), None);
        assert!(cache.get(Duration::from_secs(159)).is_some());
        assert!(cache.get(Duration::from_secs(160)).is_none());
    }
}
