//go:build rust && (!slim || parse)

package main

/*
#cgo noescape lab_parse
#cgo nocallback lab_parse
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	uint64_t count;
	uint32_t checksum;
	bool valid;
} order_sum;

order_sum lab_parse(const uint8_t *body, size_t length);
*/
import "C"

import (
	"unsafe"

	"footprint-lab/servers/go/lab"
)

func init() { library.Parse = parse }

func parse(body []byte) (lab.OrderSum, bool) {
	defer inTurn()()
	sum := C.lab_parse((*C.uint8_t)(unsafe.SliceData(body)), C.size_t(len(body)))
	return lab.OrderSum{Count: int(sum.count), Checksum: uint32(sum.checksum)}, bool(sum.valid)
}
