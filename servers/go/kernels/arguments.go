package main

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// request is a command line that was understood.
type request struct {
	kernel kernel
	row    row
	cores  string
	job    job
}

func parse(args []string) (request, error) {
	if len(args) == 0 {
		return request{}, errors.New("want --list, or the name of a kernel and its options")
	}
	kernel, err := kernelNamed(args[0])
	if err != nil {
		return request{}, err
	}
	options, err := pairs(args[1:])
	if err != nil {
		return request{}, err
	}
	row, err := kernel.rowFor(options["--algorithm"], options["--mode"])
	if err != nil {
		return request{}, err
	}
	n, err := kernel.size(options["--n"])
	if err != nil {
		return request{}, err
	}
	threads, cores := 1, options["--cores"]
	switch {
	case cores == "all" && !row.sequential:
		threads = runtime.GOMAXPROCS(0)
	case cores != "all" && cores != "single":
		return request{}, fmt.Errorf("--cores %q: want single or all", cores)
	}
	return request{kernel, row, cores, job{n, threads}}, nil
}

// pairs reads options, each with its value; an empty value stands for one that was not given.
func pairs(args []string) (map[string]string, error) {
	options := map[string]string{"--algorithm": "same", "--cores": "single", "--n": "", "--mode": ""}
	for ; len(args) > 0; args = args[2:] {
		if _, known := options[args[0]]; !known {
			return nil, fmt.Errorf("%q: want --algorithm, --cores, --n or --mode", args[0])
		}
		if len(args) == 1 || args[1] == "" {
			return nil, fmt.Errorf("%s: want a value", args[0])
		}
		options[args[0]] = args[1]
	}
	return options, nil
}

func kernelNamed(name string) (kernel, error) {
	var names []string
	for _, kernel := range kernels() {
		if kernel.name == name {
			return kernel, nil
		}
		names = append(names, kernel.name)
	}
	return kernel{}, fmt.Errorf("%q: want a kernel, one of %s", name, strings.Join(names, ", "))
}

// rowFor is the first row of the variant where no mode is asked for.
func (k kernel) rowFor(variant, mode string) (row, error) {
	if variant != "same" && variant != "best" {
		return row{}, fmt.Errorf("--algorithm %q: want same or best", variant)
	}
	var modes []string
	for _, row := range k.rows {
		if row.variant == variant && (mode == "" || row.mode == mode) {
			return row, nil
		}
		if row.variant == variant && row.mode != "" {
			modes = append(modes, row.mode)
		}
	}
	if modes == nil {
		return row{}, fmt.Errorf("--mode %q: %s %s has no modes", mode, k.name, variant)
	}
	return row{}, fmt.Errorf("--mode %q: want one of %s", mode, strings.Join(modes, ", "))
}

func (k kernel) size(text string) (int, error) {
	if text == "" {
		return k.sizes.standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < k.sizes.least || n > k.sizes.most || n%k.sizes.step != 0 {
		return 0, fmt.Errorf("--n %q: want a multiple of %d from %d to %d", text, k.sizes.step, k.sizes.least, k.sizes.most)
	}
	return n, nil
}
