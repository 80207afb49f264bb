// Server go-gin: the lab's workloads on gin in release mode with default settings, but for what the contract asks.
package main

import (
	"context"
	"net"

	"github.com/gin-gonic/gin"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overhttp"
)

func main() {
	lab.Main(lab.Program{
		Server:    "go-gin",
		Framework: "gin",
		Module:    "github.com/gin-gonic/gin",
		Serve:     serve,
	})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	gin.SetMode(gin.ReleaseMode)
	return overhttp.Serve(ctx, listener, routes(service))
}

// routes has no middleware: neither logs nor panics are part of the contract.
func routes(service *lab.Service) *gin.Engine {
	engine := gin.New()
	engine.RedirectTrailingSlash = false // /json/ is not found
	engine.HandleMethodNotAllowed = true // gin sets Allow
	engine.UseEscapedPath = true         // else /%6Ason is taken for /json
	engine.UnescapePathValues = false
	engine.NoRoute(func(c *gin.Context) { send(c, lab.NotFound()) })
	engine.NoMethod(func(c *gin.Context) { send(c, lab.MethodNotAllowed()) })
	for _, route := range service.Routes() {
		answer := func(c *gin.Context) { send(c, overhttp.Answer(c.Request, &route, c.Param("param"))) }
		for _, method := range route.Methods() {
			engine.Handle(method, route.Pattern(":param"), answer)
		}
	}
	return engine
}

func send(c *gin.Context, answer lab.Answer) {
	c.Data(answer.Status, answer.ContentType, answer.Body)
}
