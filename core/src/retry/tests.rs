use proptest::prelude::*;

use super::*;

fn error(status: u16) -> Error {
    Error::new(ErrorCode::Other("x".into()), "x").with_status(status)
}

fn failure(error: &Error) -> Failure<'_> {
    Failure {
        error,
        retries: 0,
        retry_after: None,
        remaining: None,
    }
}

#[test]
fn what_passes() {
    for status in [408, 425, 429, 502, 503, 504] {
        assert!(is_passing(&error(status)), "{status}");
    }
    for status in [
        0, 200, 302, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 500, 501, 505,
    ] {
        assert!(!is_passing(&error(status)), "{status}");
    }
    assert!(is_passing(&error(500).retryable(true)));
    assert!(is_passing(&Error::new(ErrorCode::Network, "")));
    for code in [
        ErrorCode::Aborted,
        ErrorCode::InvalidResponse,
        ErrorCode::StreamInterrupted,
        ErrorCode::Closed,
    ] {
        assert!(!is_passing(&Error::new(code, "").retryable(true)));
    }
    // The node's timeout passes, the call's own deadline does not.
    let timeout = Error::new(ErrorCode::Timeout, "");
    assert!(is_passing(&timeout));
    assert!(!is_passing(&timeout.with_status(0)));
}

#[test]
fn backoff_doubles_up_to_the_cap() {
    let policy = RetryPolicy::default();
    for (retries, limit) in [
        (0, 200),
        (1, 400),
        (4, 3200),
        (5, 5000),
        (31, 5000),
        (u32::MAX, 5000),
    ] {
        assert_eq!(policy.delay(retries, u32::MAX).as_millis(), limit);
        assert_eq!(policy.delay(retries, 1 << 31).as_millis(), limit / 2);
        assert_eq!(policy.delay(retries, 0), Duration::ZERO);
    }
}

#[test]
fn retry_after_replaces_the_backoff() {
    let error = error(503);
    for wait in [Duration::ZERO, Duration::from_secs(60)] {
        let failure = Failure {
            retry_after: Some(wait),
            ..failure(&error)
        };
        let decision = RetryPolicy::default().decide(&RetryBudget::default(), failure, u32::MAX);
        assert_eq!(decision, Some(wait));
    }
}

#[test]
fn a_wait_that_would_pass_the_deadline_is_not_begun() {
    let error = error(503);
    let policy = RetryPolicy::default();
    let budget = RetryBudget::new(1);
    let mut failure = Failure {
        remaining: Some(Duration::from_millis(200)),
        ..failure(&error)
    };
    assert_eq!(policy.decide(&budget, failure, u32::MAX), None);
    failure.remaining = Some(Duration::from_millis(201));
    // What was not begun has cost nothing.
    assert!(policy.decide(&budget, failure, u32::MAX).is_some());
    assert_eq!(policy.decide(&budget, failure, 0), None);
}

#[test]
fn retries_are_counted() {
    let error = error(503);
    let budget = RetryBudget::disabled();
    for retries in 0..5 {
        let failure = Failure {
            retries,
            ..failure(&error)
        };
        let decision = RetryPolicy::default().decide(&budget, failure, 0);
        assert_eq!(decision.is_some(), retries < 3);
        assert_eq!(RetryPolicy::disabled().decide(&budget, failure, 0), None);
    }
}

#[test]
fn a_lasting_error_is_not_retried() {
    let error = error(400);
    let budget = RetryBudget::new(1);
    let failure = Failure {
        retry_after: Some(Duration::ZERO),
        ..failure(&error)
    };
    assert_eq!(RetryPolicy::default().decide(&budget, failure, 0), None);
    assert!(budget.withdraw());
}

proptest! {
    #[test]
    fn a_delay_is_within_its_bounds(
        base in any::<u64>(), cap in any::<u64>(), retries in any::<u32>(), random in any::<u32>(),
    ) {
        let policy = RetryPolicy {
            max_retries: 1,
            base: Duration::from_millis(base),
            cap: Duration::from_millis(cap),
        };
        prop_assert!(policy.delay(retries, random) <= policy.cap);
        let doubled = u128::from(base) << retries.min(63);
        prop_assert!(policy.delay(retries, random).as_millis() <= doubled);
    }

    #[test]
    fn retry_after_never_panics(text in "[-+0-9A-Za-z:, ]{0,40}", now in any::<u64>()) {
        parse_retry_after(&text, now);
    }

    #[test]
    fn a_decision_is_within_the_deadline(
        status in 400u16..600, retries in 0u32..6, random in any::<u32>(),
        retry_after in prop::option::of(0u64..10_000), remaining in 0u64..10_000,
    ) {
        let error = error(status);
        let failure = Failure {
            error: &error,
            retries,
            retry_after: retry_after.map(Duration::from_millis),
            remaining: Some(Duration::from_millis(remaining)),
        };
        let budget = RetryBudget::new(1);
        if let Some(wait) = RetryPolicy::default().decide(&budget, failure, random) {
            prop_assert!(wait < Duration::from_millis(remaining));
            prop_assert!(retries < 3 && is_passing(&error));
            prop_assert!(retry_after.is_none_or(|after| wait == Duration::from_millis(after)));
            prop_assert!(!budget.withdraw());
        }
    }
}
