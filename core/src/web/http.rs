use bytes::Bytes;
use gloo_net::http::{Headers, Request, Response};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestCache, RequestRedirect, ResponseType};

use super::WebPlatform;
use super::body::FetchBody;
use super::failure::network;
use crate::http::{HttpBody, HttpClient, HttpRequest, HttpResponse, ResponseHead, too_large};
use crate::json::Json;
use crate::platform::Platform;
use crate::retry::parse_retry_after;
use crate::{Error, ErrorCode, Result};

// `gloo_net`'s own call of `fetch` panics where a wrapper around it, such as one for tests or for
// tracing, gives anything but a `Response` or throws anything but an `Error`.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// HTTP by the browser's `fetch`. Redirects are not followed; what is dropped is aborted.
#[derive(Clone, Copy, Debug, Default)]
pub struct GlooClient;

impl HttpClient<Json> for GlooClient {
    async fn exchange(&self, request: HttpRequest<'_, Json>) -> Result<HttpResponse> {
        let limit = request.max_response_bytes;
        let (head, mut pieces) = send(request).await?;
        let mut body = Vec::new();
        while let Some(piece) = pieces.next().await? {
            if body.len() + piece.len() > limit {
                return Err(too_large(limit));
            }
            // Most answers come in one piece, which is then not copied.
            match body.is_empty() {
                true => body = piece,
                false => body.extend_from_slice(&piece),
            }
        }
        Ok(HttpResponse {
            head,
            body: Bytes::from(body),
        })
    }

    async fn open(
        &self,
        request: HttpRequest<'_, Json>,
    ) -> Result<(ResponseHead, Box<dyn HttpBody>)> {
        let (head, body) = send(request).await?;
        let body: Box<dyn HttpBody> = Box::new(body);
        Ok((head, body))
    }
}

/// Closes the connection of a request that nobody waits for any more.
pub(super) struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // Of a request that is over this changes nothing.
        self.0.abort();
    }
}

async fn send(request: HttpRequest<'_, Json>) -> Result<(ResponseHead, FetchBody)> {
    let controller = AbortController::new().map_err(unreachable_node)?;
    let request = build(request, &controller)?;
    // From here on, dropping this future aborts the request.
    let guard = AbortOnDrop(controller);
    let answer = fetch(&request).map_err(unreachable_node)?;
    let answer = JsFuture::from(Promise::resolve(&answer))
        .await
        .map_err(unreachable_node)?;
    let Ok(response) = answer.dyn_into::<web_sys::Response>() else {
        let what = "`fetch` gave something that is no Response";
        return Err(Error::new(ErrorCode::InvalidResponse, what).maybe_delivered(true));
    };
    let response = Response::from(response);
    let head = head_of(&response);
    let body = FetchBody::new(&response, guard)?;
    Ok((head, body))
}

fn build(request: HttpRequest<'_, Json>, controller: &AbortController) -> Result<web_sys::Request> {
    let HttpRequest {
        method,
        url,
        headers,
        body,
        max_response_bytes: _,
    } = request;
    let all = Headers::new();
    for (name, value) in &headers {
        all.append(name, value.as_str());
    }
    let builder = match method {
        "POST" => Request::post(&url),
        "DELETE" => Request::delete(&url),
        _ => Request::get(&url),
    };
    let builder = builder
        .headers(all)
        .abort_signal(Some(&controller.signal()))
        // A credential must not follow a redirect to another host.
        .redirect(RequestRedirect::Manual)
        // A task's status must not come from a cache.
        .cache(RequestCache::NoStore);
    let request = match body {
        Some(body) => {
            let text = [&body.before, body.payload.as_str(), &body.after].concat();
            // Bytes cross into JavaScript faster than text does.
            builder.body(Uint8Array::from(text.as_bytes()))
        }
        None => builder.build(),
    };
    // The source is left out: it repeats the URL.
    let request =
        request.map_err(|_| Error::new(ErrorCode::InvalidOptions, "the request can't be built"))?;
    Ok(request.into())
}

fn head_of(response: &Response) -> ResponseHead {
    let headers = response.headers();
    ResponseHead {
        status: match response.type_() {
            // The browser hides the status of a redirect that it was told not to follow.
            ResponseType::Opaqueredirect => 302,
            _ => response.status(),
        },
        content_type: headers.get("content-type"),
        location: headers.get("location"),
        retry_after: headers
            .get("retry-after")
            .and_then(|text| parse_retry_after(&text, WebPlatform.unix_millis())),
        request_id: headers.get("x-request-id"),
    }
}

fn unreachable_node(thrown: JsValue) -> Error {
    network(
        "the node can't be reached, or does not allow this page's origin (CORS)",
        thrown,
    )
}
