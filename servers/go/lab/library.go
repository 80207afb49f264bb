package lab

// Library is code in another language that is linked to the program. /lab/info tells what both bring, joined by +.
type Library struct {
	// What /lab/info tells of a server in that language.
	Language, Version, Allocator, JSON string
	// Prime is the n-th prime, n from 1 to 100,000; its square root is taken once a candidate or at each step. Nil:
	// Go does it.
	Prime func(n int64, once bool) int64
	// Parse sums up body; ok tells whether it is an order document. Nil: Go does it.
	Parse func(body []byte) (told OrderSum, ok bool)
}

// OrderSum is what an order document adds up to.
type OrderSum struct {
	Count    int    `json:"count"`    // items
	Checksum uint32 `json:"checksum"` // modulo 2^32
}
