//! Which nodes an address means: reading discovery and DID documents, and choosing among a group's
//! members. Pure: documents in, endpoints out; the client looks documents up (`client/target.rs`).

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod did_web;
mod document;
mod memory;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::address::{Endpoint, NodeAddress};
use crate::{Error, ErrorCode};

pub(crate) use did_web::{did_document_url, find_service};
pub(crate) use document::{find, find_node};
pub(crate) use memory::{TaskNodes, Turns};

/// What an address means, as a document has it.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    /// One node.
    Node(Member),
    /// A group's members, at least one, in the document's order.
    Group(Strategy, Vec<Member>),
}

/// A node that an address means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    /// Where it is reached. Without a URL where something is wrong.
    pub(crate) endpoint: Arc<Endpoint>,
    /// What is wrong with the URL that the document names.
    pub(crate) wrong: Option<&'static str>,
}

/// Which member of a group a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// One after the other.
    RoundRobin,
    /// Any.
    Random,
    /// The first that takes the call.
    FirstAvailable,
    /// All.
    Broadcast,
}

impl Strategy {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "RoundRobin" => Self::RoundRobin,
            "Random" => Self::Random,
            "FirstAvailable" => Self::FirstAvailable,
            "Broadcast" => Self::Broadcast,
            _ => return None,
        })
    }
}

impl Member {
    /// The error of a member that can't be reached.
    pub(crate) fn unusable(address: &NodeAddress, why: &str) -> Error {
        not_found(
            address,
            &["its endpoint can't be used: the URL ", why].concat(),
        )
    }
}

/// The error of an address that leads to no node.
pub(crate) fn not_found(address: &NodeAddress, why: &str) -> Error {
    let mut message = String::from("the address ");
    message.push_str(&address.text());
    message.push_str(" leads to no node: ");
    message.push_str(why);
    Error::new(ErrorCode::AddressNotFound, message)
}
