//! Takes connections, in the open or over TLS: no more than can be held, none that dawdles, and each
//! call with its caller's address.
//!
//! [`limits`] has all numbers, [`pace`] ends connections that stand still, [`tls`] has the
//! certificate, [`addressed`] refuses calls that another site or another name led here, [`client`]
//! tells callers apart, and [`rate`] has them take turns.

pub mod addressed;
pub mod client;
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
pub use self::{addressed::Names, tls::Certificate};
use crate::error::StartError;

/// The address that a connection comes from.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// An open port that serves one application, with or without TLS.
pub struct Listening {
    listener: TcpListener,
    certificate: Option<Certificate>,
}

impl Listening {
    /// Takes the port.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn open(
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

    /// Where callers find it.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn url(&self) -> Result<String, StartError> {
        let address = self.listener.local_addr().map_err(StartError::Serve)?;
        let scheme = match self.certificate {
            Some(_) => "https",
            None => "http",
        };
        Ok(format!("{scheme}://{address}/"))
    }

    /// Has `app` answer until `stopping` turns true, then until all calls in flight are answered.
    pub async fn serve(self, app: Router, mut stopping: watch::Receiver<bool>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
        let crowd = Crowd::default();
        let builder = Arc::new(builder());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: some connections will end.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(limits::AFTER_A_FAILED_ACCEPT).await;
                    continue;
                }
            };
            // Closed at once, which costs least: whoever is refused here is one of too many.
            let (Ok(place), Some(seat)) = (
                Arc::clone(&places).try_acquire_owned(),
                crowd.join(peer.ip()),
            ) else {
                tracing::warn!("too many connections: one was closed");
                continue;
            };
            let _ = stream.set_nodelay(true);
            let app = with_peer(app.clone(), peer.ip());
            let watcher = graceful.watcher();
            let (builder, certificate) = (Arc::clone(&builder), self.certificate.clone());
            tokio::spawn(async move {
                let _held = (place, seat);
                let Some(stream) = secured(stream, certificate).await else {
                    return;
                };
                let stream = TokioIo::new(Paced::new(stream));
                let service = TowerToHyperService::new(app);
                let connection = builder.serve_connection_with_upgrades(stream, service);
                // What goes wrong with a connection is its caller's affair.
                if let Err(error) = watcher.watch(connection.into_owned()).await {
                    tracing::debug!(%error, "a connection ended");
                }
            });
        }
        drop(self.listener);
        graceful.shutdown().await;
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The stream, over TLS if there is a certificate; nothing when the caller does not agree in time.
async fn secured(stream: TcpStream, certificate: Option<Certificate>) -> Option<Box<dyn Stream>> {
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

/// The app, told where the connection comes from.
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

/// How many connections each address has.
#[derive(Default, Clone)]
struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Crowd {
    /// A place for one more of this address, unless it has all it may have.
    fn join(&self, address: IpAddr) -> Option<Seat> {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(address).or_default();
        if *taken >= limits::CONNECTIONS_OF_ONE {
            return None;
        }
        *taken += 1;
        drop(seats);
        Some(Seat(self.clone(), address))
    }
}

struct Seat(Crowd, IpAddr);

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.1) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_its_share_and_gets_it_back() {
        let crowd = Crowd::default();
        let [one, other] = ["127.0.0.1", "::1"].map(|text| text.parse().unwrap());
        let mut seats: Vec<_> = (0..limits::CONNECTIONS_OF_ONE)
            .map(|_| crowd.join(one).unwrap())
            .collect();
        assert!(crowd.join(one).is_none());
        assert!(crowd.join(other).is_some());
        seats.pop();
        assert!(crowd.join(one).is_some());
        seats.clear();
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
