//! Every refusal, and the order of the checks.

use crate::common::http::{Client, send};
use crate::common::{Call, id, ncp};
use crate::{check_answer, limited, order, sample, serve};
use ancp_mock_node::{Action, NodeBuilder, Role, TestIssuer, TokenAlgorithm, samples};
use reqwest::Method;
use serde_json::{Value, json};

/// One bad request for every code that a node answers before or instead of a result.
#[tokio::test]
async fn refusals() {
    let issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
    let builder = NodeBuilder::new(42, 7)
        .jwt(issuer.options())
        .api_key("invoker", "invoker-key", [Role::Invoke])
        .api_key("streamer", "streamer-key", [Role::Stream])
        .on_invoke(
            Action::new("dear").price_usdc("5.00"),
            async |_: ancp_mock_node::ActionContext<Value>| Ok(1),
        );
    let (_node, client) = serve(samples::register(builder)).await;
    let deep = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let deep: Value = serde_json::from_str(&deep).unwrap();
    let fire = Call::fire("log-event", json!({}));
    for (name, path, call, status, code) in [
        ("fine", "N/invoke", order(), 200, ""),
        (
            "minor version",
            "N/invoke",
            order().with("protocolVersion", "1.7"),
            200,
            "",
        ),
        (
            "numeric node",
            "N/invoke",
            order().with_ncp("nodeId", 42),
            200,
            "",
        ),
        (
            "unknown fields",
            "N/invoke",
            order().with("x", 1).with_ncp("y", 2),
            200,
            "",
        ),
        (
            "other offset",
            "N/invoke",
            order().with("timestamp", "2026-05-25T11:14:00+02:00"),
            200,
            "",
        ),
        (
            "no id",
            "N/invoke",
            order().without("id"),
            400,
            "invalid_envelope",
        ),
        (
            "upper case",
            "N/invoke",
            order().with("id", id().to_uppercase()),
            400,
            "invalid_envelope",
        ),
        (
            "type and pattern",
            "N/invoke",
            order().with("type", "Command"),
            400,
            "invalid_envelope",
        ),
        (
            "event",
            "N/fire",
            fire.clone().with("type", "Event"),
            400,
            "invalid_envelope",
        ),
        (
            "null header",
            "N/invoke",
            order().with("correlationId", Value::Null),
            400,
            "invalid_envelope",
        ),
        (
            "no tenant",
            "N/invoke",
            order().with("source", "service://7/x"),
            400,
            "invalid_envelope",
        ),
        (
            "number as tenant",
            "N/invoke",
            order()
                .routed("service://7/x", "node://7/42", "7")
                .with("tenantId", 7),
            400,
            "invalid_envelope",
        ),
        (
            "foreign node",
            "N/invoke",
            order().with_ncp("nodeId", 43),
            400,
            "invalid_envelope",
        ),
        (
            "foreign destination",
            "N/invoke",
            order().routed("service://7/x", "node://7/43", "7"),
            400,
            "invalid_envelope",
        ),
        (
            "no node",
            "N/invoke",
            order().routed("service://7/x", "service://7/42", "7"),
            400,
            "invalid_envelope",
        ),
        (
            "topic",
            "N/invoke",
            order().routed("topic://7/x", "node://7/42", "7"),
            400,
            "invalid_envelope",
        ),
        (
            "no body",
            "N/invoke",
            order().without("body"),
            400,
            "invalid_envelope",
        ),
        (
            "pattern",
            "N/invoke",
            order().with_ncp("pattern", "other"),
            400,
            "invalid_envelope",
        ),
        (
            "major version",
            "N/invoke",
            order().with("protocolVersion", "2.0"),
            400,
            "unsupported_version",
        ),
        (
            "no version",
            "N/invoke",
            order().with("protocolVersion", "one"),
            400,
            "invalid_envelope",
        ),
        (
            "payload",
            "N/invoke",
            order().with_payload(json!({})),
            400,
            "invalid_payload",
        ),
        (
            "priced",
            "N/invoke",
            Call::invoke("dear", json!(1)),
            402,
            "payment_required",
        ),
        (
            "receipt",
            "N/invoke",
            Call::invoke("dear", json!(1)).with_ncp("receiptId", "r"),
            402,
            "payment_required",
        ),
        (
            "foreign tenant",
            "N/invoke",
            order().routed("service://8/x", "node://8/42", "8"),
            403,
            "tenant_mismatch",
        ),
        (
            "two tenants",
            "N/invoke",
            order().routed("service://8/x", "node://7/42", "7"),
            403,
            "tenant_mismatch",
        ),
        (
            "reply to",
            "N/invoke",
            order()
                .routed("service://7/x", "node://7/42", "7")
                .with("replyTo", "user://8/x"),
            403,
            "tenant_mismatch",
        ),
        (
            "reply to only",
            "N/invoke",
            order().with("replyTo", "user://8/x"),
            403,
            "tenant_mismatch",
        ),
        (
            "node",
            "/ncp/nodes/43/invoke",
            order(),
            404,
            "node_not_found",
        ),
        ("path", "/ncp/nodes/42/nope", order(), 404, "node_not_found"),
        (
            "action",
            "N/invoke",
            Call::invoke("nope", json!({})),
            404,
            "action_not_found",
        ),
        (
            "system action",
            "N/invoke",
            Call::invoke("ancp.nope", json!({})),
            404,
            "action_not_found",
        ),
        (
            "task",
            "N/tasks/nope/input",
            Call::task("run-payroll", json!({})),
            404,
            "task_not_found",
        ),
        ("other path", "N/fire", order(), 409, "pattern_mismatch"),
        (
            "other pattern",
            "N/fire",
            Call::fire("get-order", json!({})),
            409,
            "pattern_mismatch",
        ),
        (
            "system on a task",
            "N/tasks",
            Call::task("ancp.ping", json!({})),
            409,
            "pattern_mismatch",
        ),
        (
            "deep",
            "N/invoke",
            Call::invoke("echo", deep),
            400,
            "invalid_envelope",
        ),
        (
            "failing",
            "N/invoke",
            Call::invoke("failing", json!(null)),
            500,
            "handler_error",
        ),
    ] {
        let reply = client.call(path, &call).await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (status, code),
            "{name}: {reply:?}"
        );
        check_answer(&reply);
        // What has no id that could be read, or was not read at all, is not repeated.
        let readable = !matches!(name, "no id" | "upper case" | "deep" | "path");
        let correlated = reply.envelope()["correlationId"].as_str() == call.0["id"].as_str();
        let correlated = correlated && name != "no id";
        assert_eq!(correlated, readable, "{name}: {reply:?}");
    }
    let dear = client
        .call("N/invoke", &Call::invoke("dear", json!(1)))
        .await
        .envelope();
    let details = &ncp(&dear)["error"]["details"];
    assert_eq!(
        (&details["action"], &details["priceUsdc"]),
        (&json!("dear"), &json!("5.00"))
    );
    // Roles and credentials.
    let nobody = Client::new(&client.base, None);
    let token = |scheme: &str| {
        nobody
            .post("N/invoke", order().text())
            .header("Authorization", scheme)
    };
    let good = format!("Bearer {}", issuer.token("ada").sign());
    for (name, request, status, code) in [
        (
            "nothing",
            nobody.post("N/invoke", order().text()),
            401,
            "unauthenticated",
        ),
        (
            "bad key",
            client.with_key("x").post("N/invoke", order().text()),
            401,
            "unauthenticated",
        ),
        ("token", token(&good), 200, ""),
        ("bad token", token("Bearer bad"), 401, "unauthenticated"),
        ("basic", token("Basic dXNlcjpwdw=="), 401, "unauthenticated"),
        (
            "bad token, good key",
            token("Bearer bad").header("X-Ancp-Api-Key", "invoker-key"),
            401,
            "unauthenticated",
        ),
        (
            "basic, good key",
            token("Basic x").header("X-Ancp-Api-Key", "invoker-key"),
            200,
            "",
        ),
        (
            "role",
            client
                .with_key("streamer-key")
                .post("N/invoke", order().text()),
            403,
            "forbidden",
        ),
        (
            "role of a task",
            client.with_key("invoker-key").get("N/tasks/x"),
            403,
            "forbidden",
        ),
        (
            "role of a stream",
            client.with_key("invoker-key").delete("N/streams/x"),
            403,
            "forbidden",
        ),
        ("task", client.get("N/tasks/x"), 404, "task_not_found"),
        (
            "task events",
            client.get("N/tasks/x/events"),
            404,
            "task_not_found",
        ),
        (
            "no task id",
            client.get("N/tasks/a.b"),
            404,
            "task_not_found",
        ),
        ("cancel", client.delete("N/tasks/x"), 404, "task_not_found"),
        ("stream", client.get("N/streams/x"), 404, "stream_not_found"),
        (
            "last id",
            client.get("N/streams/x").header("Last-Event-ID", "x"),
            400,
            "invalid_envelope",
        ),
        (
            "unauthenticated stream",
            nobody.get("N/streams/x"),
            401,
            "unauthenticated",
        ),
    ] {
        let reply = send(request).await;
        assert_eq!(
            (reply.status, &*reply.code()),
            (status, code),
            "{name}: {reply:?}"
        );
        check_answer(&reply);
    }
}

