//! The calls that run, and the ops that they wait for.

use alloc::vec::Vec;
use core::mem;

use ancp_core::client::plain::PlainCall;

use crate::http::HostCall;
use crate::table::Table;

/// A call, whose payload the host keeps.
pub(super) type Call = PlainCall<HostCall>;

/// What a call waits for.
#[derive(Clone, Copy)]
pub(super) enum Op {
    /// The end of its time.
    Limit,
    /// Its next step.
    Step,
}

/// No op: they are numbered from 1.
pub(super) const NONE: u32 = 0;

struct Task {
    /// Taken out while it takes a step.
    call: Option<Call>,
    limit: u32,
    step: u32,
}

/// What is left of a task that has ended.
pub(super) struct Ended {
    /// Nothing while it takes a step.
    pub(super) call: Option<Call>,
    /// What still runs for it, [`NONE`] in between.
    pub(super) ops: [u32; 3],
    /// The op by which to ask for a token, as it was the one that did, and others wait.
    pub(super) ask: Option<u32>,
}

pub(super) struct Running {
    tasks: Table<Task>,
    /// Whose they are.
    ops: Table<(u32, Op)>,
    /// The op that asks for a token. It belongs to the first of those that wait: a user's function that never answers
    /// must not be waited for by one call after the other.
    asking: u32,
    /// Tasks that wait for the token.
    waiting: Vec<u32>,
}

impl Running {
    pub(super) fn new() -> Self {
        Self {
            tasks: Table::new(),
            ops: Table::new(),
            asking: NONE,
            waiting: Vec::new(),
        }
    }

    /// Adds a call, and gives its task and the op of its time limit.
    pub(super) fn begin(&mut self, call: Call) -> (u32, u32) {
        let task = self.tasks.insert(Task {
            call: Some(call),
            limit: NONE,
            step: NONE,
        });
        let limit = self.ops.insert((task, Op::Limit));
        if let Some(entry) = self.tasks.get_mut(task) {
            entry.limit = limit;
        }
        (task, limit)
    }

    /// An op for a task's next step.
    pub(super) fn op(&mut self, task: u32) -> u32 {
        let op = self.ops.insert((task, Op::Step));
        if let Some(entry) = self.tasks.get_mut(task) {
            entry.step = op;
        }
        op
    }

    /// Lets a task wait for the token, and gives the op to ask for it by, unless that is asked for.
    pub(super) fn wait(&mut self, task: u32) -> Option<u32> {
        self.waiting.push(task);
        match self.asking {
            NONE => self.ask(),
            _ => None,
        }
    }

    fn ask(&mut self) -> Option<u32> {
        let first = *self.waiting.first()?;
        self.asking = self.ops.insert((first, Op::Step));
        Some(self.asking)
    }

    /// Ends the op that has asked for a token, if this is it, and gives those that have waited for it.
    pub(super) fn asked(&mut self, op: u32) -> Option<Vec<u32>> {
        if self.asking != op {
            return None;
        }
        self.asking = NONE;
        self.ops.remove(op);
        Some(mem::take(&mut self.waiting))
    }

    /// Ends an op, and takes the call out that has waited for it.
    pub(super) fn take(&mut self, op: u32) -> Option<(u32, Op, Call)> {
        let (task, what) = self.ops.remove(op)?;
        let entry = self.tasks.get_mut(task)?;
        match what {
            Op::Limit => entry.limit = NONE,
            Op::Step => entry.step = NONE,
        }
        Some((task, what, entry.call.take()?))
    }

    pub(super) fn put_back(&mut self, task: u32, call: Call) {
        if let Some(entry) = self.tasks.get_mut(task) {
            entry.call = Some(call);
        }
    }

    pub(super) fn call_mut(&mut self, task: u32) -> Option<&mut Call> {
        self.tasks.get_mut(task)?.call.as_mut()
    }

    /// Ends the asking for a token, without asking again for those that wait.
    pub(super) fn ask_no_more(&mut self) -> u32 {
        self.waiting.clear();
        self.ops.remove(self.asking);
        mem::take(&mut self.asking)
    }

    /// The number of a task that runs.
    pub(super) fn any(&self) -> Option<u32> {
        self.tasks.first()
    }

    /// Ends a task.
    pub(super) fn end(&mut self, task: u32) -> Option<Ended> {
        let Task { call, limit, step } = self.tasks.remove(task)?;
        let asks = self.waiting.first() == Some(&task);
        self.waiting.retain(|waiting| *waiting != task);
        let asked = match asks {
            true => mem::take(&mut self.asking),
            false => NONE,
        };
        let ops = [limit, step, asked];
        for op in ops {
            self.ops.remove(op);
        }
        Some(Ended {
            call,
            ops,
            ask: if asked == NONE { None } else { self.ask() },
        })
    }
}
