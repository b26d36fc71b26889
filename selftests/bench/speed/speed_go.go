// SPDX-License-Identifier: GPL-2.0-only

// speed_go.go - Go's map as a peer of speed.c: it reads a line for each round, the
// numbers of entries, of tables to be filled and of lookups, and answers with a
// line of nanoseconds an operation: insert growing and presized, hit, miss, 0
// (it has no bulk lookup), delete.  Keys and their order are those of speed.c.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

func mix(x uint64) uint64 {
	x = (x ^ x>>31) * 0x7fb5d329728ea185
	x = (x ^ x>>27) * 0x81dadef4bc2dd44d
	return x ^ x>>33
}

type random uint64

func (r *random) draw() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

var keys, present, absent []uint64

func chooseKeys(entries, lookups int) {
	if len(keys) == entries && len(present) == lookups {
		return
	}
	state := random(88172645463325252)
	keys = make([]uint64, entries)
	present = make([]uint64, lookups)
	absent = make([]uint64, lookups)
	for i := range keys {
		keys[i] = mix(uint64(i))
	}
	for i := range present {
		present[i] = keys[state.draw()%uint64(entries)]
	}
	for i := range absent {
		absent[i] = mix(uint64(entries) + state.draw()%uint64(entries))
	}
}

func expect(right bool) {
	if !right {
		panic("a wrong answer")
	}
}

func fill(fills, hint int) (map[uint64]uint64, float64) {
	var m map[uint64]uint64
	var took time.Duration

	for i := 0; i < fills; i++ {
		m = nil
		if fills == 1 {
			runtime.GC()
		}
		m = make(map[uint64]uint64, hint)
		began := time.Now()
		for _, key := range keys {
			m[key] = ^key
		}
		took += time.Since(began)
	}
	return m, float64(took.Nanoseconds()) / float64(fills*len(keys))
}

func each(nr int, do func()) float64 {
	began := time.Now()
	do()
	return float64(time.Since(began).Nanoseconds()) / float64(nr)
}

func play(entries, fills, lookups int) {
	chooseKeys(entries, lookups)
	_, presized := fill(fills, entries)
	m, growing := fill(fills, 0)
	hit := each(lookups, func() {
		var sum uint64
		for _, key := range present {
			value, ok := m[key]
			expect(ok)
			sum += value - ^key
		}
		expect(sum == 0)
	})
	miss := each(lookups, func() {
		for _, key := range absent {
			_, ok := m[key]
			expect(!ok)
		}
	})
	remove := each(entries, func() {
		for _, key := range keys {
			delete(m, key)
		}
	})
	expect(len(m) == 0)
	fmt.Println(growing, presized, hit, miss, 0, remove)
}

// The collector works where it is told to, not in what is measured.
func main() {
	var entries, fills, lookups int

	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	for {
		if _, err := fmt.Fscan(os.Stdin, &entries, &fills, &lookups); err != nil {
			return
		}
		play(entries, fills, lookups)
		runtime.GC()
	}
}
