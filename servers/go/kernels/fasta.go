package main

import "errors"

// The linear congruential generator of the benchmarks game's fasta.
const (
	fastaModulus    = 139968
	fastaMultiplier = 3877
	fastaIncrement  = 29573
	fastaSeed       = 42
)

// fastaSHA256 is of the sequence of standardNucleotides.
const (
	standardNucleotides = 2_500_000
	fastaSHA256         = "1b3495f95adeed5f3208c06616fa7e463f45d7941951932f8a29d362b0eb8710"
)

// fasta is the sequence THREE that the game's fasta prints for n/5, without its line ends: n nucleotides in small
// letters. Sequence TWO comes before it and takes three numbers for its every five.
func fasta(n int) ([]byte, error) {
	seed := uint32(fastaSeed)
	for range n / 5 * 3 {
		seed = (seed*fastaMultiplier + fastaIncrement) % fastaModulus
	}
	sequence := make([]byte, n)
	for i := range sequence {
		seed = (seed*fastaMultiplier + fastaIncrement) % fastaModulus
		sequence[i] = nucleotide(seed)
	}
	if n == standardNucleotides && hexSHA256(sequence) != fastaSHA256 {
		return nil, errors.New("the input is not the one that every published figure was made with")
	}
	return sequence, nil
}

// nucleotide has the game's cumulative probabilities of Homo sapiens (0.3029549426680, 0.5009432431601 and
// 0.6984905497992) times the modulus, rounded up: whole numbers cannot round differently in another language.
func nucleotide(seed uint32) byte {
	switch {
	case seed < 42_404:
		return 'a'
	case seed < 70_117:
		return 'c'
	case seed < 97_767:
		return 'g'
	}
	return 't'
}
