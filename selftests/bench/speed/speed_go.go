// SPDX-License-Identifier: GPL-2.0-only

// speed_go.go - Go's map as a peer of speed.c: it reads a line for each round, what
// to do and numbers, and answers with a line of nanoseconds an operation, in the
// order of speed.c's steps, 0 for what it cannot do.  The names of the keys, and
// the order in which they are asked for, are in memory that speed.c made.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// shared is all of speed.c's struct names.
var shared []uint64

// nothing is 0, which the compiler does not know.
var nothing uint64

func expect(right bool) {
	if !right {
		panic("a wrong answer")
	}
}

func mapShared() {
	var stat syscall.Stat_t
	expect(syscall.Fstat(3, &stat) == nil)
	bytes, err := syscall.Mmap(3, 0, int(stat.Size), syscall.PROT_READ, syscall.MAP_SHARED)
	expect(err == nil)
	shared = unsafe.Slice((*uint64)(unsafe.Pointer(&bytes[0])), len(bytes)/8)
}

// askForLargePages has the kernel use them for the heap, as it does for speed.c.
func askForLargePages() {
	const advise, size = 14, 3 << 30 // MADV_HUGEPAGE
	ballast := make([]byte, size)
	start := (uintptr(unsafe.Pointer(&ballast[0])) + 1<<21 - 1) &^ (1<<21 - 1)
	syscall.Syscall(syscall.SYS_MADVISE, start, size-1<<21, advise)
	runtime.KeepAlive(ballast)
}

func insert(m map[uint64]uint64, names []uint64) {
	for _, name := range names {
		m[name] = ^name
	}
}

func hit(m map[uint64]uint64, names []uint64) {
	var sum uint64
	for _, name := range names {
		value, ok := m[name]
		expect(ok)
		sum += value - ^name
	}
	expect(sum == 0)
}

func dependent(m map[uint64]uint64, names []uint64) {
	for _, name := range names {
		name ^= nothing
		value, ok := m[name]
		expect(ok)
		nothing = value ^ ^name
	}
	expect(nothing == 0)
}

func miss(m map[uint64]uint64, names []uint64) {
	for _, name := range names {
		_, ok := m[name]
		expect(!ok)
	}
}

func iterate(m map[uint64]uint64, names []uint64) {
	var sum uint64
	for name, value := range m {
		sum += value - ^name
	}
	expect(sum == 0)
}

func remove(m map[uint64]uint64, names []uint64) {
	for _, name := range names {
		delete(m, name)
	}
	expect(len(m) == 0)
}

func each(do func(map[uint64]uint64, []uint64), m map[uint64]uint64, names []uint64) float64 {
	began := time.Now()
	do(m, names)
	return float64(time.Since(began).Nanoseconds()) / float64(len(names))
}

func fill(fills, hint int, names []uint64) (map[uint64]uint64, float64) {
	var m map[uint64]uint64
	var took float64

	for i := 0; i < fills; i++ {
		m = nil
		if fills == 1 {
			runtime.GC()
		}
		m = make(map[uint64]uint64, hint)
		took += each(insert, m, names)
	}
	return m, took / float64(fills)
}

func play(entries, fills, lookups int, at []int) {
	all := shared[at[0]:][:entries]
	removal := shared[at[1]:][:entries]
	present := shared[at[2]:][:lookups]
	absent := shared[at[3]:][:lookups]
	zipf := shared[at[4]:][:lookups]

	_, presized := fill(fills, entries, all)
	m, growing := fill(fills, 0, all)
	times := []float64{growing, presized, each(hit, m, present),
		each(dependent, m, present), each(miss, m, absent), each(hit, m, zipf),
		0, 0, 0, each(iterate, m, all), each(remove, m, removal)}
	fmt.Println(strings.Trim(fmt.Sprint(times), "[]"))
}

// longest prints microseconds of one insert, the clock's own time included.
func longest(names []uint64) {
	took := make([]float64, len(names))
	m := map[uint64]uint64{}

	for i, name := range names {
		began := time.Now()
		m[name] = ^name
		took[i] = float64(time.Since(began).Nanoseconds()) / 1000
	}
	sort.Float64s(took)
	for _, part := range []float64{0.5, 0.99, 0.999, 0.9999, 1} {
		fmt.Print(took[int(float64(len(took)-1)*part)], " ")
	}
	fmt.Println()
}

// The collector works where it is told to, not in what is measured.
func main() {
	var what string
	var entries, fills, lookups int
	at := make([]int, 5)

	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	mapShared()
	askForLargePages()
	runtime.GC()
	fmt.Println(strings.Replace(runtime.Version(), "go", "Go ", 1))
	lines := bufio.NewReader(os.Stdin)
	for {
		if _, err := fmt.Fscan(lines, &what, &entries, &fills, &lookups,
			&at[0], &at[1], &at[2], &at[3], &at[4]); err != nil {
			return
		}
		if what == "play" {
			play(entries, fills, lookups, at)
		} else {
			longest(shared[:entries])
		}
		runtime.GC()
	}
}
