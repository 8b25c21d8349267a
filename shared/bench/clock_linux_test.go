package bench

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is what a clock of processor time says: of this thread, to
// which the goroutine must be locked, or of this process.
func processorTime(t testing.TB, clock int32) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(clock, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

func threadTime(t testing.TB) time.Duration { return processorTime(t, unix.CLOCK_THREAD_CPUTIME_ID) }

// serverTime is how long the threads of another process have run. The
// scheduler counts it in nanoseconds, where getrusage counts in ticks.
func serverTime(t testing.TB, pid int) (sum time.Duration) {
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task/*/schedstat"))
	if err != nil || len(threads) == 0 {
		t.Fatalf("process %d has no schedstat", pid)
	}
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a thread that has just ended
		}
		run, _, _ := strings.Cut(string(text), " ")
		ns, err2 := strconv.ParseInt(run, 10, 64)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(ns)
	}
	return sum
}
