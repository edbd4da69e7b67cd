//! The servers of the benchmark.

use keyside_e2e::{
    deployment::{Kind, Server},
    gateway::{Gateway, More},
    setting,
};

/// A gateway that forwards calls, with as many threads as Envoy.
pub fn gateway_before(port: u16) -> Gateway {
    let more = More {
        environment: quiet(&[("TOKIO_WORKER_THREADS", "2")]),
        ..More::before(port)
    };
    Gateway::with(setting("KEYSIDE_DIST"), more)
}

/// Settings without logging, like Envoy's.
pub fn quiet(more: &[(&str, &str)]) -> Vec<(String, String)> {
    [("KEYSIDE_LOG", "error"), ("KEYSIDE_RATE", "0")]
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Envoy's sample in `deploy/`, without TLS to the API.
pub fn envoy_before(port: u16) -> Server {
    Server::of_sample_without_tls(port, 2)
}

/// nginx in front of several gateways.
pub fn balancer(ports: &[u16]) -> Server {
    let servers: String = ports
        .iter()
        .map(|port| format!("server 127.0.0.1:{port};"))
        .collect();
    Server::custom(Kind::Nginx, |port| {
        format!(
            "pid /run/keyside-nginx.pid; error_log stderr crit; worker_processes 1; events {{}}
            http {{ access_log off;
                upstream gateways {{ {servers} keepalive 64; }}
                server {{ listen 127.0.0.1:{port}; location / {{
                    proxy_pass http://gateways; proxy_http_version 1.1;
                    proxy_set_header Connection \"\"; proxy_set_header Host $http_host; }} }} }}"
        )
    })
}
