package overhttp

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"footprint-lab/servers/go/lab"
)

// length answers with the length of the body.
var length = lab.Route{Method: "POST", Path: "/length", Answer: func(request lab.Request) lab.Answer {
	return lab.Answer{Status: 200, ContentType: lab.TextPlain, Body: fmt.Append(nil, len(request.Body))}
}}

// unsized hides the length of what it reads, so that it is sent in chunks.
type unsized struct{ io.Reader }

func TestBodiesAreReadUpToTheLimit(t *testing.T) {
	for size, status := range map[int]int{
		0: 200, 1: 200, lab.BodyMost: 200, lab.BodyMost + 1: 413, 10 << 20: 413,
	} {
		for _, body := range []io.Reader{strings.NewReader(strings.Repeat("x", size)), unsized{strings.NewReader(strings.Repeat("x", size))}} {
			answer := Answer(httptest.NewRequest("POST", "/length", body), &length, "")
			if answer.Status != status || status == 200 && string(answer.Body) != fmt.Sprint(size) {
				t.Errorf("%d bytes: %d %s", size, answer.Status, answer.Body)
			}
		}
	}
}

func TestABodyThatBreaksOffIs400(t *testing.T) {
	request := httptest.NewRequest("POST", "/length", io.MultiReader(strings.NewReader("abc"), broken{}))
	if answer := Answer(request, &length, ""); answer.Status != 400 || answer.ContentType != lab.ApplicationJSON {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestTheParameterIsHandedOn(t *testing.T) {
	echo := lab.Route{Method: "GET", Path: "/echo/", HasParam: true, Answer: func(request lab.Request) lab.Answer {
		return lab.Answer{Status: 200, ContentType: lab.TextPlain, Body: []byte(request.Param)}
	}}
	if answer := Answer(httptest.NewRequest("GET", "/echo/a%2Fb", nil), &echo, "a%2Fb"); string(answer.Body) != "a%2Fb" {
		t.Errorf("%s", answer.Body)
	}
}

func TestEveryLengthIsTold(t *testing.T) {
	for _, size := range []int{1, counted - 1, counted, counted + 1, 100_000} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body := make([]byte, size)
			Count(w.Header(), body)
			_, _ = w.Write(body)
		}))
		for _, method := range []string{"GET", "HEAD"} {
			request, err := http.NewRequest(method, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.ContentLength != int64(size) || answer.TransferEncoding != nil {
				t.Errorf("%s of %d bytes: %d, %v", method, size, answer.ContentLength, answer.TransferEncoding)
			}
		}
		server.Close()
	}
}

func TestServeStopsInTimeAndEndsWhatIsIdle(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- Serve(ctx, listener, http.NotFoundHandler()) }()
	half, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	if _, err := half.Write([]byte("GET / HTTP/1.1\r\nHos")); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	stop()
	if err := <-stopped; err != nil || time.Since(began) > lab.StopWithin+500*time.Millisecond {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
