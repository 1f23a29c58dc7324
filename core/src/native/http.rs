use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Request, Response, Url};

use super::platform::unix_millis;
use crate::auth::is_credential;
use crate::http::{
    HeaderText, HttpBody, HttpClient, HttpRequest, HttpResponse, ResponseHead, too_large,
};
use crate::json::Json;
use crate::platform::BoxFuture;
use crate::retry::parse_retry_after;
use crate::{Error, ErrorCode, Result};

/// HTTP by `reqwest`: connections are kept and shared, redirects are not followed.
#[derive(Clone, Debug)]
pub struct ReqwestClient {
    client: reqwest::Client,
    urls: Arc<Urls>,
}

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
        Ok(Self {
            client,
            urls: Arc::default(),
        })
    }

    /// Takes all that it needs of a request, so that the future holds no more than what `reqwest` makes of it.
    fn send(
        &self,
        request: HttpRequest<'_, Json>,
    ) -> impl Future<Output = Result<Response>> + use<> {
        let pending = self
            .build(request)
            .map(|request| self.client.execute(request));
        async move { pending?.await.map_err(network) }
    }

    fn build(&self, request: HttpRequest<'_, Json>) -> Result<Request> {
        let HttpRequest {
            method,
            url,
            headers,
            body,
            max_response_bytes: _,
        } = request;
        let (method, url) = match method {
            // Calls go to the same few URLs; the others name a task or a stream.
            "POST" => (Method::POST, self.urls.parse(url)?),
            "DELETE" => (Method::DELETE, parse(&url)?),
            _ => (Method::GET, parse(&url)?),
        };
        let mut request = Request::new(method, url);
        for (name, value) in headers {
            let mut value = match value {
                HeaderText::Static(text) => HeaderValue::from_static(text),
                text => HeaderValue::from_str(text.as_str()).map_err(unsendable)?,
            };
            // Left out of logs, and of the compression that HTTP/2 shares between requests.
            value.set_sensitive(is_credential(name));
            let name = match name {
                // Others that are not the standard's are copied.
                "x-ancp-api-key" => HeaderName::from_static("x-ancp-api-key"),
                name => HeaderName::from_bytes(name.as_bytes()).map_err(unsendable)?,
            };
            request.headers_mut().insert(name, value);
        }
        if let Some(body) = body {
            let body = [&body.before, body.payload.as_str(), &body.after].concat();
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

/// How many URLs are kept.
const URLS: usize = 16;

/// The URLs of the last calls, as parsing one takes as long as all else that a call does before it is sent.
#[derive(Default)]
struct Urls(Mutex<Vec<(String, Url)>>);

impl Urls {
    fn parse(&self, text: String) -> Result<Url> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = kept.iter().find(|(known, _)| *known == text) {
            return Ok(url.clone());
        }
        let url = parse(&text)?;
        if kept.len() == URLS {
            kept.remove(0);
        }
        kept.push((text, url.clone()));
        Ok(url)
    }
}

fn parse(url: &str) -> Result<Url> {
    Url::parse(url).map_err(unsendable)
}

impl fmt::Debug for Urls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Urls").finish_non_exhaustive()
    }
}

impl HttpClient<Json> for ReqwestClient {
    fn exchange(
        &self,
        request: HttpRequest<'_, Json>,
    ) -> impl Future<Output = Result<HttpResponse>> {
        let limit = request.max_response_bytes;
        let response = self.send(request);
        async move {
            let mut response = response.await?;
            let head = head_of(&response);
            // Asked now, as later on it would be the length of what has not come yet.
            let length = response.content_length();
            let mut body = BytesMut::new();
            while let Some(bytes) = response.chunk().await.map_err(network)? {
                if body.len() + bytes.len() > limit {
                    return Err(too_large(limit));
                }
                if body.is_empty()
                    && let Some(length) = length
                {
                    // Most answers come in one piece, which is then not copied.
                    if length == bytes.len() as u64 {
                        return Ok(HttpResponse { head, body: bytes });
                    }
                    body.reserve(usize::try_from(length).map_or(limit, |length| length.min(limit)));
                }
                body.extend_from_slice(&bytes);
            }
            Ok(HttpResponse {
                head,
                body: body.freeze(),
            })
        }
    }

    async fn open(
        &self,
        request: HttpRequest<'_, Json>,
    ) -> Result<(ResponseHead, Box<dyn HttpBody>)> {
        let response = self.send(request).await?;
        let head = head_of(&response);
        let body: Box<dyn HttpBody> = Box::new(ReqwestBody(response));
        Ok((head, body))
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
        retry_after: text(RETRY_AFTER).and_then(|text| parse_retry_after(&text, unix_millis())),
        request_id: text(REQUEST_ID),
    }
}

fn unsendable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorCode::InvalidOptions, "the request can't be built").with_source(error)
}

fn network(error: reqwest::Error) -> Error {
    if error.is_builder() {
        return unsendable(error.without_url());
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
