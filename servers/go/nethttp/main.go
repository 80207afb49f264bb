// Server go-nethttp: the lab's workloads on net/http and its own mux with default settings, but for what the
// contract asks.
package main

import (
	"context"
	"net"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overhttp"
)

func main() {
	lab.Main(lab.Program{Server: "go-nethttp", Framework: "nethttp", Serve: serve})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	return overhttp.Serve(ctx, listener, overhttp.Mux(service))
}
