//! Addresses of nodes on several servers, of which one has the discovery document: all modes, the
//! group strategies, and what happens when a server stops.

use std::time::Duration;

use ancp_core::{AncpClient, Auth, ClientBuilder, ErrorCode, Json, NodeAddress, RetryPolicy};
use ancp_mock_node::{
    ActionContext, Failure, Group, MockNode, NodeBuilder, Profile, Role, Server, ServerBuilder,
    Strategy, TaskContext,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

const KEY: &str = "bfk_for_all_nodes";

/// A node of a number, which its actions answer with.
fn node(id: u64, profile: Profile) -> NodeBuilder {
    NodeBuilder::new(id, 7)
        .profile(profile)
        .api_key("tests", KEY, Role::USUAL)
        .on_invoke("who", move |_: ActionContext<Json>| async move { Ok(id) })
        .on_stream("count", move |_: ActionContext<Json>| {
            stream::iter([id, id].map(Ok::<_, Failure>))
        })
        .on_task("work", move |ctx: TaskContext<Json>| async move {
            let approved: Json = ctx.request_input("approved?").await?;
            Ok(json!({ "by": id, "approved": approved }))
        })
}

fn profile(fill: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::default();
    fill(&mut profile);
    profile
}

/// Three servers with a node each, and one with the document that names them.
struct World {
    nodes: Vec<MockNode>,
    directory: Server,
}

impl World {
    async fn start(strategy: Strategy) -> Self {
        let mut nodes = Vec::new();
        let mut entries = Vec::new();
        for id in 1..=3 {
            let served = MockNode::serve(node(id, Profile::default())).await.unwrap();
            let entry = profile(|profile| {
                profile.endpoint = Some(format!("{}/ncp/nodes/{id}", served.base_url()));
                profile.res_id = Some(format!("res-{id}"));
                profile.did = Some(format!("did:bizfirst:node:{id}"));
                profile.evm_address = Some(format!("0x{}{id}", "Ab".repeat(19) + "0"));
                profile.operate_ids = vec![format!("op-{id}"), "op".into()];
                profile.groups = vec![Group {
                    group_id: 5,
                    res_id: Some("grp".into()),
                    strategy,
                }];
            });
            entries.push(node(id, entry).build().unwrap());
            nodes.push(served);
        }
        let directory = ServerBuilder::new(entries).start("127.0.0.1:0").await;
        Self {
            nodes,
            directory: directory.unwrap(),
        }
    }

    fn options(&self) -> ClientBuilder {
        let base_url = self.directory.base_url();
        let options = AncpClient::builder()
            .base_url(base_url)
            .node_id(1)
            .tenant_id(7)
            .auth(Auth::api_key(KEY))
            .retry(RetryPolicy {
                base: Duration::from_millis(1),
                ..RetryPolicy::default()
            });
        self.nodes.iter().fold(options, |options, node| {
            options.credential_origin(node.base_url())
        })
    }

    fn client(&self) -> AncpClient {
        self.options().build().unwrap()
    }

    async fn stop(&mut self, place: usize) {
        self.nodes.remove(place).shutdown().await;
    }
}

async fn who(client: &AncpClient, address: &str) -> ancp_core::Result<u64> {
    let address: NodeAddress = address.parse()?;
    client.invoke("who", &()).address(address).await
}

#[tokio::test]
async fn every_mode_reaches_its_node() {
    let world = World::start(Strategy::FirstAvailable).await;
    let client = world.client();
    let evm = format!("evm:0x{}02", "aB".repeat(19));
    let url = format!("{}/ncp/nodes/2", world.nodes[1].base_url());
    for address in [
        "node:2",
        "res:res-2",
        "did:bizfirst:node:2",
        &evm,
        "operate:op-2",
        &url,
    ] {
        assert_eq!(who(&client, address).await.unwrap(), 2, "{address}");
    }
    for address in ["group:5", "group-res:grp", "operate:op"] {
        assert_eq!(who(&client, address).await.unwrap(), 1, "{address}");
    }
    let error = who(&client, "res:nope").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::AddressNotFound);
    assert!(error.message().contains("res:nope"), "{error}");
    // As the client's own address, too.
    let group = world.options().address("group:5".parse().unwrap()).build();
    let id: u64 = group.unwrap().invoke("who", &()).await.unwrap();
    assert_eq!(id, 1);
}

#[tokio::test]
async fn first_available_fails_over_when_a_server_stops_and_says_so_when_all_have() {
    let mut world = World::start(Strategy::FirstAvailable).await;
    let client = world.client();
    assert_eq!(who(&client, "group:5").await.unwrap(), 1);
    world.stop(0).await;
    assert_eq!(who(&client, "group:5").await.unwrap(), 2);
    let chunks = client
        .stream::<u64>("count", &())
        .address("group:5".parse().unwrap());
    let chunks: Vec<_> = chunks.map(Result::unwrap).collect().await;
    assert_eq!(chunks, [2, 2]);
    // One that is there, but takes no calls.
    let rule = json!({ "match": { "action": "who" }, "fault": { "status": 503 } });
    world.nodes[0]
        .faults()
        .add(serde_json::from_value(rule).unwrap());
    assert_eq!(who(&client, "group:5").await.unwrap(), 3);
    world.stop(0).await;
    world.stop(0).await;
    let error = who(&client, "group:5").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::Network);
}

#[tokio::test]
async fn round_robin_shares_calls_out() {
    let world = World::start(Strategy::RoundRobin).await;
    let client = world.client();
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(who(&client, "group:5").await.unwrap());
    }
    assert_eq!(ids, [1, 2, 3, 1, 2, 3]);
}

#[tokio::test]
async fn a_broadcast_brings_every_outcome_that_of_a_stopped_server_included() {
    let mut world = World::start(Strategy::Broadcast).await;
    let client = world.client();
    let error = who(&client, "group:5").await.unwrap_err();
    assert_eq!(error.code(), &ErrorCode::InvalidOptions);
    world.stop(1).await;
    let group = "group:5".parse().unwrap();
    let outcomes = client
        .invoke_all::<u64>("who", &())
        .address(group)
        .await
        .unwrap();
    let results: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.result.map_err(|error| error.code().clone()))
        .collect();
    assert_eq!(results, [Ok(1), Err(ErrorCode::Network), Ok(3)]);
}

#[tokio::test]
async fn a_task_stays_with_the_member_that_began_it() {
    let world = World::start(Strategy::RoundRobin).await;
    let client = world.client();
    let group = || NodeAddress::from_node_group_id(5).unwrap();
    for id in 1..=3 {
        let task = client
            .start_task("work", &())
            .address(group())
            .await
            .unwrap();
        let task_id = &task.task_id;
        loop {
            let status = client.task_status::<Value>(task_id).await.unwrap();
            if status.state.as_str() == "InputRequired" {
                break;
            }
        }
        client.provide_input(task_id, &true).await.unwrap();
        let done = client.wait_for_task::<Value>(task_id).await.unwrap();
        assert_eq!(done.result.unwrap(), json!({ "by": id, "approved": true }));
    }
}
