//! Plain calls, driven by hand. What they have in common with other calls is played by the conformance vectors.

use std::cell::Cell;
use std::time::Duration;

use ancp_core::auth::Mode;
use ancp_core::client::plain::{CallOptions, Host, Options, PlainCall, PlainClient, Step, Verb};
use ancp_core::http::{HttpResponse, ResponseHead};
use ancp_core::{Error, ErrorCode, Json, Result};
use serde_json::{Value, json};

#[derive(Default)]
struct Manual(Cell<Duration>);

impl Host<Json> for Manual {
    fn now(&self) -> Duration {
        self.0.get()
    }

    fn unix_millis(&self) -> u64 {
        1_779_700_440_000
    }

    fn random(&self) -> [u8; 16] {
        [0xff; 16]
    }

    fn parse(&self, _sent: &Json, payload: &str) -> bool {
        Json::parse(payload.to_owned()).is_ok()
    }
}

fn options() -> Options<'static> {
    Options {
        base_url: Some("https://api.example.com"),
        node_id: Some("42"),
        ..Options::default()
    }
}

/// A client whose host is asked for tokens.
fn asking(mode: Mode) -> PlainClient {
    let auth = Some((mode, None));
    PlainClient::new(Options { auth, ..options() }).unwrap()
}

fn begin(client: &PlainClient, verb: Verb) -> PlainCall<Json> {
    let options = CallOptions {
        timeout: Some(Duration::from_secs(2)),
        ..CallOptions::default()
    };
    client
        .call("a", verb, Json::null(), options, &Manual::default())
        .unwrap()
}

fn answer(status: u16, ncp: Value, payload: Value) -> HttpResponse {
    let body = json!({
        "id": "3f7a9c1e-4b2d-4e8f-9a1c-0d5e7f8b3a2d",
        "type": "Response",
        "timestamp": "2026-05-25T09:14:00Z",
        "protocolVersion": "1.0",
        "body": { "data": { "payload": payload, "metadata": { "extensions": { "ncp": ncp } } } },
    });
    HttpResponse {
        head: ResponseHead {
            status,
            content_type: Some("application/json".into()),
            ..ResponseHead::default()
        },
        body: body.to_string().into(),
    }
}

fn refusal() -> HttpResponse {
    let error = json!({ "code": "unauthenticated", "message": "no", "retryable": false });
    answer(401, json!({ "error": error }), Value::Null)
}

fn token(client: &PlainClient, call: &PlainCall<Json>) -> String {
    let request = call.request(client);
    let mut headers = request.headers.iter();
    let (_, value) = headers.find(|(name, _)| *name == "authorization").unwrap();
    value.as_str().to_owned()
}

fn outcome(step: Step) -> Result<Json> {
    match step {
        Step::Done(result) => result,
        _ => panic!("it goes on"),
    }
}

#[test]
fn a_result_is_the_payload_and_of_a_fired_message_null() {
    let client = PlainClient::new(options()).unwrap();
    for (verb, path, expected) in [
        (Verb::Invoke, "invoke", "7"),
        (Verb::FireAndForget, "fire", "null"),
    ] {
        let mut call = begin(&client, verb);
        assert!(matches!(call.next(&client), Step::Send));
        let url = call.request(&client).url;
        assert_eq!(url, format!("https://api.example.com/ncp/nodes/42/{path}"));
        let step = call.answered(
            &client,
            answer(200, json!({}), json!(7)),
            &Manual::default(),
        );
        assert_eq!(outcome(step).unwrap().as_str(), expected);
    }
}

#[test]
fn a_token_serves_all_calls_until_it_is_refused() {
    let client = asking(Mode::Jwt);
    let [mut first, mut second] = [(); 2].map(|()| begin(&client, Verb::Invoke));
    assert!(matches!(first.next(&client), Step::Ask));
    assert!(matches!(second.next(&client), Step::Ask));
    client.token::<Error>(Ok("one".into()));
    for call in [&mut first, &mut second] {
        assert!(matches!(call.next(&client), Step::Send));
        assert_eq!(token(&client, call), "Bearer one");
    }
    let host = Manual::default();
    assert!(matches!(
        first.answered(&client, refusal(), &host),
        Step::Ask
    ));
    client.token::<Error>(Ok("two".into()));
    assert!(matches!(first.next(&client), Step::Send));
    // Refused with the old one, it need not ask: there is another one by now.
    assert!(matches!(
        second.answered(&client, refusal(), &host),
        Step::Send
    ));
    for call in [&mut first, &mut second] {
        assert_eq!(token(&client, call), "Bearer two");
        let error = outcome(call.answered(&client, refusal(), &host)).unwrap_err();
        assert_eq!(error.code(), &ErrorCode::Unauthenticated);
    }
}

