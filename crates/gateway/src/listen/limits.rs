//! Limits for callers. Rejected calls get a message where the protocol allows one.

use std::time::Duration;

/// Bytes of a request body, before and after decompression. The largest request of the API, a public
/// key with its description, is far smaller.
pub const BODY_BYTES: usize = 64 * 1024;

/// Bytes of a request's headers.
pub const HEADER_BYTES: usize = 16 * 1024;

/// Number of headers of a request (HTTP/1.1).
pub const HEADERS: usize = 64;

/// Time until a request's headers are complete (HTTP/1.1).
pub const HEADER_WAIT: Duration = Duration::from_secs(10);

/// Time from the first byte of a call to its answer.
pub const CALL: Duration = Duration::from_secs(35);

/// Time for the TLS handshake.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// Total number of connections. Most systems allow a process 1024 open files by default.
pub const CONNECTIONS: usize = 900;

/// A caller gets another connection only if more than this many are free for each one it holds. So one caller
/// alone gets a third. Doesn't apply to proxies in front of the gateway, which bring many callers.
pub const FREE_PER_HELD: usize = 2;

/// Concurrent calls of all callers.
pub const CALLS: usize = 256;

/// Concurrent calls on one HTTP/2 connection.
pub const STREAMS: u32 = 64;

/// HTTP/2 streams that a caller may reset. More are treated as a rapid reset attack (CVE-2023-44487) and
/// close the connection.
pub const RESETS: usize = 20;

/// Bytes buffered for a slow reader of an HTTP/2 stream.
pub const STREAM_BUFFER: usize = 64 * 1024;

/// Interval and timeout of HTTP/2 keep-alive pings.
pub const PING_EVERY: Duration = Duration::from_secs(30);
pub const PING_WAIT: Duration = Duration::from_secs(10);

/// A connection without calls is closed after this time, whatever else the caller sends.
pub const UNUSED: Duration = Duration::from_secs(60);

/// How long the first call may take to arrive on a new connection, TLS handshake excluded.
pub const FIRST_CALL: Duration = Duration::from_secs(20);

/// A connection on which nothing arrives is closed after this time, which is longer than any call or ping.
pub const IDLE: Duration = Duration::from_secs(75);

/// The connection is closed if the caller reads less than [`MIN_READ`] pending bytes in this time.
pub const READ_WINDOW: Duration = Duration::from_secs(20);
pub const MIN_READ: usize = 4 * 1024;

/// Pause after a failed accept.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Callers whose call rate and wrong tokens are tracked.
pub const CALLERS: usize = 4096;
