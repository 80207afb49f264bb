"""Requests that are wrong on purpose, by name."""

import random


def malformed_requests() -> dict[str, bytes]:
    noise = random.Random(4711).randbytes(512).replace(b"\n", b"\x00")
    get = b"GET /plaintext HTTP/1.1\r\nHost: x\r\n"
    post = b"POST /plaintext HTTP/1.1\r\nHost: x\r\n"
    return {
        "no request line": b"GARBAGE\r\n\r\n",
        "no version": b"GET /plaintext\r\n\r\n",
        "method is no token": b"G@T /plaintext HTTP/1.1\r\nHost: x\r\n\r\n",
        "header without colon": get + b"nocolon\r\n\r\n",
        "space before colon": get + b"Bad : x\r\n\r\n",
        "NUL in header value": get + b"Bad: a\x00b\r\n\r\n",
        "length is no number": post + b"Content-Length: abc\r\n\r\n",
        "length is negative": post + b"Content-Length: -5\r\n\r\n",
        "two lengths": post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        "binary noise": b"\x16\x03\x01" + noise + b"\r\n\r\n",
        "header of 1 MiB": get + b"Big: " + b"x" * (1 << 20) + b"\r\n\r\n",
        "path of 1 MiB": b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    }


def odd_requests() -> dict[str, bytes]:
    """What frameworks may take or refuse as they like, so long as they live."""
    get = b"GET /plaintext HTTP/1.1\r\nHost: x\r\n"
    return {
        "unknown version": b"GET /plaintext HTTP/9.9\r\nHost: x\r\n\r\n",
        "no host": b"GET /plaintext HTTP/1.1\r\n\r\n",
        "space in header name": get + b"Bad Name: x\r\n\r\n",
        "200 headers": get + b"".join(b"A%d: x\r\n" % number for number in range(200)) + b"\r\n",
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "length of 1 TiB": b"POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n",
    }
