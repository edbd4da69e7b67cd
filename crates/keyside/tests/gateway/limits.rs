//! Limits for callers: requests that are too large, too fast, too slow, or for another host name. Each
//! is refused with a clear message where the protocol allows, and other callers are still answered.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use crate::support::{ADMIN_TOKEN, Folders, Gateway, get};

const PROFILE: &str = "/nebius.iam.v1.ProfileService/Get";

/// The admin's call over HTTP/1.1 with additional header lines and this body.
fn call(gateway: &Gateway, headers: &str, body: &[u8]) -> String {
    call_as(gateway, ADMIN_TOKEN, headers, body)
}

fn call_as(gateway: &Gateway, token: &str, headers: &str, body: &[u8]) -> String {
    let host = gateway.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST {PROFILE} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/json\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\n{headers}\r\n",
        body.len()
    )
    // It may be refused before it's sent completely.
    .and_then(|()| stream.write_all(body))
    .unwrap_or_default();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn still_answers(gateway: &Gateway) {
    let answer = call(gateway, "", b"{}");
    assert!(answer.contains("Local admin"), "{answer}");
}

#[test]
fn a_body_of_more_than_64_kib_is_refused_compressed_or_not() {
    let folders = Folders::new();
    let gateway = folders.start();
    let body = format!("{{\"x\":\"{}\"}}", "y".repeat(64 * 1024));
    let answer = call(&gateway, "", body.as_bytes());
    assert!(answer.contains("resource_exhausted"), "{answer}");
    // 32 MiB, compressed to about 32 KiB.
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 32 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 64 * 1024);
    let before = gateway.resident_kib();
    for _ in 0..20 {
        let answer = call(&gateway, "content-encoding: gzip\r\n", &bomb);
        assert!(answer.contains("resource_exhausted"), "{answer}");
    }
    let grown = gateway.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB more");
    still_answers(&gateway);
}

#[test]
fn a_header_of_more_than_16_kib_is_refused() {
    let folders = Folders::new();
    let gateway = folders.start();
    let long = format!("x-long: {}\r\n", "y".repeat(17 * 1024));
    let answer = call(&gateway, &long, b"{}");
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many: String = (0..100).map(|n| format!("x-{n}: y\r\n")).collect();
    let answer = call(&gateway, &many, b"{}");
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    still_answers(&gateway);
}

#[test]
fn a_caller_that_does_not_finish_its_header_is_disconnected() {
    let folders = Folders::new();
    let gateway = folders.start();
    let host = gateway.address.trim_start_matches("http://");
    let mut slow = TcpStream::connect(host).unwrap();
    let start = Instant::now();
    write!(slow, "POST {PROFILE} HTTP/1.1\r\nhost: {host}\r\n").unwrap();
    // One byte per second, as in slow-header attacks.
    let gave_up = loop {
        std::thread::sleep(Duration::from_secs(1));
        slow.set_read_timeout(Some(Duration::from_millis(10)))
            .unwrap();
        let closed = match slow.read(&mut [0; 256]) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        if closed || slow.write_all(b"x").is_err() {
            break true;
        }
        if start.elapsed() > Duration::from_secs(40) {
            break false;
        }
    };
    assert!(gave_up, "still open after {:?}", start.elapsed());
    still_answers(&gateway);
}

#[test]
fn connections_from_one_address_are_limited() {
    let folders = Folders::new();
    let gateway = folders.start();
    let host = gateway.address.trim_start_matches("http://");
    let mut held: Vec<_> = (0..700)
        .map(|_| TcpStream::connect(host).unwrap())
        .collect();
    gateway.wait_for_log("too many connections", 50);
    // Accepted connections stay open, the others are closed.
    let mut last = held.pop().unwrap();
    last.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let end = last.read(&mut [0; 1]);
    assert!(
        matches!(end, Ok(0)) || end.is_err_and(|e| e.kind() == std::io::ErrorKind::ConnectionReset)
    );
    drop(held);
    let give_up = Instant::now() + Duration::from_secs(10);
    while !call(&gateway, "", b"{}").contains("Local admin") {
        assert!(Instant::now() < give_up, "no place is free again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn calls_per_second_are_limited_for_each_caller_separately() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.args(["--rate", "5", "--behind-proxy"]);
    let gateway = Gateway::start(command);
    let of = |client: &str| {
        call(
            &gateway,
            &format!("x-forwarded-for: 6.6.6.6, {client}\r\n"),
            b"{}",
        )
    };
    let answers: Vec<_> = (0..40).map(|_| of("10.0.0.1")).collect();
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| answer.contains("resource_exhausted"))
        .collect();
    assert!(refused.len() >= 10, "{} refused", refused.len());
    assert!(refused[0].contains("Wait a moment"), "{}", refused[0]);
    assert!(answers[0].contains("Local admin"), "{}", answers[0]);
    assert!(of("10.0.0.2").contains("Local admin"));
}

#[test]
fn wrong_tokens_in_a_row_delay_the_next_attempt() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.arg("--behind-proxy");
    let gateway = Gateway::start(command);
    let with = |client: &str, token: &str| {
        let headers = format!("x-forwarded-for: {client}\r\n");
        let start = Instant::now();
        let answer = call_as(&gateway, token, &headers, b"{}");
        (answer, start.elapsed())
    };
    for _ in 0..6 {
        let (answer, _) = with("10.0.0.1", "wrong");
        assert!(answer.contains("unauthenticated"), "{answer}");
    }
    // These are lower bounds, so a fast machine can't break them.
    let (_, seventh) = with("10.0.0.1", "wrong");
    assert!(seventh >= Duration::from_millis(200), "{seventh:?}");
    let (_, eighth) = with("10.0.0.1", "wrong");
    assert!(eighth >= Duration::from_millis(400), "{eighth:?}");
    // Callers from other addresses don't wait as long as that caller would.
    let (answer, other) = with("10.0.0.2", ADMIN_TOKEN);
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
    assert!(other < Duration::from_millis(900), "{other:?}");
    // The right token ends the delay.
    let (answer, _) = with("10.0.0.1", ADMIN_TOKEN);
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
}

