package lab

import (
	"slices"
	"strings"
	"testing"
)

// newTestService has what the environment pairs ask for.
func newTestService(t *testing.T, pairs map[string]string) *Service {
	t.Helper()
	settings, err := ReadSettings(environment(pairs))
	if err != nil {
		t.Fatal(err)
	}
	service, err := NewService(Program{Server: "go-test", Framework: "test"}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// ask is the answer of the route that path is of.
func ask(t *testing.T, service *Service, path, body string) Answer {
	t.Helper()
	route, param := NewTable(service.Routes()).Find([]byte(path))
	if route == nil {
		t.Fatalf("%s has no route", path)
	}
	return route.Answer(Request{Param: param, Body: []byte(body)})
}

func (answer Answer) expect(t *testing.T, status int, contentType, body string) {
	t.Helper()
	if answer.Status != status || answer.ContentType != contentType || string(answer.Body) != body {
		t.Errorf("got %d %s %s, want %d %s %s", answer.Status, answer.ContentType, answer.Body, status, contentType, body)
	}
}

func TestWhatServersShareIsExact(t *testing.T) {
	NotFound().expect(t, 404, TextPlain, "not found")
	MethodNotAllowed().expect(t, 405, TextPlain, "method not allowed")
	Malformed().expect(t, 400, TextPlain, "malformed request")
	HeadTooLarge().expect(t, 431, TextPlain, "head too large")
}

func TestHealthIsOK(t *testing.T) {
	ask(t, newTestService(t, nil), "/healthz", "").expect(t, 200, TextPlain, "ok")
}

func TestWhatCannotBeSerialisedIs500(t *testing.T) {
	if answer := object(func() {}); answer.Status != 500 || len(answer.Body) == 0 {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

func TestEachPathIsOfOneRouteAndNearOnesAreOfNone(t *testing.T) {
	routes := newTestService(t, nil).Routes()
	table := NewTable(routes)
	for i := range routes {
		path := routes[i].Pattern("x1")
		for _, sent := range []string{path, "/" + path, path + "/", "/a/.." + path, strings.ToUpper(path), "/%6A" + path[2:], path[1:]} {
			route, found := table.Find([]byte(sent))
			param, ok := routes[i].Param(sent)
			if wanted := sent == path; ok != wanted || (route == &routes[i]) != wanted {
				t.Errorf("%s: of %s %t", sent, routes[i].Path, ok)
			}
			if ok && (param != found || param != map[bool]string{true: "x1"}[routes[i].HasParam]) {
				t.Errorf("%s: parameters %q and %q", sent, param, found)
			}
		}
	}
	for _, sent := range []string{"", "*", "/", "/lab", "/kv", "/kv/", "/db/", "/wait/", "/kv/a/b", "/kv//", "/nope/a"} {
		if route, _ := table.Find([]byte(sent)); route != nil {
			t.Errorf("%q is of %s", sent, route.Path)
		}
		for i := range routes {
			if _, ok := routes[i].Param(sent); ok {
				t.Errorf("%q is of %s", sent, routes[i].Path)
			}
		}
	}
}

func TestMethodsAreThoseOfTheContract(t *testing.T) {
	routes := newTestService(t, nil).Routes()
	for i := range routes {
		route := &routes[i]
		want := "GET, HEAD"
		if slices.Contains([]string{"/calculate", "/parse"}, route.Path) {
			want = "POST"
		}
		if route.Allow() != want {
			t.Errorf("%s allows %s", route.Path, route.Allow())
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "get", ""} {
			if allowed := slices.Contains(route.Methods(), method); route.Takes(method) != allowed {
				t.Errorf("%s takes %q: %t", route.Path, method, !allowed)
			}
		}
	}
}

func TestEveryWorkloadHasAName(t *testing.T) {
	if in := compiledIn(); len(in) != len(makers) {
		t.Errorf("%d workloads, %v of them in the contract", len(makers), in)
	}
}
