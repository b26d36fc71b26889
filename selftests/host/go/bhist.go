// SPDX-License-Identifier: GPL-2.0-only

// bhist is what gomap has to grow like: it does random operations on a map of
// the Go runtime and prints each, with the B that the map had afterwards.
//
//	go run bhist.go [-seed N] [-steps N]
//
// Lines, one step each:
//
//	hint H B	a new map, made for H entries
//	put K B		m[K] is assigned
//	del K B		K is deleted
//	clear B		all keys are deleted, by the loop that means clear
//	same		the last step started a same-size growth: the end of the
//			sequence, for that is decided by the map's random seed
//
// B is read from the header of the map, which maps had up to Go 1.23.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"unsafe"
)

// header is the beginning of runtime.hmap.
type header struct {
	count      int
	flags      uint8
	B          uint8
	noverflow  uint16
	hash0      uint32
	buckets    unsafe.Pointer
	oldbuckets unsafe.Pointer
}

const sameSizeGrow = 8

type table map[uint64]uint64

func (m table) header() *header {
	return *(**header)(unsafe.Pointer(&m))
}

// sequence is a map and what was done to it.
type sequence struct {
	m     table
	out   *bufio.Writer
	rnd   *rand.Rand
	steps int
	over  bool
}

func newSequence(out *bufio.Writer, rnd *rand.Rand, hint int) *sequence {
	s := &sequence{m: make(table, hint), out: out, rnd: rnd}
	s.done("hint %d", uint64(hint))
	return s
}

// done prints a step with the B that it led to.
func (s *sequence) done(format string, args ...interface{}) {
	h := s.m.header()
	fmt.Fprintf(s.out, format+" %d\n", append(args, h.B)...)
	s.steps++
	if h.oldbuckets != nil && h.flags&sameSizeGrow != 0 {
		fmt.Fprintln(s.out, "same")
		s.over = true
	}
}

func (s *sequence) put(k uint64) {
	if !s.over {
		s.m[k]++
		s.done("put %d", k)
	}
}

func (s *sequence) del(k uint64) {
	if !s.over {
		delete(s.m, k)
		s.done("del %d", k)
	}
}

func (s *sequence) clear() {
	if !s.over {
		for k := range s.m {
			delete(s.m, k)
		}
		s.done("clear")
	}
}

// fill puts n keys that were not there.
func (s *sequence) fill(first, n uint64) {
	for k := first; k < first+n; k++ {
		s.put(k)
	}
}

// churn does n random operations on keys below limit.
func (s *sequence) churn(limit uint64, n int) {
	for ; n > 0; n-- {
		k := uint64(s.rnd.Int63n(int64(limit)))
		if s.rnd.Intn(5) < 3 {
			s.put(k)
		} else {
			s.del(k)
		}
	}
}

// A plan is a kind of sequence; size is about how large the map becomes.
type plan func(s *sequence, size uint64)

func distinct(s *sequence, size uint64) {
	s.fill(0, size)
}

func overwritten(s *sequence, size uint64) {
	s.fill(0, size)
	s.fill(0, size)
}

func mixed(s *sequence, size uint64) {
	s.churn(size, int(size)*2)
}

func emptied(s *sequence, size uint64) {
	s.fill(0, size)
	for k := uint64(0); k < size; k++ {
		s.del(k)
	}
	s.fill(size, size/2)
}

func cleared(s *sequence, size uint64) {
	s.fill(0, size)
	s.clear()
	s.fill(size, size+size/3)
	s.clear()
	s.clear()
	s.churn(size, int(size/2))
}

func run(out *bufio.Writer, rnd *rand.Rand, p plan, hint int, size uint64) int {
	s := newSequence(out, rnd, hint)
	p(s, size)
	return s.steps
}

func main() {
	seed := flag.Int64("seed", 1, "of the random choices")
	steps := flag.Int("steps", 600000, "to do at least")
	flag.Parse()

	rnd := rand.New(rand.NewSource(*seed))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()

	done := run(out, rnd, distinct, 0, 1<<18+1)
	for hint := 0; hint <= 300; hint++ {
		done += run(out, rnd, distinct, hint, uint64(hint)%20)
	}
	for hint := 1; hint <= 100000; hint += 1 + hint/30 {
		done += run(out, rnd, distinct, hint, 10)
	}
	plans := []plan{distinct, overwritten, mixed, emptied, cleared}
	for i := 0; done < *steps; i++ {
		hint := rnd.Intn(100)
		if rnd.Intn(2) == 0 {
			hint = 0
		}
		size := uint64(1 + rnd.Intn(1<<uint(1+rnd.Intn(13))))
		done += run(out, rnd, plans[i%len(plans)], hint, size)
	}
}
