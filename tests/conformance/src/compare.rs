//! When what came is what was expected.
//!
//! An object with a single field that begins with `$` stands for more than one value: `{"$text": "42"}` is `42` or
//! `"42"`; `{"$is": "uuid"}` and `{"$is": "timestamp"}` are any of their kind, as the contract writes them; where
//! `{"$is": "absent"}` stands, there must be nothing.

use serde_json::{Map, Value};

/// Compares exactly: nothing is missing and nothing is left over.
///
/// # Errors
/// Where the difference is, and what it is.
pub fn equal(expected: &Value, actual: &Value) -> Result<(), String> {
    compare(expected, actual, true, "")
}

/// Compares what is expected; objects may hold more.
///
/// # Errors
/// Where the difference is, and what it is.
pub fn includes(expected: &Value, actual: &Value) -> Result<(), String> {
    compare(expected, actual, false, "")
}

fn compare(expected: &Value, actual: &Value, exact: bool, at: &str) -> Result<(), String> {
    let differs = || {
        Err(format!(
            "{}: expected {expected}, got {actual}",
            if at.is_empty() { "/" } else { at }
        ))
    };
    match (expected, actual) {
        (Value::Object(expected), _) if kind_of(expected).is_some() => match kind_of(expected) {
            Some((kind, text)) if is(kind, text, actual) => Ok(()),
            _ => differs(),
        },
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                let at = format!("{at}/{name}");
                let Some(actual) = actual.get(name) else {
                    if value == &serde_json::json!({ "$is": "absent" }) {
                        continue;
                    }
                    return Err(format!("{at}: expected {value}, got nothing"));
                };
                compare(value, actual, exact, &at)?;
            }
            match actual
                .keys()
                .find(|name| exact && !expected.contains_key(*name))
            {
                Some(name) => Err(format!(
                    "{at}/{name}: expected nothing, got {}",
                    actual[name]
                )),
                None => Ok(()),
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let pairs = expected.iter().zip(actual).enumerate();
            pairs
                .into_iter()
                .try_for_each(|(place, (expected, actual))| {
                    compare(expected, actual, exact, &format!("{at}/{place}"))
                })
        }
        (Value::Number(expected), Value::Number(actual))
            if expected.as_f64() == actual.as_f64() =>
        {
            Ok(())
        }
        _ if expected == actual => Ok(()),
        _ => differs(),
    }
}

fn kind_of(expected: &Map<String, Value>) -> Option<(&str, &str)> {
    let (name, value) = expected.iter().next()?;
    let kind = name.strip_prefix('$').filter(|_| expected.len() == 1)?;
    Some((kind, value.as_str()?))
}

fn is(kind: &str, text: &str, actual: &Value) -> bool {
    match (kind, text) {
        ("text", _) => {
            actual
                .as_str()
                .map_or_else(|| actual.to_string(), str::to_owned)
                == text
        }
        ("is", "uuid") => actual.as_str().is_some_and(is_uuid),
        ("is", "timestamp") => actual.as_str().is_some_and(is_timestamp),
        _ => false,
    }
}

/// A UUID of version 4 in lower case.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    like(text, "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx")
}

/// A timestamp as the contract writes it: UTC, with milliseconds and `Z`.
#[must_use]
pub fn is_timestamp(text: &str) -> bool {
    like(text, "dddd-dd-ddTdd:dd:dd.dddZ")
}

fn like(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text
            .bytes()
            .zip(form.bytes())
            .all(|(byte, form)| match form {
                b'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                b'v' => matches!(byte, b'8' | b'9' | b'a' | b'b'),
                b'd' => byte.is_ascii_digit(),
                other => byte == other,
            })
}

/// Sets the values at JSON pointers, making the objects on the way, and then takes others away.
pub fn change(json: &mut Value, set: &Map<String, Value>, remove: &[String]) {
    for (pointer, value) in set {
        let mut place = &mut *json;
        for name in pointer.split('/').skip(1) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name];
        }
        *place = value.clone();
    }
    for pointer in remove {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(parent) = json.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_hold_more_or_not() {
        let (expected, actual) = (
            json!({"a": [1, {"b": 2}]}),
            json!({"a": [1, {"b": 2, "c": 3}]}),
        );
        assert_eq!(includes(&expected, &actual), Ok(()));
        assert_eq!(
            equal(&expected, &actual).unwrap_err(),
            "/a/1/c: expected nothing, got 3"
        );
        assert!(includes(&actual, &expected).is_err());
        assert!(includes(&json!([1]), &json!([1, 2])).is_err());
        assert!(includes(&json!({"a": null}), &json!({})).is_err());
        assert_eq!(
            includes(&json!({"a": {"$is": "absent"}}), &json!({})),
            Ok(())
        );
        assert!(includes(&json!({"a": {"$is": "absent"}}), &json!({"a": 1})).is_err());
        assert_eq!(equal(&json!(1), &json!(1.0)), Ok(()));
    }

    #[test]
    fn kinds() {
        assert_eq!(equal(&json!({"$text": "42"}), &json!(42)), Ok(()));
        assert_eq!(equal(&json!({"$text": "42"}), &json!("42")), Ok(()));
        assert!(equal(&json!({"$text": "42"}), &json!(43)).is_err());
        let id = json!("3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d");
        assert_eq!(includes(&json!({"$is": "uuid"}), &id), Ok(()));
        assert!(includes(&json!({"$is": "timestamp"}), &id).is_err());
        assert!(is_timestamp("2026-05-25T09:14:00.000Z") && !is_timestamp("2026-05-25T09:14:00Z"));
    }

    #[test]
    fn changes() {
        let mut json = json!({"a": {"b": 1, "c": 2}});
        let set = json!({"/a/b": 3, "/x/y": 4});
        change(
            &mut json,
            set.as_object().unwrap(),
            &["/a/c".into(), "/no/such".into()],
        );
        assert_eq!(json, json!({"a": {"b": 3}, "x": {"y": 4}}));
    }
}
