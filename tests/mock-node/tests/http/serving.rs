//! Several nodes, pages of other origins, and the end.

use crate::common::http::{Client, Next, send};
use crate::common::{Call, ncp, within};
use crate::{ms, order, report, sample};
use ancp_mock_node::{
    Config, Limits, Node, Server, ServerBuilder, TestIssuer, TokenAlgorithm, samples,
};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn cross_origin_requests() {
    let (_node, client) = sample().await;
    let nobody = Client::new(&client.base, None);
    for path in ["N/invoke", "N/streams/x", "/.well-known/ncp.json", "/nope"] {
        let preflight = nobody
            .request(Method::OPTIONS, path)
            .header("Origin", "https://app.example.com")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type, x-custom");
        let reply = send(preflight).await;
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let asked = reply.header("access-control-allow-headers");
        assert_eq!(asked, Some("content-type, x-custom"));
        let methods = reply.header("access-control-allow-methods");
        assert_eq!(methods, Some("GET, POST, DELETE"));
    }
    let events = client.open("N/stream", &report(1, 0)).await;
    assert_eq!(
        events.header("access-control-allow-origin").as_deref(),
        Some("*")
    );
    let exposed = events.header("access-control-expose-headers");
    assert_eq!(
        exposed.as_deref(),
        Some("X-Request-Id, Retry-After, Location")
    );
    assert!(events.header("x-request-id").is_some());
}

#[tokio::test]
async fn several_nodes_from_a_file() {
    let issuer = TestIssuer::new(TokenAlgorithm::Es256);
    let keys = std::env::temp_dir().join(format!("ancp-jwks-{}.json", std::process::id()));
    std::fs::write(&keys, issuer.jwks()).unwrap();
    let config = Config::parse(
        &r#"
        basePath = "api/v1"
        [[nodes]]
        nodeId = 42
        tenantId = 7
        apiKeys = [{ subject = "s", key = "key-42" }]
        [nodes.profile]
        name = "orders"
        version = "2.1.0"
        resId = "res-orders"
        did = "did:bizfirst:node:42"
        evmAddress = "0xAb"
        operateIds = ["op-9"]
        groups = [{ groupId = 5, resId = "grp-orders", strategy = "RoundRobin" }]
        [nodes.limits]
        maxBodyBytes = 1000

        [[nodes]]
        nodeId = "billing.eu"
        tenantId = "acme"
        actions = ["echo", "get-order"]
        prices = { get-order = "5.00" }
        apiKeys = [{ subject = "s", key = "key-eu", roles = ["admin"] }]
        jwt = { key = "KEYS", issuer = "https://issuer.test", audience = "ancp-mock-node" }
        did = { methods = ["key"], defaultRoles = [], callers = [{ did = "did:key:z", roles = ["invoke"] }] }
        "#
        .replace("KEYS", keys.to_str().unwrap()),
    )
    .unwrap();
    let nodes = config.build(Limits::default()).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let server = ServerBuilder::new(nodes).base_path(config.base_path.as_deref().unwrap());
    let server: Server = server.start("127.0.0.1:0").await.unwrap();
    assert!(server.base_url().ends_with("/api/v1"));
    let client = Client::new(server.base_url(), Some("key-42"));
    assert_eq!(client.call("N/invoke", &order()).await.status, 200);
    let large = Call::invoke("echo", json!("x".repeat(1000)));
    assert_eq!(client.call("N/invoke", &large).await.status, 413);
    let task = client
        .call(
            "N/tasks",
            &Call::task("run-payroll", json!({ "month": "x" })),
        )
        .await;
    assert!(
        task.header("location")
            .unwrap()
            .starts_with("/api/v1/ncp/nodes/42/tasks/")
    );
    let other = "/ncp/nodes/billing.eu/invoke";
    assert_eq!(client.call(other, &large).await.status, 401);
    let envelope = client
        .with_key("key-eu")
        .call(other, &large)
        .await
        .envelope();
    assert_eq!(
        (&envelope["tenantId"], &ncp(&envelope)["nodeId"]),
        (&json!("acme"), &json!("billing.eu"))
    );
    assert_eq!(
        client.with_key("key-eu").call(other, &order()).await.code(),
        "payment_required"
    );
    let bearer = Client::new(server.base_url(), None).post(other, large.text());
    let token = format!("Bearer {}", issuer.token("ada").sign());
    let reply = send(bearer.header("Authorization", token)).await;
    assert_eq!(
        ncp(&reply.envelope())["caller"],
        json!({ "mode": "jwt", "subject": "ada" })
    );
    let document = send(client.get("/.well-known/ncp.json")).await.envelope();
    let node = &document["nodes"][0];
    assert_eq!(
        node["groups"],
        json!([{ "groupId": 5, "resId": "grp-orders", "strategy": "RoundRobin" }])
    );
    assert_eq!(
        (&node["resId"], &node["name"], &node["version"]),
        (&json!("res-orders"), &json!("orders"), &json!("2.1.0"))
    );
    assert_eq!(
        document["nodes"][1]["endpoint"],
        format!("{}/ncp/nodes/billing.eu", server.base_url())
    );
    assert_eq!(
        document["nodes"][1]["auth"],
        json!(["jwt", "apiKey", "did"])
    );
    assert_eq!(document["nodes"][1]["actions"].as_array().unwrap().len(), 2);
    // Not without being asked for.
    assert_eq!(send(client.get("/_faults")).await.status, 404);
    within(server.shutdown(ms(100))).await;
}

#[tokio::test]
async fn a_shutdown_is_graceful() {
    let (node, client) = sample().await;
    let mut events = client.open("N/stream", &report(1000, 5)).await;
    events.event().await;
    let slow = client.post(
        "N/invoke",
        Call::invoke("slow", json!({ "ms": 300 })).text(),
    );
    let slow = tokio::spawn(send(slow));
    tokio::time::sleep(ms(100)).await;
    within(node.shutdown()).await;
    assert_eq!(
        within(slow).await.unwrap().status,
        200,
        "running calls are finished"
    );
    let mut last = events.event().await;
    while let Next::Event(event) = events.next().await {
        last = event;
    }
    assert_eq!(ncp(&last.envelope())["error"]["code"], "unavailable");
    let refused = within(client.get("/.well-known/ncp.json").send()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn dropping_stops() {
    let (node, client) = sample().await;
    let mut events = client.open("N/stream", &report(1000, 5)).await;
    events.event().await;
    drop(node);
    assert_ne!(
        within(events.rest()).await.1,
        Next::Event(Default::default())
    );
    let refused = async {
        while client.get("/.well-known/ncp.json").send().await.is_ok() {
            tokio::time::sleep(ms(5)).await;
        }
    };
    within(refused).await;
}

#[tokio::test]
async fn a_router_can_be_served_by_others() {
    let node: Node = samples::node().build().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = ServerBuilder::new([node]).router(base.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = Client::new(&base, None);
    let ping = client
        .call("N/invoke", &Call::invoke("ancp.ping", Value::Null))
        .await;
    assert_eq!(ping.status, 200);
}
