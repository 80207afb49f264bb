package main

// job is what a program is asked: how much, and with how many threads.
type job struct {
	n, threads int
}

// output is what a program computed: text that is its own checksum, or data that is hashed once the clock has stopped.
type output struct {
	text   string
	bytes  []byte
	floats []float32
}

// program makes the input of a job, and returns the part that is measured.
type program func(job) (func() output, error)

// row is one program: the kernel it belongs to has at least one for each variant.
type row struct {
	variant    string // same or best
	mode       string // empty where the kernel has no modes
	algorithm  string // equal in another language where the algorithm is equal
	simd       string // what the source says: lanes that it spells out, or intrinsics; empty: neither
	sequential bool   // cannot use a second thread
	program    program
}

// sizes bound n; step divides it.
type sizes struct {
	standard, least, most, step int
}

type kernel struct {
	name  string
	sizes sizes
	rows  []row
}

// kernels is the table: a kernel that is not in it does not exist.
func kernels() []kernel {
	return []kernel{
		binarytreesKernel(),
		fannkuchKernel(),
		mandelbrotKernel(),
		knucleotideKernel(),
		spawnTasksKernel(),
		primeKernel(),
		jsonParseKernel(),
		convolutionKernel(),
		greyKernel(),
		sieveKernel(),
		sha256Kernel(),
	}
}

// both are the rows of a program that is also the best there is.
func both(same row) []row {
	same.variant = "same"
	best := same
	best.variant = "best"
	return []row{same, best}
}

// offer is one line of --list.
type offer struct {
	Kernel    string  `json:"kernel"`
	Variant   string  `json:"variant"`
	Mode      *string `json:"mode"`
	Algorithm string  `json:"algorithm"`
	SIMD      any     `json:"simd"`
	DefaultN  int     `json:"default_n"`
	LeastN    int     `json:"least_n"`
	MostN     int     `json:"most_n"`
	StepN     int     `json:"step_n"`
}

func offers() []offer {
	var offered []offer
	for _, k := range kernels() {
		for _, r := range k.rows {
			offered = append(offered, offer{
				k.name, r.variant, r.modeOrNull(), r.algorithm, r.simdOrFalse(),
				k.sizes.standard, k.sizes.least, k.sizes.most, k.sizes.step,
			})
		}
	}
	return offered
}

func (r row) modeOrNull() *string {
	if r.mode == "" {
		return nil
	}
	return &r.mode
}

func (r row) simdOrFalse() any {
	if r.simd == "" {
		return false
	}
	return r.simd
}
