package main

import "slices"

// filterSize is the side of the square of weights.
const filterSize = 5

// filter is no product of a row and a column, so that nobody may split it. Weights and pixels are small whole
// numbers: every sum is exact in 32-bit floating point, in any order, fused or not.
var filter = [filterSize][filterSize]float32{
	{1, 2, 3, 2, 1},
	{2, 4, 5, 4, 2},
	{3, 5, 7, 5, 3},
	{2, 4, 5, 4, 2},
	{1, 2, 3, 2, 1},
}

func convolutionKernel() kernel {
	return kernel{"convolution", sizes{2048, filterSize, 16384, 1}, []row{
		{variant: "same", algorithm: "convolution-direct", program: convolution(filterDirectly)},
		{variant: "best", algorithm: "convolution-unrolled", program: convolution(filterUnrolled)},
	}}
}

// convolution filters an n x n image where the filter fits: the result has n-4 rows. line makes one row of it from five.
func convolution(line func(rows *[filterSize][]float32, out []float32)) program {
	return func(job job) (func() output, error) {
		image := pixels(job.n * job.n)
		width := job.n - filterSize + 1
		filtered := slices.Repeat([]float32{1}, width*width) // written once, so that its pages are there
		return func() output {
			spread(job.threads, filtered, width, func(y int, out []float32) {
				var rows [filterSize][]float32
				for i := range rows {
					rows[i] = image[(y+i)*job.n : (y+i+1)*job.n]
				}
				line(&rows, out)
			})
			return output{floats: filtered}
		}, nil
	}
}

// pixels are whole numbers from 0 to 255.
func pixels(count int) []float32 {
	raw := make([]byte, count)
	fill(raw, 1)
	values := make([]float32, count)
	for i, value := range raw {
		values[i] = float32(value)
	}
	return values
}

func filterDirectly(rows *[filterSize][]float32, out []float32) {
	for x := range out {
		var sum float32
		for i := range filterSize {
			for j := range filterSize {
				sum += filter[i][j] * rows[i][x+j]
			}
		}
		out[x] = sum
	}
}

// filterUnrolled goes through the image once for each row of the filter, whose weights then stay in registers.
func filterUnrolled(rows *[filterSize][]float32, out []float32) {
	clear(out)
	for i, weights := range &filter {
		row := rows[i][:len(out)+filterSize-1]
		w0, w1, w2, w3, w4 := weights[0], weights[1], weights[2], weights[3], weights[4]
		v0, v1, v2, v3 := row[0], row[1], row[2], row[3]
		for x, v4 := range row[filterSize-1:] {
			out[x] += w0*v0 + w1*v1 + (w2*v2 + w3*v3) + w4*v4
			v0, v1, v2, v3 = v1, v2, v3, v4
		}
	}
}
