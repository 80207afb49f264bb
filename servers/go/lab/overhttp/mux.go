package overhttp

import (
	"net/http"
	"path"

	"footprint-lab/servers/go/lab"
)

// Mux answers the routes of service with net/http's own mux.
func Mux(service *lab.Service) http.Handler {
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
			send(w, Answer(r, &route, param))
		})
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if _, ok := route.Param(r.URL.EscapedPath()); !ok {
				send(w, lab.NotFound())
				return
			}
			refuse(w, &route)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { send(w, lab.NotFound()) })
	return asSent(mux, lab.NewTable(service.Routes()))
}

// asSent keeps from the mux what it would answer with a redirect to a cleaner path: /a/../json is no route, but /kv/.
// and /kv/.. ask for keys as any other.
func asSent(mux http.Handler, table lab.Table) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.URL.EscapedPath()
		if path.Clean(sent) == sent {
			mux.ServeHTTP(w, r)
			return
		}
		switch route, param := table.Find([]byte(sent)); {
		case route == nil:
			send(w, lab.NotFound())
		case route.Takes(r.Method):
			send(w, Answer(r, route, param))
		default:
			refuse(w, route)
		}
	})
}

func refuse(w http.ResponseWriter, route *lab.Route) {
	w.Header().Set("Allow", route.Allow())
	send(w, lab.MethodNotAllowed())
}

func send(w http.ResponseWriter, answer lab.Answer) {
	header := w.Header()
	header.Set("Content-Type", answer.ContentType)
	Count(header, answer.Body)
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // it fails only when the client has gone
}
