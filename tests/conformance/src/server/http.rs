//! HTTP/1.1 by hand: a library would not let a body be cut, or a connection be watched.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any vector sends.
const MAX_REQUEST_BYTES: usize = 32 * 1024 * 1024;

/// One request.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    /// Names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// The head of an answer.
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
}

impl Head {
    /// A head with the headers that let any page read the answer.
    pub(super) fn new(status: u16, request: &Request) -> Self {
        let mut headers = BTreeMap::from([("connection".into(), "close".into())]);
        if let Some(origin) = request.headers.get("origin") {
            headers.insert("access-control-allow-origin".into(), origin.clone());
            let exposed = "X-Request-Id, Retry-After, Location";
            headers.insert("access-control-expose-headers".into(), exposed.into());
        }
        Self { status, headers }
    }

    pub(super) fn preflight(request: &Request) -> Self {
        let mut head = Self::new(204, request);
        if let Some(asked) = request.headers.get("access-control-request-headers") {
            head.headers
                .insert("access-control-allow-headers".into(), asked.clone());
        }
        head.headers.insert(
            "access-control-allow-methods".into(),
            "GET, POST, DELETE".into(),
        );
        head
    }

    fn text(&self) -> String {
        let Self { status, headers } = self;
        let mut text = format!("HTTP/1.1 {status} -\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text + "\r\n"
    }
}

/// A connection, of which one request is served.
pub(super) struct Connection {
    stream: TcpStream,
    chunked: bool,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            chunked: false,
        })
    }

    /// Reads the request. `None`: the client thought better of it.
    pub(super) async fn request(&mut self) -> io::Result<Option<Request>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            if !self.read(&mut bytes).await? {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let mut words = lines
            .next()
            .unwrap_or_default()
            .split(' ')
            .map(str::to_owned);
        let (method, path) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers
            .get("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        let mut body = bytes.split_off(end + 4);
        while body.len() < length {
            if !self.read(&mut body).await? {
                return Ok(None);
            }
        }
        Ok(Some(Request {
            method,
            path,
            headers,
            body,
        }))
    }

    async fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        if bytes.len() > MAX_REQUEST_BYTES {
            return Err(io::Error::other("the request is too large"));
        }
        Ok(self.stream.read_buf(bytes).await? > 0)
    }

    /// Writes a whole answer.
    pub(super) async fn answer(&mut self, head: Head, body: &[u8]) -> io::Result<()> {
        self.begin(head, Some(body.len())).await?;
        self.write(body).await?;
        self.end().await
    }

    /// Writes JSON that is not part of a vector.
    pub(super) async fn json(
        &mut self,
        request: &Request,
        status: u16,
        json: &Value,
    ) -> io::Result<()> {
        let mut head = Head::new(status, request);
        head.headers
            .insert("content-type".into(), "application/json".into());
        self.answer(head, json.to_string().as_bytes()).await
    }

    /// Begins an answer; without a length its body comes in chunks.
    pub(super) async fn begin(&mut self, mut head: Head, length: Option<usize>) -> io::Result<()> {
        let has_body = !matches!(head.status, 204 | 304);
        self.chunked = length.is_none() && has_body;
        match length {
            _ if !has_body => {}
            Some(length) => drop(
                head.headers
                    .insert("content-length".into(), length.to_string()),
            ),
            None => drop(
                head.headers
                    .insert("transfer-encoding".into(), "chunked".into()),
            ),
        }
        self.stream.write_all(head.text().as_bytes()).await
    }

    /// Writes a part of the body.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if !self.chunked {
            return self.stream.write_all(bytes).await;
        }
        let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
        self.stream.write_all(&chunk).await
    }

    /// Ends the body.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        if self.chunked {
            self.stream.write_all(b"0\r\n\r\n").await?;
        }
        self.cut().await
    }

    /// Closes the connection as it is.
    pub(super) async fn cut(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        // Closing with something unread would reset the connection and take the answer's end with it.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.closed()).await;
        Ok(())
    }

    /// Waits until the client closes the connection.
    pub(super) async fn closed(&mut self) {
        let mut bytes = [0; 1024];
        while self
            .stream
            .read(&mut bytes)
            .await
            .is_ok_and(|read| read > 0)
        {}
    }
}
