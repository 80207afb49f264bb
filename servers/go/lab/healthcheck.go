package lab

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"time"
)

// Healthcheck asks the server of this container GET /healthz over a plain socket, within a second in all:
// an image from scratch has no curl, and an HTTP client would only make the binary larger.
func Healthcheck(port int) error {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	deadline := time.Now().Add(time.Second)
	connection, err := net.DialTimeout("tcp", address, time.Until(deadline))
	if err != nil {
		return err
	}
	defer connection.Close()
	if err := connection.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(connection, "GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address); err != nil {
		return err
	}
	status, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		return fmt.Errorf("%s/healthz answered %q", address, strings.TrimSpace(status))
	}
	return nil
}