#[test]
fn a_token_that_does_not_come_fails_those_that_wait_and_the_next_call_asks_again() {
    let client = asking(Mode::ApiKey);
    let [mut first, mut second] = [(); 2].map(|()| begin(&client, Verb::Invoke));
    assert!(matches!(first.next(&client), Step::Ask));
    assert!(matches!(second.next(&client), Step::Ask));
    client.token(Err(std::io::Error::other("sealed")));
    for call in [&mut first, &mut second] {
        let error = outcome(call.next(&client)).unwrap_err();
        assert_eq!(error.message(), "the token provider failed");
        assert!(!error.may_have_been_delivered());
    }
    let mut third = begin(&client, Verb::Invoke);
    assert!(matches!(third.next(&client), Step::Ask));
    client.token::<Error>(Ok(String::new()));
    let error = outcome(third.next(&client)).unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
}

#[test]
fn attempts_are_repeated_while_there_is_time() {
    let client = PlainClient::new(options()).unwrap();
    let host = Manual::default();
    let mut call = begin(&client, Verb::Invoke);
    let broken = || Error::new(ErrorCode::Network, "broken").maybe_delivered(true);
    for wait in [200, 400] {
        assert!(matches!(call.next(&client), Step::Send));
        let Step::Sleep(delay) = call.failed(&client, broken(), &host) else {
            panic!("it does not wait");
        };
        assert_eq!(delay, Duration::from_millis(wait));
        host.0.set(host.0.get() + delay);
    }
    host.0.set(Duration::from_millis(1900));
    assert!(matches!(call.next(&client), Step::Send));
    let error = outcome(call.failed(&client, broken(), &host)).unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Network);
    let error = outcome(call.late()).unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Timeout);
    assert_eq!(error.message(), "no answer within 2000 ms");
}

#[test]
fn wrong_options_are_refused_by_name() {
    let header = |name: &str| vec![(name.to_owned(), "x".to_owned())];
    let wrong = |change: fn(&mut Options<'static>)| {
        let mut options = options();
        change(&mut options);
        options
    };
    for (options, option) in [
        (wrong(|options| options.base_url = None), "baseUrl: "),
        (
            wrong(|options| options.base_url = Some("a.test")),
            "baseUrl: ",
        ),
        (wrong(|options| options.node_id = None), "nodeId: "),
        (wrong(|options| options.node_id = Some("a b")), "nodeId: "),
        (wrong(|options| options.tenant_id = Some("")), "tenantId: "),
        (
            wrong(|options| options.timeout = Some(Duration::ZERO)),
            "timeout: ",
        ),
        (
            wrong(|options| options.auth = Some((Mode::ApiKey, Some("a b")))),
            "the credential ",
        ),
        (
            Options {
                headers: header("host"),
                ..options()
            },
            "headers: ",
        ),
    ] {
        let error = PlainClient::new(options).err().unwrap();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(error.message().starts_with(option), "{error}");
    }
    let client = PlainClient::new(options()).unwrap();
    let late = CallOptions {
        timeout: Some(Duration::ZERO),
        ..CallOptions::default()
    };
    let headed = CallOptions {
        headers: header("a b"),
        ..CallOptions::default()
    };
    for (action, options, option) in [
        ("a b", CallOptions::default(), "action: "),
        ("a", late, "timeout: "),
        ("a", headed, "headers: "),
    ] {
        let host = Manual::default();
        let call = client.call(action, Verb::Invoke, Json::null(), options, &host);
        let error = call.err().unwrap();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(error.message().starts_with(option), "{error}");
    }
}
