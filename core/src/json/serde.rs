//! Typed values: from and to whatever serde knows.

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Json;
use super::scan::Scanner;
use crate::{Error, ErrorCode};

impl Json {
    /// Writes a value as JSON.
    ///
    /// Fails with [`InvalidOptions`](ErrorCode::InvalidOptions) where the value has no JSON form.
    pub fn from_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let refused = |what| Error::new(ErrorCode::InvalidOptions, what);
        let text = serde_json::to_string(value)
            .map_err(|error| refused("the value can't be written as JSON").with_source(error))?;
        // What serde_json writes is JSON, and lacks only a bound to its depth.
        let mut scanner = Scanner::new(&text);
        scanner.skim();
        if let Some(why) = scanner.why() {
            return Err(refused("the value is nested too deeply").with_source(why.clone()));
        }
        Ok(Self(text.into()))
    }

    /// Reads the value.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.as_str())
    }
}

/// As the value, where the format is `serde_json`'s.
impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.as_str()).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// The value's text, where the format is `serde_json`'s.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(String::from(Box::<str>::from(raw))).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn typed() {
        let json = Json::from_value(&("a", 1.5, None::<u8>)).unwrap();
        assert_eq!(json.as_str(), r#"["a",1.5,null]"#);
        let back: (String, f64, Option<u8>) = json.to().unwrap();
        assert_eq!(back, ("a".into(), 1.5, None));
        assert!(json.to::<u8>().is_err());
    }

    #[test]
    fn carried_in_other_values() {
        let text = r#"{"a":123456789012345678901234567890}"#;
        let fields: std::collections::BTreeMap<String, Json> = serde_json::from_str(text).unwrap();
        assert_eq!(fields["a"].as_str(), "123456789012345678901234567890");
        assert_eq!(serde_json::to_string(&fields).unwrap(), text);
    }

    #[test]
    fn what_has_no_json_form() {
        let map = std::collections::HashMap::from([((1, 2), 3)]);
        let error = Json::from_value(&map).unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        let deep = (0..200).fold(json!(null), |inner, _| Value::Array(vec![inner]));
        let error = Json::from_value(&deep).unwrap_err();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    }
}
