//go:build !slim || db || wait

package lab

import "strconv"

// wholeNumber is the number that text, decimal digits and nothing else, stands for; ok tells that it is in range.
func wholeNumber(text string, least, most int) (number int, ok bool) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' { // strconv takes a sign, too
			return 0, false
		}
	}
	number, err := strconv.Atoi(text)
	return number, err == nil && number >= least && number <= most
}
