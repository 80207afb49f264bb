package main

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
)

// decoder reads the document once, from front to back. The first thing that is wrong sends it to the end, where
// nothing is right any more, so that only the whole has to be checked.
type decoder struct {
	text string
	at   int
	err  error
	tags []string // of all items, each of which has a piece
}

func (d *decoder) fail() {
	d.err = errors.New("the document is not an order")
	d.at = len(d.text)
}

// peek is the next byte that is no white space, 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.text) {
		c := d.text[d.at]
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		d.at++
	}
	return 0
}

func (d *decoder) expect(c byte) {
	if d.peek() != c {
		d.fail()
		return
	}
	d.at++
}

// begin enters an object or array and tells whether there is anything in it.
func (d *decoder) begin(opening, closing byte) bool {
	d.expect(opening)
	if d.peek() == closing {
		d.at++
		return false
	}
	return d.err == nil
}

func (d *decoder) next(closing byte) bool {
	if d.peek() == ',' {
		d.at++
		return true
	}
	d.expect(closing)
	return false
}

func (d *decoder) key() string {
	key := d.string()
	d.expect(':')
	return key
}

func (d *decoder) string() string {
	d.expect('"')
	for i := d.at; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			piece := d.text[d.at:i]
			d.at = i + 1
			return piece
		case c == '\\':
			return d.escaped(i)
		case c < ' ':
			d.fail()
			return ""
		}
	}
	d.fail()
	return ""
}

// escaped has the library undo the escapes of a string, the first of which is at i.
func (d *decoder) escaped(i int) string {
	for i < len(d.text) && d.text[i] != '"' {
		if d.text[i] == '\\' {
			i++
		}
		i++
	}
	var value string
	if i >= len(d.text) || json.Unmarshal([]byte(d.text[d.at-1:i+1]), &value) != nil {
		d.fail()
		return ""
	}
	d.at = i + 1
	return value
}

// number reads a whole number below 2^32. What is left of any other number is no comma, so it fails there.
func (d *decoder) number() uint32 {
	d.peek()
	first := d.at
	var value uint64
	for ; d.at < len(d.text) && d.text[d.at]-'0' <= 9 && value <= math.MaxUint32; d.at++ {
		value = value*10 + uint64(d.text[d.at]-'0')
	}
	if digits := d.at - first; digits == 0 || digits > 1 && d.text[first] == '0' || value > math.MaxUint32 {
		d.fail()
	}
	return uint32(value)
}

func (d *decoder) boolean() bool {
	d.peek()
	value := strings.HasPrefix(d.text[d.at:], "true")
	if value || strings.HasPrefix(d.text[d.at:], "false") {
		d.at += len("true")
		if !value {
			d.at++
		}
		return value
	}
	d.fail()
	return false
}

// skip passes over a value of a field that nobody knows.
func (d *decoder) skip() {
	switch d.peek() {
	case '"':
		d.string()
	case '{':
		for more := d.begin('{', '}'); more; more = d.next('}') {
			d.key()
			d.skip()
		}
	case '[':
		for more := d.begin('[', ']'); more; more = d.next(']') {
			d.skip()
		}
	default:
		first := d.at
		for d.at < len(d.text) && !strings.ContainsRune(",]} \t\r\n", rune(d.text[d.at])) {
			d.at++
		}
		if !json.Valid([]byte(d.text[first:d.at])) {
			d.fail()
		}
	}
}
