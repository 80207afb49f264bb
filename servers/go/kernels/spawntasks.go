package main

import (
	"strconv"
	"sync"
)

// fibonacciRange: task i computes Fibonacci number i modulo this. All of 100,000 times the 30th, recursively, would
// take minutes.
const fibonacciRange = 30

func spawnTasksKernel() kernel {
	rows := both(row{mode: "running-recursive", algorithm: "spawn-tasks-recursive", program: running(fibonacciRecursive)})
	rows = append(rows, both(row{mode: "running-iterative", algorithm: "spawn-tasks-iterative", program: running(fibonacciIterative)})...)
	rows = append(rows, both(row{mode: "parked", algorithm: "spawn-tasks-parked", program: parked})...)
	return kernel{"spawn-tasks", sizes{100_000, 1, 1_000_000, 1}, rows}
}

// running spawns a task for each number; every task computes and ends.
func running(fibonacci func(uint64) uint64) program {
	return func(job job) (func() output, error) {
		return func() output {
			numbers := make([]uint64, job.n)
			var tasks sync.WaitGroup
			tasks.Add(job.n)
			for i := range numbers {
				go func() {
					numbers[i] = fibonacci(uint64(i) % fibonacciRange)
					tasks.Done()
				}()
			}
			tasks.Wait()
			return sum(numbers)
		}, nil
	}
}

// parked spawns tasks that all wait at one gate. It opens when the last one has come, so all are alive at once.
func parked(job job) (func() output, error) {
	return func() output {
		numbers := make([]uint64, job.n)
		gate := make(chan struct{})
		var arriving, tasks sync.WaitGroup
		arriving.Add(job.n)
		tasks.Add(job.n)
		for i := range numbers {
			go func() {
				arriving.Done()
				<-gate
				numbers[i] = uint64(i)
				tasks.Done()
			}()
		}
		arriving.Wait()
		close(gate)
		tasks.Wait()
		return sum(numbers)
	}, nil
}

func sum(numbers []uint64) output {
	var total uint64
	for _, number := range numbers {
		total += number
	}
	return output{text: strconv.FormatUint(total, 10)}
}

func fibonacciRecursive(n uint64) uint64 {
	if n < 2 {
		return n
	}
	return fibonacciRecursive(n-1) + fibonacciRecursive(n-2)
}

func fibonacciIterative(n uint64) uint64 {
	var a, b uint64 = 0, 1
	for range n {
		a, b = b, a+b
	}
	return a
}
