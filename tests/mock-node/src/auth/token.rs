//! What JWTs and DID proofs have in common: three parts, a header, a signature and times.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::keys::VerifyingKey;
use super::refused;
use crate::Failure;

/// How far the clocks of two machines may be apart, in seconds.
pub(super) const LEEWAY: f64 = 60.0;

/// The algorithms of signatures that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenAlgorithm {
    /// RSA (PKCS #1 v1.5) with SHA-256.
    Rs256,
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl TokenAlgorithm {
    /// Its name in a token's header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// What is not on this list is refused: `none`, and all that is signed with a shared secret.
    fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    pub(super) fn of_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// A token that nobody has checked yet.
pub(super) struct Unverified<'a> {
    pub(super) algorithm: TokenAlgorithm,
    pub(super) kid: Option<String>,
    /// What is signed: header and claims, as they came.
    signed: &'a str,
    claims: Vec<u8>,
    signature: &'a str,
}

/// The header's fields that matter. Keys that a header brings along (`jwk`, `jku`, `x5c`) do not:
/// they would let everybody vouch for themselves.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<IgnoredAny>,
}

impl<'a> Unverified<'a> {
    /// Reads a token's parts.
    pub(super) fn parse(token: &'a str) -> Result<Self, Failure> {
        let malformed = || refused("the token is malformed");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| malformed())?;
        let header: Header = serde_json::from_slice(&header)
            .map_err(|_| refused("the token's header is malformed"))?;
        let algorithm = TokenAlgorithm::parse(&header.alg)
            .ok_or_else(|| refused("the token's `alg` is none of RS256, ES256 and EdDSA"))?;
        if header.crit.is_some() {
            return Err(refused("the token demands extensions (`crit`)"));
        }
        Ok(Self {
            algorithm,
            kid: header.kid,
            signed,
            claims: URL_SAFE_NO_PAD.decode(claims).map_err(|_| malformed())?,
            signature,
        })
    }

    /// Whether this key has signed it. A key fits one algorithm only, whatever the header says.
    pub(super) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.algorithm == self.algorithm
            && jsonwebtoken::crypto::verify(
                self.signature,
                self.signed.as_bytes(),
                &key.key,
                self.algorithm.of_library(),
            )
            .unwrap_or(false)
    }

    /// What it claims: to be believed only after [`Self::is_signed_by`].
    pub(super) fn claims<C: DeserializeOwned>(&self) -> Result<C, Failure> {
        // The error's own text may hold parts of the token.
        serde_json::from_slice(&self.claims)
            .map_err(|_| refused("the token's claims are malformed"))
    }
}

/// `exp` and `nbf`, in seconds since 1970.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Times {
    pub(super) exp: Option<f64>,
    pub(super) nbf: Option<f64>,
}

impl Times {
    /// Checks them against the clock; gives the end.
    pub(super) fn check(self, now: f64) -> Result<f64, Failure> {
        let exp = self.exp.ok_or_else(|| missing("exp"))?;
        if now >= exp + LEEWAY {
            return Err(refused("the token has expired"));
        }
        if self.nbf.is_some_and(|nbf| now < nbf - LEEWAY) {
            return Err(refused("the token is not valid yet"));
        }
        Ok(exp)
    }
}

pub(super) fn missing(claim: impl fmt::Display) -> Failure {
    refused(format!("the token has no `{claim}`"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(header: &str) -> Result<(), String> {
        let header = URL_SAFE_NO_PAD.encode(header);
        let token = format!("{header}.e30.c2ln");
        let parsed = Unverified::parse(&token);
        parsed.map(drop).map_err(|failure| failure.message().into())
    }

    #[test]
    fn headers() {
        for (header, problem) in [
            (r#"{"alg":"RS256"}"#, ""),
            (r#"{"alg":"ES256","kid":"k"}"#, ""),
            (r#"{"alg":"EdDSA","typ":"JWT","jwk":1}"#, ""),
            (r#"{"alg":"none"}"#, "`alg`"),
            (r#"{"alg":"nOnE"}"#, "`alg`"),
            (r#"{"alg":"HS256"}"#, "`alg`"),
            (r#"{"alg":"RS512"}"#, "`alg`"),
            (r#"{"alg":""}"#, "`alg`"),
            (r#"{"alg":["RS256"]}"#, "header"),
            (r#"{"alg":"none","alg":"RS256"}"#, "header"),
            (r#"{"alg":"RS256","kid":1}"#, "header"),
            (r#"{"alg":"RS256","crit":["b64"]}"#, "`crit`"),
            ("{}", "header"),
            ("", "header"),
        ] {
            match parse(header) {
                Ok(()) => assert_eq!(problem, "", "{header}"),
                Err(message) => {
                    assert!(
                        !problem.is_empty() && message.contains(problem),
                        "{header}: {message}"
                    );
                }
            }
        }
    }

    #[test]
    fn times() {
        let check = |exp, nbf| Times { exp, nbf }.check(1000.0).is_ok();
        for (exp, nbf, valid) in [
            (Some(1000.0), None, true),
            (Some(940.5), None, true),
            (Some(940.0), None, false),
            (Some(f64::MAX), None, true),
            (Some(-5.0), None, false),
            (None, None, false),
            (Some(2000.0), Some(1060.0), true),
            (Some(2000.0), Some(1060.5), false),
        ] {
            assert_eq!(check(exp, nbf), valid, "{exp:?} {nbf:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_a_panic(token in "\\PC*") {
            let _ = Unverified::parse(&token);
        }

        #[test]
        fn parts_of_any_bytes_are_read_without_a_panic(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..5),
        ) {
            let parts: Vec<_> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
            if let Ok(token) = Unverified::parse(&parts.join(".")) {
                let _ = token.claims::<Times>();
            }
        }
    }
}
