//! The `ncp` metadata.

use alloc::boxed::Box;

use bytestring::ByteString;

use super::super::ids::{self, InvalidId};
use super::super::{Caller, ErrorMeta, Pattern, StreamMeta, TaskMeta, timestamp};
use super::fields::{Fields, TASK_ERROR, caller, error, ncp, stream, task};
use super::{Keep, Reader};
use crate::ErrorCode;

impl<K: Keep> Reader<'_, K> {
    pub(super) fn ncp(&mut self, into: &mut K) {
        let Some(mut walk) = self.open(&ncp::FIELDS) else {
            return;
        };
        // It is there, also where nothing is in it.
        into.ncp();
        while let Some(place) = self.known(&mut walk) {
            match place {
                ncp::ACTION => self.unused(into, |ncp| &mut ncp.action, ids::check_action),
                ncp::PATTERN => {
                    let mut pattern = Pattern::RequestReply;
                    self.named(&mut pattern, Pattern::parse);
                    if K::WHOLE
                        && let Some(ncp) = into.ncp()
                    {
                        ncp.pattern = Some(pattern);
                    }
                }
                ncp::NODE_ID => {
                    let node_id = self.node_id();
                    if K::WHOLE
                        && let Some(ncp) = into.ncp()
                    {
                        ncp.node_id = node_id;
                    }
                }
                ncp::TRACEPARENT => self.unused(into, |ncp| &mut ncp.traceparent, ids::any),
                ncp::TRACESTATE => self.unused(into, |ncp| &mut ncp.tracestate, ids::any),
                ncp::RECEIPT_ID => self.unused(into, |ncp| &mut ncp.receipt_id, ids::any),
                ncp::CALLER => {
                    let caller = self.caller();
                    if K::WHOLE
                        && let Some(ncp) = into.ncp()
                    {
                        ncp.caller = caller.map(Box::new);
                    }
                }
                ncp::TASK | ncp::STREAM => match into.ncp() {
                    Some(ncp) if place == ncp::TASK => self.task(&mut ncp.task),
                    Some(ncp) => self.stream(&mut ncp.stream),
                    None => {
                        self.scanner.value();
                    }
                },
                _ => self.error(&error::FIELDS, into.error()),
            }
        }
    }

    fn caller(&mut self) -> Option<Caller> {
        let mut walk = self.open(&caller::FIELDS)?;
        let (mut mode, mut subject) = (None, None);
        while let Some(place) = self.known(&mut walk) {
            match place {
                caller::MODE => mode = self.string(check_mode),
                _ => subject = self.string(ids::any),
            }
        }
        if mode.as_deref() != Some("none") {
            self.require(&walk, &[caller::MODE, caller::SUBJECT]);
        } else if walk.has(caller::SUBJECT) {
            self.slip_at(caller::FIELDS.path, "subject", "stands with mode none");
        }
        if !K::WHOLE {
            return None;
        }
        Some(Caller {
            mode: self.kept(mode?),
            subject: subject.map(|subject| self.kept(subject)),
        })
    }

    fn task(&mut self, into: &mut Option<Box<TaskMeta>>) {
        let Some(mut walk) = self.open(&task::FIELDS) else {
            return;
        };
        let meta = into.insert(Box::new(TaskMeta {
            task_id: ByteString::new(),
            action: ByteString::new(),
            state: ByteString::new(),
            progress: None,
            message: None,
            created_at: ByteString::new(),
            updated_at: ByteString::new(),
            error: None,
        }));
        while let Some(place) = self.known(&mut walk) {
            match place {
                task::TASK_ID => self.text(&mut meta.task_id, ids::check_task_id),
                task::ACTION => self.text(&mut meta.action, ids::check_action),
                task::STATE => self.text(&mut meta.state, check_not_empty),
                task::PROGRESS if !self.null() => meta.progress = self.fraction(),
                task::MESSAGE if !self.null() => self.optional(&mut meta.message, ids::any),
                task::PROGRESS | task::MESSAGE => {}
                task::CREATED_AT => self.text(&mut meta.created_at, timestamp::check),
                task::UPDATED_AT => self.text(&mut meta.updated_at, timestamp::check),
                _ => self.error(&TASK_ERROR, &mut meta.error),
            }
        }
        self.require(
            &walk,
            &[
                task::TASK_ID,
                task::ACTION,
                task::STATE,
                task::CREATED_AT,
                task::UPDATED_AT,
            ],
        );
    }

    fn stream(&mut self, into: &mut Option<StreamMeta>) {
        let Some(mut walk) = self.open(&stream::FIELDS) else {
            return;
        };
        let meta = into.insert(StreamMeta {
            stream_id: ByteString::new(),
            sequence: 0,
            resumable: false,
            is_final: false,
        });
        while let Some(place) = self.known(&mut walk) {
            match place {
                stream::STREAM_ID => self.text(&mut meta.stream_id, ids::check_task_id),
                stream::SEQUENCE => meta.sequence = self.integer().map_or(0, |(value, _)| value),
                stream::RESUMABLE => meta.resumable = self.boolean(),
                _ => meta.is_final = self.boolean(),
            }
        }
        self.require(&walk, &[stream::STREAM_ID, stream::SEQUENCE]);
    }

    fn error(&mut self, fields: &'static Fields, into: &mut Option<Box<ErrorMeta>>) {
        let Some(mut walk) = self.open(fields) else {
            return;
        };
        let mut code = ByteString::new();
        let meta = into.insert(Box::new(ErrorMeta {
            code: ErrorCode::InvalidResponse,
            message: ByteString::new(),
            retryable: false,
            details: None,
        }));
        while let Some(place) = self.known(&mut walk) {
            match place {
                error::CODE => self.text(&mut code, check_not_empty),
                error::MESSAGE => self.text(&mut meta.message, ids::any),
                error::RETRYABLE => meta.retryable = self.boolean(),
                _ => meta.details = Some(self.json()),
            }
        }
        meta.code = ErrorCode::from(&*code);
        self.require(&walk, &[error::CODE, error::MESSAGE, error::RETRYABLE]);
    }
}

fn check_mode(text: &str) -> Result<(), InvalidId> {
    matches!(text, "jwt" | "apiKey" | "did" | "none")
        .then_some(())
        .ok_or(InvalidId::new("is not jwt, apiKey, did or none"))
}

fn check_not_empty(text: &str) -> Result<(), InvalidId> {
    (!text.is_empty())
        .then_some(())
        .ok_or(InvalidId::new("is empty"))
}
