//! Accepts connections, with or without TLS, limits their number and speed, and adds the caller's
//! address to each call.
//!
//! [`limits`] has all the numbers, [`places`] limits the connections, [`pace`] and [`activity`] close
//! stalled and unused ones, [`tls`] loads the certificate, [`host_and_origin`] rejects calls for other hosts
//! and from other sites, [`client`] identifies callers, and [`rate`] limits their calls.

mod activity;
mod callers;
pub mod client;
pub mod host_and_origin;
pub mod limits;
mod pace;
mod places;
pub mod rate;
mod tls;

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use http_body_util::BodyExt;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::{ServiceExt, service_fn};

use self::{activity::Activity, client::Client, pace::Paced, places::Places};
pub use self::{host_and_origin::AllowedNames, tls::Certificate};
use crate::error::StartError;

/// The remote address of a connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// An open port that serves one application, with or without TLS.
pub struct Server {
    listener: TcpListener,
    certificate: Option<Certificate>,
    places: Places,
}

impl Server {
    /// Opens the port. `behind_proxy` means that connections come from proxies, not from callers.
    ///
    /// # Errors
    /// Returns an error if the port can't be opened.
    pub async fn bind(
        address: SocketAddr,
        certificate: Option<Certificate>,
        behind_proxy: bool,
    ) -> Result<Self, StartError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen(address, error))?;
        Ok(Self {
            listener,
            certificate,
            places: Places::new(!behind_proxy),
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
            let Some(place) = self.places.take(Client::at(peer.ip())) else {
                tracing::warn!("too many connections: closed one");
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (app, stopping) = (app.clone(), stopping.clone());
            let (builder, certificate) = (Arc::clone(&builder), self.certificate.clone());
            tokio::spawn(async move {
                let _place = place;
                if let Some(stream) = accept_tls(stream, certificate).await {
                    serve_connection(stream, peer.ip(), app, &builder, stopping).await;
                }
            });
        }
        drop(self.listener);
        self.places.all_free().await;
    }
}

/// Serves a connection until it ends, it has no calls for too long, or `stopping` turns true.
async fn serve_connection(
    stream: impl Stream + 'static,
    peer: IpAddr,
    app: Router,
    builder: &auto::Builder<TokioExecutor>,
    mut stopping: watch::Receiver<bool>,
) {
    let activity = Activity::new();
    let calls = activity.clone();
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let call = calls.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let answer = app.clone().oneshot(request);
        async move {
            // The call ends with its answer's last byte, so the body owns it.
            let keep = |body: Body| {
                Body::new(body.map_err(move |error| {
                    let _ = &call;
                    error
                }))
            };
            answer.await.map(|answer: Response<Body>| answer.map(keep))
        }
    });
    let stream = TokioIo::new(Paced::new(stream));
    let mut connection = pin!(builder.serve_connection(stream, TowerToHyperService::new(service)));
    let stop = async {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let served = tokio::select! {
        served = connection.as_mut() => Some(served),
        () = stop => {
            connection.as_mut().graceful_shutdown();
            Some(connection.await)
        }
        () = activity.unused() => {
            // Tell an HTTP/2 caller first, because it may be about to call.
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits::CALL, connection).await.ok()
        }
    };
    // Connection errors concern only the caller.
    if let Some(Err(error)) = served {
        tracing::debug!(%error, "a connection failed");
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::Empty;
    use hyper::{body::Bytes, client::conn::http2};
    use tokio::{
        io::{AsyncWriteExt, DuplexStream, duplex},
        time::Instant,
    };

    use super::*;

    /// Serves one end of a connection; returns the other, and a task that ends with the connection.
    fn connect() -> (DuplexStream, tokio::task::JoinHandle<()>) {
        let (ours, theirs) = duplex(64 * 1024);
        let served = tokio::spawn(async move {
            let (_stop, stopping) = watch::channel(false);
            let app = Router::new().fallback(|| async { "answer" });
            let peer = [192, 0, 2, 1].into();
            serve_connection(ours, peer, app, &builder(), stopping).await;
        });
        (theirs, served)
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_does_not_finish_its_preface_is_disconnected() {
        let (mut theirs, served) = connect();
        let start = Instant::now();
        for byte in b"PRI * HTTP/2.0\r\n" {
            tokio::time::sleep(Duration::from_secs(5)).await;
            if theirs.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
        served.await.unwrap();
        assert!(start.elapsed() <= limits::FIRST_CALL + limits::CALL);
    }

    #[tokio::test(start_paused = true)]
    async fn pings_alone_do_not_keep_a_connection_open() {
        let (theirs, served) = connect();
        let start = Instant::now();
        let (mut calls, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .handshake(TokioIo::new(theirs))
            .await
            .unwrap();
        let caller = tokio::spawn(connection);
        let mut last = start;
        for wait in [Duration::ZERO, limits::UNUSED - Duration::from_secs(1)] {
            tokio::time::sleep(wait).await;
            last = Instant::now();
            let request = Request::get("http://keys.example/");
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            let answer = calls.send_request(request).await.unwrap();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, "answer");
        }
        served.await.unwrap();
        assert!(last.elapsed() >= limits::UNUSED);
        assert!(last.elapsed() <= limits::UNUSED + limits::CALL);
        caller.abort();
    }
}
