//! Exact amounts: decimal numbers as people write them, base units as tokens count them.

use std::fmt;

use alloy_primitives::U256;

/// An amount that can't be counted in base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AmountError {
    NotDecimal,
    TooFine,
    TooLarge,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotDecimal => "not a decimal number such as 5.00",
            Self::TooFine => "more decimal places than the token has",
            Self::TooLarge => "too large for a token",
        })
    }
}

impl std::error::Error for AmountError {}

/// `1.5` with 6 decimals is 1500000. There is no sign, no exponent, and no rounding.
pub(crate) fn to_units(amount: &str, decimals: u8) -> Result<U256, AmountError> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(AmountError::NotDecimal);
    }
    let places = usize::from(decimals);
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return Err(AmountError::TooFine);
    }
    let units = format!("{whole}{fraction:0<places$}");
    U256::from_str_radix(&units, 10).map_err(|_| AmountError::TooLarge)
}

/// 1500000 with 6 decimals is `1.50`: at least two places, and no zeros behind them.
pub(crate) fn to_decimal(units: U256, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{units:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{whole}.{:0<2}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_amounts() {
        for (amount, decimals, units) in [
            ("5.00", 6, Ok(5_000_000)),
            ("0.000001", 6, Ok(1)),
            ("007", 0, Ok(7)),
            ("1.50", 1, Ok(15)),
            ("0", 6, Ok(0)),
            ("0.0000001", 6, Err(AmountError::TooFine)),
            ("1.5", 0, Err(AmountError::TooFine)),
            ("1", 78, Err(AmountError::TooLarge)),
            ("1", u8::MAX, Err(AmountError::TooLarge)),
        ] {
            assert_eq!(
                to_units(amount, decimals),
                units.map(U256::from),
                "{amount}"
            );
        }
        for amount in [
            "", ".", "1.", ".5", "-1", "+1", "1e3", "1,0", "1_0", " 1", "0x1", "1.2.3", "٣",
        ] {
            assert_eq!(
                to_units(amount, 6),
                Err(AmountError::NotDecimal),
                "{amount}"
            );
        }
    }

    #[test]
    fn shown_amounts() {
        for (units, decimals, amount) in [
            (5_000_000, 6, "5.00"),
            (1, 6, "0.000001"),
            (1_230_000, 6, "1.23"),
            (7, 0, "7.00"),
            (0, 18, "0.00"),
        ] {
            assert_eq!(to_decimal(U256::from(units), decimals), amount);
        }
    }

    fn units() -> impl Strategy<Value = U256> {
        any::<[u8; 32]>().prop_map(U256::from_be_bytes)
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same(units in units(), decimals: u8) {
            prop_assert_eq!(to_units(&to_decimal(units, decimals), decimals), Ok(units));
        }

        #[test]
        fn agrees_with_integers(whole in 0..=u32::MAX, fraction in 0..1_000_000_u32) {
            let units = u64::from(whole) * 1_000_000 + u64::from(fraction);
            let amount = format!("{whole}.{fraction:06}");
            prop_assert_eq!(to_units(&amount, 6), Ok(U256::from(units)));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String, decimals: u8) {
            let _ = to_units(&text, decimals);
        }
    }
}
