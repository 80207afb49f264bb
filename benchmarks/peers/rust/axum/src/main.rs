//! Peer axum: its router under hyper itself, a thread for each CPU, answers flushed together, mimalloc, as TechEmpower's
//! entry axum has it.

use std::io;

use axum::{Router, routing::get};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use mimalloc::MiMalloc;
use tokio::{net::TcpListener, spawn};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> io::Result<()> {
    percpu::run(serve)
}

async fn serve(listener: TcpListener) {
    let router = Router::new().route("/plaintext", get(async || "Hello, World!"));
    while let Ok((connection, _)) = listener.accept().await {
        let _ = connection.set_nodelay(true);
        let mut http = http1::Builder::new();
        http.pipeline_flush(true);
        spawn(http.serve_connection(TokioIo::new(connection), TowerToHyperService::new(router.clone())));
    }
}
