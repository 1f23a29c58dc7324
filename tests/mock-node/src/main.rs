//! The mock node as a program.

mod args;

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use ancp_mock_node::{Config, Limits, Node, Role, Server, ServerBuilder, samples};
use args::Args;
use clap::Parser;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

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

async fn start(mut args: Args) -> Result<(Server, String), Error> {
    let limits = args.limits.over(Limits::default());
    let (nodes, known) = match args.config.take() {
        Some(file) => {
            let config = read_config(&file)?;
            let known = Known {
                api_key: config.nodes.first().and_then(|node| node.plain_api_key()),
                token: None,
            };
            let nodes = config.build(limits)?;
            args.host = args.host.or(config.host);
            args.port = args.port.or(config.port);
            args.base_path = args.base_path.or(config.base_path);
            args.base_url = args.base_url.or(config.base_url);
            (nodes, known)
        }
        None => {
            let (node, known) = sample(&args, limits)?;
            (vec![node], known)
        }
    };
    let first = nodes.first().cloned().ok_or("there are no nodes")?;
    let mut builder = ServerBuilder::new(nodes).base_path(&args.base_path.unwrap_or_default());
    if let Some(url) = args.base_url {
        builder = builder.base_url(url);
    }
    if args.faults {
        builder = builder.control_api();
    }
    if let Some(folder) = &args.explorer {
        builder = builder
            .files(folder)
            .map_err(|error| format!("--explorer: {}: {error}", folder.display()))?;
    }
    let host = args.host.unwrap_or_else(|| "127.0.0.1".into());
    let address = (host.as_str(), args.port.unwrap_or(7420));
    let server = builder.start(address).await.map_err(|error| {
        let (host, port) = address;
        format!("can't listen at {host}:{port}: {error}")
    })?;
    let line = first.first_line(
        server.base_url(),
        known.api_key.as_deref(),
        known.token.as_deref(),
    );
    Ok((server, line))
}

/// Credentials to tell whoever started the node.
struct Known {
    api_key: Option<String>,
    token: Option<String>,
}

fn read_config(file: &std::path::Path) -> Result<Config, Error> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| named(&error))?;
    Ok(Config::parse(&text).map_err(|error| named(&error))?)
}

/// Node 42 of tenant 7 with the sample actions.
fn sample(args: &Args, limits: Limits) -> Result<(Node, Known), Error> {
    let key = args.api_key.clone();
    let key = key.unwrap_or_else(ancp_mock_node::random_api_key);
    let builder = samples::node().limits(limits);
    let mut builder = builder.api_key("api-key", &key, Role::USUAL);
    let mut token = None;
    if args.jwt.print_token {
        let (options, printed) = args.jwt.issue();
        builder = builder.jwt(options);
        token = Some(printed);
    } else if let Some(options) = args.jwt.options()? {
        builder = builder.jwt(options);
    }
    if let Some(options) = args.did_options()? {
        builder = builder.did(options);
    }
    let known = Known {
        // A hash lets nobody in.
        api_key: Some(key).filter(|key| !key.starts_with("sha256:")),
        token,
    };
    Ok((builder.build()?, known))
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
