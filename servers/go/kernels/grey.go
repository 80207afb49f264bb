package main

import (
	"bytes"
	"encoding/binary"
)

// Weights of red, green and blue in 256ths (ITU-R BT.601).
const (
	redWeight   = 77
	greenWeight = 150
	blueWeight  = 29
)

func greyKernel() kernel {
	return kernel{"grey", sizes{4096, 1, 16384, 1}, []row{
		{variant: "same", algorithm: "grey-integer", program: grey(greyByPixel)},
		{variant: "best", algorithm: "grey-swar-two", program: grey(greyByTwo)},
	}}
}

// grey turns n x n pixels of three bytes into pixels of one, row by row.
func grey(line func(rgb, out []byte)) program {
	return func(job job) (func() output, error) {
		image := make([]byte, 3*job.n*job.n)
		fill(image, 2)
		converted := bytes.Repeat([]byte{1}, job.n*job.n) // written once, so that its pages are there
		return func() output {
			spread(job.threads, converted, job.n, func(y int, out []byte) {
				line(image[3*y*job.n:3*(y+1)*job.n], out)
			})
			return output{bytes: converted}
		}, nil
	}
}

func greyByPixel(rgb, out []byte) {
	for i := range out {
		pixel := rgb[3*i : 3*i+3]
		out[i] = byte((redWeight*uint32(pixel[0]) + greenWeight*uint32(pixel[1]) + blueWeight*uint32(pixel[2])) >> 8)
	}
}

// greyByTwo works on two pixels in the halves of one word: a weighted sum is below 2^16, so they never meet.
func greyByTwo(rgb, out []byte) {
	const lowest = 0x000000ff_000000ff
	for len(out) >= 2 && len(rgb) >= 8 {
		six := binary.LittleEndian.Uint64(rgb)
		word := six&0xffffff | six<<8&(0xffffff<<32)
		sum := word&lowest*redWeight + word>>8&lowest*greenWeight + word>>16&lowest*blueWeight
		out[0], out[1] = byte(sum>>8), byte(sum>>40)
		rgb, out = rgb[6:], out[2:]
	}
	greyByPixel(rgb, out)
}
