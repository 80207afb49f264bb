package overfasthttp

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"footprint-lab/servers/go/lab"
)

// length answers with the length of the body.
var length = lab.Route{Method: "POST", Path: "/length", Answer: func(request lab.Request) lab.Answer {
	return lab.Answer{Status: 200, ContentType: lab.TextPlain, Body: fmt.Append(nil, len(request.Body))}
}}

// serve has /length, and answers all else with 404 without a look at the body. It is the address.
func serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{
		StreamRequestBody: true,
		Handler: Drained(func(ctx *fasthttp.RequestCtx) {
			answer := lab.NotFound()
			if string(ctx.Path()) == length.Path {
				answer = Answer(ctx, &length, "")
			}
			ctx.SetStatusCode(answer.Status)
			ctx.SetBody(answer.Body)
		}),
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String()
}

// client is one connection, each of whose answers must come within 5 s.
type client struct {
	net.Conn
	t    *testing.T
	from *bufio.Reader
}

func dial(t *testing.T, address string) *client {
	t.Helper()
	connection, err := net.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return &client{connection, t, bufio.NewReader(connection)}
}

// send writes at the side: what is more than the server takes would stand in the way of its answer.
func (c *client) send(text string) { go func() { _, _ = io.WriteString(c, text) }() }

// answer is the next status and body, and whether the connection goes on.
func (c *client) answer() (status int, body string, open bool) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer, err := http.ReadResponse(c.from, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, string(text), !answer.Close
}

func sized(path string, size int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", path, size, strings.Repeat("x", size))
}

func chunked(path string, size int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", path)
	for left := size; left > 0; left -= min(left, 1000) {
		fmt.Fprintf(&text, "%x\r\n%s\r\n", min(left, 1000), strings.Repeat("x", min(left, 1000)))
	}
	text.WriteString("0\r\n\r\n")
	return text.String()
}

func TestBodiesAreReadUpToTheLimit(t *testing.T) {
	address := serve(t)
	for _, size := range []int{0, 1, ahead - 1, ahead, ahead + 1, lab.BodyMost - 1, lab.BodyMost, lab.BodyMost + 1, drained, 2 * drained} {
		for _, request := range []string{sized("/length", size), chunked("/length", size)} {
			c := dial(t, address)
			c.send(request + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
			want, told := 200, fmt.Sprint(size)
			if size > lab.BodyMost {
				want, told = 413, `{"error":"body: want at most 65536 bytes"}`
			}
			status, body, open := c.answer()
			if status != want || body != told {
				t.Errorf("%d bytes: %d %s", size, status, body)
			}
			if open != (size <= drained) {
				t.Errorf("%d bytes: open %t", size, open)
			}
			if open {
				if status, _, _ := c.answer(); status != 404 {
					t.Errorf("%d bytes: then %d", size, status)
				}
			}
		}
	}
}

func TestWhatIsLeftOfABodyIsNoRequest(t *testing.T) {
	address := serve(t)
	for _, size := range []int{3, ahead + 1, drained} {
		for _, request := range []string{sized("/nope", size), chunked("/nope", size), strings.Replace(sized("/nope", size), "POST", "GET", 1)} {
			c := dial(t, address)
			c.send(request + sized("/length", 7))
			if status, _, open := c.answer(); status != 404 || !open {
				t.Errorf("%d bytes: %d, open %t", size, status, open)
			}
			if status, body, _ := c.answer(); status != 200 || body != "7" {
				t.Errorf("%d bytes: then %d %s", size, status, body)
			}
		}
	}
}

func TestABrokenChunkIs400AndTheEnd(t *testing.T) {
	address := serve(t)
	for _, path := range []string{"/length", "/nope"} {
		c := dial(t, address)
		c.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n" + sized("/length", 7))
		want := map[string]int{"/length": 400, "/nope": 404}[path]
		if status, _, open := c.answer(); status != want || open {
			t.Errorf("%s: %d, open %t", path, status, open)
		}
	}
}

func TestABodyThatBreaksOffIs400(t *testing.T) {
	c := dial(t, serve(t))
	if _, err := io.WriteString(c, sized("/length", ahead*2)[:ahead+200]); err != nil {
		t.Fatal(err)
	}
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := c.answer(); status != 400 || body != `{"error":"body: want as many bytes as its head says"}` {
		t.Errorf("%d %s", status, body)
	}
}

func TestMemoryGrowsWithWhatHasCome(t *testing.T) {
	address := serve(t)
	const connections = 200
	before := heap()
	for range connections {
		c := dial(t, address)
		if _, err := io.WriteString(c, sized("/length", lab.BodyMost)[:200]); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond) // until the last of them is being read
	// Both ends are in this process; the whole of the bodies would be 64 KiB each.
	if each := (heap() - before) / connections; each > 32<<10 {
		t.Errorf("%d bytes for each connection", each)
	}
}

func heap() int {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
