//go:build rust

// Server go-cgo-rust: net/http and its own mux as in nethttp, but the heavy work of /calculate and /parse is done by a
// library in Rust, servers/rust/ffi, called through cgo. The tag rust keeps it out of builds that lack the library.
package main

/*
#cgo LDFLAGS: -llab_ffi -lm
#cgo noescape lab_rust_version
#cgo nocallback lab_rust_version
#include <stddef.h>

typedef struct {
	const char *start;
	size_t length;
} text;

text lab_rust_version(void);
*/
import "C"

import (
	"context"
	"net"
	"runtime"
	"sync"

	"footprint-lab/servers/go/lab"
	"footprint-lab/servers/go/lab/overhttp"
)

// library is as the crate ffi is built: glibc's malloc, serde_json into structs that own their texts. The files of the
// workloads add what was compiled in.
var library = lab.Library{Language: "rust", Version: version(), Allocator: "glibc", JSON: "serde_json"}

func main() {
	lab.Main(lab.Program{Server: "go-cgo-rust", Framework: "cgorust", Serve: serve, Library: &library})
}

func serve(ctx context.Context, listener net.Listener, service *lab.Service) error {
	return overhttp.Serve(ctx, listener, overhttp.Mux(service))
}

func version() string {
	told := C.lab_rust_version()
	return C.GoStringN(told.start, C.int(told.length))
}

// turns holds as many calls at once as threads ran Go when the first one came. A call keeps its thread, and one that
// takes more than some 20 µs makes the runtime start another thread in its place: a thousand requests would be a
// thousand threads, beyond what a container may have.
var turns = sync.OnceValue(func() chan struct{} { return make(chan struct{}, runtime.GOMAXPROCS(0)) })

// inTurn takes a turn; what it returns gives it back.
func inTurn() (done func()) {
	turn := turns()
	turn <- struct{}{}
	return func() { <-turn }
}
