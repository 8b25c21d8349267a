package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"handrail/shared/link"
	"handrail/shared/wire"
)

var (
	benchClients = flag.String("clients", "1000,2000,5000", "how many clients the rows of BenchmarkIdle have")
	benchIdle    = flag.Int("idle", 30, "how many seconds BenchmarkIdle watches its clients say nothing")
)

// How many clients of the benchmark connect at the same time: UDP must win its
// race against the WebSocket although all are busy.
const udpDialers, tcpDialers = 8, 64

// idleRow is what a broker's process needs for clients who say nothing but that
// they are there.
type idleRow struct {
	way        string
	clients    int
	rss, fresh int // KiB, with the clients and before
	heap       int // MiB in use after the last collection
	goroutines int
	cpu        time.Duration // in so long
	took       time.Duration
}

// BenchmarkIdle connects clients to a broker of its own for each row, and
// watches what that process needs. The clients are in this process.
func BenchmarkIdle(b *testing.B) {
	load := loadOf(b)
	var rows []*idleRow
	for _, way := range []string{"UDP", "WebSocket"} {
		for text := range strings.SplitSeq(*benchClients, ",") {
			n, err := strconv.Atoi(text)
			if err != nil {
				b.Fatal(err)
			}
			rows = append(rows, idle(b, way, n))
			fmt.Printf("%+v\n", *rows[len(rows)-1])
		}
	}
	fmt.Printf("\n%s, %d cores, load before %s and after %s, %d s without a word\n\n%s\n",
		time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), load, loadOf(b), *benchIdle, idleTable(rows))
}

func idle(b *testing.B, way string, clients int) *idleRow {
	b.Setenv("GODEBUG", "gctrace=1") // the broker tells how large its heap is
	run := start(b, b.TempDir(), "127.0.0.1:0", "--per-address", "20000", "--verbose=false")
	row := &idleRow{way: way, clients: clients, fresh: rssOf(b, run.cmd.Process.Pid)}
	where := *run
	if way == "WebSocket" {
		where.control = run.byTCPAlone()
	}
	all := where.connect(clients, way == "WebSocket")
	defer func() {
		for _, c := range all {
			c.Close("benchmark over")
		}
		for _, c := range all {
			<-c.Done()
		}
	}()
	// What connecting took is given back at the next collection, which comes
	// within two minutes without any work.
	time.Sleep(time.Duration(*benchIdle) * time.Second)
	cpu, began := cpuOf(b, run.cmd.Process.Pid), time.Now()
	time.Sleep(time.Duration(*benchIdle) * time.Second)
	row.cpu, row.took = cpuOf(b, run.cmd.Process.Pid)-cpu, time.Since(began)
	row.rss = rssOf(b, run.cmd.Process.Pid)
	row.heap = lastHeap(run.log.String())
	for _, c := range all {
		select {
		case <-c.Done():
			b.Fatalf("a client was cut off: %v", c.Err())
		default:
		}
	}
	_ = run.end(syscall.SIGQUIT) // which prints all goroutines
	row.goroutines = bytes.Count([]byte(run.log.String()), []byte("\ngoroutine "))
	return row
}

// connect makes clients who say hello and are welcome, by TCP or by UDP.
func (r *running) connect(n int, tcp bool) []*link.Control {
	r.t.Helper()
	var mu sync.Mutex
	var all []*link.Control
	var failed error
	next := make(chan int)
	var dialling sync.WaitGroup
	dialers := udpDialers
	if tcp {
		dialers = tcpDialers
	}
	for range dialers {
		dialling.Go(func() {
			for range next {
				c, err := r.welcome(tcp)
				mu.Lock()
				if failed = errors.Join(failed, err); err == nil {
					all = append(all, c)
				}
				mu.Unlock()
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	dialling.Wait()
	if failed != nil {
		r.t.Fatalf("%d of %d connected: %.1000v", len(all), n, failed)
	}
	return all
}

func (r *running) welcome(tcp bool) (*link.Control, error) {
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for {
		c, err := link.Dialer{Address: link.Address{Host: r.control, Pin: r.pin}}.Dial(ctx)
		if err != nil {
			return nil, err
		}
		if c.OverTCP() != tcp { // UDP was late, on a busy machine
			c.Close("the other way")
			<-c.Done()
			continue
		}
		if err := c.Send(&wire.Hello{Version: wire.Version, Role: wire.RoleCustomer, Program: "benchmark", System: "linux"}); err != nil {
			return c, err
		}
		_, err = c.Receive(ctx)
		return c, err
	}
}

// rssOf is the memory of a process, in KiB.
func rssOf(t testing.TB, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(b)
	if found == nil {
		t.Fatal("no VmRSS")
	}
	n, _ := strconv.Atoi(string(found[1])) // the expression says so
	return n
}

var collected = regexp.MustCompile(`\d+->\d+->(\d+) MB`)

// lastHeap is what a garbage collector's trace says was in use at last.
func lastHeap(log string) int {
	all := collected.FindAllStringSubmatch(log, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1][1]) // the expression says so
	return n
}

func idleTable(rows []*idleRow) string {
	var out strings.Builder
	out.WriteString("| way | clients | RSS | a client | heap | goroutines a client | CPU of a core | per 1,000 |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		percent := 100 * r.cpu.Seconds() / r.took.Seconds()
		fmt.Fprintf(&out, "| %s | %d | %d MiB | %.1f KiB | %d MiB | %.1f | %.1f %% | %.1f %% |\n", r.way, r.clients,
			r.rss>>10, float64(r.rss-r.fresh)/float64(r.clients), r.heap, float64(r.goroutines)/float64(r.clients),
			percent, percent*1000/float64(r.clients))
	}
	return out.String()
}
