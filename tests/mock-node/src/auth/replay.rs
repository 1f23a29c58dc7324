//! Remembers proofs, so that each is accepted once.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// What tells proofs apart: a hash, as callers choose how long their ids are.
type Mark = [u8; 32];

pub(super) struct ReplayMemory {
    max: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    marks: HashSet<Mark>,
    /// By the second from which on nobody would accept them any more.
    ends: BTreeMap<u64, Vec<Mark>>,
}

/// Why a proof is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unaccepted {
    /// It was before.
    Replayed,
    /// No more can be remembered. To forget one instead would let it be used again.
    Full,
}

impl ReplayMemory {
    /// Remembers at most so many.
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            seen: Mutex::default(),
        }
    }

    /// Accepts a proof of a DID, once until it ends.
    pub(super) fn accept(
        &self,
        did: &str,
        jti: &str,
        end: f64,
        now: f64,
    ) -> Result<(), Unaccepted> {
        let mark = mark(did, jti);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget_ended(now);
        if seen.marks.contains(&mark) {
            return Err(Unaccepted::Replayed);
        }
        if seen.marks.len() >= self.max {
            return Err(Unaccepted::Full);
        }
        seen.marks.insert(mark);
        // Positive and of our time: it was checked against the clock.
        let end = end.ceil() as u64;
        seen.ends.entry(end).or_default().push(mark);
        Ok(())
    }
}

impl Seen {
    fn forget_ended(&mut self, now: f64) {
        while let Some(first) = self.ends.first_entry()
            && *first.key() as f64 <= now
        {
            for mark in first.remove() {
                self.marks.remove(&mark);
            }
        }
    }
}

fn mark(did: &str, jti: &str) -> Mark {
    // A DID has no NUL: two different pairs never become the same text.
    Sha256::digest(format!("{did}\0{jti}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_accepted_once_until_it_ends() {
        let memory = ReplayMemory::new(3);
        let replayed = Err(Unaccepted::Replayed);
        let full = Err(Unaccepted::Full);
        for (did, jti, end, now, expected) in [
            ("a", "1", 10.5, 0.0, Ok(())),
            ("a", "1", 10.5, 0.0, replayed),
            ("a", "1", 99.0, 5.0, replayed),
            ("b", "1", 20.0, 5.0, Ok(())),
            ("a", "2", 20.0, 5.0, Ok(())),
            ("a", "3", 20.0, 5.0, full),
            ("a", "1", 99.0, 10.9, replayed),
            // The first has ended, and has made room.
            ("a", "3", 20.0, 11.0, Ok(())),
            ("a", "4", 40.0, 19.9, full),
            ("a", "4", 40.0, 20.0, Ok(())),
        ] {
            assert_eq!(
                memory.accept(did, jti, end, now),
                expected,
                "{did} {jti} {now}"
            );
        }
        let seen = memory.seen.lock().unwrap();
        assert_eq!((seen.marks.len(), seen.ends.len()), (1, 1));
    }
}
