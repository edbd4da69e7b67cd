//! A lightweight HTTP/1.1 client with its own connection.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A client with at most one open connection.
pub struct Caller {
    port: u16,
    connection: Option<TcpStream>,
}

/// An answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The complete body.
    pub body: String,
}

impl Caller {
    /// A client of a server on 127.0.0.1.
    #[must_use]
    pub fn new(port: u16) -> Self {
        Self {
            port,
            connection: None,
        }
    }

    /// The connection, if one is open.
    #[must_use]
    pub fn into_connection(self) -> Option<TcpStream> {
        self.connection
    }

    /// Makes a call over the open connection or a new one. After an error the next call opens a new one.
    ///
    /// # Errors
    /// If there's no complete answer.
    pub async fn call(&mut self, request: &[u8]) -> io::Result<Answer> {
        let outcome = self.try_call(request).await;
        if outcome.is_err() {
            self.connection = None;
        }
        outcome
    }

    async fn try_call(&mut self, request: &[u8]) -> io::Result<Answer> {
        let stream = match &mut self.connection {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        let mut answer = Vec::with_capacity(2048);
        loop {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(body) = body(&answer) {
                let head = head(&answer);
                let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
                let body = String::from_utf8_lossy(&body).into_owned();
                if head.contains("connection: close") {
                    self.connection = None;
                }
                return Ok(Answer {
                    status: status.ok_or(io::ErrorKind::InvalidData)?,
                    body,
                });
            }
        }
    }
}

/// A request of the API with this token, as `content_type`.
#[must_use]
pub fn request(port: u16, method: &str, token: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /nebius.iam.v1.{method} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\
         authorization: Bearer {token}\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// The body if it's complete, by its length or up to the last chunk (RFC 9112, section 7.1).
fn body(answer: &[u8]) -> Option<Vec<u8>> {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let mut rest = &answer[at..];
    if let Some(length) = head(answer).split("content-length: ").nth(1) {
        let length: usize = length.split("\r\n").next()?.parse().ok()?;
        return rest.get(..length).map(<[u8]>::to_vec);
    }
    let mut whole = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        let chunk = rest.get(line + 2..line + 2 + size + 2)?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend(&chunk[..size]);
        rest = &rest[line + 2 + size + 2..];
    }
}

/// The header in lower case.
fn head(answer: &[u8]) -> String {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    String::from_utf8_lossy(&answer[..end.unwrap_or(0)]).to_ascii_lowercase() + "\r\n"
}
