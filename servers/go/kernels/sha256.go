package main

import "crypto/sha256"

const mebibyte = 1 << 20

func sha256Kernel() kernel {
	rows := both(row{mode: "stream", algorithm: "sha256-stream", sequential: true, program: sha256Of(hexSHA256Of)})
	rows = append(rows, both(row{mode: "tree", algorithm: "sha256-tree", program: sha256Of(hashTree)})...)
	return kernel{"sha256", sizes{64, 1, 1024, 1}, rows}
}

func sha256Of(hash func(data []byte, threads int) string) program {
	return func(job job) (func() output, error) {
		data := make([]byte, job.n*mebibyte)
		fill(data, 3)
		return func() output { return output{text: hash(data, job.threads)} }, nil
	}
}

// hexSHA256Of is one digest over everything: each block needs the one before it, so a second thread has no work.
func hexSHA256Of(data []byte, _ int) string {
	return hexSHA256(data)
}

// hashTree is the digest of the digests of each mebibyte.
func hashTree(data []byte, threads int) string {
	var digests []byte
	for _, digest := range each(threads, len(data)/mebibyte, func(i int) [sha256.Size]byte {
		return sha256.Sum256(data[i*mebibyte : (i+1)*mebibyte])
	}) {
		digests = append(digests, digest[:]...)
	}
	return hexSHA256(digests)
}
