package lab

import (
	"context"
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
	Module    string // module path of the framework, for its version
	// Serve answers on listener until ctx ends, then stops within StopWithin.
	Serve func(ctx context.Context, listener net.Listener, service *Service) error
}

// Service is what the routes need.
type Service struct {
	IDs         *IDs
	program     Program
	parallelism int
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
		return fail(1, err)
	}
	return 0
}

func serve(ctx context.Context, program Program, settings Settings) error {
	ids, err := NewIDs(settings.MachineID)
	if err != nil {
		return fmt.Errorf("sonyflake: %w", err)
	}
	service := &Service{IDs: ids, program: program, parallelism: runtime.GOMAXPROCS(0)}
	if settings.Workers > 0 {
		runtime.GOMAXPROCS(settings.Workers)
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("0.0.0.0:%d", settings.Port))
	if err != nil {
		return err
	}
	return program.Serve(ctx, listener, service)
}
