package many

import (
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEachIsDoneOnceAndAllBeforeItReturns(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 17, 1000} {
		done := make([]int32, n)
		Do(n, func(i int) { atomic.AddInt32(&done[i], 1) })
		for i, times := range done {
			if times != 1 {
				t.Fatalf("%d of %d was done %d times", i, n, times)
			}
		}
	}
}

func TestNoMoreAtOnceThanProcessors(t *testing.T) {
	for _, procs := range []int{1, 2, 4} {
		was := runtime.GOMAXPROCS(procs)
		var now, most atomic.Int32
		Do(200, func(int) {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			runtime.Gosched()
			now.Add(-1)
		})
		runtime.GOMAXPROCS(was)
		if most.Load() > int32(procs) {
			t.Errorf("%d at once with %d processors", most.Load(), procs)
		}
	}
}

// Two that wait for each other come to an end, where there are two processors.
func TestTwoRunAtTheSameTime(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	met := make(chan struct{})
	Do(2, func(i int) {
		if i == 0 {
			met <- struct{}{}
		} else {
			<-met
		}
	})
}

func BenchmarkDoTwo(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Do(2, func(int) {})
	}
}
