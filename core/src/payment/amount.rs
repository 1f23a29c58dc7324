use core::ops::Sub;

use crate::text::split_once;

/// An amount of USDC, exactly: in units of 10^-18, the finest that tokens have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Amount(u128);

/// Digits before and after the point. Together they are fewer than `u128` holds, so that reading can't overflow.
const WHOLE: usize = 20;
const FRACTION: usize = 18;

impl Amount {
    /// Reads a decimal such as `5` or `5.00`; nothing where it is something else, or has more digits than an amount
    /// can have.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = split_once(text, b'.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() > WHOLE || fraction.len() > FRACTION {
            return None;
        }
        let padding = core::iter::repeat_n(b'0', FRACTION - fraction.len());
        let digits = whole.bytes().chain(fraction.bytes()).chain(padding);
        Some(Self(digits.fold(0, |value, digit| {
            value * 10 + u128::from(digit - b'0')
        })))
    }

    pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

/// At least zero.
impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(text: &str) -> Option<u128> {
        Amount::parse(text).map(|amount| amount.0)
    }

    #[test]
    fn decimals_are_read_exactly() {
        const ONE: u128 = 1_000_000_000_000_000_000;
        for (text, value) in [
            ("0", 0),
            ("0.00", 0),
            ("5", 5 * ONE),
            ("5.00", 5 * ONE),
            ("05.0", 5 * ONE),
            ("0.000001", ONE / 1_000_000),
            ("0.000000000000000001", 1),
            ("0.1000000000000000000000000", ONE / 10),
            ("00000000000000000000000000001", ONE),
            (
                "99999999999999999999.999999999999999999",
                10_u128.pow(38) - 1,
            ),
        ] {
            assert_eq!(units(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            ".",
            "5.",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1,5",
            "0x10",
            " 1",
            "1 ",
            "1.2.3",
            "NaN",
            "\u{661}",
            "100000000000000000000",
            "0.0000000000000000001",
        ] {
            assert_eq!(units(text), None, "{text}");
        }
    }

    #[test]
    fn a_sum_does_not_overflow() {
        let most = Amount(u128::MAX);
        assert_eq!(most.checked_add(Amount(1)), None);
        assert_eq!(most.checked_add(Amount(0)), Some(most));
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_cents(a in 0..10_u64.pow(15), b in 0..10_u64.pow(15)) {
            let text = |cents: u64| format!("{}.{:02}", cents / 100, cents % 100);
            let amount = |cents: u64| Amount::parse(&text(cents)).unwrap();
            prop_assert_eq!(amount(a).checked_add(amount(b)), Some(amount(a + b)));
            prop_assert_eq!(amount(a).cmp(&amount(b)), a.cmp(&b));
            prop_assert_eq!(amount(a) - amount(b), amount(a.saturating_sub(b)));
        }

        #[test]
        fn zeros_around_it_change_nothing(
            whole in "[1-9][0-9]{0,18}", fraction in "[0-9]{0,17}[1-9]", zeros in "0{0,30}"
        ) {
            let plain = units(&format!("{whole}.{fraction}"));
            prop_assert!(plain.is_some());
            prop_assert_eq!(units(&format!("{zeros}{whole}.{fraction}{zeros}")), plain);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = units(&text);
        }
    }
}
