//! What a client remembers of the nodes that it has chosen. Both memories are bounded: the oldest goes.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use bytestring::ByteString;

use crate::address::{Endpoint, NodeAddress};
use crate::sync::Lock;

/// How many tasks a client knows the nodes of.
const TASKS: usize = 1024;
/// How many groups have a turn of their own.
const GROUPS: usize = 64;

/// The nodes that tasks began on.
#[derive(Default)]
pub(crate) struct TaskNodes(Lock<VecDeque<TaskNode>>);

struct TaskNode {
    task_id: ByteString,
    /// The address that it was started by.
    address: NodeAddress,
    endpoint: Arc<Endpoint>,
}

impl TaskNodes {
    pub(crate) fn remember(
        &self,
        task_id: ByteString,
        address: NodeAddress,
        endpoint: Arc<Endpoint>,
    ) {
        let mut tasks = self.0.lock();
        if tasks.len() == TASKS {
            tasks.pop_front();
        }
        tasks.push_back(TaskNode {
            task_id,
            address,
            endpoint,
        });
    }

    /// The address and node that a task was begun by. An address that the caller names must be the one
    /// that it was begun by. Where two nodes use the same id and none is named, the client's own address
    /// is meant, else the latest: other nodes must not take its tasks by giving them the same id.
    pub(crate) fn find(
        &self,
        task_id: &str,
        named: Option<&NodeAddress>,
        own: &NodeAddress,
    ) -> Option<(NodeAddress, Arc<Endpoint>)> {
        let tasks = self.0.lock();
        let wanted = named.unwrap_or(own);
        let mut found = None;
        for task in tasks.iter().rev() {
            if task.task_id != *task_id {
                continue;
            }
            if task.address == *wanted {
                found = Some(task);
                break;
            }
            if named.is_none() {
                found = found.or(Some(task));
            }
        }
        let found = found?;
        Some((found.address.clone(), found.endpoint.clone()))
    }
}

/// Whose turn it is in each group.
#[derive(Default)]
pub(crate) struct Turns(Lock<VecDeque<(NodeAddress, u32)>>);

impl Turns {
    /// The number of the next turn: 0, 1, 2 …
    pub(crate) fn next(&self, group: &NodeAddress) -> u32 {
        let mut turns = self.0.lock();
        if let Some((_, next)) = turns.iter_mut().find(|(other, _)| other == group) {
            *next = next.wrapping_add(1);
            return *next;
        }
        if turns.len() == GROUPS {
            turns.pop_front();
        }
        turns.push_back((group.clone(), 0));
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: usize) -> NodeAddress {
        NodeAddress::from_node_group_id(id).unwrap()
    }

    #[test]
    fn each_group_has_turns_of_its_own_and_there_are_not_too_many() {
        let turns = Turns::default();
        let taken = [5, 6, 5, 5, 6].map(|id| turns.next(&group(id)));
        assert_eq!(taken, [0, 0, 1, 2, 1]);
        for id in 100..100 + GROUPS {
            turns.next(&group(id));
        }
        assert_eq!(turns.0.lock().len(), GROUPS);
    }

    #[test]
    fn tasks_are_remembered_by_id_and_address_and_the_oldest_is_forgotten() {
        let tasks = TaskNodes::default();
        let at = |url: &'static str| {
            Arc::new(Endpoint {
                url: url.into(),
                ..Endpoint::default()
            })
        };
        tasks.remember("1".into(), group(1), at("a"));
        tasks.remember("1".into(), group(2), at("b"));
        let find = |named: Option<&NodeAddress>, own| {
            let found = tasks.find("1", named, &group(own));
            found.map(|found| found.1.url.clone())
        };
        let url = |named: Option<&NodeAddress>| find(named, 9);
        assert_eq!(url(None).as_deref(), Some("b"));
        assert_eq!(find(None, 1).as_deref(), Some("a"));
        assert_eq!(url(Some(&group(1))).as_deref(), Some("a"));
        assert_eq!(url(Some(&group(3))), None);
        for _ in 0..TASKS {
            tasks.remember("2".into(), group(1), at("c"));
        }
        assert_eq!(url(None), None);
        assert_eq!(tasks.0.lock().len(), TASKS);
    }
}
