//! What comes after each attempt at an endpoint: another one, with a fresh credential or after a wait, or the failure.

use core::time::Duration;

use super::Settings;
use crate::auth::Key;
use crate::retry::Failure;
use crate::transport::Request;
use crate::{Error, Result};

/// The attempts of one request at one endpoint.
#[derive(Default)]
pub(super) struct Attempts {
    /// The credential that the attempt at work shows.
    pub(super) shown: Option<Key>,
    /// The credential that the node has refused.
    refused: Option<Key>,
    retries: u32,
    /// Whether the node may have seen an attempt before the last.
    delivered: bool,
}

/// What comes next.
pub(super) enum Next {
    AtOnce,
    After(Duration),
}

impl Attempts {
    pub(super) fn refused(&self) -> Option<&Key> {
        self.refused.as_ref()
    }

    /// An error that keeps the next attempt from being made.
    pub(super) fn prevented(&self, error: Error) -> Error {
        error.or_delivered(self.delivered)
    }

    /// What comes after an attempt that has failed. A failure that `retry` denies is not repeated.
    ///
    /// # Errors
    /// The failure, where another attempt would not help, or would come too late.
    pub(super) fn failed<P>(
        &mut self,
        settings: &Settings,
        request: &mut Request<P>,
        error: Error,
        retry: &dyn Fn(&Error) -> bool,
        remaining: Duration,
        random: u32,
    ) -> Result<Next> {
        let error = error
            .or_delivered(self.delivered)
            .without_credential(request.credential.take().as_ref());
        self.delivered = error.may_have_been_delivered();
        let shown = self.shown.take();
        if error.status() == 401
            && self.refused.is_none()
            && shown.is_some()
            && settings.credentials.can_renew()
        {
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
        match settings.retry.decide(&settings.budget, failure, random) {
            Some(delay) => {
                self.retries += 1;
                Ok(Next::After(delay))
            }
            None => Err(error),
        }
    }
}
