package main

import (
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// spread hands each chunk of data, with its number, to work. A thread takes the next chunk when it has done one:
// chunks cost unequal time. Every kernel's `all` is this split, in every language.
func spread[T any](threads int, data []T, chunk int, work func(number int, part []T)) {
	chunks := (len(data) + chunk - 1) / chunk
	var taken atomic.Int64
	worker := func() {
		for {
			number := int(taken.Add(1)) - 1
			if number >= chunks {
				return
			}
			begin := number * chunk
			work(number, data[begin:min(begin+chunk, len(data))])
		}
	}
	if threads == 1 {
		worker()
		return
	}
	var workers sync.WaitGroup
	for range threads {
		workers.Go(worker)
	}
	workers.Wait()
}

// each spreads tasks 0 to tasks-1, and returns what work made of them, in order.
func each[R any](threads, tasks int, work func(task int) R) []R {
	results := make([]R, tasks)
	spread(threads, results, 1, func(task int, slot []R) { slot[0] = work(task) })
	return results
}

// fill writes the bytes of splitmix64: the same input in every language, without shipping it.
func fill(data []byte, seed uint64) {
	for len(data) > 0 {
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], z^z>>31)
		data = data[copy(data, word[:]):]
	}
}
