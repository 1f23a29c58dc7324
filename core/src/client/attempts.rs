//! What comes after each attempt at an endpoint: another one, with a fresh credential or after a wait, or the failure.

use core::time::Duration;

use super::Settings;
use crate::address::origin_of;
use crate::auth::{Key, is_credential};
use crate::retry::Failure;
use crate::transport::{Operation, Request};
use crate::{Error, Result};

/// The attempts of one request at one endpoint.
pub(super) struct Attempts {
    /// Whether there is a credential that the request must not carry, as it goes elsewhere than the user has said.
    withheld: bool,
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
    /// Takes headers that hold a credential out of a request that must not carry it.
    pub(super) fn new<P>(settings: &Settings, request: &mut Request<P>) -> Self {
        let credentials = &settings.credentials;
        let mut withheld = false;
        if !credentials.may_go_to(request.target()) {
            let before = request.headers.len();
            request.headers.retain(|(name, _)| !is_credential(name));
            withheld = credentials.are_set() || request.headers.len() < before;
        }
        Self {
            withheld,
            shown: None,
            refused: None,
            retries: 0,
            delivered: false,
        }
    }

    /// Whether the next attempt shows the client's credential.
    pub(super) fn shows_credential<P>(&self, request: &Request<P>) -> bool {
        // Documents are public, and may be asked for before there is a credential.
        let public = matches!(
            request.operation,
            Operation::Discover | Operation::DidDocument { .. }
        );
        !self.withheld && !public
    }

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
        if error.status() == 401 {
            if self.withheld {
                return Err(explain(error, request.target()));
            }
            if self.refused.is_none() && shown.is_some() && settings.credentials.can_renew() {
                self.refused = shown;
                return Ok(Next::AtOnce);
            }
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

/// What to do about a 401 of a node that was shown no credential.
fn explain(error: Error, target: &str) -> Error {
    let message = [
        "the credential was withheld from ",
        origin_of(target),
        ", which is not the baseUrl's origin; if it may have the credential, name it in credentialOrigins (the node says: ",
        error.message(),
        ")",
    ];
    let message = message.concat();
    error.with_message(message)
}
