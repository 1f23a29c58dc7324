//! Tasks over HTTP.

use crate::common::http::{Events, Next, send};
use crate::common::{Call, ncp, payload, within};
use crate::{check_answer, report, sample, serve};
use ancp_mock_node::samples;
use serde_json::{Value, json};

#[tokio::test]
async fn a_task_with_events() {
    let (_node, client) = sample().await;
    let call = Call::task("run-payroll", json!({ "month": "2026-03", "ms": 100 }));
    let reply = client.call("N/tasks", &call).await;
    check_answer(&reply);
    assert_eq!(reply.status, 202);
    let task = ncp(&reply.envelope())["task"].clone();
    assert_eq!(task["action"], "run-payroll");
    let location = reply.header("location").unwrap();
    assert_eq!(
        location,
        format!("/ncp/nodes/42/tasks/{}", task["taskId"].as_str().unwrap())
    );
    let events = client.get(&format!("{location}/events"));
    let mut events = Events::new(within(events.send()).await.unwrap());
    let mut last = Value::Null;
    let mut progress = 0.0;
    while let Next::Event(event) = events.next().await {
        assert_eq!((&*event.name, &event.id), ("status", &None));
        last = event.envelope();
        let now = ncp(&last)["task"]["progress"].as_f64().unwrap_or_default();
        assert!(now >= progress);
        progress = now;
    }
    let result = json!({ "employeesProcessed": 120, "totalPaid": 540_030.0 });
    assert_eq!(
        (&ncp(&last)["task"]["state"], payload(&last)),
        (&json!("Completed"), &result)
    );
    let status = send(client.get(location)).await;
    check_answer(&status);
    assert_eq!(payload(&status.envelope()), &result);
    assert_eq!(status.envelope()["correlationId"], call.id());
    let cancelled = send(client.delete(location)).await;
    assert_eq!(ncp(&cancelled.envelope())["task"]["state"], "Completed");
}

#[tokio::test]
async fn tasks_that_end_otherwise() {
    let (_node, client) = sample().await;
    let settled = async |location: String| {
        let mut events = Events::new(
            within(client.get(&format!("{location}/events")).send())
                .await
                .unwrap(),
        );
        let mut last = Value::Null;
        while let Next::Event(event) = events.next().await {
            last = ncp(&event.envelope())["task"].clone();
        }
        last
    };
    let failing = Call::task(
        "run-payroll",
        json!({ "month": "2026-03", "ms": 10, "fail": true }),
    );
    let location = client
        .call("N/tasks", &failing)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let task = settled(location).await;
    assert_eq!(
        (&task["state"], &task["error"]["code"]),
        (&json!("Failed"), &json!("handler_error"))
    );
    let rejected = Call::task("approve-expense", json!({ "amount": 0 }));
    let location = client
        .call("N/tasks", &rejected)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    assert_eq!(settled(location).await["state"], "Rejected");
    let long = Call::task("run-payroll", json!({ "month": "2026-03", "ms": 60_000 }));
    let location = client
        .call("N/tasks", &long)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let cancelled = send(client.delete(&location)).await;
    assert_eq!(
        (
            cancelled.status,
            &ncp(&cancelled.envelope())["task"]["state"]
        ),
        (200, &json!("Cancelled"))
    );
    assert_eq!(settled(location).await["state"], "Cancelled");
}

#[tokio::test]
async fn a_task_that_asks() {
    let (_node, client) = sample().await;
    let call = Call::task(
        "approve-expense",
        json!({ "amount": 12.5, "purpose": "lunch" }),
    );
    let location = client
        .call("N/tasks", &call)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let asked = async {
        loop {
            let task = send(client.get(&location)).await.envelope();
            if ncp(&task)["task"]["state"] == "InputRequired" {
                return ncp(&task)["task"]["message"].clone();
            }
        }
    };
    assert_eq!(within(asked).await, "Approve 12.50 for \"lunch\"?");
    let input = Call::task("approve-expense", json!({ "approved": true }));
    let path = format!("{location}/input");
    let reply = client.call(&path, &input).await;
    check_answer(&reply);
    assert_eq!(
        (reply.status, &ncp(&reply.envelope())["task"]["state"]),
        (202, &json!("Running"))
    );
    let late = Call::task("approve-expense", json!({ "approved": true }));
    assert_eq!(client.call(&path, &late).await.code(), "task_not_waiting");
}

#[tokio::test]
async fn events_may_be_switched_off() {
    let (_node, client) = serve(samples::node().task_events(false).stream_resume(false)).await;
    let task = client
        .call(
            "N/tasks",
            &Call::task("run-payroll", json!({ "month": "x" })),
        )
        .await;
    let events = send(client.get(&format!("{}/events", task.header("location").unwrap()))).await;
    assert_eq!((events.status, &*events.code()), (404, "node_not_found"));
    let stream = client.open("N/stream", &report(1, 0)).await;
    assert_eq!(stream.header("location"), None);
    let document = send(client.get("/.well-known/ncp.json")).await.envelope();
    let features = json!({ "streamResume": false, "taskEvents": false });
    assert_eq!(document["nodes"][0]["features"], features);
}
