//! API keys: kept as hashes, compared in constant time.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{AuthMode, Caller, Role, refused};
use crate::Failure;

/// What a key that is given as its hash begins with.
const HASHED: &str = "sha256:";

/// A fresh API key.
pub fn random_api_key() -> String {
    format!("bfk_{}", crate::answer::random_name())
}

/// The keys that a node takes.
#[derive(Default)]
pub(crate) struct ApiKeys {
    keys: Vec<Known>,
    /// The subject of a key that was given as a hash that is none.
    invalid: Option<String>,
}

struct Known {
    hash: [u8; 32],
    caller: Caller,
}

impl ApiKeys {
    /// Adds a key, or the hash of one: `sha256:` and 64 hexadecimal digits. A plain hash will do, as
    /// nobody guesses a random key.
    pub(crate) fn add(&mut self, subject: String, key: &str, roles: Vec<Role>) {
        let hash = match key.strip_prefix(HASHED) {
            Some(digits) => read_hash(digits),
            None => Some(hash(key)),
        };
        match hash {
            Some(hash) => self.keys.push(Known {
                hash,
                caller: Caller::new(AuthMode::ApiKey, subject, roles),
            }),
            None => self.invalid = Some(subject),
        }
    }

    /// Whose key was given as a hash that is none.
    pub(crate) fn invalid(&self) -> Option<&str> {
        self.invalid.as_deref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Compares with every known key in constant time, so that the time tells nothing about them.
    pub(super) fn find(&self, key: &str) -> Result<Caller, Failure> {
        let presented = hash(key);
        let mut found = None;
        for known in &self.keys {
            if bool::from(known.hash.ct_eq(&presented)) {
                found = Some(known.caller.clone());
            }
        }
        found.ok_or_else(|| refused("the API key is not known"))
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn read_hash(digits: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        // Otherwise `+f` would be read as a number.
        let digits = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *byte = u8::from_str_radix(pair, 16).ok().filter(|_| digits)?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_in() {
        let mut keys = ApiKeys::default();
        keys.add("service".into(), "key-1", vec![Role::Invoke]);
        keys.add("root".into(), "key-2", vec![Role::Admin]);
        // What `printf key-3 | sha256sum` prints.
        let hashed = "sha256:d9ef8196557c9da69806fb5d777f4e5ad6d5c18593039e0ff62f9fdf003b0198";
        keys.add("hashed".into(), hashed, vec![]);
        for (key, subject) in [
            ("key-1", Some("service")),
            ("key-2", Some("root")),
            ("key-3", Some("hashed")),
            ("key-4", None),
            ("", None),
            // Who reads the configuration has no key.
            (hashed, None),
        ] {
            let found = keys.find(key);
            assert_eq!(found.ok().as_ref().and_then(Caller::subject), subject);
        }
        assert_eq!(keys.invalid(), None);
    }

    #[test]
    fn hashes_that_are_none() {
        let good = "0f".repeat(32);
        assert!(read_hash(&good).is_some() && read_hash(&good.to_uppercase()).is_some());
        for bad in [
            "",
            "12",
            &good[2..],
            &format!("{good}00"),
            &"+f".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(read_hash(bad), None, "{bad}");
            let mut keys = ApiKeys::default();
            keys.add("s".into(), &format!("sha256:{bad}"), vec![]);
            assert_eq!((keys.invalid(), keys.is_empty()), (Some("s"), true));
        }
    }
}
