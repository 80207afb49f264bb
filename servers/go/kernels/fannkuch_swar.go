package main

import "math/bits"

const evenNibbles = 0x0f0f0f0f0f0f0f0f

// scoreByShifts is scoreBySwaps with a permutation in one word, four bits a place: reversing a prefix is a byte swap
// and shifts, without memory and without a loop whose length the CPU has to guess.
func scoreByShifts(n, begin, end int) score {
	start, turns := unrank(n, begin)
	var perm uint64
	for i, value := range start {
		perm |= uint64(value) << (4 * i)
	}
	var total score
	for number := begin; number < end; number += 2 {
		even, odd := flipsOfTwo(perm, rotated(perm, 2))
		total = score{total.sum + even - odd, max(total.most, even, odd)}

		perm = rotated(perm, 3)
		last := 2
		for turns[last]++; turns[last] > last; turns[last]++ {
			turns[last] = 0
			last++
			perm = rotated(perm, last+1)
		}
	}
	return total
}

// flipsOfTwo works on both at once, for the CPU has room for two chains. A reversal of one place changes nothing,
// so the shorter chain waits at its end.
func flipsOfTwo(a, b uint64) (int, int) {
	var flipsA, flipsB uint64
	for {
		firstA, firstB := a&15, b&15
		if firstA|firstB == 0 {
			return int(flipsA), int(flipsB)
		}
		flipsA += (firstA + 15) >> 4 // 1 unless first is 0
		flipsB += (firstB + 15) >> 4
		a = reversed(a, firstA)
		b = reversed(b, firstB)
	}
}

// reversed turns round the first last+1 places; last is below 15.
func reversed(perm, last uint64) uint64 {
	all := bits.ReverseBytes64(perm)
	all = all>>4&evenNibbles | all&evenNibbles<<4
	kept := 4*last + 4
	return all>>((64-kept)&63) | perm>>(kept&63)<<(kept&63)
}

// rotated moves the first place behind the others of the first count places.
func rotated(perm uint64, count int) uint64 {
	mask := uint64(1)<<(4*count&63) - 1
	return perm&^mask | perm&mask>>4 | perm&15<<((4*count-4)&63)
}
