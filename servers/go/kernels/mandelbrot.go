package main

const (
	mandelbrotSteps = 50
	checkEvery      = 5
	lanes           = 8
)

func mandelbrotKernel() kernel {
	return kernel{"mandelbrot", sizes{5000, 8, 32768, 8}, []row{
		{variant: "same", mode: "scalar", algorithm: "mandelbrot-scalar", program: mandelbrot(rowScalar)},
		{variant: "same", mode: "lanes8", algorithm: "mandelbrot-lanes8", simd: "lanes8", program: mandelbrot(rowOfLanes)},
		{variant: "best", algorithm: "mandelbrot-scalar-two", program: mandelbrot(rowOfPairs)},
	}}
}

// mandelbrot draws n x n pixels, one bit each, row by row. line draws a row into out: columns are the real parts.
//
// Here and below: a product that is added to is converted first, because Go fuses the two where the CPU can, which
// rounds once less than other languages do. The bits must be equal.
func mandelbrot(line func(columns []float64, ci float64, out []byte)) program {
	return func(job job) (func() output, error) {
		scale := 2 / float64(job.n)
		columns := make([]float64, job.n)
		for x := range columns {
			columns[x] = float64(float64(x)*scale) - 1.5
		}
		pixels := make([]byte, job.n*job.n/8)
		return func() output {
			spread(job.threads, pixels, job.n/8, func(y int, out []byte) {
				line(columns, float64(float64(y)*scale)-1, out)
			})
			return output{bytes: pixels}
		}, nil
	}
}

func rowScalar(columns []float64, ci float64, out []byte) {
	for i := range out {
		var bits byte
		for _, cr := range columns[i*8 : i*8+8] {
			bits = bits<<1 | inside(cr, ci)
		}
		out[i] = bits
	}
}

func inside(cr, ci float64) byte {
	var zr, zi, tr, ti float64
	for range mandelbrotSteps {
		zi = float64((zr+zr)*zi) + ci
		zr = tr - ti + cr
		tr = float64(zr * zr)
		ti = float64(zi * zi)
		if tr+ti > 4 {
			return 0
		}
	}
	return 1
}

func rowOfPairs(columns []float64, ci float64, out []byte) {
	for i := range out {
		var bits byte
		for x := i * 8; x < i*8+8; x += 2 {
			bits = bits<<2 | insideOfTwo(columns[x], columns[x+1], ci)
		}
		out[i] = bits
	}
}

// insideOfTwo steps two pixels at once: one alone leaves the CPU waiting for its own last result. A point that has
// left never comes back, as |c| < 2, so it is enough to look every few steps; what overflowed compares as outside.
func insideOfTwo(crA, crB, ci float64) byte {
	var zrA, ziA, trA, tiA, zrB, ziB, trB, tiB float64
	for range mandelbrotSteps / checkEvery {
		for range checkEvery {
			ziA = float64((zrA+zrA)*ziA) + ci
			ziB = float64((zrB+zrB)*ziB) + ci
			zrA = trA - tiA + crA
			zrB = trB - tiB + crB
			trA = float64(zrA * zrA)
			trB = float64(zrB * zrB)
			tiA = float64(ziA * ziA)
			tiB = float64(ziB * ziB)
		}
		if !(trA+tiA <= 4) && !(trB+tiB <= 4) {
			return 0
		}
	}
	var bits byte
	if trA+tiA <= 4 {
		bits = 2
	}
	if trB+tiB <= 4 {
		bits |= 1
	}
	return bits
}

// vector is eight numbers that take the same steps; a compiler may put them into wide registers. Go's does not.
type vector [lanes]float64

func rowOfLanes(columns []float64, ci float64, out []byte) {
	for i := range out {
		out[i] = insideOfLanes((*vector)(columns[i*lanes:]), ci)
	}
}

func insideOfLanes(cr *vector, ci float64) byte {
	var zr, zi, tr, ti, sum vector
	for range mandelbrotSteps / checkEvery {
		for range checkEvery {
			add(&zr, &zr, &sum)
			multiply(&sum, &zi, &zi)
			for i := range zi {
				zi[i] += ci
			}
			subtract(&tr, &ti, &sum)
			add(&sum, cr, &zr)
			multiply(&zr, &zr, &tr)
			multiply(&zi, &zi, &ti)
		}
		add(&tr, &ti, &sum)
		if within(&sum) == 0 {
			return 0
		}
	}
	return within(&sum)
}

// within has a bit for each number that is not above 4, the first number's the highest.
func within(square *vector) byte {
	var bits byte
	for i := range square {
		if square[i] <= 4 {
			bits |= 0x80 >> i
		}
	}
	return bits
}

func add(a, b, to *vector) {
	for i := range to {
		to[i] = a[i] + b[i]
	}
}

func subtract(a, b, to *vector) {
	for i := range to {
		to[i] = a[i] - b[i]
	}
}

func multiply(a, b, to *vector) {
	for i := range to {
		to[i] = float64(a[i] * b[i])
	}
}
