//! Timestamps (RFC 3339), without a date crate: it would outweigh the rest of the client.

use super::ids::{DIGIT, InvalidId, leading};
use crate::json::write::push_ascii;
use alloc::string::String;

const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;
/// 9999-12-31T23:59:59.999Z: RFC 3339 has no later year.
const LATEST: u64 = 253_402_300_799_999;

/// Writes a timestamp in UTC with milliseconds.
///
/// ```
/// use ancp_core::message::timestamp;
/// assert_eq!(timestamp::from_unix_millis(1_779_700_440_000), "2026-05-25T09:14:00.000Z");
/// ```
pub fn from_unix_millis(millis: u64) -> String {
    let millis = millis.min(LATEST);
    // Both within 32 bits, which take less code.
    let (year, month, day) = civil_date((millis / MILLIS_PER_DAY as u64) as u32);
    let within_day = (millis % MILLIS_PER_DAY as u64) as u32;
    let mut digits = *b"0000-00-00T00:00:00.000Z";
    let numbers = [
        (4, year),
        (7, month),
        (10, day),
        (13, within_day / 3_600_000),
        (16, within_day / 60_000 % 60),
        (19, within_day / 1000 % 60),
        (23, within_day % 1000),
    ];
    for (end, mut rest) in numbers {
        for digit in digits.iter_mut().take(end).rev() {
            if rest == 0 {
                break;
            }
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
    }
    let mut text = String::with_capacity(digits.len());
    push_ascii(&mut text, &digits);
    text
}

/// Reads any RFC 3339 timestamp with seconds up to 59, as milliseconds since 1970; smaller parts
/// are cut off.
///
/// ```
/// use ancp_core::message::timestamp;
/// assert_eq!(timestamp::parse("2026-05-25T11:14:00+02:00"), Some(1_779_700_440_000));
/// assert_eq!(timestamp::parse("2026-02-29T00:00:00Z"), None);
/// ```
pub fn parse(text: &str) -> Option<i64> {
    let moment = Moment::read(text.as_bytes())?;
    let minutes = moment.hour * 60 + moment.minute - moment.offset;
    let millis = minutes * 60_000 + moment.second * 1000 + moment.millis;
    let days = days_since_1970(moment.year, moment.month, moment.day);
    Some(i64::from(days) * MILLIS_PER_DAY + i64::from(millis))
}

pub(super) fn check(text: &str) -> Result<(), InvalidId> {
    match Moment::read(text.as_bytes()) {
        Some(_) => Ok(()),
        None => Err(InvalidId::new("is not an RFC 3339 timestamp")),
    }
}

/// What a timestamp says, within the bounds of a calendar and a clock.
struct Moment {
    year: i32,
    month: i32,
    day: i32,
    hour: i32,
    minute: i32,
    second: i32,
    millis: i32,
    /// The minutes by which local time is ahead of UTC.
    offset: i32,
}

impl Moment {
    fn read(text: &[u8]) -> Option<Self> {
        let (date, rest) = text.split_first_chunk()?;
        let [y1, y2, y3, y4, b'-', month1, month2, b'-', day1, day2] = *date else {
            return None;
        };
        let (time, rest) = rest.split_first_chunk()?;
        let [
            b'T' | b't',
            hour1,
            hour2,
            b':',
            minute1,
            minute2,
            b':',
            second1,
            second2,
        ] = *time
        else {
            return None;
        };
        let (millis, rest) = fraction(rest)?;
        let moment = Self {
            year: two(y1, y2) * 100 + two(y3, y4),
            month: two(month1, month2),
            day: two(day1, day2),
            hour: two(hour1, hour2),
            minute: two(minute1, minute2),
            second: two(second1, second2),
            millis,
            offset: offset(rest)?,
        };
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = moment;
        let fits = year < NO_NUMBER
            && (1..=12).contains(&month)
            && day >= 1
            // Most days are in every month.
            && (day <= 28 || day <= days_in_month(year, month))
            && hour <= 23
            && minute <= 59
            && second <= 59;
        fits.then_some(moment)
    }
}

/// Greater than any number in a timestamp.
const NO_NUMBER: i32 = 10_000;

/// The number that two digits are.
fn two(tens: u8, units: u8) -> i32 {
    let (tens, units) = (tens.wrapping_sub(b'0'), units.wrapping_sub(b'0'));
    match tens <= 9 && units <= 9 {
        true => i32::from(tens) * 10 + i32::from(units),
        false => NO_NUMBER,
    }
}

/// The milliseconds of `.{digits}`, which may be absent, and what follows.
fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let [b'.', digits @ ..] = text else {
        return Some((0, text));
    };
    let count = leading(digits, DIGIT);
    let mut millis = 0;
    for place in 0..3 {
        let digit = digits.get(place).filter(|_| place < count);
        millis = millis * 10 + i32::from(digit.map_or(0, |digit| digit - b'0'));
    }
    let rest = digits.get(count..).filter(|_| count > 0)?;
    Some((millis, rest))
}

