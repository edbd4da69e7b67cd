//! Callers that send requests as fast as they're answered, each on its own connection.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use keyside_e2e::{
    caller::{self, Answer, Caller},
    gateway::ADMIN_TOKEN,
};
use tokio::net::TcpStream;

/// The result of a load.
#[derive(Default)]
pub struct Outcome {
    /// The time of each answered call, in milliseconds.
    times: Vec<f64>,
    /// Calls without a correct answer.
    pub failed: usize,
    seconds: f64,
}

impl Outcome {
    /// Adds the result of another turn.
    pub fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed += other.failed;
        self.seconds += other.seconds;
    }

    /// The number of answered calls.
    pub fn answered(&self) -> usize {
        self.times.len()
    }

    /// Answers per second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }

    /// A quantile of the answered calls' times.
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
            request: Arc::new(request(port)),
        }
    }

    /// Makes calls for this long.
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
fn request(port: u16) -> Vec<u8> {
    caller::request(
        port,
        "ProfileService/Get",
        ADMIN_TOKEN,
        "application/grpc-web+proto\r\nx-grpc-web: 1",
        &[0; 5],
    )
}

async fn call(port: u16, request: Arc<Vec<u8>>, until: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let mut caller = Caller::new(port);
    while Instant::now() < until {
        let began = Instant::now();
        match caller.call(&request).await {
            Ok(answer) if is_right(&answer) => {
                outcome.times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
            _ => outcome.failed += 1,
        }
    }
    outcome
}

fn is_right(answer: &Answer) -> bool {
    answer.status == 200 && answer.body.contains("Local admin")
}

/// Opens connections that make one call each and stay open.
pub async fn idle_connections(port: u16, count: usize) -> Vec<TcpStream> {
    let request = request(port);
    let mut open = Vec::new();
    for _ in 0..count {
        let mut caller = Caller::new(port);
        assert!(is_right(&caller.call(&request).await.unwrap()));
        open.extend(caller.into_connection());
    }
    open
}
