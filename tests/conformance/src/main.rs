//! Serves the client vectors to runners in other languages. The first line on standard output is one JSON object,
//! `{ "baseUrl": … }`; the server ends when standard input does.

use std::error::Error;

use ancp_conformance::server::Server;
use tokio::io::AsyncReadExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start().await?;
    println!("{}", serde_json::json!({ "baseUrl": server.base_url() }));
    // Whoever started the server holds its input open, and takes it along when it dies.
    let mut input = tokio::io::stdin();
    while input.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}
