//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Keyside: authorized keys for service accounts, made in the browser.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the page and the IAM API on one port.
    Serve(ServeOptions),
}

#[derive(Args)]
pub struct ServeOptions {
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the embedded IAM: its database and the admin token. Made if missing.
    #[arg(long, default_value = "keyside-data")]
    pub data: PathBuf,
    /// Folder of the built page.
    #[arg(long, default_value = "dist")]
    pub dist: PathBuf,
    /// How much is logged to standard error: error, warn, info, debug or trace.
    #[arg(long, env = "KEYSIDE_LOG", default_value = "info")]
    pub log: tracing::Level,
}
