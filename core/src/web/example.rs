use ancp_core::{AncpClient, Auth, Result};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ReportQuery {
    year: u16,
    rows: u32,
}

#[derive(Deserialize)]
struct Row {
    amount: f64,
}

/// Adds up a report while it is being written.
async fn total(base_url: &str, api_key: &str) -> Result<f64> {
    let client = AncpClient::builder()
        .base_url(base_url)
        .node_id(42)
        .auth(Auth::api_key(api_key))
        .build()?;
    let mut rows = client.stream::<Row>(
        "generate-report",
        &ReportQuery {
            year: 2026,
            rows: 3,
        },
    );
    let mut total = 0.0;
    while let Some(row) = rows.next().await {
        total += row?.amount;
    }
    Ok(total)
}
