//! A bound on retries over all calls of a client.

use core::sync::atomic::{AtomicU32, Ordering};

/// The number of retries that a client may make before successes have to pay for more: a token
/// bucket shared by all its calls. Each retry takes one token, each success gives half of one
/// back. While a node is down, every caller would otherwise multiply the load on it by the number
/// of attempts.
#[derive(Debug)]
pub struct RetryBudget {
    /// In halves of a token; `None` for no bound.
    capacity: Option<u32>,
    halves: AtomicU32,
}

impl Default for RetryBudget {
    /// 100 retries.
    fn default() -> Self {
        Self::new(100)
    }
}

impl RetryBudget {
    /// A full budget of so many retries.
    pub fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(2);
        Self {
            capacity: Some(capacity),
            halves: AtomicU32::new(capacity),
        }
    }

    /// No bound.
    pub fn disabled() -> Self {
        Self {
            capacity: None,
            halves: AtomicU32::new(0),
        }
    }

    /// Takes one retry, if there is one left.
    pub fn withdraw(&self) -> bool {
        self.capacity.is_none() || self.change(|halves| halves.checked_sub(2))
    }

    /// To be called when a call has succeeded.
    pub fn deposit(&self) {
        if let Some(capacity) = self.capacity {
            self.change(|halves| (halves < capacity).then(|| halves + 1));
        }
    }

    fn change(&self, change: impl FnMut(u32) -> Option<u32>) -> bool {
        // Relaxed: the number guards no other memory.
        self.halves
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdrawn(budget: &RetryBudget) -> usize {
        (0..1000).take_while(|_| budget.withdraw()).count()
    }

    #[test]
    fn two_successes_pay_for_a_retry() {
        let budget = RetryBudget::default();
        assert_eq!(withdrawn(&budget), 100);
        budget.deposit();
        assert!(!budget.withdraw());
        budget.deposit();
        assert_eq!(withdrawn(&budget), 1);
    }

    #[test]
    fn it_holds_no_more_than_its_capacity() {
        let budget = RetryBudget::new(2);
        (0..10).for_each(|_| budget.deposit());
        assert_eq!(withdrawn(&budget), 2);
        let none = RetryBudget::new(0);
        none.deposit();
        none.deposit();
        assert_eq!(withdrawn(&none), 0);
        let budget = RetryBudget::new(u32::MAX);
        budget.deposit();
        assert!(budget.withdraw());
    }

    #[test]
    fn disabled_is_without_bound() {
        let budget = RetryBudget::disabled();
        budget.deposit();
        assert_eq!(withdrawn(&budget), 1000);
    }

    #[test]
    fn threads_share_it() {
        let budget = RetryBudget::new(1000);
        let total: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| withdrawn(&budget))).collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(total, 1000);
    }
}
