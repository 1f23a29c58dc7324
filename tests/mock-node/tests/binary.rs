//! The program: its first line, its arguments and its end.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::process::Stdio;

use ancp_mock_node::{TestIssuer, TestKey, TokenAlgorithm};
use common::http::{Client, Reply, send};
use common::{Call, did_proof, ncp, within};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    line: Value,
}

async fn start(args: &[&str]) -> Program {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ancp-mock-node"))
        .args(["--port", "0"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    within(stdout.read_line(&mut line)).await.unwrap();
    let line = serde_json::from_str(&line).unwrap();
    Program {
        child,
        stdout,
        line,
    }
}

impl Program {
    fn client(&self) -> Client {
        let base = self.line["baseUrl"].as_str().unwrap();
        Client::new(base, self.line["apiKey"].as_str())
    }

    /// Waits for its end; nothing more was said.
    async fn ended(mut self) -> bool {
        let mut rest = String::new();
        within(self.stdout.read_to_string(&mut rest)).await.unwrap();
        assert_eq!(rest, "");
        within(self.child.wait()).await.unwrap().success()
    }
}

fn order() -> Call {
    Call::invoke("get-order", json!({ "orderId": "ORD-1" }))
}

#[tokio::test]
async fn serves_until_its_input_is_closed() {
    let mut program = start(&["--exit-with-stdin"]).await;
    let fields: Vec<_> = program.line.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["apiKey", "baseUrl", "nodeId", "tenantId"]);
    assert_eq!(
        (&program.line["nodeId"], &program.line["tenantId"]),
        (&json!(42), &json!("7"))
    );
    let client = program.client();
    assert_eq!(client.call("N/invoke", &order()).await.status, 200);
    assert_eq!(send(client.get("/_faults")).await.status, 404);
    drop(program.child.stdin.take());
    assert!(program.ended().await);
}

#[tokio::test]
async fn arguments() {
    let args = [
        "--api-key",
        "my-key",
        "--print-token",
        "--token-subject",
        "ada",
        "--token-roles",
        "invoke,stream",
        "--faults",
        "--base-path",
        "/api",
        "--max-body-bytes",
        "600",
        "--handler-timeout-ms",
        "20",
    ];
    let program = start(&args).await;
    assert_eq!(program.line["apiKey"], "my-key");
    assert!(program.line["baseUrl"].as_str().unwrap().ends_with("/api"));
    let client = program.client();
    assert_eq!(send(client.get("/_calls")).await.envelope(), json!([]));
    let large = Call::invoke("echo", json!("x".repeat(600)));
    assert_eq!(client.call("N/invoke", &large).await.status, 413);
    let slow = Call::invoke("slow", json!({ "ms": 60_000 }));
    assert_eq!(client.call("N/invoke", &slow).await.status, 504);
    let token = program.line["token"].as_str().unwrap();
    let reply = with_token(&client, token).await;
    let caller = json!({ "mode": "jwt", "subject": "ada" });
    assert_eq!(ncp(&reply.envelope())["caller"], caller);
}

async fn with_token(client: &Client, token: &str) -> Reply {
    let request = Client::new(&client.base, None).post("N/invoke", order().text());
    send(request.header("Authorization", format!("Bearer {token}"))).await
}

#[tokio::test]
async fn tokens_for_trying() {
    for (args, status) in [
        (&["--token-ttl", "-120"][..], 401),
        (&["--token-roles", "task"], 403),
        (&["--jwt-issuer", "me", "--jwt-audience", "you"], 200),
    ] {
        let program = start(&[&["--print-token"], args].concat()).await;
        let token = program.line["token"].as_str().unwrap();
        let reply = with_token(&program.client(), token).await;
        assert_eq!(reply.status, status, "{args:?}");
    }
}

#[tokio::test]
async fn tokens_of_a_key_and_proofs() {
    let issuer = TestIssuer::new(TokenAlgorithm::Es256).audience("orders");
    let file = std::env::temp_dir().join(format!("ancp-key-{}.pem", std::process::id()));
    std::fs::write(&file, issuer.key().public_pem()).unwrap();
    let args = [
        "--jwt-key",
        file.to_str().unwrap(),
        "--jwt-issuer",
        "https://issuer.test",
        "--jwt-audience",
        "orders",
        "--did",
        "key",
    ];
    let program = start(&args).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(program.line["token"], Value::Null);
    let client = program.client();
    let good = issuer.token("ada");
    assert_eq!(with_token(&client, &good.sign()).await.status, 200);
    let foreign = issuer.token("ada").claim("aud", "billing");
    assert_eq!(with_token(&client, &foreign.sign()).await.status, 401);
    let document = send(client.get("/.well-known/ncp.json")).await.envelope();
    let node = &document["nodes"][0];
    assert_eq!(node["auth"], json!(["jwt", "apiKey", "did"]));
    let key = TestKey::generate(TokenAlgorithm::EdDsa);
    let proof = did_proof(&key, node["endpoint"].as_str().unwrap());
    let request = Client::new(&client.base, None).post("N/invoke", order().text());
    let reply = send(request.header("X-Ancp-Did-Proof", proof)).await;
    assert_eq!(ncp(&reply.envelope())["caller"]["mode"], "did");
}

#[cfg(unix)]
#[tokio::test]
async fn stops_at_a_signal() {
    for signal in ["TERM", "INT"] {
        let program = start(&[]).await;
        let id = program.child.id().unwrap().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(within(kill).await.unwrap().success());
        assert!(program.ended().await, "{signal}");
    }
}

#[tokio::test]
async fn nodes_from_a_file() {
    let file = std::env::temp_dir().join(format!("ancp-mock-node-{}.toml", std::process::id()));
    let text =
        "[[nodes]]\nnodeId = 'a'\ntenantId = 't'\napiKeys = [{ subject = 's', key = 'k' }]\n";
    std::fs::write(&file, text).unwrap();
    let program = start(&["--config", file.to_str().unwrap()]).await;
    std::fs::remove_file(&file).unwrap();
    let line = &program.line;
    assert_eq!(
        (&line["nodeId"], &line["tenantId"], &line["apiKey"]),
        (&json!("a"), &json!("t"), &json!("k"))
    );
    let reply = program.client().call("/ncp/nodes/a/invoke", &order()).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn the_explorer_beside_the_contract() {
    let folder = std::env::temp_dir().join(format!("ancp-explorer-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("index.html"), "<title>Explorer</title>").unwrap();
    let args = [
        "--explorer",
        folder.to_str().unwrap(),
        "--base-path",
        "/api",
    ];
    let program = start(&args).await;
    std::fs::remove_dir_all(&folder).unwrap();
    let client = program.client();
    let page = send(client.get("/")).await;
    assert_eq!(
        (page.status, page.text.as_str()),
        (200, "<title>Explorer</title>")
    );
    assert_eq!(send(client.get("/nothing")).await.status, 404);
    assert_eq!(send(client.get("/../Cargo.toml")).await.status, 404);
    assert_eq!(client.call("N/invoke", &order()).await.status, 200);
}

#[tokio::test]
async fn bad_arguments_end_with_an_error() {
    for args in [
        &["--config", "/nonexistent.toml"][..],
        &["--nope"],
        &["--explorer", "/nonexistent"],
        &["--jwt-key", "/nonexistent.pem"],
        &["--jwt-issuer", "me"],
        &["--did", "ion"],
        &["--api-key", "sha256:12"],
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_ancp-mock-node"))
            .args(args)
            .output();
        let output = within(run).await.unwrap();
        assert!(!output.status.success());
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}
