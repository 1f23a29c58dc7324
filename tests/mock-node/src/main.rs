//! The mock node as a program.

use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use ancp_mock_node::{Config, LimitOverrides, Limits, Node, Role, Server, ServerBuilder, samples};
use clap::Parser;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// A complete ANCP node for tests. The first line on standard output is one JSON object:
/// { baseUrl, nodeId, tenantId, apiKey }. Logs go to standard error (RUST_LOG).
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Port to listen at; 0 is a free one [default: 7420]
    #[arg(long)]
    port: Option<u16>,
    /// Address to listen at [default: 127.0.0.1]
    #[arg(long)]
    host: Option<String>,
    /// A path that everything is below, such as /api
    #[arg(long)]
    base_path: Option<String>,
    /// The API key with the roles invoke, stream and task [default: a random one]
    #[arg(long, conflicts_with = "config")]
    api_key: Option<String>,
    /// A fixed bearer token with the same roles
    #[arg(long, conflicts_with = "config")]
    token: Option<String>,
    /// TOML file with several nodes
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Offers the control API: /_faults and /_calls
    #[arg(long)]
    faults: bool,
    /// Serves a built Node Explorer at / [default folder: examples/node-explorer/dist]
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        default_missing_value = "examples/node-explorer/dist"
    )]
    explorer: Option<PathBuf>,
    /// Stops when standard input is closed, so that nothing is left when the parent process dies
    #[arg(long)]
    exit_with_stdin: bool,
    #[command(flatten)]
    limits: LimitOverrides,
}

/// How long running calls may take at the end.
const GRACE: Duration = Duration::from_secs(5);

type Error = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), Error> {
    // Before anything is served: a signal must find its handler.
    let stop = stop_signal(args.exit_with_stdin)?;
    let (server, first_line) = start(args).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{first_line}")?;
    stdout.flush()?;
    tracing::info!("serving at {}", server.base_url());
    stop.cancelled().await;
    tracing::info!("stopping");
    server.shutdown(GRACE).await;
    Ok(())
}

async fn start(args: Args) -> Result<(Server, String), Error> {
    let limits = args.limits.over(Limits::default());
    let mut host = args.host;
    let mut port = args.port;
    let mut base_path = args.base_path;
    let (nodes, api_key) = match &args.config {
        Some(file) => {
            let config = read_config(file)?;
            host = host.or_else(|| config.host.clone());
            port = port.or(config.port);
            base_path = base_path.or_else(|| config.base_path.clone());
            let keys = config.nodes.first().map(|node| &node.api_keys);
            let key = keys
                .and_then(|keys| keys.first())
                .map(|key| key.key.clone());
            (config.build(limits)?, key)
        }
        None => {
            let key = args.api_key.unwrap_or_else(ancp_mock_node::random_api_key);
            (
                vec![sample(&key, args.token.as_deref(), limits)?],
                Some(key),
            )
        }
    };
    let first = nodes.first().cloned().ok_or("there are no nodes")?;
    let mut builder = ServerBuilder::new(nodes).base_path(&base_path.unwrap_or_default());
    if args.faults {
        builder = builder.control_api();
    }
    if let Some(folder) = &args.explorer {
        builder = builder
            .files(folder)
            .map_err(|error| format!("--explorer: {}: {error}", folder.display()))?;
    }
    let host = host.unwrap_or_else(|| "127.0.0.1".into());
    let address = (host.as_str(), port.unwrap_or(7420));
    let server = builder.start(address).await.map_err(|error| {
        let (host, port) = address;
        format!("can't listen at {host}:{port}: {error}")
    })?;
    let line = first.first_line(server.base_url(), api_key.as_deref());
    Ok((server, line))
}

fn read_config(file: &std::path::Path) -> Result<Config, Error> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    Ok(Config::parse(&text).map_err(|error| named(&error))?)
}

/// Node 42 of tenant 7 with the sample actions.
fn sample(api_key: &str, token: Option<&str>, limits: Limits) -> Result<Node, Error> {
    let mut builder = samples::node()
        .limits(limits)
        .api_key("api-key", api_key, Role::USUAL);
    if let Some(token) = token {
        builder = builder.bearer_token("token", token, Role::USUAL);
    }
    Ok(builder.build()?)
}

/// Cancelled at SIGINT or SIGTERM and, where asked for, when standard input is closed.
fn stop_signal(with_stdin: bool) -> Result<CancellationToken, Error> {
    let stop = CancellationToken::new();
    if with_stdin {
        let stop = stop.clone();
        // A thread of its own: the runtime would wait for a read that never ends.
        std::thread::spawn(move || {
            let mut rest = [0; 1024];
            while matches!(std::io::stdin().read(&mut rest), Ok(count) if count > 0) {}
            stop.cancel();
        });
    }
    let signalled = stop.clone();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            signalled.cancel();
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signalled.cancel();
        }
    });
    Ok(stop)
}
