//! A SOCKS 5 proxy (RFC 1928) that records traffic: it does for Firefox what the network log does for
//! Chromium. It lets nothing leave this machine.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// One connection.
#[derive(Clone, Default)]
pub struct Sent {
    /// The requested `host:port`.
    pub to: String,
    /// What the browser sent there; empty if the proxy refused.
    pub bytes: Vec<u8>,
}

/// A recording proxy on its own port.
pub struct Recorder {
    port: u16,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recorder {
    /// Starts a proxy that runs as long as the test.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let recorder = Self {
            port: listener.local_addr().unwrap().port(),
            sent: Arc::default(),
        };
        let sent = Arc::clone(&recorder.sent);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sent = Arc::clone(&sent);
                // The browser handles a broken connection.
                tokio::spawn(async move { serve(stream, &sent).await });
            }
        });
        recorder
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Everything sent, by connection.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

async fn serve(mut browser: TcpStream, sent: &Mutex<Vec<Sent>>) -> io::Result<()> {
    const DONE: u8 = 0;
    const NOT_ALLOWED: u8 = 2;
    let to = asked_for(&mut browser).await?;
    let at = {
        let mut sent = sent.lock().unwrap();
        sent.push(Sent {
            to: to.clone(),
            bytes: Vec::new(),
        });
        sent.len() - 1
    };
    let answer = |code| [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
    if !to.starts_with("127.0.0.1:") {
        return browser.write_all(&answer(NOT_ALLOWED)).await;
    }
    let server = TcpStream::connect(&to).await?;
    browser.write_all(&answer(DONE)).await?;
    let (mut from_browser, mut to_browser) = browser.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { io::copy(&mut from_server, &mut to_browser).await });
    let mut chunk = vec![0; 16 * 1024];
    loop {
        let n = from_browser.read(&mut chunk).await?;
        if n == 0 {
            return to_server.shutdown().await;
        }
        sent.lock().unwrap()[at].bytes.extend(&chunk[..n]);
        to_server.write_all(&chunk[..n]).await?;
    }
}

/// Does the handshake; returns the browser's requested destination.
async fn asked_for(browser: &mut TcpStream) -> io::Result<String> {
    const DOMAIN: u8 = 3;
    const IPV4: u8 = 1;
    let mut head = [0; 2];
    browser.read_exact(&mut head).await?;
    let mut ways = vec![0; head[1].into()];
    browser.read_exact(&mut ways).await?;
    browser.write_all(&[5, 0]).await?;
    let mut request = [0; 4];
    browser.read_exact(&mut request).await?;
    let host = match request[3] {
        IPV4 => Ipv4Addr::from_bits(browser.read_u32().await?).to_string(),
        DOMAIN => {
            let mut name = vec![0; browser.read_u8().await?.into()];
            browser.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        _ => format!(
            "[{}]",
            std::net::Ipv6Addr::from_bits(browser.read_u128().await?)
        ),
    };
    Ok(format!("{host}:{}", browser.read_u16().await?))
}
