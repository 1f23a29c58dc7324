//! Whether, and when, a failed attempt is repeated: wire contract, section 6.
//!
//! Pure decisions: the randomness and the time that is left are passed in.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod after;
mod budget;
#[cfg(test)]
mod tests;

use core::time::Duration;

use crate::{Error, ErrorCode};

pub use after::parse_retry_after;
pub use budget::RetryBudget;

/// Whether an error is of the kind that passes: the same call may well succeed a little later.
///
/// It goes by the HTTP status, as answers of proxies have no code of their own. The client's own
/// errors have none, and of them only `network` passes: its own `timeout` means that no time is
/// left.
pub fn is_passing(error: &Error) -> bool {
    match error.status() {
        0 => *error.code() == ErrorCode::Network,
        500 => error.is_retryable(),
        408 | 425 | 429 | 502..=504 => true,
        _ => false,
    }
}

/// How often a call is repeated, and how long it waits before.
///
/// ```
/// use std::time::Duration;
/// use ancp_core::retry::RetryPolicy;
/// let policy = RetryPolicy { max_retries: 5, ..RetryPolicy::default() };
/// assert!(policy.delay(0, u32::MAX) <= Duration::from_millis(200));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Retries after the first attempt.
    pub max_retries: u32,
    /// The longest wait before the first retry; it doubles with each further one.
    pub base: Duration,
    /// The longest wait of all.
    pub cap: Duration,
}

impl Default for RetryPolicy {
    /// 3 retries, base 200 ms, cap 5 s.
    fn default() -> Self {
        Self {
            max_retries: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
        }
    }
}

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// What went wrong.
    pub error: &'a Error,
    /// Retries made so far: 0 after the first attempt.
    pub retries: u32,
    /// What the answer's `Retry-After` said.
    pub retry_after: Option<Duration>,
    /// Time until the call's deadline, where it has one.
    pub remaining: Option<Duration>,
}

impl RetryPolicy {
    /// No retries.
    pub fn disabled() -> Self {
        Self {
            max_retries: 0,
            ..Self::default()
        }
    }

    /// The wait before the next attempt, or `None` to give the failure to the caller now.
    ///
    /// A wait that would use up the deadline is not begun, so that the caller hears of the failure
    /// at once. The budget is charged only where the answer is a retry. `random` is uniform over
    /// all of `u32`.
    pub fn decide(
        &self,
        budget: &RetryBudget,
        failure: Failure<'_>,
        random: u32,
    ) -> Option<Duration> {
        if failure.retries >= self.max_retries || !is_passing(failure.error) {
            return None;
        }
        let wait = match failure.retry_after {
            Some(wait) => wait,
            None => self.delay(failure.retries, random),
        };
        let in_time = failure.remaining.is_none_or(|remaining| wait < remaining);
        (in_time && budget.withdraw()).then_some(wait)
    }

    /// Exponential backoff with full jitter: uniform between 0 and `base` doubled `retries` times,
    /// at most `cap`, in whole milliseconds. `random` is uniform over all of `u32`.
    pub fn delay(&self, retries: u32, random: u32) -> Duration {
        // Milliseconds within `u32` (49 days), so that no product is over 64 bits.
        let base = clamped_millis(self.base);
        let cap = clamped_millis(self.cap);
        let limit = (base << retries.min(31)).min(cap);
        Duration::from_millis(((limit + 1) * u64::from(random)) >> 32)
    }
}

fn clamped_millis(duration: Duration) -> u64 {
    let millis = duration.as_secs().saturating_mul(1000);
    let millis = millis.saturating_add(duration.subsec_millis().into());
    millis.min(u32::MAX.into())
}
