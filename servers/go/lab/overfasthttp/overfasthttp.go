// Package overfasthttp is what the servers on fasthttp share, whatever routes their requests. Each of them sets
// StreamRequestBody: without it fasthttp sets aside all that a head announces before any of it has come, and 1,000
// clients that send no more than heads fill 64 MiB.
package overfasthttp

import (
	"errors"
	"io"

	"github.com/valyala/fasthttp"

	"footprint-lab/servers/go/lab"
)

const (
	// ahead is how much of a body of known length fasthttp reads before it calls a handler. Bytes.
	ahead = 8 << 10
	// drained is how much of a body that nobody wants is read to keep its connection, the same as in net/http. Bytes.
	drained = 256 << 10
)

// Answer reads what route needs of the request and answers it. param is the parameter of the path as it was sent.
func Answer(ctx *fasthttp.RequestCtx, route *lab.Route, param string) lab.Answer {
	request := lab.Request{Param: param}
	if route.Method == fasthttp.MethodPost {
		body, err := read(ctx)
		if err != nil {
			return lab.BodyRefused(err)
		}
		request.Body = body
	}
	return route.Answer(request)
}

func read(ctx *fasthttp.RequestCtx) ([]byte, error) {
	announced := ctx.Request.Header.ContentLength()
	if 0 <= announced && announced <= ahead {
		return ctx.PostBody(), nil // all there
	}
	body, err := lab.ReadBody(ctx.RequestBodyStream(), int64(announced))
	if err != nil && !errors.Is(err, lab.ErrBodyTooLarge) {
		ctx.SetConnectionClose() // nobody knows where the next request starts
	}
	return body, err
}

// Drained is next, after which what next has left of the body is read: it would be taken for the next request. The
// connection of a body that goes on for too long ends.
func Drained(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		next(ctx)
		if !ctx.Response.ConnectionClose() && !drain(&ctx.Request) {
			ctx.SetConnectionClose()
		}
	}
}

// drain tells whether the body has come to its end.
func drain(request *fasthttp.Request) bool {
	stream, announced := request.BodyStream(), request.Header.ContentLength()
	if stream == nil || 0 <= announced && announced <= ahead {
		return true
	}
	if announced > drained {
		return false
	}
	_, err := io.CopyN(io.Discard, stream, drained+1)
	return errors.Is(err, io.EOF)
}
