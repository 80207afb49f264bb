//go:build rust && !slim

package main

import (
	"os"
	"regexp"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	"footprint-lab/servers/go/lab"
)

func TestRustFindsThePrimesThatGoFinds(t *testing.T) {
	for n, want := range map[int64]int64{1: 2, 2: 3, 5: 11, 1000: 7919, 10_000: 104_729} {
		for _, once := range []bool{false, true} {
			if got := prime(n, once); got != want {
				t.Errorf("%d, once %t: %d, want %d", n, once, got, want)
			}
		}
	}
}

func TestRustParsesWhatGoParses(t *testing.T) {
	document, err := os.ReadFile("../lab/testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := parse(document); !ok || got != (lab.OrderSum{Count: 12, Checksum: 141_995}) {
		t.Errorf("%+v, %t", got, ok)
	}
	deep := []byte(`{"order":"x","items":[],"more":` + strings.Repeat("[", 60_000))
	for _, wrong := range [][]byte{nil, {}, []byte("null"), []byte("[]"), document[:1000], deep, []byte("\xff")} {
		if got, ok := parse(wrong); ok || got != (lab.OrderSum{}) {
			t.Errorf("%.30q: %+v, %t", wrong, got, ok)
		}
	}
}

func TestManyCallsDoNotTakeManyThreads(t *testing.T) {
	before := pprof.Lookup("threadcreate").Count()
	var all sync.WaitGroup
	for range 300 {
		all.Go(func() { prime(2000, false) })
	}
	all.Wait()
	if more := pprof.Lookup("threadcreate").Count() - before; more > 2*runtime.GOMAXPROCS(0)+4 {
		t.Errorf("%d more threads for 300 calls at once", more)
	}
}

func TestTheVersionIsThatOfTheCompiler(t *testing.T) {
	if !regexp.MustCompile(`^\d+\.\d+\.\d+\S*$`).MatchString(library.Version) {
		t.Errorf("%q", library.Version)
	}
}
