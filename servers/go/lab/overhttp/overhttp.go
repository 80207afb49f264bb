// Package overhttp is what the servers on net/http share, whatever routes their requests.
package overhttp

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"

	"footprint-lab/servers/go/lab"
)

const (
	// headMost is far below the 1 MiB that net/http takes for one head, so that many senders of one cannot fill
	// the memory; net/http adds 4 KiB. Bytes.
	headMost = 16 << 10
	// counted is the longest body that net/http gives its length by itself; it would send a longer one in chunks. Bytes.
	counted = 2 << 10
)

// Serve answers on listener with handler until ctx ends; net/http's defaults otherwise.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:        handler,
		MaxHeaderBytes: headMost,
		ErrorLog:       log.New(io.Discard, "", 0), // no line about a client's mistakes
	}
	return lab.UntilStopped(ctx, func() error { return server.Serve(listener) }, server.Shutdown)
}

// Answer reads what route needs of r and answers it. param is the parameter of the path as it was sent.
func Answer(r *http.Request, route *lab.Route, param string) lab.Answer {
	request := lab.Request{Param: param}
	if route.Method == http.MethodPost {
		body, err := lab.ReadBody(r.Body, r.ContentLength)
		if err != nil {
			return lab.BodyRefused(err)
		}
		request.Body = body
	}
	return route.Answer(request)
}

// Count gives the length of an answer's body where net/http would not.
func Count(header http.Header, body []byte) {
	if len(body) > counted {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
}
