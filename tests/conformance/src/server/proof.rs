//! What is right with a DID proof (section 7).

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

/// Five minutes.
const LONGEST_SEC: u64 = 300;
/// How far this machine's clock may have moved since the proof was made.
const LEEWAY_SEC: u64 = 60;

/// Checks a proof for a node and gives its `jti`.
pub(super) fn check(proof: &str, node: &str) -> Result<String, String> {
    let parts: Vec<&str> = proof.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err("it is no JWT".into());
    };
    let signed = [header, ".", claims].concat();
    let (header, claims) = (json_of(header)?, json_of(claims)?);
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let did = text("iss");
    let multibase = did.strip_prefix("did:key:").unwrap_or_default();
    let expected = json!({ "alg": "EdDSA", "typ": "JWT", "kid": format!("{did}#{multibase}") });
    if header != expected {
        return Err(format!("its header is {header}, expected {expected}"));
    }
    let key = key_of(multibase).ok_or_else(|| format!("{did:?} is no did:key of Ed25519"))?;
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let signature = Signature::from_slice(&signature).map_err(|error| error.to_string())?;
    key.verify_strict(signed.as_bytes(), &signature)
        .map_err(|_| "its signature is wrong")?;
    if text("sub") != did || text("aud") != node {
        return Err(format!(
            "sub and aud of {claims}: expected {did} and {node}"
        ));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_secs();
    let number = |name: &str| claims[name].as_u64().unwrap_or_default();
    let (issued, expires) = (number("iat"), number("exp"));
    if issued.abs_diff(now) > LEEWAY_SEC || expires <= issued || expires - issued > LONGEST_SEC {
        return Err(format!("iat and exp of {claims}: it is {now}"));
    }
    let id = text("jti");
    // 128 bits in base64url.
    if id.len() < 22 {
        return Err(format!("the jti {id:?} can be guessed"));
    }
    Ok(id)
}

fn json_of(part: &str) -> Result<Value, String> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

fn key_of(multibase: &str) -> Option<VerifyingKey> {
    let bytes = bs58::decode(multibase.strip_prefix('z')?).into_vec().ok()?;
    let key: &[u8; 32] = bytes.strip_prefix(&[0xed, 0x01])?.try_into().ok()?;
    VerifyingKey::from_bytes(key).ok()
}
