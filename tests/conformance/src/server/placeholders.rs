//! What answers hold that is only known when a request has come.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// What placeholders stand for.
pub(super) struct Known {
    /// Id and correlation id of the message that the answer belongs to.
    pub(super) id: String,
    pub(super) correlation_id: String,
    /// The run's base URL.
    pub(super) base: String,
    /// The path of the run's base URL.
    pub(super) prefix: String,
    /// The run's base URL by another origin.
    pub(super) elsewhere: String,
    /// The request's headers.
    pub(super) headers: BTreeMap<String, String>,
}

impl Known {
    /// Replaces `{{id}}`, `{{correlationId}}`, `{{base}}`, `{{prefix}}`, `{{elsewhere}}`, `{{nest:N}}` (N arrays in each other), `{{x:N}}` (N letters),
    /// `{{byte:hh}}` (one byte), `{{date:N}}` (an HTTP date in N seconds) and `{{header:name}}` (of the request).
    pub(super) fn fill(&self, text: &str) -> Vec<u8> {
        let mut filled = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.extend_from_slice(before.as_bytes());
            let Some((name, after)) = after.split_once("}}") else {
                // Nested objects begin like a placeholder, too, but are not followed by a known name.
                filled.extend_from_slice(b"{{");
                rest = after;
                continue;
            };
            match self.value(name) {
                Some(value) => {
                    filled.extend_from_slice(&value);
                    rest = after;
                }
                None => {
                    filled.extend_from_slice(b"{{");
                    rest = &rest[before.len() + 2..];
                }
            }
        }
        filled.extend_from_slice(rest.as_bytes());
        filled
    }

    fn value(&self, name: &str) -> Option<Vec<u8>> {
        let (name, argument) = name.split_once(':').unwrap_or((name, ""));
        let number = argument.parse().unwrap_or(0);
        Some(match name {
            "id" => escaped(&self.id),
            "correlationId" => escaped(&self.correlation_id),
            "base" => self.base.clone().into(),
            "prefix" => self.prefix.clone().into(),
            "elsewhere" => self.elsewhere.clone().into(),
            "header" => escaped(self.headers.get(argument)?),
            "nest" => ["[".repeat(number), "]".repeat(number)].concat().into(),
            "x" => "x".repeat(number).into(),
            "byte" => vec![u8::from_str_radix(argument, 16).ok()?],
            "date" => http_date(number as u64).into(),
            _ => return None,
        })
    }
}

/// A text as it stands within the quotes of a JSON string.
fn escaped(text: &str) -> Vec<u8> {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].into()
}

/// The date that is so many seconds away, as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(seconds_from_now: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = now.as_secs() + seconds_from_now;
    let (mut days, of_day) = (seconds / 86_400, seconds % 86_400);
    // 1 January 1970 was a Thursday.
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(days % 7) as usize];
    let leap = |year: u64| {
        (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let names = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let lengths = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{weekday}, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT",
        days + 1,
        names[month]
    )
}
