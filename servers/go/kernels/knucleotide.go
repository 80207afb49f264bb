package main

import (
	"fmt"
	"strings"
)

// motif is what is looked up: for each length, its beginning.
const motif = "ggtattttaatttatagt"

// motifLengths are the lengths counted, the dearest first: each is one task.
var motifLengths = [...]int{18, 12, 6, 4, 3, 2, 1}

const (
	// Up to this length there are so few words that a counter for each fits the CPU's nearest cache.
	mostCounted = 6
	digitBits   = 9
)

// counted is what one length gives: how often the motif's beginning occurs, and how many different words there are.
type counted struct {
	found, distinct int
}

func knucleotideKernel() kernel {
	return kernel{"k-nucleotide", sizes{standardNucleotides, 20, 50_000_000, 5}, []row{
		{variant: "same", algorithm: "k-nucleotide-hash-map", program: knucleotide(countInMap)},
		{variant: "best", algorithm: "k-nucleotide-radix-sort", program: knucleotide(countBest)},
	}}
}

// knucleotide counts all words of each length, as letters of two bits.
func knucleotide(count func(codes []byte, length int, wanted uint64) counted) program {
	return func(job job) (func() output, error) {
		sequence, err := fasta(job.n)
		if err != nil {
			return nil, err
		}
		return func() output {
			codes := encoded(sequence)
			word := encoded([]byte(motif))
			counts := each(job.threads, len(motifLengths), func(task int) counted {
				length := motifLengths[task]
				var wanted uint64
				for _, code := range word[:length] {
					wanted = wanted<<2 | uint64(code)
				}
				return count(codes, length, wanted)
			})
			texts := make([]string, len(counts))
			for i, count := range counts {
				texts[i] = fmt.Sprintf("%d/%d", count.found, count.distinct)
			}
			return output{text: strings.Join(texts, ",")}
		}, nil
	}
}

// encoded maps a, c, t, g to 0, 1, 2, 3.
func encoded(letters []byte) []byte {
	codes := make([]byte, len(letters))
	for i, letter := range letters {
		codes[i] = letter >> 1 & 3
	}
	return codes
}

func countInMap(codes []byte, length int, wanted uint64) counted {
	counts := map[uint64]uint32{}
	var word uint64
	for _, code := range codes[:length-1] {
		word = word<<2 | uint64(code)
	}
	mask := uint64(1)<<(2*length) - 1
	for _, code := range codes[length-1:] {
		word = (word<<2 | uint64(code)) & mask
		counts[word]++
	}
	return counted{int(counts[wanted]), len(counts)}
}

func countBest(codes []byte, length int, wanted uint64) counted {
	if length > mostCounted {
		return countSorted(codes, length, wanted)
	}
	counts := make([]uint32, 1<<(2*length))
	word := 0
	for _, code := range codes[:length-1] {
		word = word<<2 | int(code)
	}
	for _, code := range codes[length-1:] {
		word = (word<<2 | int(code)) & (len(counts) - 1)
		counts[word]++
	}
	distinct := 0
	for _, count := range counts {
		if count > 0 {
			distinct++
		}
	}
	return counted{int(counts[wanted]), distinct}
}

// countSorted sorts the words: a table of millions of them misses the caches at each step, a sort by digits does not.
func countSorted(codes []byte, length int, wanted uint64) counted {
	words := make([]uint64, 0, len(codes)-length+1)
	var word uint64
	for _, code := range codes[:length-1] {
		word = word<<2 | uint64(code)
	}
	mask := uint64(1)<<(2*length) - 1
	for _, code := range codes[length-1:] {
		word = (word<<2 | uint64(code)) & mask
		words = append(words, word)
	}
	var total counted
	previous := mask + 1
	for _, word := range sorted(words, uint(2*length)) {
		if word != previous {
			total.distinct++
		}
		if word == wanted {
			total.found++
		}
		previous = word
	}
	return total
}

// sorted orders words of so many bits, digit by digit from the lowest.
func sorted(words []uint64, bits uint) []uint64 {
	const digitMask = 1<<digitBits - 1
	target := make([]uint64, len(words))
	for shift := uint(0); shift < bits; shift += digitBits {
		var next [1 << digitBits]int
		for _, word := range words {
			next[word>>shift&digitMask]++
		}
		begin := 0
		for digit, count := range next {
			next[digit] = begin
			begin += count
		}
		for _, word := range words {
			digit := word >> shift & digitMask
			target[next[digit]] = word
			next[digit]++
		}
		words, target = target, words
	}
	return words
}
