package main

import (
	"fmt"
	"math"
)

// found is how many primes a range has, and the greatest.
type found struct {
	count int
	last  uint64
}

func sieveKernel() kernel {
	return kernel{"sieve", sizes{10_000_000, 10, 200_000_000, 1}, []row{
		{variant: "same", algorithm: "sieve-bools", program: sieve(sieveInParts)},
		{variant: "best", algorithm: "sieve-segmented-odd", program: sieve(sieveInSegments)},
	}}
}

func sieve(primesUpTo func(job) []found) program {
	return func(job job) (func() output, error) {
		return func() output {
			var total found
			for _, part := range primesUpTo(job) {
				total = found{total.count + part.count, max(total.last, part.last)}
			}
			return output{text: fmt.Sprintf("%d,%d", total.count, total.last)}
		}, nil
	}
}

// sieveInParts is the textbook's sieve: a flag for each number. With one thread it has one part, else one for each.
func sieveInParts(job job) []found {
	base := primesBelow(math.Sqrt(float64(job.n)))
	length := (job.n + job.threads) / job.threads
	return each(job.threads, job.threads, func(part int) found {
		begin := part * length
		composite := make([]bool, max(0, min(length, job.n+1-begin)))
		for _, prime := range base {
			first := max(prime*prime, (begin+prime-1)/prime*prime)
			for i := first - begin; i < len(composite); i += prime {
				composite[i] = true
			}
		}
		var total found
		for i, crossed := range composite {
			if !crossed && begin+i > 1 {
				total = found{total.count + 1, uint64(begin + i)}
			}
		}
		return total
	})
}

// primesBelow is every prime up to root.
func primesBelow(root float64) []int {
	composite := make([]bool, int(root)+1)
	var primes []int
	for i := 2; i < len(composite); i++ {
		if !composite[i] {
			primes = append(primes, i)
			for multiple := i * i; multiple < len(composite); multiple += i {
				composite[multiple] = true
			}
		}
	}
	return primes
}

func sieveInSegments(job job) []found {
	plan := newSegments(uint64(job.n))
	parts := each(job.threads, plan.number, func(segment int) found {
		composite := plan.sieved(segment)
		count := primesLeft(composite)
		if count == 0 {
			return found{}
		}
		return found{count, lastOf(composite, plan.begin(segment))}
	})
	return append(parts, found{1, 2})
}
