//! Callers that ask as fast as they are answered, over connections of their own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keyside_e2e::gateway::ADMIN_TOKEN;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What came of a load.
#[derive(Default)]
pub struct Outcome {
    /// Of each answered call, in milliseconds.
    times: Vec<f64>,
    /// Calls without a right answer.
    pub failed: usize,
    seconds: f64,
}

impl Outcome {
    /// Adds another turn's.
    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed += other.failed;
        self.seconds += other.seconds;
    }

    /// Calls with an answer.
    pub fn answered(&self) -> usize {
        self.times.len()
    }

    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    /// Of the answered calls' times.
    pub fn quantile_ms(&mut self, quantile: f64) -> f64 {
        self.times.sort_by(f64::total_cmp);
        let at = ((self.times.len() - 1) as f64 * quantile).round() as usize;
        self.times[at]
    }
}

/// A number of callers of one server.
pub struct Load {
    port: u16,
    callers: usize,
    request: Arc<Vec<u8>>,
}

impl Load {
    pub fn new(port: u16, callers: usize) -> Self {
        Self {
            port,
            callers,
            request: Arc::new(request()),
        }
    }

    /// Lets them call for a while.
    pub async fn run(&self, how_long: Duration) -> Outcome {
        let until = Instant::now() + how_long;
        let callers: Vec<_> = (0..self.callers)
            .map(|_| tokio::spawn(call(self.port, Arc::clone(&self.request), until)))
            .collect();
        let mut all = Outcome::default();
        for caller in callers {
            all.add(caller.await.unwrap());
        }
        all.seconds = how_long.as_secs_f64();
        all
    }
}

/// ProfileService/Get with an empty message, as gRPC-Web.
fn request() -> Vec<u8> {
    let mut request = format!(
        "POST /nebius.iam.v1.ProfileService/Get HTTP/1.1\r\nhost: keyside\r\n\
         authorization: Bearer {ADMIN_TOKEN}\r\ncontent-type: application/grpc-web+proto\r\n\
         x-grpc-web: 1\r\ncontent-length: 5\r\n\r\n"
    )
    .into_bytes();
    request.extend([0; 5]);
    request
}

async fn call(port: u16, request: Arc<Vec<u8>>, until: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut connection = None;
    while Instant::now() < until {
        let began = Instant::now();
        match one(&mut connection, port, &request).await {
            Ok(true) => outcome.times.push(began.elapsed().as_secs_f64() * 1000.0),
            Ok(false) | Err(_) => {
                outcome.failed += 1;
                connection = None;
            }
        }
    }
    outcome
}

/// One call over the kept connection, or a new one; gives whether the answer was right.
async fn one(
    connection: &mut Option<TcpStream>,
    port: u16,
    request: &[u8],
) -> std::io::Result<bool> {
    let stream = match connection {
        Some(stream) => stream,
        None => {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            connection.insert(stream)
        }
    };
    stream.write_all(request).await?;
    let mut answer = Vec::with_capacity(2048);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(body) = body(&answer) {
            let body = String::from_utf8_lossy(body);
            let is_right = answer.starts_with(b"HTTP/1.1 200") && body.contains("Local admin");
            if head(&answer).contains("connection: close") {
                *connection = None;
            }
            return Ok(is_right);
        }
    }
}

/// The body, once it is whole: by its length, or to the last chunk.
fn body(answer: &[u8]) -> Option<&[u8]> {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let body = &answer[at..];
    match head(answer).split("content-length: ").nth(1) {
        Some(length) => {
            let length: usize = length.split("\r\n").next()?.parse().ok()?;
            (body.len() >= length).then_some(body)
        }
        None => body.ends_with(b"0\r\n\r\n").then_some(body),
    }
}

/// In small letters.
fn head(answer: &[u8]) -> String {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    String::from_utf8_lossy(&answer[..end.unwrap_or(0)]).to_ascii_lowercase() + "\r\n"
}

/// Connections that have made one call each and stay open.
pub async fn idle_connections(port: u16, count: usize) -> Vec<TcpStream> {
    let request = request();
    let mut open = Vec::new();
    for _ in 0..count {
        let mut connection = None;
        assert!(one(&mut connection, port, &request).await.unwrap());
        open.extend(connection);
    }
    open
}