/// The DNS rebinding attack: the attacker's host name resolves to this machine.
#[test]
fn other_host_names_and_other_sites_get_neither_page_nor_api() {
    let folders = Folders::new();
    let mut command = folders.command();
    command.args(["--host", "keys.intern.example"]);
    let gateway = Gateway::start(command);
    let host = gateway.address.trim_start_matches("http://");
    let with = |method: &str, path: &str, named: &str, headers: &str| {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {named}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: 2\r\n\
             authorization: Bearer {ADMIN_TOKEN}\r\n{headers}\r\n{{}}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for (method, path) in [("GET", "/"), ("POST", PROFILE)] {
        for known in [host, "keys.intern.example"] {
            let answer = with(method, path, known, "");
            assert!(
                answer.starts_with("HTTP/1.1 200"),
                "{path} {known}: {answer}"
            );
        }
        let answer = with(method, path, "evil.example", "");
        assert!(answer.starts_with("HTTP/1.1 421"), "{path}: {answer}");
        assert!(answer.contains("--host evil.example"), "{answer}");
        assert!(!answer.contains("Local admin"));
    }
    for evil in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = with("POST", PROFILE, host, &format!("origin: {evil}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 403"), "{evil}: {answer}");
        assert!(answer.contains("--allow-origin"), "{answer}");
    }
    let own = with("POST", PROFILE, host, &format!("origin: http://{host}\r\n"));
    assert!(own.starts_with("HTTP/1.1 200"), "{own}");
    // A load balancer may check health at any address.
    let health = with("GET", "/healthz", "10.9.8.7", "");
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
}

/// A frame of HTTP/2 (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn http2(gateway: &Gateway) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.address.trim_start_matches("http://")).unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// GET / for this host in HPACK (RFC 7541): three static entries, and the authority.
fn request_block(host: &str) -> Vec<u8> {
    let mut block = vec![0x82, 0x86, 0x84, 0x41];
    block.push(u8::try_from(host.len()).unwrap());
    block.extend(host.as_bytes());
    block
}

/// Reads until the connection ends; returns whether a GOAWAY came before.
fn was_asked_to_leave(stream: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let mut rest = answer.as_slice();
    while let [a, b, c, kind, tail @ ..] = rest {
        if *kind == GOAWAY {
            return true;
        }
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        rest = tail.get(5 + length..).unwrap_or_default();
    }
    false
}

/// CVE-2023-44487, rapid reset.
#[test]
fn a_flood_of_requests_that_are_reset_at_once_ends_its_connection() {
    let folders = Folders::new();
    let gateway = folders.start();
    let host = gateway.address.trim_start_matches("http://").to_owned();
    let mut stream = http2(&gateway);
    let mut flood = Vec::new();
    for n in 0..5_000_u32 {
        let id = 2 * n + 1;
        flood.extend(frame(
            HEADERS,
            END_STREAM | END_HEADERS,
            id,
            &request_block(&host),
        ));
        flood.extend(frame(RST_STREAM, 0, id, &8_u32.to_be_bytes()));
    }
    let _ = stream.write_all(&flood);
    assert!(was_asked_to_leave(&mut stream));
    still_answers(&gateway);
}

/// CVE-2024-27316 and similar attacks.
#[test]
fn a_header_that_never_ends_ends_its_connection() {
    let folders = Folders::new();
    let gateway = folders.start();
    let host = gateway.address.trim_start_matches("http://").to_owned();
    let before = gateway.resident_kib();
    let mut stream = http2(&gateway);
    stream
        .write_all(&frame(HEADERS, END_STREAM, 1, &request_block(&host)))
        .unwrap();
    // A literal field without indexing: "x: " and 16,000 letters.
    let mut field = vec![0x00, 1, b'x', 0x7f];
    field.extend([0x81, 0x7c]);
    field.extend(vec![b'y'; 127 + 1 + (0x7c << 7)]);
    let sent = (0..2_000)
        .take_while(|_| {
            let part = &field[..field.len().min(16_000)];
            stream.write_all(&frame(CONTINUATION, 0, 1, part)).is_ok()
        })
        .count();
    assert!(sent < 2_000, "32 MB of a header were taken");
    let grown = gateway.resident_kib().saturating_sub(before);
    assert!(grown < 16 * 1024, "{grown} KiB more");
    still_answers(&gateway);
}

#[test]
fn other_machines_are_served_over_tls_or_not_at_all() {
    let folders = Folders::new();
    let output = Command::new(env!("CARGO_BIN_EXE_keyside"))
        .args(["serve", "--listen", "0.0.0.0:0"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stderr).unwrap();
    for part in [
        "without encryption",
        "--tls-cert",
        "--behind-proxy",
        "127.0.0.1",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(get(&folders.start().address, "/").starts_with("HTTP/1.1 200"));
}
