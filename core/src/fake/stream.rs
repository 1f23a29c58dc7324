use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use crate::json::Json;
use crate::platform::{BoxFuture, MaybeSend, Platform};
use crate::{Error, Result};

/// Gives the chunks of a fake stream, one by one; `None` at its end.
pub trait FakeChunks: MaybeSend {
    /// Waits for the next chunk.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Json>>>;
}

/// A scripted stream: chunks, the wait before each, and an error at the end.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct FakeStream {
    chunks: VecDeque<Json>,
    delay: Duration,
    error: Option<Error>,
}

impl FakeStream {
    /// A stream of these chunks, at once and complete.
    pub fn new(chunks: impl IntoIterator<Item = Json>) -> Self {
        Self {
            chunks: chunks.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The wait before each chunk. Default none.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Ends the stream with an error after its chunks.
    pub fn fails(mut self, error: Error) -> Self {
        self.error = Some(error);
        self
    }

    /// The stream as a source of chunks.
    pub fn into_chunks(self, platform: Arc<dyn Platform>) -> Box<dyn FakeChunks> {
        Box::new(ScriptedChunks {
            stream: self,
            platform,
        })
    }
}

struct ScriptedChunks {
    stream: FakeStream,
    platform: Arc<dyn Platform>,
}

impl FakeChunks for ScriptedChunks {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Json>>> {
        Box::pin(async move {
            if self.stream.delay > Duration::ZERO && !self.stream.chunks.is_empty() {
                self.platform.sleep(self.stream.delay).await;
            }
            match (self.stream.chunks.pop_front(), self.stream.error.take()) {
                (None, Some(error)) => Err(error),
                (chunk, error) => {
                    self.stream.error = error;
                    Ok(chunk)
                }
            }
        })
    }
}
