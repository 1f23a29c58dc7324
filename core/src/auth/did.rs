//! DID proofs: short-lived JWTs, one for each request, by which a caller shows that it holds the key
//! of its DID.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{Secret, base64url, unauthenticated};
use crate::json::write::{push_integer, push_string};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync, Platform};
use crate::{Error, ErrorCode, Result};

/// The error of a signer of one's own; it becomes the source of the call's.
pub type BoxError = Box<dyn core::error::Error + Send + Sync>;

/// How long a proof counts, in seconds. It is made when the request leaves, and counts once, so this
/// need only bridge the way to the node, and a queue in front of the connection. With the 60 s that a
/// node allows for its clock, a client's clock may be two minutes slow, or one fast.
const LIFETIME_SEC: u64 = 60;

/// The length of an Ed25519 signature.
const SIGNATURE_BYTES: usize = 64;

/// Signs DID proofs: holds the Ed25519 key of a DID, or speaks to what holds it.
///
/// ```
/// use ancp_core::auth::{BoxError, DidSigner};
/// use ancp_core::platform::BoxFuture;
/// # struct Hsm;
/// # impl Hsm { async fn ed25519(&self, _: &str, bytes: &[u8]) -> std::io::Result<Vec<u8>> { Ok(vec![0; 64]) } }
///
/// /// A key in a hardware module, of an identity that a web server vouches for.
/// struct HsmSigner(Hsm);
///
/// impl DidSigner for HsmSigner {
///     fn did(&self) -> &str {
///         "did:web:shop.example.com"
///     }
///
///     fn key_id(&self) -> &str {
///         "did:web:shop.example.com#key-1"
///     }
///
///     fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
///         Box::pin(async move { Ok(self.0.ed25519("key-1", message).await?) })
///     }
/// }
/// ```
pub trait DidSigner: MaybeSend + MaybeSync {
    /// The caller's DID.
    fn did(&self) -> &str;

    /// Which of the DID's keys signs: `{did}#{fragment}`.
    fn key_id(&self) -> &str;

    /// The Ed25519 signature of a message, 64 bytes. Asked once for each request; the time that it
    /// takes is part of the call's time-out, which drops the future.
    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> BoxFuture<'a, core::result::Result<Vec<u8>, BoxError>>;
}

impl<S: DidSigner + ?Sized> DidSigner for Arc<S> {
    fn did(&self) -> &str {
        (**self).did()
    }

    fn key_id(&self) -> &str {
        (**self).key_id()
    }

    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> BoxFuture<'a, core::result::Result<Vec<u8>, BoxError>> {
        (**self).sign(message)
    }
}

/// Refuses a signer whose proofs no node could accept.
pub(super) fn check(signer: &dyn DidSigner) -> Result<()> {
    let did = signer.did();
    let fragment = signer.key_id().strip_prefix(did);
    let fragment = fragment.and_then(|rest| rest.strip_prefix('#'));
    if !did.starts_with("did:") || fragment.is_none_or(str::is_empty) {
        return Err(Error::new(
            ErrorCode::InvalidOptions,
            "the DID signer needs a DID (did:…) and a key id of the form {did}#{fragment}",
        ));
    }
    Ok(())
}

/// Makes the proof for one request to a node.
pub(super) async fn prove(
    signer: &dyn DidSigner,
    audience: &str,
    platform: &dyn Platform,
) -> Result<Secret> {
    let id = platform.secure_random().ok_or_else(|| {
        unauthenticated("a DID proof needs cryptographic randomness, which there is none of here")
    })?;
    let mut proof = unsigned(signer, audience, platform.unix_millis() / 1000, &id);
    let signature = signer
        .sign(proof.as_bytes())
        .await
        .map_err(|error| unauthenticated("the DID signer failed").with_boxed_source(error))?;
    if signature.len() != SIGNATURE_BYTES {
        return Err(unauthenticated(
            "what the DID signer gave is no Ed25519 signature: that has 64 bytes",
        ));
    }
    proof.push('.');
    base64url::push(&mut proof, &signature);
    Ok(Secret::new(proof))
}

