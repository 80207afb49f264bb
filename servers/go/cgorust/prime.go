//go:build rust && (!slim || prime)

package main

/*
#cgo noescape lab_prime
#cgo nocallback lab_prime
#include <stdbool.h>
#include <stdint.h>

int64_t lab_prime(uint32_t n, bool once);
*/
import "C"

func init() { library.Prime = prime }

func prime(n int64, once bool) int64 {
	defer inTurn()()
	return int64(C.lab_prime(C.uint32_t(n), C.bool(once)))
}
