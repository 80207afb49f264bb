//go:build !slim

package lab

import "testing"

func TestALibraryDoesTheHeavyWork(t *testing.T) {
	settings, err := ReadSettings(environment(map[string]string{"LAB_PRIME": "once"}))
	if err != nil {
		t.Fatal(err)
	}
	library := Library{
		Language: "rust", Version: "1.2.3", Allocator: "glibc", JSON: "serde_json",
		Prime: func(n int64, once bool) int64 { return map[bool]int64{true: n + 1}[once] },
		Parse: func(body []byte) (OrderSum, bool) { return OrderSum{len(body), 7}, len(body) > 2 },
	}
	service, err := NewService(Program{Server: "go-test", Framework: "test", Library: &library}, settings)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, service, "/calculate", `{"n":100000}`).expect(t, 200, ApplicationJSON, `{"n":100000,"prime":100001}`)
	ask(t, service, "/parse", "abc").expect(t, 200, ApplicationJSON, `{"count":3,"checksum":7}`)
	ask(t, service, "/parse", "{}").expect(t, 400, ApplicationJSON, `{"error":"body: want an order document of JSON"}`)
	if answer := ask(t, service, "/calculate", `{"n":0}`); answer.Status != 400 {
		t.Errorf("the library is asked for what no prime has: %d", answer.Status)
	}
	got := told(t, ask(t, service, "/lab/info", ""))
	for name, want := range map[string]string{
		"language": "go+rust", "language_version": goVersion() + "+1.2.3", "allocator": "go+glibc", "json": codecName + "+serde_json",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %s", name, got[name], want)
		}
	}
}
