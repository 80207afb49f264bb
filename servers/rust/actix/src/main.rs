//! Server rust-actix: the lab's workloads on actix-web, whose workers each have a single-threaded runtime and
//! connections of their own; default settings but for what the contract asks.

use std::{io, net::Ipv4Addr, pin::pin, process::ExitCode, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, Resource,
    guard::fn_guard,
    http::{
        KeepAlive, StatusCode,
        header::{self, HeaderValue},
    },
    rt::System,
    web::{self, Payload, ServiceConfig},
};
use lab::{Answer, Method, Program, ROUTES, Route, STOP_WITHIN, Service, StopSignal, whole};
use tokio::{select, time::timeout};

static PROGRAM: Program = Program {
    server: "rust-actix",
    framework: "actix",
    package: "actix-web",
    // actix-server gives up above it.
    workers_most: 512,
    serve: |service| {
        System::new()
            .block_on(answer_until_stopped(service))
            .map_err(|error| error.to_string())
    },
};

fn main() -> ExitCode {
    lab::main(&PROGRAM)
}

async fn answer_until_stopped(service: &'static Service) -> io::Result<()> {
    let stop = StopSignal::listen()?;
    let server = HttpServer::new(move || App::new().configure(|config| routes(config, service)))
        .workers(service.workers())
        // actix-web would drop the requests under way at SIGINT.
        .disable_signals()
        // Whole seconds, for what has not ended by itself.
        .shutdown_timeout(1)
        // No deadlines on reads, by the contract.
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(Duration::ZERO)
        // As Go has it for every connection.
        .tcp_nodelay(true)
        .bind((Ipv4Addr::UNSPECIFIED, service.port()))?
        .run();
    let handle = server.handle();
    let mut server = pin!(server);
    select! {
        ended = &mut server => return ended,
        () = stop.asked() => {}
    }
    let _stopping = handle.stop(true);
    timeout(STOP_WITHIN, server).await.unwrap_or(Ok(()))
}

fn routes(config: &mut ServiceConfig, service: &'static Service) {
    for route in ROUTES {
        config.service(resource(service, route));
    }
    config.default_service(web::to(|body| refused(body, Answer::not_found())));
}

fn resource(service: &'static Service, route: &'static Route) -> Resource {
    // actix-web matches paths whose escapes it has taken out; the contract's are as they were sent.
    let as_sent = fn_guard(move |context| route.matches(context.head().uri.path()));
    let resource = web::resource(route.pattern()).guard(as_sent);
    let get = move |request: HttpRequest| async move {
        let parameter = route.parameter(request.uri().path());
        response(service.answer(route, parameter, b"").await)
    };
    let post = move |request: HttpRequest, body: Payload| async move {
        let parameter = route.parameter(request.uri().path());
        response(match whole(announced(&request), body).await {
            Ok(body) => service.answer(route, parameter, &body).await,
            Err(wrong) => wrong,
        })
    };
    let resource = match route.method {
        Method::Get => resource.route(web::get().to(get)).route(web::head().to(get)),
        Method::Post => resource.route(web::post().to(post)),
    };
    resource.default_service(web::to(move |body| refused(body, Answer::method_not_allowed(route))))
}

/// Bytes of the body, as the head tells of them.
fn announced(request: &HttpRequest) -> Option<u64> {
    request
        .headers()
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Reads the body that nobody wants, since actix-web ends a connection where one is left over.
async fn refused(body: Payload, answer: Answer) -> HttpResponse {
    let _ = whole(None, body).await;
    response(answer)
}

fn response(answer: Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).expect("answers have a status of HTTP");
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type)));
    if let Some(allow) = answer.allow {
        response.insert_header((header::ALLOW, HeaderValue::from_static(allow)));
    }
    response.body(answer.body)
}
