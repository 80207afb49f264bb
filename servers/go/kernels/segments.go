package main

import (
	"math"
	"math/bits"
)

// segmentNumbers is how many numbers a segment spans: its odd ones have a bit each, 32 KiB in all, which stay in the
// CPU's nearest cache.
const segmentNumbers = 1 << 19

// segments split the numbers from 0 to limit. Bit i of a segment stands for its begin + 2i + 1.
type segments struct {
	limit  uint64
	number int
	base   []int // odd primes up to the square root of limit
}

func newSegments(limit uint64) segments {
	base := primesBelow(math.Sqrt(float64(limit)))
	return segments{limit, int(limit/segmentNumbers) + 1, base[min(1, len(base)):]}
}

func (s segments) begin(segment int) uint64 {
	return uint64(segment) * segmentNumbers
}

// sieved has a bit for each odd number that is no prime, or above the limit.
func (s segments) sieved(segment int) []uint64 {
	begin := s.begin(segment)
	odd := min(segmentNumbers/2, (s.limit-begin+1)/2)
	composite := make([]uint64, (odd+63)/64)
	if odd%64 != 0 {
		composite[odd/64] = ^uint64(0) << (odd % 64)
	}
	if segment == 0 {
		composite[0] |= 1
	}
	for _, base := range s.base {
		prime := uint64(base)
		multiple := prime * prime
		if multiple < begin {
			multiple = (begin + prime - 1) / prime * prime
			if multiple%2 == 0 {
				multiple += prime
			}
		}
		for i := (multiple - begin) / 2; i < odd; i += prime {
			composite[i/64] |= 1 << (i % 64)
		}
	}
	return composite
}

func primesLeft(composite []uint64) int {
	count := 0
	for _, word := range composite {
		count += bits.OnesCount64(^word)
	}
	return count
}

// lastOf is the greatest prime of a segment that has one.
func lastOf(composite []uint64, begin uint64) uint64 {
	i := len(composite) - 1
	for ^composite[i] == 0 {
		i--
	}
	return begin + 2*(uint64(i)*64+uint64(63-bits.LeadingZeros64(^composite[i]))) + 1
}

// nthOf is the n-th prime of a segment that has as many.
func (s segments) nthOf(segment, n int) uint64 {
	for i, word := range s.sieved(segment) {
		for left := ^word; left != 0; left &= left - 1 {
			if n--; n == 0 {
				return s.begin(segment) + 2*(uint64(i)*64+uint64(bits.TrailingZeros64(left))) + 1
			}
		}
	}
	panic("the segment has fewer primes")
}
