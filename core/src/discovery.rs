//! Documents that say where nodes are and what they offer: looked up once for all calls that want
//! one, and believed for a minute.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use crate::address::HttpUrl;
use crate::json::Json;
use crate::sync::{Gate, Lock};
use crate::{Error, Result};

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
    /// The last one that could be read, and when.
    good: Option<(Duration, Json)>,
    /// Why the latest look-up failed, and when. Nothing where it did not.
    failed: Option<(Duration, Error)>,
    /// How often it was looked up.
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
    /// How often it was looked up: the number of what is kept.
    pub(crate) fn reads(&self) -> u32 {
        self.kept.lock().reads
    }

    /// What is known at this time, also that there is none. A failed look-up takes nothing away from
    /// a document that is not out of date.
    pub(crate) fn known(&self, now: Duration) -> Option<Result<Json>> {
        let is_kept = |read_at: &Duration| now.saturating_sub(*read_at) < KEPT_FOR;
        let Kept { good, failed, .. } = &*self.kept.lock();
        let good = good.as_ref().filter(|(read_at, _)| is_kept(read_at));
        let failed = failed.as_ref().filter(|(read_at, _)| is_kept(read_at));
        match (good, failed) {
            (Some((_, document)), _) => Some(Ok(document.clone())),
            (None, failed) => failed.map(|(_, error)| Err(error.clone())),
        }
    }

    pub(crate) fn keep(&self, now: Duration, outcome: Result<Json>) {
        let mut kept = self.kept.lock();
        kept.reads = kept.reads.wrapping_add(1);
        kept.failed = None;
        match outcome {
            Ok(document) => kept.good = Some((now, document)),
            Err(error) => kept.failed = Some((now, error)),
        }
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
            if kept.reads != seen {
                match (&kept.failed, &kept.good) {
                    (Some((_, error)), _) => return Err(error.clone()),
                    (None, Some((_, document))) => return Ok(document.clone()),
                    (None, None) => {}
                }
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
    fn a_failure_takes_the_place_of_a_document_that_is_out_of_date_only() {
        let document = Document::default();
        let at = Duration::from_secs;
        let late = || Error::new(crate::ErrorCode::Network, "broken");
        document.keep(at(100), Ok(Json::null()));
        document.keep(at(130), Err(late()));
        assert!(document.known(at(159)).is_some_and(|known| known.is_ok()));
        assert!(document.known(at(160)).is_some_and(|known| known.is_err()));
        assert!(document.known(at(190)).is_none());
        document.keep(at(200), Ok(Json::null()));
        assert!(document.known(at(201)).is_some_and(|known| known.is_ok()));
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
