//! Calls over loopback: time and allocations.

use anyhow::Result;
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use stats_alloc::Region;

use crate::clients::{BARE_CALL, OURS, bare_call, ours};
use crate::server::Server;
use crate::statistics::{compare, results};
use crate::{ALLOCATOR, wire};

const SIZES: [(&str, usize); 5] = [
    ("100 B", 100),
    ("300 B", 300),
    ("10 KB", 10_000),
    ("17 KB", 17_000),
    ("1 MB", 1_000_000),
];

pub(crate) async fn run(server: &Server) -> Result<Value> {
    let bare = reqwest::Client::new();
    let mut cases = Vec::new();
    for (size, bytes) in SIZES {
        let base_url = server.url(&format!("call/{bytes}"));
        let client = ours(&base_url)?;
        let payload = wire::payload(bytes);
        for in_flight in [1_u32, 100] {
            let call = async |name| -> Result<()> {
                match name {
                    OURS => drop(client.invoke::<Value>("get-order", &payload).await?),
                    _ => drop(bare_call(&bare, &base_url, &payload).await?),
                }
                Ok(())
            };
            let samples = compare([BARE_CALL, OURS], async |name, times| {
                for _ in 0..times {
                    try_join_all((0..in_flight).map(|_| call(name))).await?;
                }
                Ok(())
            })
            .await?;
            let microsecond = 1e-6 * f64::from(in_flight);
            let (rounds, mut compared) = results(&samples, BARE_CALL, microsecond);
            if in_flight == 1 {
                for name in [BARE_CALL, OURS] {
                    let region = Region::new(ALLOCATOR);
                    for _ in 0..100 {
                        call(name).await?;
                    }
                    let stats = region.change();
                    compared[name]["allocations"] = (stats.allocations / 100).into();
                    compared[name]["allocated"] = (stats.bytes_allocated / 100).into();
                }
            }
            eprintln!("call, {size}, {in_flight} in flight");
            cases.push(json!({ "size": size, "inFlight": in_flight, "rounds": rounds, "results": compared }));
        }
    }
    Ok(json!({ "base": BARE_CALL, "unit": "µs", "cases": cases }))
}
