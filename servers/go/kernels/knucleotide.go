package main

import (
	"fmt"
	"math/bits"
	"strings"
)

// motif is what is looked up: for each length, its beginning.
const motif = "ggtattttaatttatagt"

// motifLengths are the lengths counted, the dearest first: each is one task.
var motifLengths = [...]int{18, 12, 6, 4, 3, 2, 1}

const (
	// Up to this length there are so few words that a counter for each fits the CPU's nearest cache.
	mostCounted = 6
	// A slot of the table has a word of at most 36 bits, and below it how often it came: at most the greatest n.
	countBits  = 28
	leastSlots = 1 << 12
)

// counted is what one length gives: how often the motif's beginning occurs, and how many different words there are.
type counted struct {
	found, distinct int
}

func knucleotideKernel() kernel {
	return kernel{"k-nucleotide", sizes{standardNucleotides, 20, 50_000_000, 5}, []row{
		{variant: "same", algorithm: "k-nucleotide-hash-map", program: knucleotide(countInMap)},
		{variant: "best", algorithm: "k-nucleotide-packed-table", program: knucleotide(countBest)},
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
		return countInTable(codes, length, wanted)
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

// table counts words in one array: the next slot is tried where another word has one, and 0 is free.
type table struct {
	slots []uint64
	shift int // leaves of a hash the bits of an index
	used  int
}

func newTable(slots int) *table {
	return &table{slots: make([]uint64, slots), shift: 64 - bits.TrailingZeros(uint(slots))}
}

// slot is where a word is, or would be.
func (t *table) slot(word uint64) *uint64 {
	mask := uint64(len(t.slots) - 1)
	i := word * 0x9e3779b97f4a7c15 >> (t.shift & 63)
	for {
		slot := &t.slots[i&mask]
		if *slot == 0 || *slot>>countBits == word {
			return slot
		}
		i++
	}
}

func (t *table) count(word uint64) {
	slot := t.slot(word)
	if *slot == 0 {
		if t.used++; 4*t.used > 3*len(t.slots) {
			t.grow()
			slot = t.slot(word)
		}
		*slot = word << countBits
	}
	*slot++
}

func (t *table) grow() {
	wider := newTable(2 * len(t.slots))
	for _, slot := range t.slots {
		if slot != 0 {
			*wider.slot(slot >> countBits) = slot
		}
	}
	t.slots, t.shift = wider.slots, wider.shift
}

func countInTable(codes []byte, length int, wanted uint64) counted {
	table := newTable(leastSlots)
	var word uint64
	for _, code := range codes[:length-1] {
		word = word<<2 | uint64(code)
	}
	mask := uint64(1)<<(2*length) - 1
	for _, code := range codes[length-1:] {
		word = (word<<2 | uint64(code)) & mask
		table.count(word)
	}
	found := *table.slot(wanted) & (1<<countBits - 1)
	return counted{int(found), table.used}
}
