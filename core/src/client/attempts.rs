//! What comes after each attempt at an endpoint: another one, with a fresh credential or after a wait, or the failure.

use core::time::Duration;

use crate::retry::{Failure, RetryBudget, RetryPolicy};
use crate::{Error, Result};

/// How a client's attempts are repeated.
pub(crate) struct Retries {
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: RetryBudget,
}

/// The attempts of one request at one endpoint. `K` is what credentials are made of.
pub(super) struct Attempts<K> {
    /// The key that the attempt at work shows.
    pub(super) shown: Option<K>,
    /// The key that the node has refused.
    refused: Option<K>,
    retries: u32,
    /// Whether the node may have seen an attempt before the last.
    delivered: bool,
}

/// What comes next.
pub(super) enum Next {
    AtOnce,
    After(Duration),
}

impl<K> Attempts<K> {
    pub(super) fn new() -> Self {
        Self {
            shown: None,
            refused: None,
            retries: 0,
            delivered: false,
        }
    }

    pub(super) fn refused(&self) -> Option<&K> {
        self.refused.as_ref()
    }

    /// An error that keeps the next attempt from being made.
    pub(super) fn prevented(&self, error: Error) -> Error {
        error.or_delivered(self.delivered)
    }

    /// What comes after an attempt that has failed. `can_renew` is whether there may be another key. A failure that `retry`
    /// denies is not repeated.
    ///
    /// # Errors
    /// The failure, where another attempt would not help, or would come too late.
    pub(super) fn failed(
        &mut self,
        retries: &Retries,
        can_renew: bool,
        error: Error,
        retry: &dyn Fn(&Error) -> bool,
        remaining: Duration,
        random: u32,
    ) -> Result<Next> {
        let error = error.or_delivered(self.delivered);
        self.delivered = error.may_have_been_delivered();
        let shown = self.shown.take();
        if error.status() == 401 && self.refused.is_none() && shown.is_some() && can_renew {
            self.refused = shown;
            return Ok(Next::AtOnce);
        }
        if !retry(&error) {
            return Err(error);
        }
        let failure = Failure {
            error: &error,
            retries: self.retries,
            retry_after: error.retry_after(),
            remaining: Some(remaining),
        };
        match retries.policy.decide(&retries.budget, failure, random) {
            Some(delay) => {
                self.retries += 1;
                Ok(Next::After(delay))
            }
            None => Err(error),
        }
    }
}
