//! Ed25519 keys in memory, by `ed25519-dalek`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use ed25519_dalek::{Signer, SigningKey};
use zeroize::Zeroizing;

use super::{BoxError, DidSigner};
use crate::platform::BoxFuture;
use crate::{Error, ErrorCode, Result};

/// The multicodec number of an Ed25519 public key (0xed), as the varint that stands before it.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// An Ed25519 key and the DID that it stands for: by default its own `did:key`. It is wiped from
/// memory when it is dropped, and never printed.
///
/// ```
/// use ancp_core::auth::DidKey;
/// let key = DidKey::create()?;
/// assert!(key.did().starts_with("did:key:z6Mk"));
/// // Kept for the next time, somewhere safe.
/// let pem = key.to_pkcs8_pem()?;
/// assert_eq!(DidKey::from_pkcs8_pem(&pem)?.did(), key.did());
/// # Ok::<_, ancp_core::Error>(())
/// ```
#[derive(Clone)]
pub struct DidKey {
    key: SigningKey,
    did: String,
    key_id: String,
}

impl DidKey {
    /// A new key, by the operating system's or the browser's randomness.
    ///
    /// # Errors
    /// `unauthenticated` where there is no randomness.
    #[cfg(any(not(target_arch = "wasm32"), feature = "web"))]
    pub fn create() -> Result<Self> {
        let mut seed = Zeroizing::new([0; 32]);
        fill(&mut seed)?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed (RFC 8032), the 32 bytes that all else is derived from.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let multibase = multibase(key.verifying_key().as_bytes());
        let did = ["did:key:", &multibase].concat();
        let key_id = [did.as_str(), "#", &multibase].concat();
        Self { key, did, key_id }
    }

    /// The key of a PKCS#8 file (`-----BEGIN PRIVATE KEY-----`), such as `openssl genpkey -algorithm
    /// ed25519` writes.
    ///
    /// # Errors
    /// `invalid_options` where the text is none, or the key is of another kind or encrypted.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| {
            // The source is left out: it could repeat a part of the key.
            Error::new(
                ErrorCode::InvalidOptions,
                "the text is no unencrypted Ed25519 private key in PKCS#8 PEM",
            )
        })?;
        Ok(Self::from_seed(key.as_bytes()))
    }

    /// The key as a PKCS#8 file, for safe-keeping.
    ///
    /// # Errors
    /// `invalid_options` where the key can't be written, which no key is known to cause.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>> {
        // Without the public key, which OpenSSL does not expect there.
        let bytes = KeypairBytes {
            secret_key: self.key.to_bytes(),
            public_key: None,
        };
        let refused = |_| Error::new(ErrorCode::InvalidOptions, "the key can't be written");
        bytes.to_pkcs8_pem(LineEnding::LF).map_err(refused)
    }

    /// The same key under another DID, whose document lists it, such as
    /// `("did:web:shop.example.com", "did:web:shop.example.com#key-1")`.
    #[must_use]
    pub fn of(mut self, did: impl Into<String>, key_id: impl Into<String>) -> Self {
        self.did = did.into();
        self.key_id = key_id.into();
        self
    }

    /// The DID.
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The public key, as DID documents list it (`publicKeyMultibase`).
    pub fn public_key_multibase(&self) -> String {
        multibase(self.key.verifying_key().as_bytes())
    }
}

fn multibase(public_key: &[u8; 32]) -> String {
    let mut bytes = Vec::from(ED25519_PUB);
    bytes.extend_from_slice(public_key);
    ["z", &bs58::encode(bytes).into_string()].concat()
}

#[cfg(not(target_arch = "wasm32"))]
fn fill(seed: &mut [u8; 32]) -> Result<()> {
    getrandom::fill(seed).map_err(|error| {
        super::unauthenticated("there is no randomness to make a key of").with_source(error)
    })
}

#[cfg(all(target_arch = "wasm32", feature = "web"))]
fn fill(seed: &mut [u8; 32]) -> Result<()> {
    use crate::platform::Platform;
    for half in seed.chunks_exact_mut(16) {
        half.copy_from_slice(&Zeroizing::new(crate::web::WebPlatform.random())[..]);
    }
    Ok(())
}

impl DidSigner for DidKey {
    fn did(&self) -> &str {
        &self.did
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn sign<'a>(
        &'a self,
        message: &'a [u8],
    ) -> BoxFuture<'a, core::result::Result<Vec<u8>, BoxError>> {
        let signature = self.key.sign(message).to_vec();
        Box::pin(core::future::ready(Ok(signature)))
    }
}

impl fmt::Debug for DidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key: _,
            did,
            key_id,
        } = self;
        f.debug_struct("DidKey")
            .field("did", did)
            .field("key_id", key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the did:key specification's test vectors (ed25519-x25519.json): seeds and their DIDs.
    #[test]
    fn the_dids_of_known_seeds() {
        for (seed, did) in [
            (
                0u8,
                "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
            ),
            (
                1,
                "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG",
            ),
            (
                2,
                "did:key:z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf",
            ),
        ] {
            let mut bytes = [0; 32];
            bytes[31] = seed;
            let key = DidKey::from_seed(&bytes);
            assert_eq!(key.did(), did);
            let fragment = did.strip_prefix("did:key:").unwrap();
            assert_eq!(key.key_id(), [did, "#", fragment].concat());
            assert_eq!(key.public_key_multibase(), fragment);
        }
    }

    /// RFC 8032, section 7.1, test 2, by way of a file.
    #[tokio::test]
    async fn signs_as_in_rfc_8032() {
        let pem = concat!(
            "-----BEGIN PRIVATE KEY-----\n",
            "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n",
            "-----END PRIVATE KEY-----\n"
        );
        let key = DidKey::from_pkcs8_pem(pem).unwrap();
        let signature = key.sign(&[0x72]).await.unwrap();
        let expected = concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        let hex: String = signature
            .iter()
            .map(|byte| alloc::format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, expected);
        assert_eq!(*key.to_pkcs8_pem().unwrap(), pem);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for pem in [
            "",
            "secret",
            "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
        ] {
            let error = DidKey::from_pkcs8_pem(pem).unwrap_err();
            assert_eq!(error.code(), &ErrorCode::InvalidOptions);
            assert!(!alloc::format!("{error:?}").contains("c2Vj"));
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = DidKey::from_seed(&[0xab; 32]);
        let shown = alloc::format!("{key:?}");
        assert!(shown.contains("did:key:"));
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"));
    }
}
