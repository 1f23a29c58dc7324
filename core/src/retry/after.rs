//! The `Retry-After` header.

use core::time::Duration;

use crate::text::number;

/// Reads the value of a `Retry-After` header: seconds, or an HTTP date in any of its three forms,
/// for which the present time is needed. A date that has passed is no wait at all; what is neither
/// is `None`.
///
/// ```
/// use std::time::Duration;
/// use ancp_core::retry::parse_retry_after;
/// assert_eq!(parse_retry_after("120", 0), Some(Duration::from_secs(120)));
/// let now = 784_111_770_000;
/// let wait = parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now);
/// assert_eq!(wait, Some(Duration::from_secs(7)));
/// ```
pub fn parse_retry_after(text: &str, now_unix_ms: u64) -> Option<Duration> {
    let text = text.trim_ascii();
    if let Some(seconds) = number(text.as_bytes()) {
        // Held within 136 years, so that no sum of times overflows.
        return Some(Duration::from_secs(seconds.min(u32::MAX.into())));
    }
    let millis = http_date(text)? * 1000;
    Some(Duration::from_millis(millis.saturating_sub(now_unix_ms)))
}

/// Seconds since 1970. The forms of a date are
/// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
fn http_date(text: &str) -> Option<u64> {
    let mut words = text
        .as_bytes()
        .split(|byte| b" ,-".contains(byte))
        .filter(|word| !word.is_empty())
        .skip(1);
    let (first, second) = (words.next()?, words.next()?);
    let (third, fourth) = (words.next()?, words.next()?);
    let (day, month, year, time) = match words.next() {
        Some(b"GMT") => (first, second, third, fourth),
        None => (second, first, fourth, third),
        Some(_) => return None,
    };
    if words.next().is_some() {
        return None;
    }

    let month = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    .iter()
    .position(|name| name.as_bytes() == month)? as u64;
    let day = number(day).filter(|day| (1..=31).contains(day))?;
    let year = match (year.len(), number(year)?) {
        (4, year) => year,
        // No date to wait for lies before 1970.
        (2, year) => year + if year < 70 { 2000 } else { 1900 },
        _ => return None,
    };
    if year < 1970 {
        return Some(0);
    }

    let mut seconds = 0;
    let mut parts = time.split(|byte| *byte == b':');
    for limit in [23, 59, 60] {
        let part = number(parts.next()?).filter(|part| *part <= limit)?;
        seconds = seconds * 60 + part;
    }
    if parts.next().is_some() {
        return None;
    }

    // Years are counted from March, so that a leap day is the last day of its year.
    let (year, month) = if month < 2 {
        (year - 1, month + 10)
    } else {
        (year, month - 2)
    };
    let days_before_month = (month * 153 + 2) / 5;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + days_before_month + day - 1;
    // From 1 March of the year 0 to 1 January 1970.
    Some((days - 719_468) * 86_400 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds() {
        for (text, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 7 ", 7),
            ("007", 7),
            ("99999999999999999999999", u64::from(u32::MAX)),
        ] {
            let wait = Some(Duration::from_secs(seconds));
            assert_eq!(parse_retry_after(text, 1_000_000), wait, "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(text), Some(784_111_777), "{text}");
            let now = 784_111_776_500;
            let wait = Some(Duration::from_millis(500));
            assert_eq!(parse_retry_after(text, now), wait, "{text}");
            assert_eq!(parse_retry_after(text, now + 1000), Some(Duration::ZERO));
        }
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Monday, 25-May-26 09:14:00 GMT", 1_779_700_440),
            ("Wed, 31 Dec 1969 23:59:59 GMT", 0),
        ] {
            assert_eq!(http_date(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let mut expected = 0;
        for year in 1970..2410u64 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let february = if leap { 29 } else { 28 };
            let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, length) in months.iter().zip(lengths) {
                for day in 1..=length {
                    let text = format!("Mon, {day:02} {month} {year} 00:00:00 GMT");
                    assert_eq!(http_date(&text), Some(expected), "{text}");
                    expected += 86_400;
                }
            }
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "1s",
            "soon",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49:37 GMT x",
            "Sun, 06 Nox 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 994 08:49:37 GMT",
            "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov",
            "2026-05-25T09:14:00Z",
        ] {
            assert_eq!(parse_retry_after(text, 0), None, "{text:?}");
        }
    }
}
