// Server go-nethttp: the lab's workloads on net/http and its own mux with default settings, but for what the
// contract asks.
package main

import (
	"context"
	"net"
	"net/http"
	"path"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overhttp"
)

func main() {
	lab.Main(lab.Program{Server: "go-nethttp", Framework: "nethttp", Serve: serve})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	return overhttp.Serve(ctx, listener, asSent(routes(service)))
}

func routes(service *lab.Service) *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range service.Routes() {
		pattern := route.Pattern("{param}")
		mux.HandleFunc(route.Method+" "+pattern, func(w http.ResponseWriter, r *http.Request) {
			// The path as it was sent: the mux takes /%6Ason for /json.
			param, ok := route.Param(r.URL.EscapedPath())
			if !ok {
				send(w, lab.NotFound())
				return
			}
			send(w, overhttp.Answer(r, &route, param))
		})
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if _, ok := route.Param(r.URL.EscapedPath()); !ok {
				send(w, lab.NotFound())
				return
			}
			w.Header().Set("Allow", route.Allow())
			send(w, lab.MethodNotAllowed())
		})
	}
	mux.HandleFunc("/", notFound)
	return mux
}

// asSent keeps from the mux what it would answer with a redirect to a cleaner path.
func asSent(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sent := r.URL.EscapedPath(); path.Clean(sent) != sent {
			notFound(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, _ *http.Request) { send(w, lab.NotFound()) }

func send(w http.ResponseWriter, answer lab.Answer) {
	header := w.Header()
	header.Set("Content-Type", answer.ContentType)
	overhttp.Count(header, answer.Body)
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // it fails only when the client has gone
}
