// Server go-fasthttp: the lab's workloads on fasthttp with its default settings, but for what the contract asks.
package main

import (
	"context"
	"errors"
	"net"

	"github.com/valyala/fasthttp"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overfasthttp"
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
		Handler:                      overfasthttp.Drained(routes(service)),
		ErrorHandler:                 refuse,
		NoDefaultServerHeader:        true,     // the contract: Date on every answer, Server on none
		StreamRequestBody:            true,     // the contract: memory for a body grows with what has come of it
		DisablePreParseMultipartForm: true,     // the contract: no look at the content type
		CloseOnShutdown:              true,     // the last answer before a stop says Connection: close
		Logger:                       silent{}, // else every malformed request is a line on stderr
	}
	return lab.UntilStopped(ctx, func() error { return server.Serve(listener) }, server.ShutdownWithContext)
}

func routes(service *lab.Service) fasthttp.RequestHandler {
	table := lab.NewTable(service.Routes())
	return func(ctx *fasthttp.RequestCtx) {
		// The path as it was sent: fasthttp's own would take /a/../json for /json.
		route, param := table.Find(ctx.URI().PathOriginal())
		switch {
		case route == nil:
			send(ctx, lab.NotFound())
		case !route.Takes(string(ctx.Method())):
			ctx.Response.Header.Set(fasthttp.HeaderAllow, route.Allow())
			send(ctx, lab.MethodNotAllowed())
		default: // fasthttp itself keeps the body from a HEAD
			send(ctx, overfasthttp.Answer(ctx, route, param))
		}
	}
}

// refuse answers what fasthttp could not read; the connection ends after it.
func refuse(ctx *fasthttp.RequestCtx, err error) {
	var small *fasthttp.ErrSmallBuffer
	if errors.As(err, &small) {
		send(ctx, lab.HeadTooLarge())
		return
	}
	send(ctx, lab.Malformed())
}

func send(ctx *fasthttp.RequestCtx, answer lab.Answer) {
	ctx.SetStatusCode(answer.Status)
	ctx.SetContentType(answer.ContentType)
	ctx.SetBody(answer.Body)
}

// silent drops fasthttp's log lines.
type silent struct{}

func (silent) Printf(string, ...any) {}
