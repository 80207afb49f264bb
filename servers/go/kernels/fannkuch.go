package main

import "fmt"

// mostPlaces is the room for a permutation: a power of two, so that masked indices need no check, and above the greatest n.
const mostPlaces = 16

type places [mostPlaces]int

// score is what a range of permutations adds up to.
type score struct {
	sum, most int
}

func fannkuchKernel() kernel {
	return kernel{"fannkuch", sizes{11, 4, 12, 1}, []row{
		{variant: "same", algorithm: "fannkuch-swap", program: fannkuch(scoreBySwaps)},
		{variant: "best", algorithm: "fannkuch-swar", program: fannkuch(scoreByShifts)},
	}}
}

// fannkuch splits the n! permutations into n*(n-1) ranges. Each begins at an even number, as (n-2)! is even from n = 4:
// permutations come in pairs of which the first counts plus, the second minus.
func fannkuch(scoreOf func(n, begin, end int) score) program {
	return func(job job) (func() output, error) {
		return func() output {
			blocks := job.n * (job.n - 1)
			length := factorial(job.n - 2)
			var total score
			for _, part := range each(job.threads, blocks, func(block int) score {
				return scoreOf(job.n, block*length, (block+1)*length)
			}) {
				total = score{total.sum + part.sum, max(total.most, part.most)}
			}
			return output{text: fmt.Sprintf("%d,%d", total.sum, total.most)}
		}, nil
	}
}

func factorial(n int) int {
	product := 1
	for factor := 2; factor <= n; factor++ {
		product *= factor
	}
	return product
}

// unrank is the permutation of a number in the game's order, and the turns that each prefix has made to get there.
func unrank(n, number int) (perm, turns places) {
	for i := range perm {
		perm[i] = i
	}
	for last := n - 1; last > 0; last-- {
		turns[last] = number / factorial(last)
		number %= factorial(last)
		before := perm
		for i := 0; i <= last; i++ {
			perm[i] = before[(i+turns[last])%(last+1)]
		}
	}
	return perm, turns
}

func scoreBySwaps(n, begin, end int) score {
	perm, turns := unrank(n, begin)
	var total score
	for number := begin; number < end; number += 2 {
		even := flips(&perm)
		perm[0], perm[1] = perm[1], perm[0]
		odd := flips(&perm)
		total = score{total.sum + even - odd, max(total.most, even, odd)}

		// The next pair: the first three turn, and for each prefix that has come round, the next longer one.
		perm[1], perm[2] = perm[2], perm[1]
		last := 2
		for turns[last]++; turns[last] > last; turns[last]++ {
			turns[last] = 0
			first := perm[0]
			copy(perm[:last+1], perm[1:last+2])
			last++
			perm[last] = first
		}
	}
	return total
}

// flips reverses the first perm[0]+1 places until 0 is first. Place 0 itself is kept in a variable.
func flips(perm *places) int {
	first := perm[0]
	if first == 0 {
		return 0
	}
	if perm[first&(mostPlaces-1)] == 0 {
		return 1
	}
	work := *perm
	count := 1
	for {
		next := work[first&(mostPlaces-1)]
		if next == 0 {
			return count
		}
		work[first&(mostPlaces-1)] = first
		for low, high := 1, first-1; low < high; low, high = low+1, high-1 {
			work[low&(mostPlaces-1)], work[high&(mostPlaces-1)] = work[high&(mostPlaces-1)], work[low&(mostPlaces-1)]
		}
		first = next
		count++
	}
}
