package main

import (
	"strconv"
	"strings"
)

// shares are the tasks that the trees of one depth are split into; their number is always a multiple of it.
const (
	leastDepth = 4
	shares     = 16
)

func binarytreesKernel() kernel {
	return kernel{"binarytrees", sizes{18, 6, 24, 1}, []row{
		{variant: "same", algorithm: "binarytrees-heap", program: func(job job) (func() output, error) {
			return func() output { return forest(job, sumOfTrees, func(depth int) func() int { return grow(depth).check }) }, nil
		}},
		{variant: "best", algorithm: "binarytrees-arena", program: func(job job) (func() output, error) {
			return func() output { return forest(job, sumInArena, keepInArena) }, nil
		}},
	}}
}

// forest counts the nodes of many short-lived trees while one tree lives on. sum grows trees of a depth one after
// the other and adds up their nodes; keep grows the one that lives on and returns what counts it.
func forest(job job, sum func(depth, trees int) int, keep func(depth int) func() int) output {
	checks := []int{sum(job.n+1, 1)}
	kept := keep(job.n)
	depths := (job.n-leastDepth)/2 + 1
	sums := each(job.threads, depths*shares, func(task int) int {
		depth := leastDepth + task/shares*2
		return sum(depth, (1<<(job.n-depth+leastDepth))/shares)
	})
	for first := 0; first < len(sums); first += shares {
		total := 0
		for _, sum := range sums[first : first+shares] {
			total += sum
		}
		checks = append(checks, total)
	}
	checks = append(checks, kept())
	texts := make([]string, len(checks))
	for i, check := range checks {
		texts[i] = strconv.Itoa(check)
	}
	return output{text: strings.Join(texts, ",")}
}

type tree struct {
	left, right *tree
}

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func (t *tree) check() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.check() + t.right.check()
}

func sumOfTrees(depth, trees int) int {
	total := 0
	for range trees {
		total += grow(depth).check()
	}
	return total
}

// arena holds the nodes of one tree: indices of children, 0 for none, so the first node is nobody's.
type arena struct {
	nodes [][2]uint32
}

func newArena(depth int) *arena {
	return &arena{make([][2]uint32, 1, 1<<(depth+1))}
}

func (a *arena) grow(depth int) uint32 {
	var node [2]uint32
	if depth > 0 {
		node = [2]uint32{a.grow(depth - 1), a.grow(depth - 1)}
	}
	a.nodes = append(a.nodes, node)
	return uint32(len(a.nodes) - 1)
}

func (a *arena) check(at uint32) int {
	node := a.nodes[at]
	if node[0] == 0 {
		return 1
	}
	return 1 + a.check(node[0]) + a.check(node[1])
}

func sumInArena(depth, trees int) int {
	arena := newArena(depth)
	total := 0
	for range trees {
		arena.nodes = arena.nodes[:1]
		total += arena.check(arena.grow(depth))
	}
	return total
}

func keepInArena(depth int) func() int {
	arena := newArena(depth)
	root := arena.grow(depth)
	return func() int { return arena.check(root) }
}