#[tokio::test]
async fn every_code_of_a_handler_has_its_status() {
    let (_node, client) = sample().await;
    for (code, status, retryable) in [
        ("invalid_payload", 400, false),
        ("unauthenticated", 401, false),
        ("payment_required", 402, false),
        ("forbidden", 403, false),
        ("action_not_found", 404, false),
        ("task_not_waiting", 409, false),
        ("task_expired", 410, false),
        ("payload_too_large", 413, false),
        ("rate_limited", 429, true),
        ("handler_error", 500, false),
        ("unavailable", 503, true),
        ("timeout", 504, true),
        ("out_of_stock", 500, false),
    ] {
        let payload = json!({ "code": code, "message": "m", "retryAfterMs": 1200, "details": [1] });
        let reply = client
            .call("N/invoke", &Call::invoke("failing", payload))
            .await;
        check_answer(&reply);
        let error = json!({ "code": code, "message": "m", "retryable": retryable, "details": [1] });
        assert_eq!(
            (reply.status, &ncp(&reply.envelope())["error"]),
            (status, &error)
        );
        assert_eq!(reply.header("retry-after"), Some("2"));
    }
}

#[tokio::test]
async fn the_checks_have_their_order() {
    let (_node, client) = serve(limited(|limits| limits.max_body_bytes = 2000)).await;
    let nobody = Client::new(&client.base, None);
    let bad = "not json";
    let large = "x".repeat(3000);
    let unknown = "/ncp/nodes/43/invoke";
    let plain = |client: &Client, path: &str, body: &str| {
        let request = client.request(Method::POST, path).body(body.to_owned());
        request.header("Content-Type", "text/plain")
    };
    let foreign = order().routed("service://8/x", "node://8/42", "8");
    let bad_foreign = foreign.clone().with("type", "Command");
    let other = |call: &Call, path| client.with_key("none").post(path, call.text());
    for (name, request, status) in [
        (
            "path before method",
            nobody.request(Method::PUT, "N/nope"),
            404,
        ),
        (
            "method before type",
            nobody.request(Method::PUT, "N/invoke").body(large.clone()),
            405,
        ),
        ("method before node", nobody.get(unknown), 405),
        ("type before size", plain(&nobody, "N/invoke", &large), 415),
        ("type before node", plain(&nobody, unknown, bad), 415),
        (
            "size before JSON",
            nobody.post("N/invoke", large.clone()),
            413,
        ),
        ("JSON before node", nobody.post(unknown, bad), 400),
        (
            "node before credential",
            nobody.post(unknown, order().text()),
            404,
        ),
        ("JSON before credential", nobody.post("N/invoke", bad), 400),
        (
            "credential before envelope",
            nobody.post("N/invoke", order().without("id").text()),
            401,
        ),
        ("credential before tenant", other(&foreign, "N/invoke"), 401),
        (
            "envelope before two tenants",
            client.post(
                "N/invoke",
                order()
                    .routed("service://8/x", "node://7/42", "7")
                    .with("type", "Command")
                    .text(),
            ),
            400,
        ),
        (
            "destination before two tenants",
            client.post(
                "N/invoke",
                order().routed("service://8/x", "node://7/43", "7").text(),
            ),
            400,
        ),
        (
            "envelope before tenant",
            client.post("N/invoke", bad_foreign.text()),
            400,
        ),
        (
            "tenant before action",
            client.post("N/fire", foreign.with_ncp("action", "nope").text()),
            403,
        ),
        (
            "action before pattern",
            client.post("N/fire", order().with_ncp("action", "nope").text()),
            404,
        ),
        (
            "pattern before payload",
            client.post("N/fire", order().with_payload(json!(1)).text()),
            409,
        ),
    ] {
        let reply = send(request).await;
        assert_eq!(reply.status, status, "{name}: {reply:?}");
    }
    // The role before the action.
    let (_node, client) = serve(samples::node().api_key("s", "s-key", [Role::Stream])).await;
    let streamer = client.with_key("s-key");
    let nope = Call::invoke("nope", json!({}));
    assert_eq!(streamer.call("N/invoke", &nope).await.code(), "forbidden");
    // The duplicate before payload and payment, behind the pattern.
    let call = order();
    assert_eq!(client.call("N/invoke", &call).await.status, 200);
    let changed = call.clone().with_payload(json!(1));
    assert_eq!(
        client.call("N/invoke", &changed).await.code(),
        "duplicate_id"
    );
    let elsewhere = client.call("N/fire", &call).await;
    assert_eq!(elsewhere.code(), "pattern_mismatch");
}

