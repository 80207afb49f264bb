package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func runWith(program Program, pairs map[string]string, args ...string) (int, string) {
	var stderr bytes.Buffer
	code := run(program, args, environment(pairs), &stderr)
	return code, stderr.String()
}

func TestBadFlagIs2InOneLine(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"--healthcheck", "now"}} {
		code, told := runWith(Program{Server: "test"}, nil, args...)
		if code != 2 || strings.Count(told, "\n") != 1 || !strings.Contains(told, "--healthcheck") {
			t.Errorf("%q: %d, %q", args, code, told)
		}
	}
}

func TestBadEnvironmentIs2InOneLine(t *testing.T) {
	code, told := runWith(Program{Server: "test"}, map[string]string{"LAB_PORT": "x"})
	if want := "test: LAB_PORT=\"x\": want a whole number from 1 to 65535\n"; code != 2 || told != want {
		t.Errorf("%d, %q", code, told)
	}
}

func TestFailureToServeIs1(t *testing.T) {
	program := Program{Server: "test", Serve: func(context.Context, net.Listener, *Service) error { return errors.New("no") }}
	code, told := runWith(program, map[string]string{"LAB_PORT": freePort(t)})
	if code != 1 || told != "test: no\n" {
		t.Errorf("%d, %q", code, told)
	}
}

func TestInfoTellsWorkersAndParallelism(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	var got map[string]any
	program := Program{Server: "test", Framework: "none", Serve: func(_ context.Context, listener net.Listener, service *Service) error {
		defer listener.Close()
		return json.Unmarshal(service.info().Body, &got)
	}}
	code, told := runWith(program, map[string]string{"LAB_PORT": freePort(t), "LAB_WORKERS": "3"})
	if code != 0 {
		t.Fatal(told)
	}
	if got["parallelism"] != float64(before) || got["workers"] != 3.0 || got["gomemlimit_bytes"] != nil {
		t.Errorf("%v", got)
	}
}

func TestHealthcheckOnly200IsHealthy(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/1.1 200 OK\r\n\r\n": "",
		"HTTP/1.1 503 No\r\n\r\n": `answered "HTTP/1.1 503 No"`,
		"":                        "EOF",
	} {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
			if _, err := connection.Read(make([]byte, 256)); err == nil {
				_, _ = connection.Write([]byte(answer))
			}
		}()
		err = Healthcheck(listener.Addr().(*net.TCPAddr).Port)
		listener.Close()
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%q: %v", answer, err)
		}
	}
	code, told := runWith(Program{Server: "test"}, map[string]string{"LAB_PORT": freePort(t)}, "--healthcheck")
	if code != 1 || !strings.Contains(told, "refused") {
		t.Errorf("nobody there: %d, %q", code, told)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
