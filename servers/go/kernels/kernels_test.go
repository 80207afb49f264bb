package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// small has one small n for each kernel and mode, and its checksum; servers/contract/kernels.md has them too.
// Those that are known elsewhere (the benchmarks game's, numbers of primes, sums with a formula) came from there.
var small = []struct {
	kernel, mode string
	n            int
	checksum     string
}{
	{"binarytrees", "", 10, "4095,31744,32512,32704,32752,2047"},
	{"fannkuch", "", 7, "228,16"},
	{"fannkuch", "", 9, "8629,30"},
	{"mandelbrot", "", 200, "0d7e6e396f5a430a29223b731e96ce775b9f355a6b967e1131abbf53b7b1628d"},
	{"k-nucleotide", "", 125_000, "1/124907,1/123514,49/4096,459/256,1474/64,4930/16,24794/4"},
	{"spawn-tasks", "running-recursive", 1000, "44426932"},
	{"spawn-tasks", "running-iterative", 1000, "44426932"},
	{"spawn-tasks", "parked", 1000, "499500"},
	{"prime", "", 1, "2"},
	{"prime", "", 2, "3"},
	{"prime", "", 10, "29"},
	{"prime", "", 1000, "7919"},
	{"json-parse", "", 10, "120,1419950"},
	{"convolution", "", 100, "e98b655f2bd32c83b967ae1b6f31d2a3fd96f6b3a7d59b4166eba72c51afceca"},
	{"grey", "", 101, "8de0fd272bedc0871b76f18eec7e3c5a7699ea8cbac0b3678abb94dc5203e8d3"},
	{"sieve", "", 10, "4,7"},
	{"sieve", "", 1_000_000, "78498,999983"},
	{"sha256", "stream", 1, "f130b79cfc371da93e46ff762143c5bef0f567ffb09ea4fe355250e74164eb5b"},
	{"sha256", "tree", 2, "03092c55f663abc6c5eb75955a21b40459380bd02b8d4424b3d2deabe886f004"},
}

func TestChecksumsAreTheKnownOnes(t *testing.T) {
	tested := map[string]bool{}
	for _, known := range small {
		kernel, err := kernelNamed(known.kernel)
		if err != nil {
			t.Fatal(err)
		}
		tested[known.kernel] = true
		for _, row := range kernel.rows {
			if known.mode != "" && row.mode != known.mode {
				continue
			}
			for _, threads := range []int{1, 3} {
				job, err := row.program(job{known.n, threads})
				if err != nil {
					t.Fatal(err)
				}
				if got := job().checksum(); got != known.checksum {
					t.Errorf("%s %s, n %d, %d threads: %s", known.kernel, row.algorithm, known.n, threads, got)
				}
			}
		}
	}
	for _, kernel := range kernels() {
		if !tested[kernel.name] {
			t.Errorf("%s has no known checksum", kernel.name)
		}
	}
}

func TestEveryKernelHasBothVariants(t *testing.T) {
	for _, kernel := range kernels() {
		for _, variant := range []string{"same", "best"} {
			if _, err := kernel.rowFor(variant, ""); err != nil {
				t.Errorf("%s: %v", kernel.name, err)
			}
		}
		if _, err := kernel.size(fmt.Sprint(kernel.sizes.standard)); err != nil {
			t.Errorf("%s: its default is out of its own range: %v", kernel.name, err)
		}
	}
}

func TestInputIsTheGames(t *testing.T) {
	// n/5 = 1000 is the game's example output.
	sequence, err := fasta(5000)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(sequence, []byte("aacacttcaccaggtatcgtgaaggctcaagattacccagagaacctttgcaatataaga")) || !bytes.HasSuffix(sequence, []byte("gtaggaagtgaaaagataaatat")) {
		t.Errorf("%s ... %s", sequence[:60], sequence[4940:])
	}
	if _, err := fasta(standardNucleotides); err != nil {
		t.Error(err)
	}
}

func runWith(args ...string) (code int, stdout, stderr string) {
	var out, errors bytes.Buffer
	code = run(args, &out, &errors)
	return code, out.String(), errors.String()
}

