//! What a node is shown, where a credential goes, and where it never stands.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ancp_core::auth::{BoxError, DidKey, DidSigner};
use ancp_core::platform::BoxFuture;
use ancp_core::{
    AncpClient, Auth, ClientBuilder, Error, ErrorCode, NodeAddress, Result, RetryPolicy,
};
use futures_util::StreamExt;
use futures_util::future::{join_all, join4};
use serde_json::{Value, json};

use super::support::*;

const PROOF: &str = "x-ancp-did-proof";
const SECRET: &str = "bfk_s3cr\"t\\0123456789";

async fn invoke(client: &AncpClient) -> Result<Value> {
    client.invoke("get-order", &json!({})).await
}

/// A signer whose signatures no node accepts, and that may fail or never answer.
struct Signer(fn() -> BoxFuture<'static, Result<Vec<u8>, BoxError>>);

impl DidSigner for Signer {
    fn did(&self) -> &str {
        "did:web:shop.test"
    }

    fn key_id(&self) -> &str {
        "did:web:shop.test#key-1"
    }

    fn sign<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, BoxError>> {
        (self.0)()
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_has_a_proof_of_its_own() {
    let (client, http) = client(
        options().auth(Auth::did(DidKey::create().unwrap())),
        |sent| match (sent.method, sent.path.rsplit('/').next().unwrap()) {
            ("POST", "stream") => Reply::Located("/x/streams/s-1", vec![chunk(1, true)]),
            ("GET", "s-1") => {
                Reply::Events(vec![chunk(2, true), Piece::Wait(Duration::from_secs(1))])
            }
            ("DELETE", _) => Reply::Answer(204, Value::Null),
            ("GET", "ncp.json") => Reply::Answer(404, Value::Null),
            ("GET", "t-1") => task(200, "Running", 0.5),
            _ => error(503, "unavailable", true),
        },
    );
    invoke(&client).await.unwrap_err();
    let mut chunks = client.stream::<Value>("report", &());
    chunks.next().await.unwrap().unwrap();
    chunks.next().await.unwrap().unwrap();
    drop(chunks);
    let wait = client
        .wait_for_task::<Value>("t-1")
        .timeout(Duration::from_secs(3));
    wait.await.unwrap_err();

    let sent = http.sent();
    let (public, proven): (Vec<&Sent>, Vec<&Sent>) = sent
        .iter()
        .partition(|sent| sent.path.ends_with("ncp.json"));
    assert!(public.iter().all(|sent| sent.header(PROOF).is_none()));
    // Four attempts, a stream with its resume and its end, and some polls.
    assert!(proven.len() > 8, "{proven:?}");
    let mut proofs: Vec<&str> = proven
        .iter()
        .map(|sent| sent.header(PROOF).unwrap())
        .collect();
    proofs.sort_unstable();
    proofs.dedup();
    assert_eq!(proofs.len(), proven.len());
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_fails_or_hangs_sends_nothing() {
    let failing = Auth::did(Signer(|| {
        Box::pin(async { Err("the vault is sealed".into()) })
    }));
    let (client, http) = client_of(failing, |_| ok(json!(1)));
    let error = invoke(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Unauthenticated);
    assert_eq!(error.source().unwrap().to_string(), "the vault is sealed");
    assert!(!error.may_have_been_delivered());

    let hanging = Auth::did(Signer(|| Box::pin(std::future::pending())));
    let (client, other) = client_of(hanging, |_| ok(json!(1)));
    let error = invoke(&client).await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Timeout);
    assert!(http.sent().is_empty() && other.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_proof_of_a_fixed_key_is_final() {
    let auth = Auth::did(DidKey::create().unwrap());
    let (client, http) = client_of(auth, |_| error(401, "unauthenticated", false));
    invoke(&client).await.unwrap_err();
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn calls_refused_together_share_the_next_key() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let auth = Auth::did_provider(move || {
        let place = count.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok::<_, io::Error>(DidKey::from_seed(&[place as u8; 32]))
        }
    });
    let old = Arc::new(std::sync::Mutex::new(None::<String>));
    let (client, _) = client_of(auth, move |sent| {
        // The header of the JWT names the key.
        let kid = sent
            .header(PROOF)
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned();
        let mut old = old.lock().unwrap();
        match *old.get_or_insert_with(|| kid.clone()) == kid {
            true => error(401, "unauthenticated", false),
            false => ok(json!(1)),
        }
    });
    let answers = join_all((0..4).map(|_| invoke(&client))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn streams_and_waits_refused_together_share_one_refresh() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let auth = Auth::jwt_provider(move || {
        let token = format!("token-{}", count.fetch_add(1, Ordering::SeqCst));
        async { Ok::<_, io::Error>(token) }
    });
    let (client, _) = client_of(auth, |sent| {
        if sent.path.ends_with("ncp.json") {
            let features = json!({ "taskEvents": true });
            let node = json!({ "nodeId": 42, "features": features });
            return Reply::Answer(200, json!({ "protocolVersion": "1.0", "nodes": [node] }));
        }
        if sent.header("authorization") == Some("Bearer token-0") {
            return error(401, "unauthenticated", false);
        }
        match sent.path.rsplit('/').next().unwrap() {
            "stream" => Reply::Located("/x/streams/s-1", vec![chunk(1, true), done(1)]),
            "events" => {
                let data = response(task_ncp("Completed", 1.0), Value::Null);
                Reply::Events(vec![text(&format!("event: status\ndata: {data}\n\n"))])
            }
            "t-1" => task(200, "Completed", 1.0),
            _ => ok(json!(1)),
        }
    });
    let stream = async {
        let chunks: Vec<_> = client.stream::<Value>("report", &()).collect().await;
        assert!(chunks.iter().all(Result::is_ok), "{chunks:?}");
    };
    let listening = async {
        client.wait_for_task::<Value>("t-1").await.unwrap();
    };
    let polling = async {
        let wait = client
            .wait_for_task::<Value>("t-1")
            .poll_interval(Duration::from_millis(1));
        wait.await.unwrap();
    };
    let call = async {
        invoke(&client).await.unwrap();
    };
    join4(stream, listening, polling, call).await;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

/// A client at a direct URL that is not of the base URL's origin.
fn elsewhere() -> ClientBuilder {
    let url = NodeAddress::from_url("https://other.test/ncp/nodes/7").unwrap();
    options().address(url)
}

const CREDENTIALS: [&str; 4] = ["authorization", "cookie", "x-ancp-api-key", PROOF];

#[tokio::test(start_paused = true)]
async fn a_node_elsewhere_is_shown_no_credential_and_its_401_says_so() {
    for auth in [
        Auth::jwt("token-1"),
        Auth::api_key(SECRET),
        Auth::did(DidKey::create().unwrap()),
        Auth::jwt_provider(|| async { Ok::<_, io::Error>("token-1".to_owned()) }),
    ] {
        let options = elsewhere()
            .auth(auth)
            .header("Authorization", "Basic x")
            .header("X-Trace", "1");
        let (client, http) = client(options, |_| error(401, "unauthenticated", false));
        let call = client
            .invoke::<Value>("get-order", &())
            .header("Cookie", "a=b");
        let error = call.await.unwrap_err();
        let sent = http.sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].path.starts_with("https://other.test/"));
        for name in CREDENTIALS {
            assert_eq!(sent[0].header(name), None, "{name}");
        }
        assert_eq!(sent[0].header("x-trace"), Some("1"));
        assert_eq!(
            (error.code(), error.status()),
            (&ErrorCode::Unauthenticated, 401)
        );
        for part in [
            "https://other.test,",
            "credentialOrigins",
            "the node says: no",
        ] {
            assert!(error.message().contains(part), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_elsewhere_is_shown_the_credential_where_its_origin_is_listed() {
    let options = elsewhere()
        .auth(Auth::api_key("key-1"))
        .header("Cookie", "a=b");
    let options = options.credential_origin("https://OTHER.test:443");
    let (client, http) = client(options, |_| ok(json!(1)));
    invoke(&client).await.unwrap();
    assert_eq!(http.sent()[0].header("x-ancp-api-key"), Some("key-1"));
    assert_eq!(http.sent()[0].header("cookie"), Some("a=b"));
}

#[tokio::test(start_paused = true)]
async fn without_a_base_url_the_direct_one_is_the_users_word() {
    let url = NodeAddress::from_url("https://other.test/ncp/nodes/7").unwrap();
    let options = ClientBuilder::new()
        .address(url)
        .auth(Auth::api_key("key-1"));
    let (client, http) = client(options, |_| ok(json!(1)));
    invoke(&client).await.unwrap();
    assert_eq!(http.sent()[0].header("x-ancp-api-key"), Some("key-1"));
}

#[tokio::test(start_paused = true)]
async fn without_a_credential_a_401_elsewhere_is_the_nodes() {
    let (client, _) = client(elsewhere(), |_| error(401, "unauthenticated", false));
    assert_eq!(invoke(&client).await.unwrap_err().message(), "no");
}

fn client_of(
    auth: Auth,
    script: impl Fn(&Sent) -> Reply + Send + Sync + 'static,
) -> (AncpClient, Scripted) {
    client(options().auth(auth), script)
}

/// Everything that an error shows.
fn shown(error: &Error) -> String {
    let mut all = format!("{error} {error:?} {error:#?} {}", error.message());
    all += error.request_id().unwrap_or_default();
    all += error
        .details()
        .map(|details| details.as_str())
        .unwrap_or_default();
    let mut source = error.source();
    while let Some(cause) = source {
        all += &format!("{cause} {cause:?}");
        source = cause.source();
    }
    all
}

/// Bodies and breakdowns, each of which repeats what it was sent.
fn echoes() -> Vec<fn(&str) -> Reply> {
    fn ncp(error: Value) -> Value {
        response(json!({ "error": error }), Value::Null)
    }
    fn says(code: &str, credential: &str) -> Value {
        ncp(json!({
            "code": code, "message": format!("{credential} is wrong"), "retryable": false,
            "details": { "got": credential, credential: [credential] }
        }))
    }
    vec![
        |c| Reply::Answer(400, says("invalid_payload", c)),
        |c| Reply::Answer(401, says("unauthenticated", c)),
        |c| Reply::Answer(403, says("forbidden", c)),
        |c| Reply::Answer(500, says("handler_error", c)),
        |c| Reply::Answer(503, says(c, c)),
        |c| Reply::Answer(401, json!(c)),
        |c| Reply::Answer(418, json!({ "a": c })),
        |c| Reply::Answer(302, json!(c)),
        |c| Reply::Answer(200, json!(c)),
        |c| Reply::Answer(200, json!({ "id": c })),
        |c| Reply::Answer(200, response(json!({ "stream": c }), json!(c))),
        |c| Reply::Answer(200, says("handler_error", c)),
        |_| Reply::RetryAfter(429, "1"),
        |_| Reply::Broken,
        |_| Reply::Never,
        |c| {
            let data = says("handler_error", c);
            Reply::Events(vec![text(&format!("event: error\ndata: {data}\n\n"))])
        },
        |c| Reply::Events(vec![text(&format!("event: chunk\nid: 1\ndata: {c}\n\n"))]),
        |_| Reply::Events(vec![Piece::Cut]),
    ]
}

#[tokio::test(start_paused = true)]
async fn no_error_holds_a_credential() {
    let auths: [fn() -> Auth; 5] = [
        || Auth::jwt(SECRET),
        || Auth::api_key(SECRET),
        || Auth::did(DidKey::create().unwrap()),
        || Auth::jwt_provider(|| async { Ok::<_, io::Error>(SECRET.to_owned()) }),
        || Auth::did_provider(|| async { DidKey::create() }),
    ];
    for (auth, echo) in auths
        .iter()
        .flat_map(|auth| echoes().into_iter().map(move |e| (auth, e)))
    {
        let builder = options().auth(auth()).retry(RetryPolicy {
            max_retries: 0,
            ..RetryPolicy::default()
        });
        assert!(!format!("{builder:?}").contains("s3cr"));
        let (client, http) = client(builder, move |sent| {
            let mut headers = sent.headers.iter();
            let credential = headers.find(|(name, _)| CREDENTIALS.contains(&name.as_str()));
            echo(credential.map_or("none", |(_, value)| value.trim_start_matches("Bearer ")))
        });
        let mut errors = vec![];
        errors.extend(invoke(&client).await.err());
        errors.extend(client.fire_and_forget("log", &()).await.err());
        errors.extend(client.start_task("run", &()).await.err());
        errors.extend(client.cancel_task("t-1").await.err());
        errors.extend(client.provide_input("t-1", &()).await.err());
        let wait = client
            .wait_for_task::<Value>("t-1")
            .timeout(Duration::from_secs(2));
        errors.extend(wait.await.err());
        let chunks: Vec<_> = client.stream::<Value>("report", &()).collect().await;
        errors.extend(chunks.into_iter().filter_map(Result::err));
        assert!(errors.len() > 4, "{errors:?}");
        let sent = http.sent();
        let headers = sent.iter().flat_map(|sent| &sent.headers);
        let credentials: Vec<&str> = headers
            .filter(|(name, _)| CREDENTIALS.contains(&name.as_str()))
            .map(|(_, value)| value.trim_start_matches("Bearer "))
            .collect();
        assert!(!credentials.is_empty());
        for error in &errors {
            let shown = shown(error);
            assert!(!shown.contains("s3cr"), "{shown}");
            assert!(
                !credentials
                    .iter()
                    .any(|credential| shown.contains(credential)),
                "{shown}"
            );
        }
    }
}

#[test]
fn options_that_are_refused_are_not_repeated() {
    let builds: [fn() -> ClientBuilder; 6] = [
        || options().auth(Auth::api_key(format!("{SECRET} "))),
        || options().auth(Auth::jwt(format!("{SECRET}\n"))),
        || options().header("a b", SECRET),
        || options().header("a", format!("{SECRET}\n")),
        || options().credential_origin(format!("https://user:{SECRET}@host")),
        || options().base_url(format!("https://host?key={SECRET}")),
    ];
    for build in builds {
        assert!(!format!("{:?}", build()).contains("s3cr"));
        let http = reqwest::Client::builder().tls_certs_only([]);
        let error = build().build_with(http).err().unwrap();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(!shown(&error).contains("s3cr"), "{}", shown(&error));
    }
}
