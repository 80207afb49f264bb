// Peer fasthttp: paths told apart by a switch, names of headers left as they come, as TechEmpower's entry fasthttp has
// it. It sends Server; here nobody does.
package main

import (
	"log"

	"github.com/valyala/fasthttp"
)

func main() {
	server := &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			switch string(ctx.Path()) {
			case "/plaintext":
				ctx.Response.SetBodyString("Hello, World!")
			default:
				ctx.Error("not found", fasthttp.StatusNotFound)
			}
		},
		DisableHeaderNamesNormalizing: true,
		NoDefaultServerHeader:         true,
	}
	log.Fatal(server.ListenAndServe(":8080"))
}