func TestRunPrintsOneLine(t *testing.T) {
	code, stdout, stderr := runWith("fannkuch", "--algorithm", "best", "--cores", "all", "--n", "7")
	if code != 0 || stderr != "" || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("%d, %q, %q", code, stdout, stderr)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"kernel": "fannkuch", "language": "go", "algorithm": "fannkuch-swar", "variant": "best", "cores": "all",
		"n": 7.0, "mode": nil, "checksum": "228,16", "simd": false,
	} {
		if value, there := got[field]; !there || value != want {
			t.Errorf("%s: %v", field, value)
		}
	}
	for _, field := range []string{"language_version", "threads", "wall_seconds", "cpu_seconds", "allocations", "allocated_bytes"} {
		if got[field] == nil {
			t.Errorf("%s is missing", field)
		}
	}
}

func TestListHasEveryRow(t *testing.T) {
	code, stdout, stderr := runWith("--list")
	rows := 0
	for _, kernel := range kernels() {
		rows += len(kernel.rows)
	}
	if code != 0 || stderr != "" || strings.Count(stdout, "\n") != rows {
		t.Errorf("%d, %q, %q", code, stdout, stderr)
	}
}

func TestBadArgumentsAre2InOneLine(t *testing.T) {
	for _, bad := range []struct{ args, told string }{
		{"", "--list"},
		{"--list now", `"--list": want a kernel`},
		{"nbody", `"nbody": want a kernel, one of binarytrees, `},
		{"prime --speed 1", `"--speed": want --algorithm`},
		{"prime --n", "--n: want a value"},
		{"prime --n 0", `--n "0": want a multiple of 1 from 1 to 100000`},
		{"prime --n 1e3", `--n "1e3"`},
		{"mandelbrot --n 12", `--n "12": want a multiple of 8 from 8 to 32768`},
		{"prime --cores two", `--cores "two": want single or all`},
		{"prime --algorithm fast", `--algorithm "fast": want same or best`},
		{"prime --mode fast", `--mode "fast": prime same has no modes`},
		{"mandelbrot --mode fast", `--mode "fast": want one of scalar, lanes8`},
	} {
		code, stdout, stderr := runWith(strings.Fields(bad.args)...)
		if code != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, bad.told) {
			t.Errorf("%q: %d, %q, %q", bad.args, code, stdout, stderr)
		}
	}
}

func TestHandwrittenDecoderAgreesWithTheLibrary(t *testing.T) {
	theirs, err := parseWithLibrary()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := parseByHand()
	if err != nil || fmt.Sprint(ours) != fmt.Sprint(theirs) {
		t.Errorf("%v, %v", ours, err)
	}
	before := documentText
	defer func() { documentText = before }()
	for _, text := range []string{
		`{}`, ` { "items" : [ ] , "order" : "" } `, `{"order":"a\"b\u00e9\\"}`, `{"order":"a"}x`, `{"order":"a",}`, `{"order" "a"}`,
		`{"items":[{"id":4294967295}]}`, `{"items":[{"id":4294967296}]}`, `{"items":[{"id":-1}]}`, `{"items":[{"id":1.5}]}`,
		`{"items":[{"id":01}]}`, `{"items":[{"id":"1"}]}`, `{"items":[{"active":false,"tags":["x","y\n"]},{"tags":[]}]}`,
		`{"items":[{"active":maybe}]}`, `{"items":[{}{}]}`, `{"items":[,]}`, `{"items":`, `{"order":"a`, `{"order":"a\`, "{\"order\":\"a\nb\"}", ``, `[]`,
		`{"other":{"a":[1,-2.5e3,null,true,"x\"",{}],"b":[]},"items":[{"dimensions":{"width":1,"more":2,"height":2,"depth":3}}]}`,
		`{"other":nil}`, `{"other":[1 2]}`, `{"other":`,
	} {
		documentText = text
		var want order
		library := json.Unmarshal([]byte(text), &want)
		got, err := parseByHand()
		if (err == nil) != (library == nil) || err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v; the library: %v, %v", text, got, err, want, library)
		}
	}
}
