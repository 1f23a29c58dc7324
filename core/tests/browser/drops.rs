//! What is dropped ends at the node, too.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use js_sys::{Function, Promise};
use serde_json::{Value, json};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use super::node::{Seen, client, mark, seen, sleep, soon};

#[wasm_bindgen_test]
async fn dropped_stream() {
    let mark = mark();
    let query = json!({ "year": 2026, "rows": 100_000, "delayMs": 20 });
    let mut rows = client()
        .stream::<Value>("generate-report", &query)
        .correlation_id(&mark);
    assert!(soon("a row", rows.next()).await.unwrap().is_ok());
    drop(rows);
    // Aborted, or told that it has ended where the DELETE is faster than the end of the connection.
    let stream = seen("the end of the stream", |seen| {
        of(seen, &mark) && seen.body != "open"
    })
    .await;
    assert_eq!((&*stream.operation, stream.status), ("stream", Some(200)));
    let end = seen("the DELETE", |seen| {
        seen.operation == "streamEnd" && seen.number > stream.number && seen.status.is_some()
    })
    .await;
    assert_eq!(end.status, Some(204));
    assert!(end.path.contains("/streams/"), "{}", end.path);
}

#[wasm_bindgen_test]
async fn dropped_call() {
    let (client, mark) = (client(), mark());
    let payload = json!({ "ms": 60_000 });
    let call = client
        .invoke::<Value>("slow", &payload)
        .correlation_id(&mark)
        .into_future();
    let arrived = seen("the call", |seen| of(seen, &mark));
    match select(call, std::pin::pin!(arrived)).await {
        Either::Left(_) => panic!("answered too early"),
        Either::Right((arrived, call)) => {
            assert_eq!(arrived.body, "open");
            drop(call);
        }
    }
    let end = seen("the abort", |seen| of(seen, &mark) && seen.body != "open").await;
    assert_eq!((&*end.body, end.status), ("aborted", None));
}

fn of(seen: &Seen, mark: &str) -> bool {
    seen.correlation_id.as_deref() == Some(mark)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = addEventListener)]
    fn listen(event: &str, tell: &Function);
    #[wasm_bindgen(js_name = removeEventListener)]
    fn unlisten(event: &str, tell: &Function);
}

/// Nobody is left to hear of the abort: the page's console must not, either.
#[wasm_bindgen_test]
async fn dropped_quietly() {
    let heard = Rc::new(Cell::new(0));
    let tell = {
        let heard = Rc::clone(&heard);
        Closure::<dyn FnMut()>::new(move || heard.set(heard.get() + 1))
    };
    for event in ["unhandledrejection", "error"] {
        listen(event, tell.as_ref().unchecked_ref());
    }
    // The control: a rejection that is left alone is heard.
    let _ = Promise::reject(&JsValue::NULL);
    soon("a moment", sleep(50)).await;
    assert_eq!(heard.get(), 1);

    let client = client();
    let slow = json!({ "ms": 60_000 });
    let call = client.invoke::<Value>("slow", &slow).into_future();
    assert!(matches!(select(call, sleep(100)).await, Either::Right(_)));
    let query = json!({ "year": 2026, "rows": 100, "delayMs": 60_000 });
    let mut rows = client.stream::<Value>("generate-report", &query);
    assert!(matches!(
        select(rows.next(), sleep(200)).await,
        Either::Right(_)
    ));
    drop(rows);
    soon("a moment", sleep(200)).await;
    assert_eq!(heard.get(), 1);
    for event in ["unhandledrejection", "error"] {
        unlisten(event, tell.as_ref().unchecked_ref());
    }
}
