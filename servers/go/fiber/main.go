// Server go-fiber: the lab's workloads on fiber with default settings, but for what the contract asks.
package main

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/log"
	"github.com/valyala/fasthttp"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overfasthttp"
)

func main() {
	lab.Main(lab.Program{
		Server:    "go-fiber",
		Framework: "fiber",
		Module:    "github.com/gofiber/fiber/v3",
		Serve:     serve,
	})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	log.SetOutput(io.Discard) // else some malformed requests are a line on stderr
	app := fiber.New(fiber.Config{
		CaseSensitive:                true, // /Json and
		StrictRouting:                true, // /json/ are not found
		StreamRequestBody:            true, // the contract: memory for a body grows with what has come of it
		DisablePreParseMultipartForm: true, // the contract: no look at the content type
		ErrorHandler:                 refuse,
	})
	app.Server().CloseOnShutdown = true // the last answer before a stop says Connection: close
	for _, route := range service.Routes() {
		app.Add(route.Methods(), route.Pattern(":param"), func(c fiber.Ctx) error {
			return send(c, overfasthttp.Answer(c.RequestCtx(), &route, c.Params("param")))
		})
	}
	app.Server().Handler = overfasthttp.Drained(knowing(app.Server().Handler, lab.NewTable(service.Routes())))
	listen := func() error { return app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true}) }
	return lab.UntilStopped(ctx, listen, app.ShutdownWithContext)
}

// knowing turns fiber's 501, for a method that it has never heard of, into what the contract says of any method.
func knowing(next fasthttp.RequestHandler, table lab.Table) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		next(ctx)
		if ctx.Response.StatusCode() != fiber.StatusNotImplemented {
			return
		}
		answer := lab.NotFound()
		if route, _ := table.Find(ctx.URI().PathOriginal()); route != nil {
			answer = lab.MethodNotAllowed()
			ctx.Response.Header.Set(fiber.HeaderAllow, route.Allow())
		}
		ctx.SetStatusCode(answer.Status)
		ctx.SetContentType(answer.ContentType)
		ctx.SetBody(answer.Body)
	}
}

// refuse answers what fiber gives to no route, and what fasthttp could not read. Fiber sets Allow.
func refuse(c fiber.Ctx, err error) error {
	answer := lab.Malformed()
	var known *fiber.Error
	if errors.As(err, &known) {
		switch known.Code {
		case fiber.StatusNotFound:
			answer = lab.NotFound()
		case fiber.StatusMethodNotAllowed:
			answer = lab.MethodNotAllowed()
		case fiber.StatusRequestHeaderFieldsTooLarge:
			answer = lab.HeadTooLarge()
		}
	}
	return send(c, answer)
}

func send(c fiber.Ctx, answer lab.Answer) error {
	c.Set(fiber.HeaderContentType, answer.ContentType)
	return c.Status(answer.Status).Send(answer.Body)
}
