//! A thread for each CPU, each with a runtime and a listener of its own: the kernel shares the connections out among
//! the listeners of one port. So TechEmpower's entries axum and hyper have it.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    thread,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Builder,
};

const PORT: u16 = 8080;
const BACKLOG: u32 = 4096;

/// Runs `serve` on every CPU. Comes back when it ends on the first.
pub fn run<F: Future<Output = ()> + 'static>(serve: fn(TcpListener) -> F) -> io::Result<()> {
    for _ in 1..thread::available_parallelism()?.get() {
        thread::spawn(move || on_this_thread(serve));
    }
    on_this_thread(serve)
}

fn on_this_thread<F: Future<Output = ()> + 'static>(serve: fn(TcpListener) -> F) -> io::Result<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        serve(listener()?).await;
        Ok(())
    })
}

fn listener() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_reuseport(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)))?;
    socket.listen(BACKLOG)
}
