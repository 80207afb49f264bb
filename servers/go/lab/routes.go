package lab

import (
	"bytes"
	"strings"
)

// Request is what a workload gets of a request. It is valid until the answer is given, and must not be changed.
type Request struct {
	Param string // the last part of the path as it was sent, without the query; empty where the route has none
	Body  []byte // at most BodyMost bytes; empty where the route is a GET
}

// Route is one path of the contract and what answers it.
type Route struct {
	Method   string // GET, and HEAD with it, or POST
	Path     string // as it is sent; where HasParam, what stands before the parameter, up to the slash
	HasParam bool
	// Answer takes as long as the work does; it has no context, so that a framework that ends one with the
	// connection does not save work that another one does.
	Answer func(Request) Answer
}

// Pattern is the path for a router that writes the parameter as param: "{param}" or ":param".
func (route *Route) Pattern(param string) string {
	if route.HasParam {
		return route.Path + param
	}
	return route.Path
}

// Param is the parameter of sent, a path as it came and without its query; ok tells whether sent is of this route.
func (route *Route) Param(sent string) (param string, ok bool) {
	rest, ok := strings.CutPrefix(sent, route.Path)
	if !route.HasParam {
		return "", ok && rest == ""
	}
	return rest, ok && rest != "" && strings.IndexByte(rest, '/') < 0
}

// Methods are those that the route takes.
func (route *Route) Methods() []string {
	if route.Method == "GET" {
		return []string{"GET", "HEAD"}
	}
	return []string{route.Method}
}

// Takes tells whether method is one of Methods.
func (route *Route) Takes(method string) bool {
	return method == route.Method || method == "HEAD" && route.Method == "GET"
}

// Allow is the value of the header of the same name.
func (route *Route) Allow() string { return strings.Join(route.Methods(), ", ") }

// Table finds routes, for a framework that has no router of its own.
type Table map[string]*Route

// NewTable makes the table of routes.
func NewTable(routes []Route) Table {
	table := Table{}
	for i := range routes {
		table[routes[i].Path] = &routes[i]
	}
	return table
}

// Find is the route of sent, a path as it came and without its query, and its parameter; nil where there is none.
func (table Table) Find(sent []byte) (*Route, string) {
	if route := table[string(sent)]; route != nil && !route.HasParam {
		return route, ""
	}
	start := bytes.LastIndexByte(sent, '/') + 1
	if route := table[string(sent[:start])]; route != nil && start < len(sent) {
		return route, string(sent[start:])
	}
	return nil, ""
}

// names are the workloads of the contract, in its order.
var names = []string{"plaintext", "json", "nextid", "prime", "parse", "kv", "db", "wait"}

// makers make the route of each workload that was compiled in. With the build tag slim that is only those whose
// own name is a tag, too; without it, all.
var makers = map[string]func(Program, Settings) (Route, error){}

// register is called by the file of each workload, once.
func register(name string, maker func(Program, Settings) (Route, error)) { makers[name] = maker }

// compiledIn are the names of the workloads that this program has.
func compiledIn() []string {
	in := []string{}
	for _, name := range names {
		if makers[name] != nil {
			in = append(in, name)
		}
	}
	return in
}
