//! The actions that every node has (wire contract, section 9).

use ancp_core::Json;
use ancp_core::message::{NodeId, Pattern};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::action::{Action, Registered};
use crate::answer::now;
use crate::context::read_payload;
use crate::discovery::{Descriptor, node_id};
use crate::node::Node;

/// Whether the name is one of the system's, there or not.
pub(crate) fn is_system(action: &str) -> bool {
    action.starts_with("ancp.")
}

/// The system's actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SystemAction {
    Ping,
    Capabilities,
    Negotiate,
    PaymentInfo,
    Pay,
    Status,
}

impl SystemAction {
    const ALL: [Self; 6] = [
        Self::Ping,
        Self::Capabilities,
        Self::Negotiate,
        Self::PaymentInfo,
        Self::Pay,
        Self::Status,
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ping => "ancp.ping",
            Self::Capabilities => "ancp.capabilities",
            Self::Negotiate => "ancp.negotiate",
            Self::PaymentInfo => "ancp.payment-info",
            Self::Pay => "ancp.pay",
            Self::Status => "ancp.status",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Ping => "Says that the node is there",
            Self::Capabilities => "Lists the node's actions",
            Self::Negotiate => "Says which of some actions the node has",
            Self::PaymentInfo => "Says what actions cost and how to pay",
            Self::Pay => "Turns a payment into a receipt",
            Self::Status => "Says how the node is doing",
        }
    }

    /// Its result.
    pub(crate) async fn run(self, node: &Node, payload: &Json) -> Result<Json, Failure> {
        match self {
            Self::Ping => to_json(&ping(node)),
            Self::Capabilities => to_json(&Capabilities {
                node_id: node.id(),
                actions: node.actions().map(Descriptor::from).collect(),
            }),
            Self::Negotiate => negotiate(node, payload),
            Self::PaymentInfo => {
                let actions = node.actions().map(|registered| &registered.action);
                node.payment().info(actions)
            }
            Self::Pay => {
                let find = |name: &str| Some(&node.registered(name)?.action);
                node.payment().pay(payload, find).await
            }
            Self::Status => to_json(&status(node)),
        }
    }

    fn registered(self) -> Registered {
        Registered {
            action: Action::new(self.name()).description(self.description()),
            pattern: Pattern::RequestReply,
        }
    }
}

fn to_json(value: &impl Serialize) -> Result<Json, Failure> {
    Ok(Json::from_value(value)?)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ping<'a> {
    #[serde(serialize_with = "node_id")]
    node_id: &'a NodeId,
    tenant_id: &'a str,
    status: &'static str,
    version: &'a str,
    uptime_sec: u64,
    timestamp: String,
}

fn ping(node: &Node) -> Ping<'_> {
    Ping {
        node_id: node.id(),
        tenant_id: node.tenant_id(),
        status: "ok",
        version: node.version(),
        uptime_sec: node.uptime().as_secs(),
        timestamp: now().to_string(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities<'a> {
    #[serde(serialize_with = "node_id")]
    node_id: &'a NodeId,
    actions: Vec<Descriptor<'a>>,
}

#[derive(Deserialize)]
struct Wanted {
    actions: Vec<String>,
}

#[derive(Serialize)]
struct Negotiated<'a> {
    supported: Vec<Descriptor<'a>>,
    missing: Vec<String>,
}

fn negotiate(node: &Node, payload: &Json) -> Result<Json, Failure> {
    let Wanted { actions } = read_payload(payload)?;
    let system: Vec<_> = SystemAction::ALL.map(SystemAction::registered).into();
    let mut negotiated = Negotiated {
        supported: Vec::new(),
        missing: Vec::new(),
    };
    for name in actions {
        let of_system = system.iter().find(|found| found.action.name == name);
        match node.registered(&name).or(of_system) {
            Some(registered) => negotiated.supported.push(registered.into()),
            None => negotiated.missing.push(name),
        }
    }
    to_json(&negotiated)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(serialize_with = "node_id")]
    node_id: &'a NodeId,
    environment: Option<&'a str>,
    ai_model: Option<&'a str>,
    is_autonomous: bool,
    accepting_calls: bool,
    version: &'a str,
}

fn status(node: &Node) -> Status<'_> {
    let profile = node.profile();
    Status {
        node_id: node.id(),
        environment: profile.environment.as_deref(),
        ai_model: profile.ai_model.as_deref(),
        is_autonomous: profile.is_autonomous,
        accepting_calls: !node.is_closed(),
        version: node.version(),
    }
}