/// What is signed: header and claims.
fn unsigned(signer: &dyn DidSigner, audience: &str, now: u64, id: &[u8]) -> String {
    let mut header = String::from(r#"{"alg":"EdDSA","typ":"JWT","kid":"#);
    push_string(&mut header, signer.key_id());
    header.push('}');

    let mut claims = String::from(r#"{"iss":"#);
    push_string(&mut claims, signer.did());
    claims.push_str(r#","sub":"#);
    push_string(&mut claims, signer.did());
    claims.push_str(r#","aud":"#);
    push_string(&mut claims, audience);
    claims.push_str(r#","iat":"#);
    push_integer(&mut claims, now);
    claims.push_str(r#","exp":"#);
    push_integer(&mut claims, now + LIFETIME_SEC);
    claims.push_str(r#","jti":""#);
    base64url::push(&mut claims, id);
    claims.push_str("\"}");

    // Room for the signature, too, so that the text does not move and leave a copy.
    let mut text = String::with_capacity((header.len() + claims.len()).div_ceil(3) * 4 + 100);
    base64url::push(&mut text, header.as_bytes());
    text.push('.');
    base64url::push(&mut text, claims.as_bytes());
    text
}

#[cfg(all(test, feature = "reqwest"))]
mod tests {
    use super::*;
    use crate::native::TokioPlatform;

    struct Signer(&'static str, &'static str, usize);

    impl DidSigner for Signer {
        fn did(&self) -> &str {
            self.0
        }
        fn key_id(&self) -> &str {
            self.1
        }
        fn sign<'a>(
            &'a self,
            message: &'a [u8],
        ) -> BoxFuture<'a, core::result::Result<Vec<u8>, BoxError>> {
            assert_eq!(message.iter().filter(|byte| **byte == b'.').count(), 1);
            Box::pin(async { Ok(alloc::vec![0xff; self.2]) })
        }
    }

    #[test]
    fn a_proof_is_the_jwt_of_the_contract() {
        let signer = Signer("did:web:a", "did:web:a#k", 64);
        let text = unsigned(
            &signer,
            "https://host/ncp/nodes/42",
            1_700_000_000,
            &[0xfb; 16],
        );
        // As any JWT library reads it.
        let expected = concat!(
            "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImRpZDp3ZWI6YSNrIn0.",
            "eyJpc3MiOiJkaWQ6d2ViOmEiLCJzdWIiOiJkaWQ6d2ViOmEiLCJhdWQiOiJodHRwczovL2hvc3QvbmNwL25vZGVzLzQyIiwiaWF0Ijox",
            "NzAwMDAwMDAwLCJleHAiOjE3MDAwMDAwNjAsImp0aSI6Ii1fdjctX3Y3LV92Ny1fdjctX3Y3LXcifQ",
        );
        assert_eq!(text, expected);
    }

    #[tokio::test]
    async fn no_two_proofs_are_the_same() {
        let (signer, platform) = (
            Signer("did:web:a", "did:web:a#k", 64),
            TokioPlatform::default(),
        );
        let one = prove(&signer, "https://host", &platform).await.unwrap();
        let two = prove(&signer, "https://host", &platform).await.unwrap();
        assert!(one != two);
        assert!(one.expose().ends_with(&"_".repeat(85)) || one.expose().ends_with('w'));
    }

    #[tokio::test]
    async fn what_is_no_signature_is_not_sent() {
        for length in [0, 63, 65] {
            let signer = Signer("did:web:a", "did:web:a#k", length);
            let error = prove(&signer, "https://host", &TokioPlatform::default()).await;
            let error = error.unwrap_err();
            assert_eq!(error.code(), &ErrorCode::Unauthenticated);
            assert!(error.message().contains("64 bytes"));
            assert!(!error.may_have_been_delivered());
        }
    }

    #[test]
    fn a_key_id_is_one_of_the_did() {
        check(&Signer("did:web:a", "did:web:a#k", 64)).unwrap();
        for (did, key_id) in [
            ("", "#k"),
            ("web:a", "web:a#k"),
            ("did:web:a", "did:web:a"),
            ("did:web:a", "did:web:a#"),
            ("did:web:a", "did:web:b#k"),
            ("did:web:a", "did:web:ab#k"),
            ("did:web:a", "#k"),
        ] {
            let error = check(&Signer(did, key_id, 64)).unwrap_err();
            assert_eq!(error.code(), &ErrorCode::InvalidOptions, "{did} {key_id}");
        }
    }
}
