//! The `ncp` metadata.

use bytestring::ByteString;

use super::super::ids::{self, InvalidId};
use super::super::{Caller, ErrorMeta, Ncp, Pattern, StreamMeta, TaskMeta, timestamp};
use super::Reader;
use super::fields::{CALLER, ERROR, Fields, NCP, STREAM, TASK, TASK_ERROR};
use crate::ErrorCode;
use crate::json::scan::Stop;

impl Reader<'_> {
    pub(super) fn ncp(&mut self, ncp: &mut Ncp) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&NCP)? else {
            return Ok(());
        };
        while let Some(name) = self.known(&mut walk)? {
            match name {
                "action" => self.optional(&mut ncp.action, ids::check_action)?,
                "pattern" => {
                    let pattern = ncp.pattern.insert(Pattern::RequestReply);
                    self.named(pattern, Pattern::parse)?;
                }
                "nodeId" => ncp.node_id = self.node_id()?,
                "traceparent" => self.optional(&mut ncp.traceparent, ids::any)?,
                "tracestate" => self.optional(&mut ncp.tracestate, ids::any)?,
                "receiptId" => self.optional(&mut ncp.receipt_id, ids::any)?,
                "caller" => self.caller(&mut ncp.caller)?,
                "task" => self.task(&mut ncp.task)?,
                "stream" => self.stream(&mut ncp.stream)?,
                _ => self.error(&ERROR, &mut ncp.error)?,
            }
        }
        Ok(())
    }

    fn caller(&mut self, into: &mut Option<Caller>) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&CALLER)? else {
            return Ok(());
        };
        let caller = into.insert(Caller {
            mode: ByteString::new(),
            subject: None,
        });
        while let Some(name) = self.known(&mut walk)? {
            match name {
                "mode" => self.text(&mut caller.mode, check_mode)?,
                _ => self.optional(&mut caller.subject, ids::any)?,
            }
        }
        if caller.mode != "none" {
            self.require(&walk, &["mode", "subject"]);
        } else if walk.has("subject") {
            self.slip_at(CALLER.path, "subject", "stands with mode none");
        }
        Ok(())
    }

    fn task(&mut self, into: &mut Option<TaskMeta>) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&TASK)? else {
            return Ok(());
        };
        let task = into.insert(TaskMeta {
            task_id: ByteString::new(),
            action: ByteString::new(),
            state: ByteString::new(),
            progress: None,
            message: None,
            created_at: ByteString::new(),
            updated_at: ByteString::new(),
            error: None,
        });
        while let Some(name) = self.known(&mut walk)? {
            match name {
                "taskId" => self.text(&mut task.task_id, ids::check_task_id)?,
                "action" => self.text(&mut task.action, ids::check_action)?,
                "state" => self.text(&mut task.state, check_not_empty)?,
                "progress" if !self.null()? => task.progress = self.fraction()?,
                "message" if !self.null()? => self.optional(&mut task.message, ids::any)?,
                "progress" | "message" => {}
                "createdAt" => self.text(&mut task.created_at, timestamp::check)?,
                "updatedAt" => self.text(&mut task.updated_at, timestamp::check)?,
                _ => self.error(&TASK_ERROR, &mut task.error)?,
            }
        }
        let required = ["taskId", "action", "state", "createdAt", "updatedAt"];
        self.require(&walk, &required);
        Ok(())
    }

    fn stream(&mut self, into: &mut Option<StreamMeta>) -> Result<(), Stop> {
        let Some(mut walk) = self.open(&STREAM)? else {
            return Ok(());
        };
        let stream = into.insert(StreamMeta {
            stream_id: ByteString::new(),
            sequence: 0,
            resumable: false,
            is_final: false,
        });
        while let Some(name) = self.known(&mut walk)? {
            match name {
                "streamId" => self.text(&mut stream.stream_id, ids::check_task_id)?,
                "sequence" => stream.sequence = self.integer()?.unwrap_or_default(),
                "resumable" => stream.resumable = self.boolean()?,
                _ => stream.is_final = self.boolean()?,
            }
        }
        self.require(&walk, &["streamId", "sequence"]);
        Ok(())
    }

    fn error(&mut self, fields: &'static Fields, into: &mut Option<ErrorMeta>) -> Result<(), Stop> {
        let Some(mut walk) = self.open(fields)? else {
            return Ok(());
        };
        let mut code = ByteString::new();
        let error = into.insert(ErrorMeta {
            code: ErrorCode::InvalidResponse,
            message: ByteString::new(),
            retryable: false,
            details: None,
        });
        while let Some(name) = self.known(&mut walk)? {
            match name {
                "code" => self.text(&mut code, check_not_empty)?,
                "message" => self.text(&mut error.message, ids::any)?,
                "retryable" => error.retryable = self.boolean()?,
                _ => error.details = Some(self.json()?),
            }
        }
        error.code = ErrorCode::from(&*code);
        self.require(&walk, &["code", "message", "retryable"]);
        Ok(())
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
