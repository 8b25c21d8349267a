// Package many does several things at the same time. Pure packages own no
// goroutines; a worker that has a machine to itself gives them Do, as a
// codec.Runner:
//
//	enc := codec.NewEncoder(many.Do)
package many

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Do calls do(0) to do(n-1), each once, and returns when all have returned. No
// more of them run at once than the program has processors, in no order that
// could be relied upon. A single one runs in the caller's goroutine; starting
// others takes about a microsecond each, so no pool of them is kept.
func Do(n int, do func(i int)) {
	hands := min(n, runtime.GOMAXPROCS(0))
	if hands <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var group sync.WaitGroup
	for range hands - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
}
