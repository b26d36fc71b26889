// SPDX-License-Identifier: GPL-2.0-only

// go_memory prints the bytes that an entry of Go's map takes, keys and values of
// 8 bytes, as memory.c does for gomap: full, and just after a doubling.
package main

import (
	"fmt"
	"runtime"
)

// fullLoad entries are 6.5 for each of 2^17 buckets: one more, and they double.
const fullLoad = 851968

// heap is what is in use after all that is not has been collected.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func record(row, what string, perEntry float64) {
	fmt.Printf(`{"figure":"memory","where":"host","case":"%s","what":"%s","value":%.3f}`+"\n",
		row, what, perEntry)
}

// fill stores keys from first on; storing the same ones again finishes a growth.
func fill(m map[uint64]uint64, first, n uint64) {
	for k := first; k < first+n; k++ {
		m[k] = k
	}
}

func measure(row string, hint int) {
	before := heap()
	m := make(map[uint64]uint64, hint)
	perEntry := func() float64 {
		return float64(heap()-before) / float64(len(m))
	}

	fill(m, 0, fullLoad)
	record(row, "full", perEntry())
	fill(m, fullLoad, 1)
	fill(m, 0, fullLoad)
	record(row, "after a doubling", perEntry())
	runtime.KeepAlive(m)
}

func main() {
	version := runtime.Version()
	measure(version, 0)
	measure(version+", presized", fullLoad)
}
