use bytes::Bytes;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, ReadableStreamReadResult};

use super::failure::network;
use super::http::AbortOnDrop;
use crate::Result;
use crate::http::HttpBody;
use crate::platform::BoxFuture;

/// The body of an answer, read piece by piece, so that a limit can be kept.
pub(super) struct FetchBody {
    /// None where the answer has no body.
    reader: Option<ReadableStreamDefaultReader>,
    _request: AbortOnDrop,
}

impl FetchBody {
    pub(super) fn new(response: &gloo_net::http::Response, request: AbortOnDrop) -> Result<Self> {
        let reader = response
            .body()
            .map(|stream| ReadableStreamDefaultReader::new(&stream).map_err(broken))
            .transpose()?;
        Ok(Self {
            reader,
            _request: request,
        })
    }

    /// Waits for what arrives next; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let Some(reader) = &self.reader else {
            return Ok(None);
        };
        let result = JsFuture::from(reader.read()).await.map_err(broken)?;
        let result: ReadableStreamReadResult = result.unchecked_into();
        if result.get_done() == Some(true) {
            self.reader = None;
            return Ok(None);
        }
        let bytes: Uint8Array = result.get_value().dyn_into().map_err(broken)?;
        Ok(Some(bytes.to_vec()))
    }
}

impl HttpBody for FetchBody {
    fn read(&mut self) -> BoxFuture<'_, Result<Option<Bytes>>> {
        Box::pin(async move { Ok(self.next().await?.map(Bytes::from)) })
    }
}

fn broken(thrown: JsValue) -> crate::Error {
    network("the connection to the node broke", thrown)
}
