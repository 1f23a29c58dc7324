#![doc = include_str!("../README.md")]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod action;
mod answer;
mod auth;
mod builder;
mod calls;
mod clock;
mod config;
mod context;
mod discovery;
mod dispatch;
mod duplicates;
mod envelope;
mod failure;
mod faults;
mod handler;
mod http;
mod limits;
mod mock;
mod node;
mod payment;
pub mod samples;
mod stream;
mod system;
mod task;

pub use alloy_primitives::{Address, B256, Log, U256};
pub use ancp_core::{ErrorCode, Json, TaskState};

pub use action::Action;
pub use answer::{Answer, Reply};
pub use auth::{
    AuthMode, Caller, Credentials, DidDocument, DidOptions, DidResolver, DidWeb, Fetch, JwtOptions,
    KeyError, KeySource, LookupError, Role, TestIssuer, TestKey, TokenAlgorithm, TokenBuilder,
    random_api_key,
};
pub use builder::{BuildError, NodeBuilder};
pub use calls::{BodyProgress, CallLog, RecordedCall};
pub use config::{ApiKey, Config, ConfigError, DidCaller, DidConfig, Id, JwtConfig, NodeConfig};
pub use context::{ActionContext, CallContext, TaskContext};
pub use discovery::{Group, Profile, Strategy};
pub use dispatch::{Post, Sender};
pub use failure::Failure;
pub use faults::{ActiveRule, Fault, FaultRule, Faults, Match, Operation, RetryAfter};
pub use http::{Server, ServerBuilder};
pub use limits::{LimitOverrides, Limits};
pub use mock::MockNode;
pub use node::Node;
pub use payment::{
    AcceptedToken, Chain, ChainConfig, ChainError, FakeChain, JsonRpc, Mined, PaymentConfig,
    PaymentTerms, Transaction,
};
pub use stream::{StreamConnection, StreamEvent};
pub use task::TaskWatch;
