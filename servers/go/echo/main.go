// Server go-echo: the lab's workloads on echo with default settings, but for what the contract asks.
package main

import (
	"context"
	"log/slog"
	"net"
	"strings"

	"github.com/labstack/echo/v5"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overhttp"
)

func main() {
	lab.Main(lab.Program{
		Server:    "go-echo",
		Framework: "echo",
		Module:    "github.com/labstack/echo/v5",
		Serve:     serve,
	})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	return overhttp.Serve(ctx, listener, routes(service))
}

func routes(service *lab.Service) *echo.Echo {
	router := echo.NewWithConfig(echo.Config{
		Logger: slog.New(slog.DiscardHandler),
		Router: echo.NewRouter(echo.RouterConfig{NotFoundHandler: notFound}),
	})
	for _, route := range service.Routes() {
		pattern := route.Pattern(":param")
		answer := func(c *echo.Context) error {
			if hasMore(c) {
				return notFound(c)
			}
			return send(c, overhttp.Answer(c.Request(), &route, c.Param("param")))
		}
		for _, method := range route.Methods() {
			router.Add(method, pattern, answer)
		}
		// Not echo's own answer to a wrong method, which allows OPTIONS of every path.
		router.Any(pattern, func(c *echo.Context) error {
			if hasMore(c) {
				return notFound(c)
			}
			c.Response().Header().Set(echo.HeaderAllow, route.Allow())
			return send(c, lab.MethodNotAllowed())
		})
	}
	return router
}

// hasMore tells a path that goes on behind the parameter, of which echo's last one takes all the rest.
func hasMore(c *echo.Context) bool { return strings.Contains(c.Param("param"), "/") }

func notFound(c *echo.Context) error { return send(c, lab.NotFound()) }

func send(c *echo.Context, answer lab.Answer) error {
	overhttp.Count(c.Response().Header(), answer.Body)
	return c.Blob(answer.Status, answer.ContentType, answer.Body)
}
