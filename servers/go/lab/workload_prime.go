//go:build !slim || prime

package lab

import "math"

func init() { register("prime", newPrime) }

const primeMost = 100_000

type primeQuestion struct {
	N int64 `json:"n"`
}

type primeFound struct {
	N     int64 `json:"n"`
	Prime int64 `json:"prime"`
}

func newPrime(program Program, settings Settings) (Route, error) {
	once := settings.Prime == "once"
	prime := nthPrime
	if program.Library != nil && program.Library.Prime != nil {
		prime = program.Library.Prime
	}
	answer := func(request Request) Answer {
		var question primeQuestion
		if !decodeObject(request.Body, &question) || question.N < 1 || question.N > primeMost {
			return wrong(400, `body: want {"n": a whole number from 1 to 100000}`)
		}
		return object(primeFound{question.N, prime(question.N, once)})
	}
	return Route{Method: "POST", Path: "/calculate", Answer: answer}, nil
}

// nthPrime searches anew and naively, as the measured work, and the same in every language: 2 is the first prime;
// then each candidate from 3 upward, by 1, is divided by every number from 2 upward, by 1, that is at most its square
// root, until one divides it. Numbers are signed and of 64 bits; roots are float64, taken once a candidate or each time.
func nthPrime(n int64, once bool) int64 {
	isPrime := isPrimeByEachRoot
	if once {
		isPrime = isPrimeByOneRoot
	}
	found, candidate := int64(1), int64(2)
	for found < n {
		candidate++
		if isPrime(candidate) {
			found++
		}
	}
	return candidate
}

// isPrimeByEachRoot takes the root again for each divisor. Go's compiler leaves it in the loop.
func isPrimeByEachRoot(candidate int64) bool {
	for divisor := int64(2); float64(divisor) <= math.Sqrt(float64(candidate)); divisor++ {
		if candidate%divisor == 0 {
			return false
		}
	}
	return true
}

func isPrimeByOneRoot(candidate int64) bool {
	root := math.Sqrt(float64(candidate))
	for divisor := int64(2); float64(divisor) <= root; divisor++ {
		if candidate%divisor == 0 {
			return false
		}
	}
	return true
}
