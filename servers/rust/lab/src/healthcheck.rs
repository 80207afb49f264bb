use std::{
    io::{BufRead, BufReader, Error, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// Asks the server of this container GET /healthz over a plain socket: an image from scratch has no curl, and an
/// HTTP client would only make the binary larger. Each step is bounded by a second.
pub(crate) fn healthcheck(port: u16) -> Result<(), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let status = ask(address).map_err(|error| format!("{address}: {error}"))?;
    if status.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    Err(format!("{address}/healthz answered {:?}", status.trim_end()))
}

fn ask(address: SocketAddr) -> Result<String, Error> {
    let patience = Duration::from_secs(1);
    let mut connection = TcpStream::connect_timeout(&address, patience)?;
    connection.set_read_timeout(Some(patience))?;
    connection.set_write_timeout(Some(patience))?;
    // In one piece: write! would send one packet for each part of the format.
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let mut status = String::new();
    BufReader::new(connection).read_line(&mut status)?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use std::{io::Read, net::TcpListener, thread};

    use super::*;

    fn answering(answer: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let length = connection.read(&mut request).unwrap();
            assert!(request[..length].starts_with(b"GET /healthz HTTP/1.1\r\n"));
            connection.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn only_200_is_healthy() {
        assert_eq!(healthcheck(answering("HTTP/1.1 200 OK\r\n\r\n")), Ok(()));
        assert!(
            healthcheck(answering("HTTP/1.1 503 No\r\n\r\n"))
                .unwrap_err()
                .ends_with(r#"answered "HTTP/1.1 503 No""#)
        );
        assert!(healthcheck(answering("")).unwrap_err().ends_with(r#"answered """#));
    }

    #[test]
    fn nobody_there_is_an_error() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        assert!(healthcheck(free).unwrap_err().contains("refused"));
    }
}
