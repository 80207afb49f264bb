//! Server rust-axum: the lab's workloads on `axum::serve` and tokio's multi-thread runtime, default settings but for
//! what the contract asks.
//!
//! The allocator is glibc's, linked statically: it takes no C compiler for a second malloc, its size is already in
//! the binary, and it has none of musl's lock (3-9 times slower with two threads).

use std::{future::Future, net::Ipv4Addr, process::ExitCode, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt,
};
use lab::{APPLICATION_JSON, PLAINTEXT, Program, STOP_WITHIN, Service, TEXT_PLAIN};
use tokio::{
    net::TcpListener,
    runtime,
    signal::unix::{SignalKind, signal},
    sync::Notify,
    time::sleep,
};

static PROGRAM: Program = Program {
    server: "rust-axum",
    framework: "axum",
    allocator: "glibc",
    serve,
};

fn main() -> ExitCode {
    lab::main(&PROGRAM)
}

fn serve(service: Service) -> Result<(), String> {
    runtime::Builder::new_multi_thread()
        .worker_threads(service.workers)
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(answer_until_stopped(service)))
        .map_err(|error| error.to_string())
}

async fn answer_until_stopped(service: Service) -> std::io::Result<()> {
    // Before the port opens: process 1 of a container ignores SIGTERM until it asks for it.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, service.port))
        .await?
        .tap_io(|connection| {
            // As Go does for every connection. It fails only on a socket that is gone already; the read will say so.
            let _ = connection.set_nodelay(true);
        });
    let stopping = Arc::new(Notify::new());
    let told = Arc::clone(&stopping);
    let stopped = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        told.notify_one();
    };
    tokio::select! {
        ended = axum::serve(listener, routes(service)).with_graceful_shutdown(stopped) => ended,
        () = out_of_patience(stopping.notified()) => Ok(()),
    }
}

/// Axum waits for the last request for ever, half sent ones too.
async fn out_of_patience(stopping: impl Future<Output = ()>) {
    stopping.await;
    sleep(STOP_WITHIN).await;
}

fn routes(service: Service) -> Router {
    Router::new()
        .route("/plaintext", get(async || text(StatusCode::OK, PLAINTEXT)))
        .route("/json", get(async || json(lab::json())))
        .route(
            "/nextid",
            get(async |State(service): State<Arc<Service>>| json(service.ids.next())),
        )
        .route("/healthz", get(async || text(StatusCode::OK, "ok")))
        .route(
            "/lab/info",
            get(async |State(service): State<Arc<Service>>| json(service.info())),
        )
        .method_not_allowed_fallback(async || {
            let allow = [(header::ALLOW, "GET, HEAD")];
            (allow, text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed"))
        })
        .fallback(async || text(StatusCode::NOT_FOUND, "not found"))
        .with_state(Arc::new(service))
}

fn text(status: StatusCode, body: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, TEXT_PLAIN)], body).into_response()
}

fn json(body: Result<Vec<u8>, String>) -> Response {
    match body {
        Ok(body) => ([(header::CONTENT_TYPE, APPLICATION_JSON)], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
    }
}