#[tokio::test]
async fn bodies_that_are_no_envelopes() {
    let (_node, client) = sample().await;
    for body in [
        &b""[..],
        b"{",
        b"[]",
        b"null",
        b"{\"id\":\"\xff\"}",
        b"{} {}",
        b"{\"a\":01}",
    ] {
        let reply = send(client.post("N/invoke", body)).await;
        assert_eq!((reply.status, &*reply.code()), (400, "invalid_envelope"));
        check_answer(&reply);
        assert!(reply.envelope().get("correlationId").is_none());
    }
    let twice = order().text().replacen('{', "{\"type\":\"Query\",", 1);
    assert_eq!(send(client.post("N/invoke", twice)).await.status, 400);
}

#[tokio::test]
async fn methods() {
    let (_node, client) = sample().await;
    for (path, allow) in [
        ("/.well-known/ncp.json", "GET"),
        ("N/invoke", "POST"),
        ("N/fire", "POST"),
        ("N/stream", "POST"),
        ("N/tasks", "POST"),
        ("N/streams/x", "GET, DELETE"),
        ("N/tasks/x", "GET, DELETE"),
        ("N/tasks/x/events", "GET"),
        ("N/tasks/x/input", "POST"),
    ] {
        for method in [Method::PUT, Method::PATCH, Method::OPTIONS] {
            let reply = send(client.request(method, path)).await;
            assert_eq!(
                (reply.status, reply.header("allow")),
                (405, Some(allow)),
                "{path}"
            );
            assert_eq!(reply.code(), "invalid_envelope");
        }
    }
}

#[tokio::test]
async fn content_types() {
    let (_node, client) = sample().await;
    for (content_type, status) in [
        (Some("application/json; charset=utf-8"), 200),
        (Some("text/plain"), 415),
        (None, 415),
    ] {
        let mut request = client
            .request(Method::POST, "N/invoke")
            .body(order().text());
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let reply = send(request).await;
        assert_eq!(reply.status, status, "{content_type:?}");
        check_answer(&reply);
    }
}

#[tokio::test]
async fn large_bodies() {
    let (_node, client) = sample().await;
    let fits = Call::invoke("echo", json!("x".repeat(4 * 1024 * 1024 - 1000)));
    assert_eq!(client.call("N/invoke", &fits).await.status, 200);
    let large = Call::invoke("echo", json!("x".repeat(4 * 1024 * 1024)));
    let reply = client.call("N/invoke", &large).await;
    assert_eq!((reply.status, &*reply.code()), (413, "payload_too_large"));
    check_answer(&reply);
}
