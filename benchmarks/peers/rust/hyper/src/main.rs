//! Peer hyper: a thread for each CPU, answers flushed together, as TechEmpower's entry hyper has it.

use std::{convert::Infallible, io};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, spawn};

static HELLO: &[u8] = b"Hello, World!";
static LENGTH: HeaderValue = HeaderValue::from_static("13");
static TEXT: HeaderValue = HeaderValue::from_static("text/plain");

fn main() -> io::Result<()> {
    percpu::run(serve)
}

async fn serve(listener: TcpListener) {
    while let Ok((connection, _)) = listener.accept().await {
        let _ = connection.set_nodelay(true);
        let mut http = http1::Builder::new();
        http.pipeline_flush(true);
        spawn(http.serve_connection(TokioIo::new(connection), service_fn(answer)));
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::new()));
    if request.uri().path() == "/plaintext" {
        *response.body_mut() = Full::new(Bytes::from_static(HELLO));
        response.headers_mut().insert(CONTENT_TYPE, TEXT.clone());
        response.headers_mut().insert(CONTENT_LENGTH, LENGTH.clone());
    } else {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(response)
}
