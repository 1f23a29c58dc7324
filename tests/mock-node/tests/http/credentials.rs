//! Credentials that must be refused before any handler has run, and those that must be taken.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use ancp_mock_node::{
    ActionContext, DidDocument, DidOptions, DidResolver, DidWeb, Fetch, JwtOptions, KeySource,
    LookupError, MockNode, NodeBuilder, Role, ServerBuilder, TestIssuer, TestKey, TokenAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::check_answer;
use crate::common::http::{Client, Reply, send};
use crate::common::{Call, did_proof_with, ncp, unix_now, within};

/// A node that counts its handler's runs, and whose clock stands still.
struct World {
    node: MockNode,
    nobody: Client,
    runs: Arc<AtomicU32>,
    now: Arc<AtomicU64>,
}

impl World {
    async fn of(builder: NodeBuilder) -> Self {
        let runs = Arc::new(AtomicU32::new(0));
        let now = Arc::new(AtomicU64::new(unix_now()));
        let (counter, clock) = (runs.clone(), now.clone());
        let builder = builder
            .on_invoke("count", move |_: ActionContext<Value>| {
                counter.fetch_add(1, Ordering::SeqCst);
                async { Ok(1) }
            })
            .clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
        let node = within(MockNode::serve(builder)).await.unwrap();
        let nobody = Client::new(node.base_url(), None);
        Self {
            node,
            nobody,
            runs,
            now,
        }
    }

    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    fn later(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    fn endpoint(&self) -> String {
        format!("{}/ncp/nodes/42", self.node.base_url())
    }

    async fn call(&self, headers: &[(&str, &str)]) -> Reply {
        let call = Call::invoke("count", json!(null));
        let mut request = self.nobody.post("N/invoke", call.text());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    }

    async fn with_token(&self, token: &str) -> Reply {
        self.call(&[("Authorization", &format!("Bearer {token}"))])
            .await
    }

    async fn with_proof(&self, proof: &str) -> Reply {
        self.call(&[("X-Ancp-Did-Proof", proof)]).await
    }

    /// Whether the handler has run since the last time.
    fn has_run(&self) -> bool {
        self.runs.swap(0, Ordering::SeqCst) > 0
    }

    /// The answer is a refusal that says `why`, and nothing of the credential.
    fn assert_refused(&self, name: &str, reply: &Reply, code: &str, why: &str, credential: &str) {
        assert_eq!(reply.code(), code, "{name}: {reply:?}");
        assert!(!self.has_run(), "{name}");
        check_answer(reply);
        let message = ncp(&reply.envelope())["error"]["message"].clone();
        assert!(message.as_str().unwrap().contains(why), "{name}: {message}");
        for part in credential.split('.').filter(|part| part.len() > 3) {
            assert!(!reply.text.contains(part), "{name}: {reply:?}");
        }
    }

    fn assert_taken(&self, name: &str, reply: &Reply, mode: &str, subject: &str) {
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
        assert!(self.has_run(), "{name}");
        let caller = json!({ "mode": mode, "subject": subject });
        assert_eq!(ncp(&reply.envelope())["caller"], caller, "{name}");
    }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

const ALGORITHMS: [TokenAlgorithm; 3] = [
    TokenAlgorithm::Rs256,
    TokenAlgorithm::Es256,
    TokenAlgorithm::EdDsa,
];

#[tokio::test]
async fn tokens_of_every_algorithm() {
    for algorithm in ALGORITHMS {
        let issuer = TestIssuer::new(algorithm);
        let pem = JwtOptions::keys(&issuer.key().public_pem()).unwrap();
        for (name, options) in [("JWKS", issuer.options()), ("PEM", pem)] {
            let world = World::of(NodeBuilder::new(42, 7).jwt(options)).await;
            let name = format!("{name} {algorithm:?}");
            let reply = world.with_token(&issuer.token("ada").sign()).await;
            world.assert_taken(&name, &reply, "jwt", "ada");
            let forged = TestIssuer::new(algorithm);
            let forged = forged.token("ada").header("kid", Value::Null).sign();
            let reply = world.with_token(&forged).await;
            world.assert_refused(&name, &reply, "unauthenticated", "signature", &forged);
        }
    }
}

#[tokio::test]
async fn tokens_that_are_good() {
    let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
    let world = World::of(NodeBuilder::new(42, 7).jwt(issuer.options())).await;
    let now = world.now();
    let token = || issuer.token("ada");
    for (name, token) in [
        ("plain", token()),
        ("of the tenant", token().tenant_id(7)),
        ("of the tenant, as a number", token().claim("tenantId", 7)),
        ("no kid", token().header("kid", Value::Null)),
        (
            "several audiences",
            token().claim("aud", json!(["x", "ancp-mock-node"])),
        ),
        ("expired within the leeway", token().claim("exp", now - 59)),
        ("early within the leeway", token().claim("nbf", now + 60)),
        ("fractions", token().claim("exp", now as f64 + 0.5)),
        ("a role", token().roles([Role::Invoke])),
        (
            "an unknown role, too",
            token().claim("roles", json!(["x", "invoke"])),
        ),
        ("admin", token().roles([Role::Admin])),
    ] {
        let reply = world.with_token(&token.sign()).await;
        world.assert_taken(name, &reply, "jwt", "ada");
    }
}

#[tokio::test]
async fn tokens_that_must_be_refused() {
    let issuer = TestIssuer::new(TokenAlgorithm::Rs256);
    let builder = NodeBuilder::new(42, 7)
        .jwt(issuer.options())
        .did(DidOptions::new());
    let world = World::of(builder).await;
    let now = world.now();
    let token = || issuer.token("ada");
    let good = token().sign();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();

    // An attacker may know the public key, and pass it off as a shared secret.
    let secret = issuer.key().public_pem();
    let secret = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let hs256 = |kid: Value| {
        let header = part(&json!({ "alg": "HS256", "kid": kid }));
        let signed = format!("{header}.{claims}");
        let tag = aws_lc_rs::hmac::sign(&secret, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let kid: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let none = part(&json!({ "alg": "none" }));
    let admin = json!({ "sub": "ada", "exp": now + 999, "roles": ["admin"] });
    let own_key = TestKey::generate(TokenAlgorithm::EdDsa);
    let own_jwk = json!({ "alg": "EdDSA", "jwk": own_key.jwk("x") });

    for (name, token, code, why) in [
        (
            "alg none",
            format!("{none}.{claims}."),
            "unauthenticated",
            "`alg`",
        ),
        (
            "alg none, signed",
            format!("{none}.{claims}.{signature}"),
            "unauthenticated",
            "`alg`",
        ),
        (
            "HS256 by the public key",
            hs256(kid["kid"].clone()),
            "unauthenticated",
            "`alg`",
        ),
        (
            "HS256 without a kid",
            hs256(Value::Null),
            "unauthenticated",
            "`alg`",
        ),
        (
            "a key of its own",
            own_key.sign(&own_jwk, &admin),
            "unauthenticated",
            "no key",
        ),
        (
            "another algorithm of the key",
            token().header("alg", "RS512").sign(),
            "unauthenticated",
            "`alg`",
        ),
        (
            "another algorithm",
            token().header("alg", "ES256").sign(),
            "unauthenticated",
            "no key",
        ),
        (
            "unknown kid",
            token().header("kid", "unknown-kid").sign(),
            "unauthenticated",
            "`kid`",
        ),
        (
            "tampered claims",
            format!("{header}.{}.{signature}", part(&admin)),
            "unauthenticated",
            "signature",
        ),
        (
            "tampered signature",
            format!("{signed}.{}", signature.chars().rev().collect::<String>()),
            "unauthenticated",
            "signature",
        ),
        (
            "no signature",
            format!("{signed}."),
            "unauthenticated",
            "signature",
        ),
        (
            "wrong issuer",
            token().claim("iss", "https://evil.example").sign(),
            "unauthenticated",
            "`iss`",
        ),
        (
            "no issuer",
            token().claim("iss", Value::Null).sign(),
            "unauthenticated",
            "`iss`",
        ),
        (
            "wrong audience",
            token().claim("aud", "someone-else").sign(),
            "unauthenticated",
            "`aud`",
        ),
        (
            "no audience",
            token().claim("aud", Value::Null).sign(),
            "unauthenticated",
            "`aud`",
        ),
        (
            "expired",
            token().claim("exp", now - 60).sign(),
            "unauthenticated",
            "expired",
        ),
        (
            "no end",
            token().claim("exp", Value::Null).sign(),
            "unauthenticated",
            "`exp`",
        ),
        (
            "an odd end",
            token().claim("exp", "never").sign(),
            "unauthenticated",
            "malformed",
        ),
        (
            "not yet valid",
            token().claim("nbf", now + 61).sign(),
            "unauthenticated",
            "not valid yet",
        ),
        (
            "no subject",
            token().claim("sub", Value::Null).sign(),
            "unauthenticated",
            "`sub`",
        ),
        (
            "empty subject",
            token().claim("sub", "").sign(),
            "unauthenticated",
            "`sub`",
        ),
        (
            "wrong tenant",
            token().tenant_id(8).sign(),
            "tenant_mismatch",
            "`tenantId`",
        ),
        (
            "null as a tenant",
            issuer.key().sign(&kid, &with_null_tenant(claims)),
            "tenant_mismatch",
            "`tenantId`",
        ),
        (
            "a role that lacks the right",
            token().roles([Role::Stream]).sign(),
            "forbidden",
            "`invoke`",
        ),
        (
            "no roles",
            token().roles([]).sign(),
            "forbidden",
            "`invoke`",
        ),
        (
            "odd roles",
            token().claim("roles", "admin").sign(),
            "unauthenticated",
            "malformed",
        ),
        (
            "critical extension",
            token().header("crit", json!(["b64"])).sign(),
            "unauthenticated",
            "`crit`",
        ),
        ("empty", String::new(), "unauthenticated", "malformed"),
        (
            "no token",
            "secretsecret".into(),
            "unauthenticated",
            "malformed",
        ),
        (
            "two tokens",
            format!("{good}, Bearer {good}"),
            "unauthenticated",
            "",
        ),
        (
            "oversized",
            format!("{good}{}", "x".repeat(8192)),
            "unauthenticated",
            "longer than 8192",
        ),
    ] {
        let reply = world.with_token(&token).await;
        world.assert_refused(name, &reply, code, why, &token);
    }
    // The other ways in: every path that needs a credential.
    for request in [
        world.nobody.get("N/tasks/x"),
        world.nobody.delete("N/streams/x"),
        world.nobody.get("N/tasks/x/events"),
    ] {
        let expired = format!("Bearer {}", token().claim("exp", now - 60).sign());
        let reply = send(request.header("Authorization", expired)).await;
        assert_eq!(reply.code(), "unauthenticated");
    }
    // System actions need none, and ignore what is sent.
    let ping = world
        .nobody
        .post("N/invoke", Call::invoke("ancp.ping", json!(null)).text());
    assert_eq!(
        send(ping.header("Authorization", "Bearer x")).await.status,
        200
    );
}

fn with_null_tenant(claims: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["tenantId"] = Value::Null;
    claims
}

#[tokio::test]
async fn the_first_mode_present_decides() {
    let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let did = key.did().unwrap();
    let all = World::of(
        NodeBuilder::new(42, 7)
            .jwt(issuer.options())
            .api_key("service", "good-key", [Role::Invoke])
            .did(DidOptions::new()),
    )
    .await;
    let keys_only = World::of(NodeBuilder::new(42, 7)).await;
    let token = format!("Bearer {}", issuer.token("ada").sign());
    let proof = |world: &World| {
        did_proof_with(&key, &world.endpoint(), world.now(), &json!({}), &json!({}))
    };
    let fresh = || proof(&all);
    for (name, bearer, api_key, did_proof, taken) in [
        ("all", &*token, "good-key", &*fresh(), Some(("jwt", "ada"))),
        (
            "bad key and proof",
            &token,
            "bad",
            "bad",
            Some(("jwt", "ada")),
        ),
        ("bad token", "Bearer bad", "good-key", &fresh(), None),
        ("an empty token", "Bearer", "good-key", &fresh(), None),
        (
            "another scheme",
            "Basic x",
            "good-key",
            "bad",
            Some(("apiKey", "service")),
        ),
        ("bad key", "", "bad", &fresh(), None),
        ("proof", "", "", &fresh(), Some(("did", &did))),
        ("bad proof", "", "", "bad", None),
        ("nothing", "", "", "", None),
    ] {
        let headers = [
            ("Authorization", bearer),
            ("X-Ancp-Api-Key", api_key),
            ("X-Ancp-Did-Proof", did_proof),
        ];
        let sent: Vec<_> = headers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let reply = all.call(&sent).await;
        match taken {
            Some((mode, subject)) => all.assert_taken(name, &reply, mode, subject),
            None => all.assert_refused(name, &reply, "unauthenticated", "", ""),
        }
    }
    // A mode that is not accepted does not count.
    let reply = keys_only
        .call(&[
            ("Authorization", &token),
            ("X-Ancp-Api-Key", keys_only.node.api_key()),
        ])
        .await;
    keys_only.assert_taken("keys only", &reply, "apiKey", "tests");
    let reply = keys_only.with_proof(&proof(&keys_only)).await;
    keys_only.assert_refused(
        "keys only",
        &reply,
        "unauthenticated",
        "is needed: apiKey",
        "",
    );
    for (world, modes) in [
        (&all, json!(["jwt", "apiKey", "did"])),
        (&keys_only, json!(["apiKey"])),
    ] {
        let document = send(world.nobody.get("/.well-known/ncp.json"))
            .await
            .envelope();
        assert_eq!(document["nodes"][0]["auth"], modes);
    }
}

#[tokio::test]
async fn keys_can_be_given_as_their_hashes() {
    // What `printf key-3 | sha256sum` prints.
    let hashed = "sha256:d9ef8196557c9da69806fb5d777f4e5ad6d5c18593039e0ff62f9fdf003b0198";
    let world = World::of(NodeBuilder::new(42, 7).api_key("service", hashed, [Role::Invoke])).await;
    let reply = world.call(&[("X-Ancp-Api-Key", "key-3")]).await;
    world.assert_taken("the key", &reply, "apiKey", "service");
    let oversized = "x".repeat(8193);
    for key in [hashed, "key-4", "key-3, key-3", &oversized] {
        let reply = world.call(&[("X-Ancp-Api-Key", key)]).await;
        world.assert_refused("another", &reply, "unauthenticated", "", key);
    }
    // A head of a hundred thousand bytes is none that the server reads.
    let flood = "x".repeat(100_000);
    let reply = world
        .call(&[("X-Ancp-Api-Key", "key-3"), ("X-Other", &flood)])
        .await;
    assert_eq!(reply.status, 431);
    assert!(!world.has_run());
}

#[tokio::test]
async fn proofs() {
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let other = TestKey::generate(TokenAlgorithm::EdDsa);
    let (did, other_did) = (key.did().unwrap(), other.did().unwrap());
    let world = World::of(NodeBuilder::new(42, 7).did(DidOptions::new())).await;
    let (now, endpoint) = (world.now(), world.endpoint());
    let proof =
        |header: Value, claims: Value| did_proof_with(&key, &endpoint, now, &header, &claims);
    let fragment = did.strip_prefix("did:key:").unwrap();
    let other_kid = format!(
        "{other_did}#{}",
        other_did.strip_prefix("did:key:").unwrap()
    );

    for (name, claims) in [
        ("plain", json!({})),
        ("for five minutes", json!({ "exp": now + 300 })),
        ("a slow clock", json!({ "iat": now - 330, "exp": now - 59 })),
        ("a fast clock", json!({ "iat": now + 60, "exp": now + 360 })),
        (
            "a slash at the end",
            json!({ "aud": format!("{endpoint}/") }),
        ),
    ] {
        let reply = world.with_proof(&proof(json!({}), claims)).await;
        world.assert_taken(name, &reply, "did", &did);
    }

    let good = proof(json!({}), json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let tampered = part(
        &json!({ "iss": did, "sub": did, "aud": endpoint, "iat": now, "exp": now + 60, "jti": "x" }),
    );
    let es256 = TestKey::generate(TokenAlgorithm::Es256);
    let claims =
        json!({ "iss": did, "sub": did, "aud": endpoint, "iat": now, "exp": now + 60, "jti": "y" });
    let kid = json!({ "alg": "ES256", "kid": format!("{did}#{fragment}") });
    for (name, proof, why) in [
        (
            "alg none",
            proof(json!({ "alg": "none" }), json!({})),
            "`alg`",
        ),
        (
            "HS256",
            proof(json!({ "alg": "HS256" }), json!({})),
            "`alg`",
        ),
        ("ES256", es256.sign(&kid, &claims), "EdDSA"),
        ("no kid", proof(json!({ "kid": null }), json!({})), "`kid`"),
        (
            "kid of another DID",
            proof(json!({ "kid": other_kid }), json!({})),
            "DID of its `kid`",
        ),
        (
            "all of another DID",
            proof(
                json!({ "kid": other_kid }),
                json!({ "iss": other_did, "sub": other_did }),
            ),
            "signature",
        ),
        (
            "no fragment",
            proof(json!({ "kid": did }), json!({})),
            "`kid`",
        ),
        (
            "unknown key",
            proof(json!({ "kid": format!("{did}#key-9") }), json!({})),
            "no key",
        ),
        (
            "kid that is no DID",
            proof(json!({ "kid": "x#y" }), json!({})),
            "`kid`",
        ),
        (
            "another method",
            proof(
                json!({ "kid": "did:web:example.com#k" }),
                json!({ "iss": "did:web:example.com", "sub": "did:web:example.com" }),
            ),
            "method",
        ),
        (
            "no key in its DID",
            proof(
                json!({ "kid": "did:key:zNope#zNope" }),
                json!({ "iss": "did:key:zNope", "sub": "did:key:zNope" }),
            ),
            "resolved",
        ),
        (
            "wrong issuer",
            proof(json!({}), json!({ "iss": other_did })),
            "`iss`",
        ),
        (
            "wrong subject",
            proof(json!({}), json!({ "sub": other_did })),
            "`sub`",
        ),
        (
            "no issuer",
            proof(json!({}), json!({ "iss": null })),
            "`iss`",
        ),
        (
            "for another node",
            proof(json!({}), json!({ "aud": endpoint.replace("42", "43") })),
            "`aud`",
        ),
        (
            "for two nodes",
            proof(json!({}), json!({ "aud": [endpoint, "x"] })),
            "malformed",
        ),
        (
            "for nobody",
            proof(json!({}), json!({ "aud": null })),
            "`aud`",
        ),
        (
            "expired",
            proof(json!({}), json!({ "iat": now - 360, "exp": now - 60 })),
            "expired",
        ),
        (
            "for too long",
            proof(json!({}), json!({ "exp": now + 301 })),
            "longer than 300",
        ),
        (
            "older than allowed",
            proof(json!({}), json!({ "iat": now - 400, "exp": now + 60 })),
            "longer than 300",
        ),
        (
            "of the future",
            proof(json!({}), json!({ "iat": now + 61, "exp": now + 100 })),
            "future",
        ),
        (
            "not yet valid",
            proof(json!({}), json!({ "nbf": now + 61 })),
            "not valid yet",
        ),
        (
            "no beginning",
            proof(json!({}), json!({ "iat": null })),
            "`iat`",
        ),
        ("no end", proof(json!({}), json!({ "exp": null })), "`exp`"),
        ("no jti", proof(json!({}), json!({ "jti": null })), "`jti`"),
        ("empty jti", proof(json!({}), json!({ "jti": "" })), "`jti`"),
        (
            "tampered claims",
            format!("{header}.{tampered}.{signature}"),
            "signature",
        ),
        ("no signature", format!("{signed}."), "signature"),
        ("no proof", "secretsecret".into(), "malformed"),
        (
            "oversized",
            format!("{good}{}", "x".repeat(8192)),
            "longer than 8192",
        ),
    ] {
        let reply = world.with_proof(&proof).await;
        let shown = proof.split_once('.').map_or("", |(_, rest)| rest);
        world.assert_refused(name, &reply, "unauthenticated", why, shown);
    }

    // None of those has used up the good one: it is taken once, until it has expired, and then it
    // has expired.
    let reply = world.with_proof(&good).await;
    world.assert_taken("good", &reply, "did", &did);
    for wait in [0, 60, 59] {
        world.later(wait);
        let reply = world.with_proof(&good).await;
        world.assert_refused("replayed", &reply, "unauthenticated", "used before", &good);
    }
    world.later(1);
    let reply = world.with_proof(&good).await;
    world.assert_refused(
        "replayed later",
        &reply,
        "unauthenticated",
        "expired",
        &good,
    );
}

#[tokio::test]
async fn a_full_memory_refuses_rather_than_forgets() {
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let options = DidOptions::new().max_remembered(2);
    let world = World::of(NodeBuilder::new(42, 7).did(options)).await;
    let proof = || did_proof_with(&key, &world.endpoint(), world.now(), &json!({}), &json!({}));
    let did = key.did().unwrap();
    let first = proof();
    for proof in [first.clone(), proof()] {
        world.assert_taken("fits", &world.with_proof(&proof).await, "did", &did);
    }
    let reply = world.with_proof(&proof()).await;
    world.assert_refused("full", &reply, "unavailable", "too many", "");
    let reply = world.with_proof(&first).await;
    world.assert_refused(
        "not forgotten",
        &reply,
        "unauthenticated",
        "used before",
        "",
    );
    world.later(120);
    world.assert_taken("room again", &world.with_proof(&proof()).await, "did", &did);
}

#[tokio::test]
async fn what_callers_by_did_may_do() {
    let known = TestKey::generate(TokenAlgorithm::EdDsa);
    let stranger = TestKey::generate(TokenAlgorithm::EdDsa);
    let options = DidOptions::new()
        .default_roles([Role::Stream])
        .caller(known.did().unwrap(), [Role::Invoke]);
    let world = World::of(NodeBuilder::new(42, 7).did(options)).await;
    for (key, code) in [(&known, ""), (&stranger, "forbidden")] {
        let proof = did_proof_with(key, &world.endpoint(), world.now(), &json!({}), &json!({}));
        assert_eq!(world.with_proof(&proof).await.code(), code);
        assert_eq!(world.has_run(), code.is_empty());
    }
}

/// A registry that can be down.
struct Registry(Arc<Mutex<Result<DidDocument, LookupError>>>);

impl DidResolver for Registry {
    async fn resolve(&self, _: &str) -> Result<DidDocument, LookupError> {
        self.0.lock().unwrap().clone()
    }
}

/// A web of one document.
struct Web(String);

impl Fetch for Web {
    async fn get(&self, url: &str) -> Result<String, LookupError> {
        match url {
            "https://partner.example/agents/7/did.json" => Ok(self.0.clone()),
            _ => Err(LookupError::Invalid("status 404".into())),
        }
    }
}

#[tokio::test]
async fn other_did_methods() {
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let multibase = key.did().unwrap().replace("did:key:", "");
    let public = public_key(&key);
    let did = "did:bizfirst:node:42";
    let found = Arc::new(Mutex::new(
        Ok(DidDocument::new(did).key_of("key-1", public)),
    ));
    let web_did = "did:web:partner.example:agents:7";
    let document = json!({
        "id": web_did,
        "verificationMethod": [
            { "id": "#key-1", "type": "Multikey", "publicKeyMultibase": multibase },
            { "id": "#for-contracts", "type": "Multikey", "publicKeyMultibase": multibase },
        ],
        "authentication": ["#key-1"],
        "assertionMethod": ["#for-contracts"],
    });
    let options = DidOptions::new()
        .resolver("bizfirst", Registry(found.clone()))
        .resolver("web", DidWeb::with(Web(document.to_string())));
    let world = World::of(NodeBuilder::new(42, 7).did(options)).await;
    let proof = |did: &str, fragment: &str| {
        let header = json!({ "kid": format!("{did}#{fragment}") });
        let claims = json!({ "iss": did, "sub": did });
        did_proof_with(&key, &world.endpoint(), world.now(), &header, &claims)
    };

    for did in [did, web_did] {
        let reply = world.with_proof(&proof(did, "key-1")).await;
        world.assert_taken(did, &reply, "did", did);
    }
    for (did, fragment, why) in [
        (did, "key-2", "no key"),
        // A document of another DID.
        ("did:bizfirst:node:43", "key-1", "no key"),
        (web_did, "for-contracts", "no key"),
        ("did:web:partner.example", "key-1", "can't be resolved"),
        ("did:web:127.0.0.1", "key-1", "can't be resolved"),
        ("did:ion:x", "key-1", "not accepted"),
    ] {
        let reply = world.with_proof(&proof(did, fragment)).await;
        world.assert_refused(did, &reply, "unauthenticated", why, "");
    }
    // Who could be right is not told to be wrong, and nobody is told what the log is told.
    let down = LookupError::Unavailable("connection refused by 10.0.0.1".into());
    *found.lock().unwrap() = Err(down);
    let reply = world.with_proof(&proof(did, "key-1")).await;
    world.assert_refused("down", &reply, "unavailable", "at the moment", "10.0.0.1");
    assert_eq!(
        (reply.status, &ncp(&reply.envelope())["error"]["retryable"]),
        (503, &json!(true))
    );
    *found.lock().unwrap() = Err(LookupError::Invalid("revoked at 10.0.0.1".into()));
    let reply = world.with_proof(&proof(did, "key-1")).await;
    world.assert_refused(
        "revoked",
        &reply,
        "unauthenticated",
        "can't be resolved",
        "10.0.0.1",
    );
}

fn public_key(key: &TestKey) -> [u8; 32] {
    let jwk = key.jwk("x");
    let bytes = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

/// Keys that change, and how often they were asked for.
#[derive(Clone)]
struct Rotating {
    keys: Arc<Mutex<Result<String, LookupError>>>,
    asked: Arc<AtomicU32>,
}

impl KeySource for Rotating {
    async fn load(&self) -> Result<String, LookupError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.keys.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn keys_rotate() {
    let (first, second) = (
        TestIssuer::new(TokenAlgorithm::EdDsa),
        TestIssuer::new(TokenAlgorithm::Es256),
    );
    let source = Rotating {
        keys: Arc::new(Mutex::new(Err(LookupError::Unavailable("down".into())))),
        asked: Arc::default(),
    };
    let world =
        World::of(NodeBuilder::new(42, 7).jwt(JwtOptions::key_source(source.clone()))).await;
    let old = || first.token("ada").valid_for(99_999).sign();
    let new = || second.token("bob").valid_for(99_999).sign();
    let publish = |keys: Result<String, LookupError>| *source.keys.lock().unwrap() = keys;
    let asked = || source.asked.load(Ordering::SeqCst);

    // Before there are keys nobody can be told to be wrong.
    assert_eq!(world.with_token(&old()).await.code(), "unavailable");
    publish(Ok(first.jwks()));
    assert_eq!(world.with_token(&old()).await.code(), "unavailable");
    assert_eq!(asked(), 1, "not again so soon");
    world.later(10);
    world.assert_taken(
        "the first key",
        &world.with_token(&old()).await,
        "jwt",
        "ada",
    );
    assert_eq!(asked(), 2);

    // A new key is found; made-up ones don't have the source asked all the time.
    publish(Ok(second.jwks()));
    world.later(10);
    world.assert_taken(
        "the second key",
        &world.with_token(&new()).await,
        "jwt",
        "bob",
    );
    assert_eq!(asked(), 3);
    for _ in 0..5 {
        let reply = world.with_token(&old()).await;
        world.assert_refused("withdrawn", &reply, "unauthenticated", "no key", "");
    }
    assert_eq!(asked(), 3);

    // While the source is down, or gives nonsense, the keys that are known stay.
    world.later(10);
    for keys in [
        Err(LookupError::Unavailable("down".into())),
        Ok("nonsense".into()),
    ] {
        publish(keys);
        assert_eq!(world.with_token(&old()).await.code(), "unavailable");
        world.assert_taken("known", &world.with_token(&new()).await, "jwt", "bob");
        world.later(10);
    }
    assert_eq!(asked(), 5);

    // A key that was withdrawn is noticed after a while, although nobody asks for another.
    publish(Ok(first.jwks()));
    world.later(600);
    let reply = world.with_token(&new()).await;
    world.assert_refused("withdrawn", &reply, "unauthenticated", "no key", "");
}

#[tokio::test]
async fn a_file_of_keys_is_read_again() {
    let (first, second) = (
        TestIssuer::new(TokenAlgorithm::EdDsa),
        TestIssuer::new(TokenAlgorithm::EdDsa),
    );
    let file = std::env::temp_dir().join(format!("ancp-rotating-{}.json", std::process::id()));
    std::fs::write(&file, first.jwks()).unwrap();
    let options = JwtOptions::key_file(&file).unwrap();
    let world = World::of(NodeBuilder::new(42, 7).jwt(options)).await;
    let reply = world.with_token(&first.token("ada").sign()).await;
    world.assert_taken("the first", &reply, "jwt", "ada");
    std::fs::write(&file, second.jwks()).unwrap();
    let reply = world.with_token(&second.token("bob").sign()).await;
    world.assert_taken("the second", &reply, "jwt", "bob");
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn proofs_are_for_the_public_url() {
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let node = NodeBuilder::new(42, 7)
        .on_invoke("count", async |_: ActionContext<Value>| Ok(1))
        .did(DidOptions::new())
        .build()
        .unwrap();
    let server = ServerBuilder::new([node])
        .base_path("api")
        .base_url("https://node.example/api/");
    let server = server.start("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/api", server.address());
    let client = Client::new(&address, None);
    for (base, host, status) in [
        ("https://node.example/api", "evil.example", 200),
        ("https://node.example", "node.example", 401),
        // What a request says of itself is its sender's choice.
        ("https://evil.example/api", "evil.example", 401),
        (&*address, "node.example", 401),
    ] {
        let endpoint = format!("{base}/ncp/nodes/42");
        let proof = did_proof_with(&key, &endpoint, unix_now(), &json!({}), &json!({}));
        let call = Call::invoke("count", json!(null));
        let request = client.post("N/invoke", call.text()).header("Host", host);
        let reply = send(request.header("X-Ancp-Did-Proof", proof)).await;
        assert_eq!(reply.status, status, "{base}: {reply:?}");
    }
}
