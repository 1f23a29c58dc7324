use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Response};

use crate::auth::is_credential;
use crate::http::{HttpBody, HttpClient, HttpRequest, HttpResponse, ResponseHead, too_large};
use crate::json::Json;
use crate::platform::BoxFuture;
use crate::{Error, ErrorCode, Result};

/// HTTP by `reqwest`: connections are kept and shared, redirects are not followed.
#[derive(Clone, Debug)]
pub struct ReqwestClient(reqwest::Client);

impl ReqwestClient {
    /// A client of one's own making, such as one with a proxy or another certificate store.
    ///
    /// # Errors
    /// `invalid_options` where the TLS backend can't be set up.
    pub fn new(builder: reqwest::ClientBuilder) -> Result<Self> {
        // A credential must not follow a redirect to another host.
        let client = builder.redirect(reqwest::redirect::Policy::none()).build();
        let client = client.map_err(|error| {
            Error::new(ErrorCode::InvalidOptions, "the HTTP client can't be set up")
                .with_source(error)
        })?;
        Ok(Self(client))
    }

    async fn send(&self, request: HttpRequest<'_, Json>) -> Result<Response> {
        let HttpRequest {
            method,
            url,
            headers,
            body,
            max_response_bytes: _,
        } = request;
        let method = match method {
            "POST" => Method::POST,
            "DELETE" => Method::DELETE,
            _ => Method::GET,
        };
        let mut request = self.0.request(method, url);
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(&value).map_err(|error| {
                Error::new(ErrorCode::InvalidOptions, "a header's value is not valid")
                    .with_source(error)
            })?;
            // Left out of logs, and of the compression that HTTP/2 shares between requests.
            value.set_sensitive(is_credential(name));
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body([&body.before, body.payload.as_str(), &body.after].concat());
        }
        request.send().await.map_err(network)
    }
}

impl HttpClient<Json> for ReqwestClient {
    fn exchange<'a>(
        &'a self,
        request: HttpRequest<'a, Json>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        Box::pin(async move {
            let limit = request.max_response_bytes;
            let mut response = self.send(request).await?;
            let head = head_of(&response);
            // Asked now, as later on it would be the length of what has not come yet.
            let length = response.content_length();
            let mut body = BytesMut::new();
            while let Some(bytes) = response.chunk().await.map_err(network)? {
                if body.len() + bytes.len() > limit {
                    return Err(too_large(limit));
                }
                // Most answers come in one piece, which is then not copied.
                match body.is_empty() && length == Some(bytes.len() as u64) {
                    true => return Ok(HttpResponse { head, body: bytes }),
                    false => body.extend_from_slice(&bytes),
                }
            }
            Ok(HttpResponse {
                head,
                body: body.freeze(),
            })
        })
    }

    fn open<'a>(
        &'a self,
        request: HttpRequest<'a, Json>,
    ) -> BoxFuture<'a, Result<(ResponseHead, Box<dyn HttpBody>)>> {
        Box::pin(async move {
            let response = self.send(request).await?;
            let head = head_of(&response);
            let body: Box<dyn HttpBody> = Box::new(ReqwestBody(response));
            Ok((head, body))
        })
    }
}

struct ReqwestBody(Response);

impl HttpBody for ReqwestBody {
    fn read(&mut self) -> BoxFuture<'_, Result<Option<Bytes>>> {
        Box::pin(async move { self.0.chunk().await.map_err(network) })
    }
}

fn head_of(response: &Response) -> ResponseHead {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let text = |name: HeaderName| {
        let value = response.headers().get(name)?;
        Some(String::from(value.to_str().ok()?))
    };
    ResponseHead {
        status: response.status().as_u16(),
        content_type: text(CONTENT_TYPE),
        location: text(LOCATION),
        retry_after: text(RETRY_AFTER),
        request_id: text(REQUEST_ID),
    }
}

fn network(error: reqwest::Error) -> Error {
    if error.is_builder() {
        return Error::new(ErrorCode::InvalidOptions, "the request can't be built")
            .with_source(error.without_url());
    }
    let delivered = !error.is_connect();
    let what = match delivered {
        true => "the connection to the node broke",
        false => "the node can't be reached",
    };
    // The URL is left out: a path may tell more than a log should.
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Error::new(ErrorCode::Network, format!("{what}: {cause}"))
        .maybe_delivered(delivered)
        .with_source(error)
}
