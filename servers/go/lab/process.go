// Package lab holds what is the same for every Go server of the lab: the workloads, the settings, the
// report on itself and the life of the process. A server adds its framework and binds the routes to it.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// StopWithin is how long open requests may take once SIGTERM or SIGINT has come; then the process ends anyway.
// The contract gives two seconds in all.
const StopWithin = 1200 * time.Millisecond

// Program is what one server brings: its names, and how its framework serves.
type Program struct {
	Server    string // name in server.yaml
	Framework string
	Module    string // module path of the framework, for its version; empty where it comes with Go
	// Serve answers on listener until ctx ends, then stops within StopWithin.
	Serve func(ctx context.Context, listener net.Listener, service *Service) error
	// Library does the heavy work in another language; nil where Go does all of it.
	Library *Library
}

// Main runs program and leaves the process: 0 stopped or healthy, 1 failed or not healthy, 2 bad flag or environment.
func Main(program Program) {
	os.Exit(run(program, os.Args[1:], os.LookupEnv, os.Stderr))
}

func run(program Program, args []string, lookup func(string) (string, bool), stderr io.Writer) int {
	fail := func(code int, err error) int {
		fmt.Fprintf(stderr, "%s: %v\n", program.Server, err)
		return code
	}
	if len(args) > 1 || len(args) == 1 && args[0] != "--healthcheck" {
		return fail(2, fmt.Errorf("arguments %q: the only one known is --healthcheck", args))
	}
	settings, err := ReadSettings(lookup)
	if err != nil {
		return fail(2, err)
	}
	if len(args) == 1 {
		if err := Healthcheck(settings.Port); err != nil {
			return fail(1, err)
		}
		return 0
	}
	// Before the port opens: process 1 of a container ignores SIGTERM until it asks for it.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(ctx, program, settings); err != nil {
		var wrong settingError
		if errors.As(err, &wrong) {
			return fail(2, err)
		}
		return fail(1, err)
	}
	return 0
}

func serve(ctx context.Context, program Program, settings Settings) error {
	service, err := NewService(program, settings)
	if err != nil {
		return err
	}
	if settings.Workers > 0 {
		runtime.GOMAXPROCS(settings.Workers)
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", settings.Port))
	if err != nil {
		return err
	}
	return program.Serve(ctx, listener, service)
}

// UntilStopped runs serve until it fails or ctx ends; then stop has StopWithin to let the answers under way out.
// What is still open after that ends with the process.
func UntilStopped(ctx context.Context, serve func() error, stop func(context.Context) error) error {
	failed := make(chan error, 1)
	go func() { failed <- serve() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	deadline, cancel := context.WithTimeout(context.Background(), StopWithin)
	defer cancel()
	if err := stop(deadline); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
