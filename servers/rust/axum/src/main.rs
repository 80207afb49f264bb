//! Server rust-axum: the lab's workloads on `axum::serve` and tokio's multi-thread runtime, default settings but for
//! what the contract asks.

use std::{future::Future, io, net::Ipv4Addr, process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::{MethodRouter, get, post},
    serve::ListenerExt,
};
use lab::{Answer, Method, Program, ROUTES, Route, STOP_WITHIN, Service, StopSignal, whole};
use tokio::{net::TcpListener, select, sync::Notify, time::sleep};

static PROGRAM: Program = Program {
    server: "rust-axum",
    framework: "axum",
    package: "axum",
    workers_most: 1024,
    serve: |service| service.run(answer_until_stopped(service)),
};

fn main() -> ExitCode {
    lab::main(&PROGRAM)
}

async fn answer_until_stopped(service: &'static Service) -> io::Result<()> {
    let stop = StopSignal::listen()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, service.port()))
        .await?
        .tap_io(|connection| {
            // As Go does for every connection. It fails only on a socket that is gone already; the read will say so.
            let _ = connection.set_nodelay(true);
        });
    let stopping = Arc::new(Notify::new());
    let told = Arc::clone(&stopping);
    let stopped = async move {
        stop.asked().await;
        told.notify_one();
    };
    select! {
        ended = axum::serve(listener, routes(service)).with_graceful_shutdown(stopped) => ended,
        () = out_of_patience(stopping.notified()) => Ok(()),
    }
}

/// Axum waits for the last request for ever, half sent ones too.
async fn out_of_patience(stopping: impl Future<Output = ()>) {
    stopping.await;
    sleep(STOP_WITHIN).await;
}

fn routes(service: &'static Service) -> Router {
    ROUTES
        .iter()
        .fold(Router::new(), |router, route| {
            router.route(&route.pattern(), methods(service, route))
        })
        .fallback(async || response(Answer::not_found()))
}

fn methods(service: &'static Service, route: &'static Route) -> MethodRouter {
    let methods = match route.method {
        Method::Get => get(move |request: Request| async move {
            let parameter = route.parameter(request.uri().path());
            response(service.answer(route, parameter, b"").await)
        }),
        Method::Post => post(move |request: Request| async move {
            let (head, body) = request.into_parts();
            response(match whole(body.size_hint().exact(), body.into_data_stream()).await {
                Ok(body) => service.answer(route, route.parameter(head.uri.path()), &body).await,
                Err(wrong) => wrong,
            })
        }),
    };
    methods.fallback(move || async move { response(Answer::method_not_allowed(route)) })
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("answers have a status of HTTP");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(allow) = answer.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}
