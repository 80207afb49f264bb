// Server go-fasthttp: the lab's workloads on fasthttp with its default settings, but for what the contract asks.
package main

import (
	"context"
	"errors"
	"net"

	"github.com/valyala/fasthttp"

	"footprint-lab/servers/go/lab"
)

func main() {
	lab.Main(lab.Program{
		Server:    "go-fasthttp",
		Framework: "fasthttp",
		Module:    "github.com/valyala/fasthttp",
		Serve:     serve,
	})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	server := &fasthttp.Server{
		Handler:               routes(service),
		NoDefaultServerHeader: true,     // the contract: Date on every answer, Server on none
		MaxRequestBodySize:    64 << 10, // no route reads a body; fasthttp would buffer 4 MiB of it
		CloseOnShutdown:       true,     // the last answer before a stop says Connection: close
		Logger:                silent{}, // else every malformed request is a line on stderr
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.Background(), lab.StopWithin)
	defer cancel()
	if err := server.ShutdownWithContext(deadline); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

func routes(service *lab.Service) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		// The path as it was sent: fasthttp's own would take /a/../json for /json.
		switch string(ctx.URI().PathOriginal()) {
		case "/plaintext":
			if readOnly(ctx) {
				send(ctx, lab.TextPlain, lab.Plaintext(), nil)
			}
		case "/json":
			if readOnly(ctx) {
				body, err := lab.JSON()
				send(ctx, lab.ApplicationJSON, body, err)
			}
		case "/nextid":
			if readOnly(ctx) {
				body, err := service.IDs.Next()
				send(ctx, lab.ApplicationJSON, body, err)
			}
		case "/healthz":
			if readOnly(ctx) {
				send(ctx, lab.TextPlain, []byte("ok"), nil)
			}
		case "/lab/info":
			if readOnly(ctx) {
				body, err := service.Info()
				send(ctx, lab.ApplicationJSON, body, err)
			}
		default:
			ctx.SetStatusCode(fasthttp.StatusNotFound)
			send(ctx, lab.TextPlain, []byte("not found"), nil)
		}
	}
}

// readOnly refuses every method but GET and HEAD with 405; fasthttp itself keeps the body from a HEAD.
func readOnly(ctx *fasthttp.RequestCtx) bool {
	if ctx.IsGet() || ctx.IsHead() {
		return true
	}
	ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	ctx.Response.Header.Set(fasthttp.HeaderAllow, "GET, HEAD")
	send(ctx, lab.TextPlain, []byte("method not allowed"), nil)
	return false
}

func send(ctx *fasthttp.RequestCtx, contentType string, body []byte, err error) {
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusInternalServerError)
		contentType, body = lab.TextPlain, []byte(err.Error())
	}
	ctx.SetContentType(contentType)
	ctx.SetBody(body)
}

// silent drops fasthttp's log lines.
type silent struct{}

func (silent) Printf(string, ...any) {}
