//! Documents that say where nodes are and what they offer: looked up once for all calls that want
//! one, and believed for a minute.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use crate::Result;
use crate::address::HttpUrl;
use crate::json::Json;
use crate::sync::{Gate, Lock};

/// How long a document, or that there is none, is believed before it is looked up again.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// How many DIDs' documents are kept.
const DIDS: usize = 16;

/// The documents that a client has read.
#[derive(Default)]
pub(crate) struct Documents {
    /// The discovery document.
    pub(crate) nodes: Arc<Document>,
    /// DIDs' documents by their URLs.
    dids: Lock<VecDeque<(HttpUrl, Arc<Document>)>>,
}

impl Documents {
    /// The document at a URL, be it read already or not.
    pub(crate) fn did(&self, url: &HttpUrl) -> Arc<Document> {
        let mut dids = self.dids.lock();
        if let Some((_, document)) = dids.iter().find(|(other, _)| other == url) {
            return Arc::clone(document);
        }
        if dids.len() == DIDS {
            dids.pop_front();
        }
        let document = Arc::<Document>::default();
        dids.push_back((url.clone(), Arc::clone(&document)));
        document
    }
}

/// What the last look-up of a document came to.
pub(crate) struct Document {
    kept: Lock<Kept>,
    /// One call at a time looks it up.
    gate: Gate,
}

#[derive(Default)]
struct Kept {
    /// When it was read, and what came of it.
    last: Option<(Duration, Result<Json>)>,
    /// How often it was read.
    reads: u32,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            kept: Lock::default(),
            gate: Gate::new(true),
        }
    }
}

impl Document {
    /// How often it was read: the number of the version that is kept.
    pub(crate) fn reads(&self) -> u32 {
        self.kept.lock().reads
    }

    /// What is known at this time, also that there is none.
    pub(crate) fn known(&self, now: Duration) -> Option<Result<Json>> {
        let kept = self.kept.lock();
        let (read_at, outcome) = kept.last.as_ref()?;
        (now.saturating_sub(*read_at) < KEPT_FOR).then(|| outcome.clone())
    }

    pub(crate) fn keep(&self, now: Duration, outcome: Result<Json>) {
        let mut kept = self.kept.lock();
        kept.reads = kept.reads.wrapping_add(1);
        kept.last = Some((now, outcome));
    }

    /// Reads the document by `read`, which keeps what comes of it. Whoever comes while another call
    /// reads takes that one's answer, a failure included.
    pub(crate) async fn read_once(
        &self,
        seen: u32,
        read: impl Future<Output = Result<Json>>,
    ) -> Result<Json> {
        let _turn = self.gate.turn().await;
        {
            let kept = self.kept.lock();
            if let (true, Some((_, outcome))) = (kept.reads != seen, &kept.last) {
                return outcome.clone();
            }
        }
        read.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_for_a_minute() {
        let document = Document::default();
        document.keep(Duration::from_secs(100), Ok(Json::null()));
        assert!(document.known(Duration::from_secs(159)).is_some());
        assert!(document.known(Duration::from_secs(160)).is_none());
    }

    #[test]
    fn few_dids_are_kept() {
        let documents = Documents::default();
        let url = |number| HttpUrl::parse(&format!("https://host/{number}")).unwrap();
        let first = documents.did(&url(0));
        assert!(Arc::ptr_eq(&first, &documents.did(&url(0))));
        for number in 1..=DIDS {
            documents.did(&url(number));
        }
        assert_eq!(documents.dids.lock().len(), DIDS);
        assert!(!Arc::ptr_eq(&first, &documents.did(&url(0))));
    }
}
