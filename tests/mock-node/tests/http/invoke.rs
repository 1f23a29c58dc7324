//! Request-reply, fire-and-forget and system actions.

use crate::common::http::{Client, send};
use crate::common::{Call, ncp, payload};
use crate::{check_answer, limited, ms, order, sample, serve};
use serde_json::{Value, json};

#[tokio::test]
async fn get_order() {
    let (_node, client) = sample().await;
    let call = order();
    let reply = client.call("N/invoke", &call).await;
    check_answer(&reply);
    assert_eq!(reply.status, 200);
    let envelope = reply.envelope();
    assert_eq!(payload(&envelope)["orderId"], "ORD-1");
    assert_eq!(payload(&envelope)["status"], "Active");
    assert_eq!(payload(&envelope)["total"], 99.99);
    assert_eq!(envelope["correlationId"], call.id());
    assert_eq!(envelope["source"], "node://7/42");
    assert_eq!(envelope["destination"], "service://7/ancp-client");
    assert_eq!(ncp(&envelope)["nodeId"], 42);
    let caller = json!({ "mode": "apiKey", "subject": "tests" });
    assert_eq!(ncp(&envelope)["caller"], caller);
}

#[tokio::test]
async fn answers_go_to_whoever_asked() {
    let (_node, client) = sample().await;
    let call = order()
        .routed("agent://7/octopus/hr", "node://7/42", "7")
        .with("correlationId", "my-correlation")
        .with_ncp("nodeId", "42");
    let envelope = client.call("N/invoke", &call).await.envelope();
    assert_eq!(envelope["destination"], "agent://7/octopus/hr");
    assert_eq!(envelope["correlationId"], "my-correlation");
}

#[tokio::test]
async fn echo_is_byte_for_byte() {
    let (_node, client) = sample().await;
    for text in [
        "null",
        r#"{"b":1,"a":[1e400,-0.0,123456789012345678901234567890],"a":2}"#,
        "\"\\u00e9\\ud83d\\ude00 \\/ \u{e9}\u{1f600}\u{2028}\"",
        "{ \"spaced\" :\t[ 1 ,\r\n 2 ] }",
        r#""\ud800""#,
        "0.1000000000000000055511151231257827",
    ] {
        let body = Call::invoke("echo", json!("HERE"))
            .text()
            .replace("\"HERE\"", text);
        let reply = send(client.post("N/invoke", body)).await;
        assert_eq!(reply.status, 200, "{text}: {reply:?}");
        let expected = format!("\"payload\":{text},");
        assert!(reply.text.contains(&expected), "{text}: {}", reply.text);
    }
    // As deep as JSON may be: the outermost object counts as 1.
    let deep = format!("{}{}", "[".repeat(125), "]".repeat(125));
    let body = Call::invoke("echo", json!("HERE"))
        .text()
        .replace("\"HERE\"", &deep);
    let reply = send(client.post("N/invoke", body)).await;
    assert_eq!(reply.status, 200);
    assert!(reply.text.contains(&deep));
    // Absent is null.
    let body = Call::invoke("echo", json!(1))
        .text()
        .replace("\"payload\":1", "\"x\":1");
    let reply = send(client.post("N/invoke", body)).await;
    assert_eq!(payload(&reply.envelope()), &Value::Null);
}

#[tokio::test]
async fn slow_handlers_time_out() {
    let (_node, client) = serve(limited(|limits| limits.handler_timeout = ms(50))).await;
    let slow = Call::invoke("slow", json!({ "ms": 60_000 }));
    let reply = client.call("N/invoke", &slow).await;
    assert_eq!((reply.status, &*reply.code()), (504, "timeout"));
    check_answer(&reply);
    let quick = Call::invoke("slow", json!({ "ms": 1 }));
    assert_eq!(client.call("N/invoke", &quick).await.status, 200);
}

#[tokio::test]
async fn fire_and_forget() {
    let (_node, client) = sample().await;
    let reply = client
        .call(
            "N/fire",
            &Call::fire("log-event", json!({ "eventType": "x" })),
        )
        .await;
    check_answer(&reply);
    assert_eq!(
        (reply.status, payload(&reply.envelope())),
        (202, &Value::Null)
    );
}

#[tokio::test]
async fn system_actions_need_no_credential() {
    let (_node, client) = sample().await;
    let nobody = Client::new(&client.base, None);
    let ask = async |action: &str, body: Value| {
        let reply = nobody.call("N/invoke", &Call::invoke(action, body)).await;
        check_answer(&reply);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(ncp(&reply.envelope())["caller"], json!({ "mode": "none" }));
        payload(&reply.envelope()).clone()
    };
    let ping = ask("ancp.ping", Value::Null).await;
    assert_eq!(
        (&ping["nodeId"], &ping["tenantId"], &ping["status"]),
        (&json!(42), &json!("7"), &json!("ok"))
    );
    assert!(
        ping["uptimeSec"].is_u64() && ping["timestamp"].is_string() && ping["version"].is_string()
    );
    let capabilities = ask("ancp.capabilities", Value::Null).await;
    let document = send(nobody.get("/.well-known/ncp.json")).await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    let document = document.envelope();
    assert_eq!(capabilities["actions"], document["nodes"][0]["actions"]);
    assert_eq!(
        document["nodes"][0]["endpoint"],
        format!("{}/ncp/nodes/42", client.base)
    );
    assert_eq!(document["nodes"][0]["auth"], json!(["apiKey"]));
    let names = capabilities["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action["action"].as_str().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>().join(" "),
        "get-order echo log-event generate-report run-payroll approve-expense slow failing"
    );
    let negotiated = ask("ancp.negotiate", json!({ "actions": ["echo", "nope"] })).await;
    assert_eq!(negotiated["supported"], json!([capabilities["actions"][1]]));
    assert_eq!(negotiated["missing"], json!(["nope"]));
    let status = ask("ancp.status", Value::Null).await;
    assert_eq!(status["acceptingCalls"], true);
    let info = ask("ancp.payment-info", Value::Null).await;
    assert_eq!(info["prices"], json!([]));
    // What is sent is ignored; without an envelope it is refused all the same.
    let ping = Call::invoke("ancp.ping", json!(1));
    assert_eq!(
        nobody
            .with_key("wrong")
            .call("N/invoke", &ping)
            .await
            .status,
        200
    );
    let broken = Call::invoke("ancp.ping", Value::Null).without("timestamp");
    assert_eq!(
        nobody.call("N/invoke", &broken).await.code(),
        "invalid_envelope"
    );
    let pay = Call::invoke(
        "ancp.pay",
        json!({ "action": "echo", "txHash": "0x1", "payer": "0x2" }),
    );
    assert_eq!(
        nobody.call("N/invoke", &pay).await.code(),
        "invalid_payload"
    );
    // The credential of input is always needed.
    let input = nobody
        .call("N/tasks/x/input", &Call::task("ancp.ping", json!({})))
        .await;
    assert_eq!(input.status, 401);
}
