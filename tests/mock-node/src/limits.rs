//! How much a node takes, and how long it keeps things.

use std::time::Duration;

use serde::Deserialize;

/// The limits of a node. The defaults are the contract's.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest request body in bytes (4 MiB).
    pub max_body_bytes: usize,
    /// How long a request-reply or fire-and-forget handler may run (60 s).
    pub handler_timeout: Duration,
    /// How long a stream is kept after its last connection ended (60 s).
    pub resume_window: Duration,
    /// How often a silent event stream carries a comment (15 s).
    pub keep_alive: Duration,
    /// The `retry` delay that streams tell their clients; none unless set.
    pub stream_retry: Option<Duration>,
    /// How many chunks a stream keeps for a resume, and how far it runs ahead of its reader (1024).
    pub stream_buffer: usize,
    /// The same in bytes of payload (16 MiB).
    pub stream_buffer_bytes: usize,
    /// How long the ids of calls are remembered (10 min).
    pub duplicate_window: Duration,
    /// How many ids are remembered; beyond it calls are `unavailable` (1 million).
    pub max_remembered: usize,
    /// How long a finished task is kept (1 h).
    pub task_retention: Duration,
    /// How many tasks, and how many streams, exist at once; beyond it they are `unavailable` (1 million).
    pub max_live: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * 1024 * 1024,
            handler_timeout: Duration::from_secs(60),
            resume_window: Duration::from_secs(60),
            keep_alive: Duration::from_secs(15),
            stream_retry: None,
            stream_buffer: 1024,
            stream_buffer_bytes: 16 * 1024 * 1024,
            duplicate_window: Duration::from_secs(600),
            max_remembered: 1_000_000,
            task_retention: Duration::from_secs(3600),
            max_live: 1_000_000,
        }
    }
}

/// Longer than any test, and far from where clocks overflow.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

impl Limits {
    /// The limits with what could not work made to work.
    #[must_use]
    pub(crate) fn bounded(self) -> Self {
        Self {
            handler_timeout: self.handler_timeout.min(LONGEST),
            resume_window: self.resume_window.min(LONGEST),
            keep_alive: self.keep_alive.clamp(Duration::from_millis(1), LONGEST),
            stream_buffer: self.stream_buffer.max(1),
            duplicate_window: self.duplicate_window.min(LONGEST),
            task_retention: self.task_retention.min(LONGEST),
            ..self
        }
    }
}

/// Limits as they stand in a configuration file or among arguments: what is absent is left as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, clap::Args)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LimitOverrides {
    /// Largest request body in bytes [default: 4194304]
    #[arg(long, value_name = "N")]
    pub max_body_bytes: Option<usize>,
    /// How long a request-reply or fire-and-forget handler may run [default: 60000]
    #[arg(long, value_name = "MS")]
    pub handler_timeout_ms: Option<u64>,
    /// How long a stream is kept after its last connection [default: 60000]
    #[arg(long, value_name = "MS")]
    pub resume_window_ms: Option<u64>,
    /// How often a silent event stream carries a comment [default: 15000]
    #[arg(long, value_name = "MS")]
    pub keep_alive_ms: Option<u64>,
    /// The `retry` delay that streams tell their clients [default: none]
    #[arg(long, value_name = "MS")]
    pub stream_retry_ms: Option<u64>,
    /// How many chunks a stream keeps for a resume [default: 1024]
    #[arg(long, value_name = "N")]
    pub stream_buffer: Option<usize>,
    /// How long the ids of calls are remembered [default: 600000]
    #[arg(long, value_name = "MS")]
    pub duplicate_window_ms: Option<u64>,
    /// How long a finished task is kept [default: 3600000]
    #[arg(long, value_name = "MS")]
    pub task_retention_ms: Option<u64>,
}

impl LimitOverrides {
    /// The limits with what is set here.
    #[must_use]
    pub fn over(self, limits: Limits) -> Limits {
        let Self {
            max_body_bytes,
            handler_timeout_ms,
            resume_window_ms,
            keep_alive_ms,
            stream_retry_ms,
            stream_buffer,
            duplicate_window_ms,
            task_retention_ms,
        } = self;
        let or = |ms: Option<u64>, limit| ms.map_or(limit, Duration::from_millis);
        Limits {
            max_body_bytes: max_body_bytes.unwrap_or(limits.max_body_bytes),
            handler_timeout: or(handler_timeout_ms, limits.handler_timeout),
            resume_window: or(resume_window_ms, limits.resume_window),
            keep_alive: or(keep_alive_ms, limits.keep_alive),
            stream_retry: stream_retry_ms
                .map(Duration::from_millis)
                .or(limits.stream_retry),
            stream_buffer: stream_buffer.unwrap_or(limits.stream_buffer),
            duplicate_window: or(duplicate_window_ms, limits.duplicate_window),
            task_retention: or(task_retention_ms, limits.task_retention),
            ..limits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let defaults = Limits::default();
        assert_eq!(defaults.bounded(), defaults);
        let extreme = Limits {
            resume_window: Duration::MAX,
            keep_alive: Duration::ZERO,
            stream_buffer: 0,
            ..defaults
        };
        let bounded = extreme.bounded();
        assert_eq!(bounded.resume_window, LONGEST);
        assert_eq!(bounded.keep_alive, Duration::from_millis(1));
        assert_eq!(bounded.stream_buffer, 1);
    }

    #[test]
    fn overrides() {
        let defaults = Limits::default();
        assert_eq!(LimitOverrides::default().over(defaults), defaults);
        let overrides = LimitOverrides {
            resume_window_ms: Some(5),
            max_body_bytes: Some(10),
            ..LimitOverrides::default()
        };
        let limits = overrides.over(defaults);
        assert_eq!(limits.resume_window, Duration::from_millis(5));
        assert_eq!(limits.max_body_bytes, 10);
        assert_eq!(limits.keep_alive, defaults.keep_alive);
    }
}
