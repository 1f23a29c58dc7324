//! Plain calls, driven by hand. What they have in common with other calls is played by the conformance vectors.

use std::cell::Cell;
use std::time::Duration;

use ancp_core::client::plain::{Host, PlainCall, PlainClient, Step};
use ancp_core::http::{HttpResponse, ResponseHead};
use ancp_core::message::Pattern;
use ancp_core::{Auth, CallOptions, ClientBuilder, Error, ErrorCode, Json, Result};
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

fn options() -> ClientBuilder {
    ClientBuilder::new()
        .base_url("https://api.example.com")
        .node_id(42)
}

fn begin(client: &PlainClient, pattern: Pattern) -> PlainCall<Json> {
    let options = CallOptions::new().timeout(Duration::from_secs(2));
    client
        .call("a", pattern, Json::null(), &options, &Manual::default())
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
    let request = call.request(client).unwrap();
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
    for (pattern, path, expected) in [
        (Pattern::RequestReply, "invoke", "7"),
        (Pattern::FireAndForget, "fire", "null"),
    ] {
        let mut call = begin(&client, pattern);
        assert!(matches!(call.next(&client), Step::Send));
        let url = call.request(&client).unwrap().url;
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
    let client = PlainClient::new(options().auth(Auth::jwt_of_host())).unwrap();
    let [mut first, mut second] = [(); 2].map(|()| begin(&client, Pattern::RequestReply));
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
    let client = PlainClient::new(options().auth(Auth::api_key_of_host())).unwrap();
    let [mut first, mut second] = [(); 2].map(|()| begin(&client, Pattern::RequestReply));
    assert!(matches!(first.next(&client), Step::Ask));
    assert!(matches!(second.next(&client), Step::Ask));
    client.token(Err(std::io::Error::other("sealed")));
    for call in [&mut first, &mut second] {
        let error = outcome(call.next(&client)).unwrap_err();
        assert_eq!(error.message(), "the token provider failed");
        assert_eq!(error.operation(), Some("invoke a"));
        assert!(!error.may_have_been_delivered());
    }
    let mut third = begin(&client, Pattern::RequestReply);
    assert!(matches!(third.next(&client), Step::Ask));
    client.token::<Error>(Ok(String::new()));
    let error = outcome(third.next(&client)).unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
}

#[test]
fn attempts_are_repeated_while_there_is_time() {
    let client = PlainClient::new(options()).unwrap();
    let host = Manual::default();
    let mut call = begin(&client, Pattern::RequestReply);
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
fn what_takes_a_client_is_refused() {
    let missing = ClientBuilder::new().node_id(42);
    let named = ClientBuilder::new().address("did:web:a.test".parse().unwrap());
    let provided = Auth::jwt_provider(|| async { Ok::<_, Error>(String::from("one")) });
    for (options, option) in [
        (missing, "baseUrl: "),
        (named, "address: "),
        (options().auth(provided), "options: "),
        (options().credential_origin("https://a.test"), "options: "),
    ] {
        let error = PlainClient::new(options).err().unwrap();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
        assert!(error.message().starts_with(option), "{error}");
    }
    let client = PlainClient::new(options()).unwrap();
    let elsewhere = CallOptions::new().address("https://a.test/7".parse().unwrap());
    for (pattern, options) in [
        (Pattern::Streaming, CallOptions::new()),
        (Pattern::TaskStart, CallOptions::new()),
        (Pattern::RequestReply, elsewhere),
        (
            Pattern::RequestReply,
            CallOptions::new().cancel_on(async {}),
        ),
    ] {
        let call = client.call("a", pattern, Json::null(), &options, &Manual::default());
        let error = call.err().unwrap();
        assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    }
}
