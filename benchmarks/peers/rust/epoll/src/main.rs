//! Peer epoll: what the kernel alone takes for a request. One thread asks epoll, reads, looks for the empty line that
//! ends a request without a body, and writes the same bytes each time: as many as the other servers send, so that only
//! the date in them is wrong.

use std::{io, net::TcpListener, os::fd::AsRawFd, ptr};

use libc::{
    EPOLL_CTL_ADD, EPOLLIN, IPPROTO_TCP, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_NONBLOCK, TCP_NODELAY, c_int, epoll_event,
};

const PORT: u16 = 8080;
const EVENTS: usize = 256;
const END: &[u8; 4] = b"\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 13\r\n\
    Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\
    \r\n\
    Hello, World!";

fn main() -> io::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", PORT))?;
    listener.set_nonblocking(true)?;
    let queue = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    watch(queue, listener.as_raw_fd())?;
    // By connection: how many bytes of END were the last to come.
    let mut matched: Vec<usize> = Vec::new();
    let mut events = [epoll_event { events: 0, u64: 0 }; EVENTS];
    loop {
        let count = checked(unsafe { libc::epoll_wait(queue, events.as_mut_ptr(), EVENTS as c_int, -1) })?;
        for event in &events[..count as usize] {
            let socket = event.u64 as c_int;
            if socket == listener.as_raw_fd() {
                accept(queue, socket, &mut matched)?;
            } else if !answer(socket, &mut matched[socket as usize]) {
                unsafe { libc::close(socket) };
            }
        }
    }
}

/// All that wait. Their numbers are small: the kernel gives the lowest that is free.
fn accept(queue: c_int, listener: c_int, matched: &mut Vec<usize>) -> io::Result<()> {
    loop {
        let flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
        let socket = unsafe { libc::accept4(listener, ptr::null_mut(), ptr::null_mut(), flags) };
        if socket < 0 {
            return Ok(());
        }
        let on: c_int = 1;
        let size = size_of::<c_int>() as libc::socklen_t;
        checked(unsafe { libc::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, ptr::from_ref(&on).cast(), size) })?;
        if matched.len() <= socket as usize {
            matched.resize(socket as usize + 1, 0);
        }
        matched[socket as usize] = 0;
        watch(queue, socket)?;
    }
}

/// Reads what is there and answers each request that it ends. False when the connection is over.
fn answer(socket: c_int, matched: &mut usize) -> bool {
    let mut bytes = [0u8; 4096];
    let count = unsafe { libc::read(socket, bytes.as_mut_ptr().cast(), bytes.len()) };
    if count <= 0 {
        return false;
    }
    for &byte in &bytes[..count as usize] {
        *matched = if byte == END[*matched] {
            *matched + 1
        } else {
            usize::from(byte == END[0])
        };
        if *matched == END.len() {
            *matched = 0;
            let sent = unsafe { libc::send(socket, ANSWER.as_ptr().cast(), ANSWER.len(), MSG_NOSIGNAL) };
            if sent != ANSWER.len() as isize {
                return false;
            }
        }
    }
    true
}

fn watch(queue: c_int, socket: c_int) -> io::Result<c_int> {
    let mut event = epoll_event {
        events: EPOLLIN as u32,
        u64: socket as u64,
    };
    checked(unsafe { libc::epoll_ctl(queue, EPOLL_CTL_ADD, socket, &mut event) })
}

fn checked(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}
