//! How much a caller may ask for. What is refused is told in clear words where the protocol allows.

use std::time::Duration;

/// Bytes of a request's body, compressed or not. No request of this API comes near it: the largest
/// is a public key with its description.
pub const BODY_BYTES: usize = 64 * 1024;

/// Bytes of a request's header.
pub const HEADER_BYTES: usize = 16 * 1024;

/// Fields of a request's header (HTTP/1.1).
pub const HEADERS: usize = 64;

/// From the first look for a request to the end of its header (HTTP/1.1).
pub const HEADER_WAIT: Duration = Duration::from_secs(10);

/// From the first byte of a call's header to its answer, with the time that its body takes.
pub const CALL: Duration = Duration::from_secs(35);

/// TLS handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// Connections in all: most systems give a process 1024 files unless told otherwise.
pub const CONNECTIONS: usize = 900;

/// Connections from one address. A proxy before the gateway is one address.
pub const CONNECTIONS_OF_ONE: usize = 600;

/// Calls being answered at once, of all callers.
pub const CALLS: usize = 256;

/// Calls of one HTTP/2 connection at once.
pub const STREAMS: u32 = 64;

/// Streams of HTTP/2 that a caller may have reset with nobody the wiser: more are an attack
/// (CVE-2023-44487), and end the connection.
pub const RESETS: usize = 20;

/// Bytes of an answer that wait for a slow reader, of one HTTP/2 stream.
pub const STREAM_BUFFER: usize = 64 * 1024;

/// HTTP/2 connections are asked whether they live.
pub const PING_EVERY: Duration = Duration::from_secs(30);
pub const PING_WAIT: Duration = Duration::from_secs(10);

/// A connection from which nothing comes for so long is closed; longer than any call and ping.
pub const SILENCE: Duration = Duration::from_secs(75);

/// A reader that does not take [`LEAST_READ`] bytes in this time while there are more is closed.
pub const READ_WINDOW: Duration = Duration::from_secs(20);
pub const LEAST_READ: usize = 4 * 1024;

pub const AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Callers whose rate and whose wrong tokens are remembered.
pub const CALLERS: usize = 4096;
