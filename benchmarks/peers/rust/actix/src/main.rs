//! Peer actix: actix-web's application on the HTTP service below it, without HTTP/2 and deadlines, as TechEmpower's entry
//! actix has it. Its allocator is snmalloc; here it is mimalloc, which needs no C++.

use std::{io, time::Duration};

use actix_http::{HttpService, KeepAlive};
use actix_service::map_config;
use actix_web::{
    App, HttpResponse,
    dev::{AppConfig, Server},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
    rt::System,
    web::{self, Bytes},
};
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const BACKLOG: u32 = 1024;

fn main() -> io::Result<()> {
    System::new().block_on(async {
        Server::build()
            .backlog(BACKLOG)
            .bind("peer", "0.0.0.0:8080", || {
                HttpService::build()
                    .keep_alive(KeepAlive::Os)
                    .client_request_timeout(Duration::ZERO)
                    .h1(map_config(
                        App::new().service(web::resource("/plaintext").to(plaintext)),
                        |_| AppConfig::default(),
                    ))
                    .tcp()
            })?
            .run()
            .await
    })
}

async fn plaintext() -> HttpResponse<Bytes> {
    let mut response = HttpResponse::with_body(StatusCode::OK, Bytes::from_static(b"Hello, World!"));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
