//go:build !slim

package overhttp

import (
	"net/http/httptest"
	"testing"

	"footprint-lab/servers/go/lab"
)

func newMux(t *testing.T) func(method, sent string) *httptest.ResponseRecorder {
	t.Helper()
	settings, err := lab.ReadSettings(func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	service, err := lab.NewService(lab.Program{Server: "go-test", Framework: "test"}, settings)
	if err != nil {
		t.Fatal(err)
	}
	mux := Mux(service)
	return func(method, sent string) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequest(method, sent, nil))
		return answer
	}
}

func TestAParameterIsTakenAsItWasSent(t *testing.T) {
	ask := newMux(t)
	for sent, want := range map[string]struct {
		status int
		body   string
	}{
		"/kv/k17":      {200, `{"key":"k17","value":"value-of-k17"}`},
		"/kv/k17?a=/.": {200, `{"key":"k17","value":"value-of-k17"}`},
		"/kv/.":        {404, `{"error":"no such key"}`},
		"/kv/..":       {404, `{"error":"no such key"}`},
		"/kv/.?a=1":    {404, `{"error":"no such key"}`},
		"/kv/%2E":      {404, `{"error":"no such key"}`},
		"/kv/%6B17":    {404, `{"error":"no such key"}`},
		"/kv/a%2Fb":    {404, `{"error":"no such key"}`},
		"/db/.":        {400, `{"error":"id: want a whole number from 1 to 10000"}`},
		"/wait/..":     {400, `{"error":"ms: want a whole number from 0 to 10000"}`},
	} {
		if got := ask("GET", sent); got.Code != want.status || got.Body.String() != want.body || got.Header().Get("Content-Type") != lab.ApplicationJSON {
			t.Errorf("%s: %d %s", sent, got.Code, got.Body)
		}
	}
}

func TestNoPathIsCleaned(t *testing.T) {
	ask := newMux(t)
	for _, sent := range []string{
		"/", "/nope", "//json", "/json/", "/a/../json", "/./json", "/json/.", "/%6Ason", "/Json", "/kv", "/kv/", "/kv//",
		"/kv/./", "/kv/./k17", "/kv/a/b", "/kv/a/..", "//kv/k17",
	} {
		if got := ask("GET", sent); got.Code != 404 || got.Body.String() != "not found" || got.Header().Get("Content-Type") != lab.TextPlain {
			t.Errorf("%s: %d %s", sent, got.Code, got.Body)
		}
	}
}

func TestAnotherMethodIsToldWhichAreAllowed(t *testing.T) {
	ask := newMux(t)
	for asked, allow := range map[[2]string]string{
		{"POST", "/json"}:       "GET, HEAD",
		{"PUT", "/kv/k17"}:      "GET, HEAD",
		{"DELETE", "/kv/."}:     "GET, HEAD",
		{"GET", "/calculate"}:   "POST",
		{"HEAD", "/parse"}:      "POST",
		{"OPTIONS", "/healthz"}: "GET, HEAD",
	} {
		got := ask(asked[0], asked[1])
		if got.Code != 405 || got.Header().Get("Allow") != allow || got.Body.String() != "method not allowed" {
			t.Errorf("%v: %d, Allow %q, %s", asked, got.Code, got.Header().Get("Allow"), got.Body)
		}
	}
	if got := ask("HEAD", "/kv/.."); got.Code != 404 {
		t.Errorf("HEAD /kv/..: %d", got.Code)
	}
}
