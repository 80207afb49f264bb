package main

import (
	"math"
	"strconv"
	"sync"
)

// candidateBlock is how many candidates a thread takes at once.
const candidateBlock = 256

func primeKernel() kernel {
	return kernel{"prime", sizes{10_000, 1, 100_000, 1}, []row{
		{variant: "same", algorithm: "prime-trial-division", program: nthPrime(byDivision)},
		{variant: "best", algorithm: "prime-sieve", program: nthPrime(bySieve)},
	}}
}

func nthPrime(search func(job) uint64) program {
	return func(job job) (func() output, error) {
		return func() output { return output{text: strconv.FormatUint(search(job), 10)} }, nil
	}
}

// isPrime tries every divisor up to the square root, which is taken once.
func isPrime(candidate uint32) bool {
	root := uint32(math.Sqrt(float64(candidate)))
	for i := uint32(2); i <= root; i++ {
		if candidate%i == 0 {
			return false
		}
	}
	return true
}

func byDivision(job job) uint64 {
	if job.threads > 1 {
		return byDivisionInBlocks(job)
	}
	if job.n == 1 {
		return 2
	}
	found := 1
	for candidate := uint32(3); ; candidate++ {
		if isPrime(candidate) {
			if found++; found == job.n {
				return uint64(candidate)
			}
		}
	}
}

// primeSearch is what threads share. Blocks end in any order and are counted in theirs.
type primeSearch struct {
	sync.Mutex
	wanted  int
	taken   int
	counted int
	primes  int
	ahead   map[int][]uint32 // blocks that ended before an earlier one
	answer  uint32
}

func byDivisionInBlocks(job job) uint64 {
	search := primeSearch{wanted: job.n, ahead: map[int][]uint32{}}
	var workers sync.WaitGroup
	for range job.threads {
		workers.Go(func() {
			for block, more := search.take(); more; block, more = search.take() {
				search.put(block, primesOf(block))
			}
		})
	}
	workers.Wait()
	return uint64(search.answer)
}

func (s *primeSearch) take() (block int, more bool) {
	s.Lock()
	defer s.Unlock()
	s.taken++
	return s.taken - 1, s.answer == 0
}

func (s *primeSearch) put(block int, primes []uint32) {
	s.Lock()
	defer s.Unlock()
	s.ahead[block] = primes
	for s.answer == 0 {
		next, ended := s.ahead[s.counted]
		if !ended {
			return
		}
		delete(s.ahead, s.counted)
		s.counted++
		if s.primes+len(next) >= s.wanted {
			s.answer = next[s.wanted-s.primes-1]
		}
		s.primes += len(next)
	}
}

// primesOf tries the candidates of a block, from 2 on.
func primesOf(block int) []uint32 {
	var primes []uint32
	begin := uint32(2 + block*candidateBlock)
	for candidate := begin; candidate < begin+candidateBlock; candidate++ {
		if isPrime(candidate) {
			primes = append(primes, candidate)
		}
	}
	return primes
}

// bySieve crosses out up to a bound above the n-th prime (Rosser), and finds it in the segment where it must lie.
func bySieve(job job) uint64 {
	if job.n == 1 {
		return 2
	}
	n := float64(max(job.n, 6))
	plan := newSegments(uint64(math.Ceil(n*(math.Log(n)+math.Log(math.Log(n))))) + 1)
	counts := each(job.threads, plan.number, func(segment int) int { return primesLeft(plan.sieved(segment)) })
	wanted := job.n - 1 // 2 is not in the segments
	for segment, count := range counts {
		if wanted <= count {
			return plan.nthOf(segment, wanted)
		}
		wanted -= count
	}
	panic("the bound lies above the n-th prime")
}