/// The minutes by which local time is ahead of UTC.
fn offset(text: &[u8]) -> Option<i32> {
    let (sign, hour1, hour2, minute1, minute2) = match *text {
        [b'Z' | b'z'] => return Some(0),
        [b'+', hour1, hour2, b':', minute1, minute2] => (1, hour1, hour2, minute1, minute2),
        [b'-', hour1, hour2, b':', minute1, minute2] => (-1, hour1, hour2, minute1, minute2),
        _ => return None,
    };
    let (hours, minutes) = (two(hour1, hour2), two(minute1, minute2));
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// The two conversions count years from March, so that the leap day is a year's last, and in
// eras of 400 years, which all have 146 097 days. 719 468 days lie between 0000-03-01 and 1970.

fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_date(days_since_1970: u32) -> (u32, u32, u32) {
    let days = days_since_1970 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u32::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written() {
        assert_eq!(from_unix_millis(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            from_unix_millis(951_827_696_007),
            "2000-02-29T12:34:56.007Z"
        );
        assert_eq!(from_unix_millis(LATEST), "9999-12-31T23:59:59.999Z");
        assert_eq!(from_unix_millis(u64::MAX), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn read() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01t00:00:00z", 0),
            ("1970-01-01T00:00:00.1Z", 100),
            ("1970-01-01T00:00:00.123999999999999999999Z", 123),
            ("1970-01-01T00:00:00-00:00", 0),
            ("1970-01-01T00:00:00+23:59", -86_340_000),
            ("1969-12-31T23:59:59.999Z", -1),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("2000-02-29T12:34:56.007Z", 951_827_696_007),
            ("9999-12-31T23:59:59.999Z", LATEST as i64),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn refused() {
        for bad in [
            "",
            "2026-05-25",
            "2026-05-25T09:14:00",
            "2026-05-25 09:14:00Z",
            "2026-05-25T09:14Z",
            "2026-05-25T09:14:60Z",
            "2026-05-25T24:00:00Z",
            "2026-05-25T09:60:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-05-00T00:00:00Z",
            "2026-05-25T09:14:00.Z",
            "2026-05-25T09:14:00,5Z",
            "2026-05-25T09:14:00+0200",
            "2026-05-25T09:14:00+24:00",
            "2026-05-25T09:14:00+02:60",
            "2026-05-25T09:14:00Z ",
            "+2026-05-25T09:14:00Z",
            "26-05-25T09:14:00Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_of_all_years_come_back() {
        let last_day = LATEST / MILLIS_PER_DAY as u64;
        for day in (0..=last_day).step_by(29) {
            let millis = day * MILLIS_PER_DAY as u64 + day % MILLIS_PER_DAY as u64;
            assert_eq!(parse(&from_unix_millis(millis)), Some(millis as i64));
        }
    }
}
