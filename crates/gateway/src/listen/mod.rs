//! Accepts connections, with or without TLS, limits their number and speed, and adds the caller's
//! address to each call.
//!
//! [`limits`] has all the numbers, [`pace`] closes stalled connections, [`tls`] loads the certificate,
//! [`host_and_origin`] rejects calls for other hosts and from other sites, [`client`] identifies callers,
//! and [`rate`] limits their calls.

pub mod client;
pub mod host_and_origin;
pub mod limits;
mod pace;
pub mod rate;
mod tls;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, body::Body, http::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::util::MapRequest;

use self::pace::Paced;
pub use self::{host_and_origin::AllowedNames, tls::Certificate};
use crate::error::StartError;

/// The remote address of a connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// An open port that serves one application, with or without TLS.
pub struct Server {
    listener: TcpListener,
    certificate: Option<Certificate>,
}

impl Server {
    /// Opens the port.
    ///
    /// # Errors
    /// Returns an error if the port can't be opened.
    pub async fn bind(
        address: SocketAddr,
        certificate: Option<Certificate>,
    ) -> Result<Self, StartError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen(address, error))?;
        Ok(Self {
            listener,
            certificate,
        })
    }

    /// The server's address.
    ///
    /// # Errors
    /// Returns an error if the system doesn't report the address.
    pub fn url(&self) -> Result<String, StartError> {
        let address = self.listener.local_addr().map_err(StartError::Serve)?;
        let scheme = match self.certificate {
            Some(_) => "https",
            None => "http",
        };
        Ok(format!("{scheme}://{address}/"))
    }

    /// Serves `app` until `stopping` turns true, then finishes the calls in flight.
    pub async fn serve(self, app: Router, mut stopping: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let slots = Arc::new(Semaphore::new(limits::CONNECTIONS));
        let per_address = ConnectionCounts::default();
        let builder = Arc::new(builder());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Usually too many open files: wait until some connections close.
                    tracing::warn!(%error, "couldn't accept a connection");
                    tokio::time::sleep(limits::ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Closing without an answer costs least.
            let (Ok(slot), Some(address_slot)) = (
                Arc::clone(&slots).try_acquire_owned(),
                per_address.acquire(peer.ip()),
            ) else {
                tracing::warn!("too many connections: closed one");
                continue;
            };
            let _ = stream.set_nodelay(true);
            let app = with_peer(app.clone(), peer.ip());
            let watcher = graceful.watcher();
            let (builder, certificate) = (Arc::clone(&builder), self.certificate.clone());
            tokio::spawn(async move {
                let _slots = (slot, address_slot);
                let Some(stream) = accept_tls(stream, certificate).await else {
                    return;
                };
                let stream = TokioIo::new(Paced::new(stream));
                let service = TowerToHyperService::new(app);
                let connection = builder.serve_connection_with_upgrades(stream, service);
                // Connection errors concern only the caller.
                if let Err(error) = watcher.watch(connection.into_owned()).await {
                    tracing::debug!(%error, "a connection failed");
                }
            });
        }
        drop(self.listener);
        graceful.shutdown().await;
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Does the TLS handshake if there is a certificate. Returns `None` if the handshake fails.
async fn accept_tls(
    stream: TcpStream,
    certificate: Option<Certificate>,
) -> Option<Box<dyn Stream>> {
    let Some(certificate) = certificate else {
        return Some(Box::new(stream));
    };
    let handshake = certificate.acceptor().accept(stream);
    let stream = tokio::time::timeout(limits::HANDSHAKE, handshake).await;
    Some(Box::new(stream.ok()?.ok()?))
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_WAIT)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(limits::HEADER_BYTES as u32)
        .max_concurrent_streams(limits::STREAMS)
        .max_pending_accept_reset_streams(limits::RESETS)
        .max_local_error_reset_streams(limits::RESETS)
        .max_send_buf_size(limits::STREAM_BUFFER)
        .keep_alive_interval(limits::PING_EVERY)
        .keep_alive_timeout(limits::PING_WAIT);
    builder
}

type WithPeer<F> = MapRequest<Router, F>;

/// Adds the connection's remote address to each request.
fn with_peer(
    app: Router,
    peer: IpAddr,
) -> WithPeer<impl FnMut(Request<hyper::body::Incoming>) -> Request<Body> + Clone> {
    MapRequest::new(app, move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        request
    })
}

/// The number of connections per address.
#[derive(Default, Clone)]
struct ConnectionCounts(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl ConnectionCounts {
    /// Takes a slot for one more connection, unless the address is at its limit.
    fn acquire(&self, address: IpAddr) -> Option<ConnectionSlot> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= limits::CONNECTIONS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(ConnectionSlot(self.clone(), address))
    }
}

/// A counted connection; dropping it frees the slot.
struct ConnectionSlot(ConnectionCounts, IpAddr);

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_a_limit_and_slots_are_freed() {
        let counts = ConnectionCounts::default();
        let [one, other] = ["127.0.0.1", "::1"].map(|text| text.parse().unwrap());
        let mut slots: Vec<_> = (0..limits::CONNECTIONS_PER_ADDRESS)
            .map(|_| counts.acquire(one).unwrap())
            .collect();
        assert!(counts.acquire(one).is_none());
        assert!(counts.acquire(other).is_some());
        slots.pop();
        assert!(counts.acquire(one).is_some());
        slots.clear();
        assert!(counts.0.lock().unwrap().is_empty());
    }
}
