//! As `benches/lib/statistics.mjs`: contenders in turn, many rounds, ratios within a round, medians and quartiles.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The names and samples of one comparison, a sample a round.
pub(crate) type Samples = BTreeMap<&'static str, Vec<f64>>;

/// Long enough for the clock, short enough for many rounds.
const SAMPLE: Duration = Duration::from_millis(25);
const LEAST_ROUNDS: usize = 5;
const MOST_ROUNDS: usize = 60;

/// What a case may take for all its rounds.
fn budget() -> Duration {
    let seconds = std::env::var("ANCP_BENCH_SECONDS").ok();
    Duration::from_secs_f64(seconds.and_then(|text| text.parse().ok()).unwrap_or(3.0))
}

/// Times contenders against each other: `work` is done so many times by the one that is named. Before each sample it is
/// asked to do nothing, zero times, so that it can wait for what the last one has left. The samples are seconds for one
/// piece of work.
pub(crate) async fn compare<const N: usize>(
    names: [&'static str; N],
    mut work: impl AsyncFnMut(&'static str, u32) -> anyhow::Result<()>,
) -> anyhow::Result<Samples> {
    let mut times = BTreeMap::new();
    for name in names {
        // The first run finds caches and connections cold, and does not count.
        work(name, 1).await?;
        let took = timed(name, 1, &mut work).await?;
        let fitting = SAMPLE.as_secs_f64() / took.max(1e-9);
        times.insert(name, num(fitting).clamp(1, 100_000));
    }
    let mut samples: Samples = names.iter().map(|name| (*name, Vec::new())).collect();
    let started = Instant::now();
    for round in 0..MOST_ROUNDS {
        if round >= LEAST_ROUNDS && started.elapsed() > budget() {
            break;
        }
        for offset in 0..N {
            let name = names[(round + offset) % N];
            let taken = timed(name, times[name], &mut work).await?;
            samples
                .entry(name)
                .or_default()
                .push(taken / f64::from(times[name]));
        }
    }
    Ok(samples)
}

async fn timed(
    name: &'static str,
    times: u32,
    work: &mut impl AsyncFnMut(&'static str, u32) -> anyhow::Result<()>,
) -> anyhow::Result<f64> {
    work(name, 0).await?;
    let started = Instant::now();
    work(name, times).await?;
    Ok(started.elapsed().as_secs_f64())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both ends are clamped"
)]
fn num(value: f64) -> u32 {
    value as u32
}

/// What the page's tables are made of: medians and quartiles, and the ratios to the base's samples of the same round.
///
/// The times are in units of so many seconds.
pub(crate) fn results(samples: &Samples, base: &str, unit: f64) -> (usize, Value) {
    let reference = samples.get(base).cloned().unwrap_or_default();
    let results = samples
        .iter()
        .map(|(name, values)| {
            let ratios: Vec<f64> = values.iter().zip(&reference).map(|(a, b)| a / b).collect();
            let times: Vec<f64> = values.iter().map(|value| value / unit).collect();
            let result = json!({ "time": summary(&times), "ratio": summary(&ratios) });
            ((*name).to_owned(), result)
        })
        .collect();
    (reference.len(), Value::Object(results))
}

fn summary(values: &[f64]) -> Value {
    json!({ "median": quantile(values, 0.5), "low": quantile(values, 0.25), "high": quantile(values, 0.75) })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few samples"
)]
fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = at * (sorted.len().saturating_sub(1)) as f64;
    let value = |index: f64| sorted.get(index as usize).copied().unwrap_or(f64::NAN);
    let (low, high) = (value(position.floor()), value(position.ceil()));
    low + (high - low) * position.fract()
}
