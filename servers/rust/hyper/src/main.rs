//! Server rust-hyper: the lab's workloads on hyper itself and tokio's multi-thread runtime, routed by hand, as
//! hyper-util's own example of a graceful server has it.

use std::{convert::Infallible, io, net::Ipv4Addr, pin::pin, process::ExitCode, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Incoming},
    header::{self, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{rt::TokioIo, server::graceful::GracefulShutdown};
use lab::{Answer, Method, Program, ROUTES, STOP_WITHIN, Service, StopSignal, whole};
use tokio::{
    net::{TcpListener, TcpStream},
    select, spawn,
    time::{sleep, timeout},
};

static PROGRAM: Program = Program {
    server: "rust-hyper",
    framework: "hyper",
    package: "hyper",
    workers_most: 1024,
    serve: |service| service.run(answer_until_stopped(service)),
};

fn main() -> ExitCode {
    lab::main(&PROGRAM)
}

async fn answer_until_stopped(service: &'static Service) -> io::Result<()> {
    let stop = StopSignal::listen()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, service.port())).await?;
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(stop.asked());
    loop {
        let connection = select! {
            () = &mut stopped => break,
            connection = next(&listener) => connection,
        };
        // As Go does for every connection. It fails only on a socket that is gone already; the read will say so.
        let _ = connection.set_nodelay(true);
        let answers = service_fn(move |request| answer(service, request));
        let served = http1::Builder::new()
            // No deadlines on reads, by the contract.
            .header_read_timeout(None)
            .serve_connection(TokioIo::new(connection), answers);
        spawn(connections.watch(served));
    }
    drop(listener);
    // Half sent requests would be waited for until their ends come.
    let _ = timeout(STOP_WITHIN, connections.shutdown()).await;
    Ok(())
}

/// The next connection. Where the process has too many of them, it waits for some to end, as `axum::serve` does.
async fn next(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => return connection,
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => sleep(Duration::from_secs(1)).await,
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn answer(service: &'static Service, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let Some(route) = ROUTES.iter().find(|route| route.matches(path)) else {
        return Ok(response(Answer::not_found()));
    };
    if !route.allows(head.method.as_str()) {
        return Ok(response(Answer::method_not_allowed(route)));
    }
    let body = match route.method {
        Method::Get => Ok(Bytes::new()),
        Method::Post => whole(body.size_hint().exact(), body.into_data_stream()).await,
    };
    Ok(response(match body {
        Ok(body) => service.answer(route, route.parameter(path), &body).await,
        Err(wrong) => wrong,
    }))
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("answers have a status of HTTP");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(allow) = answer.allow {
        headers.insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}
