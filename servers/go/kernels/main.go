// Command kernels runs one batch workload of the lab and prints one JSON line about it.
// What it promises, in every language: servers/contract/kernels.md.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 done, 1 the job failed, 2 bad arguments.
func run(args []string, stdout, stderr io.Writer) int {
	fail := func(code int, err error) int {
		fmt.Fprintf(stderr, "kernels: %v\n", err)
		return code
	}
	lines := json.NewEncoder(stdout)
	if len(args) == 1 && args[0] == "--list" {
		for _, offer := range offers() {
			if err := lines.Encode(offer); err != nil {
				return fail(1, err)
			}
		}
		return 0
	}
	asked, err := parse(args)
	if err != nil {
		return fail(2, err)
	}
	// One thread of Go code, the garbage collector's included: what `single` has to mean for a runtime with helpers.
	if asked.cores == "single" {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	}
	result, err := measure(asked)
	if err != nil {
		return fail(1, err)
	}
	if err := lines.Encode(result); err != nil {
		return fail(1, err)
	}
	return 0
}
