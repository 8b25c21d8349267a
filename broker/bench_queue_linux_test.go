package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/certs"
	"handrail/broker/lobby"
	"handrail/broker/relay"
	"handrail/broker/store"
	"handrail/shared/link"
	"handrail/shared/wire"
)

// queuePlace tells the test binary to be the broker of BenchmarkQueue; it names
// its store.
const queuePlace = "HANDRAIL_BROKER_TEST_QUEUE"

func init() { children[queuePlace] = serveQueue }

var (
	benchWaiting = flag.Int("waiting", 1000, "how many customers of BenchmarkQueue wait")
	benchReps    = flag.Int("reps", 50, "how many reps of BenchmarkQueue take them")
)

// BenchmarkQueue has reps take customers from a queue, over real control
// connections to a broker in a process of its own, and measures how long it is
// until everybody who waits knows the new position.
func BenchmarkQueue(b *testing.B) {
	load := loadOf(b)
	var rows []string
	for _, engine := range []string{"SQLite", "PostgreSQL"} {
		place := store.Place{Dir: b.TempDir()}
		if engine == "PostgreSQL" {
			place = store.Place{Database: server.Database(b)}
		}
		q := openQueue(b, place)
		rows = append(rows,
			q.measure(engine, "one take a second", 10, time.Second),
			q.measure(engine, "20 takes a second", 200, 50*time.Millisecond),
			q.measure(engine, "all reps at once", *benchReps, 0))
		q.close()
	}
	fmt.Printf("\n%s, %d cores, load before %s and after %s, %d customers wait, %d reps\n\n%s%s\n", time.Now().UTC().Format(time.DateOnly),
		runtime.NumCPU(), load, loadOf(b), *benchWaiting, *benchReps,
		"| store | what happens | a take is answered: p50, p95 | a customer knows: p50, p95 | all know: p50, p95 | CPU of a core |\n|---|---|---|---|---|---|\n",
		strings.Join(rows, ""))
}

// queueRun is a broker with everybody connected.
type queueRun struct {
	b       *testing.B
	child   *exec.Cmd
	address link.Address
	guests  []*queueGuest
	reps    []*link.Control
	began   chan time.Time // Starts, as reps hear them
	done    sync.WaitGroup
	stop    context.CancelFunc
	ctx     context.Context
}

// queueGuest is a customer and what it was told.
type queueGuest struct {
	c *link.Control

	mu       sync.Mutex // guards the following
	position uint32
	heard    []knows
	gone     bool
}

// knows is one word about a position.
type knows struct {
	at       time.Time
	position uint32
}

func openQueue(b *testing.B, place store.Place) *queueRun {
	b.Helper()
	q := &queueRun{b: b, began: make(chan time.Time, 10_000)}
	q.ctx, q.stop = context.WithCancel(b.Context())
	q.child = exec.Command(os.Args[0])
	q.child.Env = append(os.Environ(), queuePlace+"="+cmp.Or(place.Database, place.Dir),
		fmt.Sprintf("%s_SIZE=%d %d", queuePlace, *benchWaiting, *benchReps))
	q.child.Stderr = os.Stderr
	out, err := q.child.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := q.child.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		b.Fatal("the broker says nothing")
	}
	q.address.Host, q.address.Pin, _ = strings.Cut(lines.Text(), " ")
	var codes []string
	for len(codes) < *benchWaiting && lines.Scan() {
		codes = append(codes, lines.Text())
	}
	q.signIn()
	q.enter(codes)
	return q
}

func (q *queueRun) close() {
	q.stop()
	for _, g := range q.guests {
		g.c.Close("benchmark over")
	}
	for _, c := range q.reps {
		c.Close("benchmark over")
	}
	q.done.Wait()
	_ = q.child.Process.Kill()
	_ = q.child.Wait() // it was killed
}

func (q *queueRun) hello(role wire.Role) *link.Control {
	c, err := link.Dialer{Address: q.address}.Dial(q.ctx)
	if err == nil {
		err = c.Send(&wire.Hello{Version: wire.Version, Role: role, Program: "benchmark", System: "linux"})
	}
	if err != nil {
		q.b.Fatal(err)
	}
	return c
}

func (q *queueRun) signIn() {
	for i := range *benchReps {
		c := q.hello(wire.RoleRep)
		exporter, err := c.Exporter(wire.SignInExporter)
		if err == nil {
			err = c.Send(proof(i, exporter))
		}
		if err != nil {
			q.b.Fatal(err)
		}
		q.reps = append(q.reps, c)
		in := make(chan struct{})
		q.done.Go(func() {
			for {
				m, err := c.Receive(q.ctx)
				if err != nil {
					return
				}
				switch m.(type) {
				case *wire.SignedIn:
					close(in)
				case *wire.Start:
					q.began <- time.Now()
				case *wire.Problem:
					q.began <- time.Time{} // nobody is left
				}
			}
		})
		<-in
	}
}

func (q *queueRun) enter(codes []string) {
	for i, code := range codes {
		g := &queueGuest{c: q.hello(wire.RoleCustomer)}
		q.guests = append(q.guests, g)
		if err := g.c.Send(&wire.Enter{Code: code}); err != nil {
			q.b.Fatal(err)
		}
		waits := make(chan struct{})
		q.done.Go(func() { g.listen(q.ctx, sync.OnceFunc(func() { close(waits) })) })
		select {
		case <-waits:
		case <-time.After(patience):
			q.b.Fatalf("customer %d does not wait", i)
		}
	}
}

func (g *queueGuest) listen(ctx context.Context, waits func()) {
	for {
		m, err := g.c.Receive(ctx)
		if err != nil {
			return
		}
		g.mu.Lock()
		switch m := m.(type) {
		case *wire.Waiting:
			if m.Position != g.position {
				g.position = m.Position
				g.heard = append(g.heard, knows{time.Now(), m.Position})
			}
			waits()
		case *wire.Start:
			g.gone = true
		}
		g.mu.Unlock()
	}
}

// measure has reps take so many customers, so far apart; 0 is all at once.
func (q *queueRun) measure(engine, what string, takes int, every time.Duration) string {
	type from struct {
		g        *queueGuest
		position uint32
	}
	var waiting []from
	for _, g := range q.guests {
		g.mu.Lock()
		g.heard = nil
		if !g.gone {
			waiting = append(waiting, from{g, g.position})
		}
		g.mu.Unlock()
	}
	cpu, began := cpuOf(q.b, q.child.Process.Pid), time.Now()
	sent := make([]time.Time, takes)
	var answered []time.Duration
	for i := range takes {
		sent[i] = time.Now()
		m := &wire.Take{}
		_, _ = rand.Read(m.Request[:]) // never fails
		if err := q.reps[i%len(q.reps)].Send(m); err != nil {
			q.b.Fatal(err)
		}
		if every > 0 {
			answered = append(answered, q.answer().Sub(sent[i]))
			time.Sleep(time.Until(began.Add(time.Duration(i+1) * every)))
		}
	}
	for i := len(answered); i < takes; i++ {
		answered = append(answered, q.answer().Sub(sent[i]))
	}
	time.Sleep(2 * time.Second) // the last ones are told
	took := time.Since(began) - 2*time.Second
	used := cpuOf(q.b, q.child.Process.Pid) - cpu

	var each []time.Duration
	last := make([]time.Duration, takes)
	for _, w := range waiting {
		if int(w.position) <= takes {
			continue // was taken
		}
		w.g.mu.Lock()
		known := 0
		for _, k := range w.g.heard {
			for ; known < int(w.position-k.position); known++ {
				d := k.at.Sub(sent[known])
				each = append(each, d)
				last[known] = max(last[known], d)
			}
		}
		w.g.mu.Unlock()
		if known != takes {
			q.b.Errorf("a customer who was number %d heard of %d of %d takes", w.position, known, takes)
		}
	}
	percent := 100 * used.Seconds() / max(took, time.Second).Seconds()
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %.0f %% |\n", engine, what, halves(answered), halves(each), halves(last), percent)
}

// answer waits for the next answer to a Take.
func (q *queueRun) answer() time.Time {
	select {
	case at := <-q.began:
		if at.IsZero() {
			q.b.Fatal("too few customers wait for so many takes")
		}
		return at
	case <-time.After(patience):
		q.b.Fatal("a take is not answered")
		return time.Time{}
	}
}

// halves are the median and the 95th percentile.
func halves(all []time.Duration) string {
	if len(all) == 0 {
		return "–"
	}
	slices.Sort(all)
	return fmt.Sprintf("%d, %d ms", all[len(all)/2].Milliseconds(), all[len(all)*95/100].Milliseconds())
}

// serveQueue is the broker of BenchmarkQueue: it says where it is, and the
// codes of customers who may come in.
func serveQueue(text string) error {
	place := store.Place{Dir: text}
	if strings.HasPrefix(text, "postgres:") {
		place = store.Place{Database: text}
	}
	var waiting, reps int
	if _, err := fmt.Sscan(os.Getenv(queuePlace+"_SIZE"), &waiting, &reps); err != nil {
		return err
	}
	ctx := context.Background()
	s, err := store.Open(ctx, place)
	if err != nil {
		return err
	}
	if err := enrolled(ctx, s, reps); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "handrail-queue")
	if err != nil {
		return err
	}
	certificate, err := certs.Own(dir, "127.0.0.1", time.Now())
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		return err
	}
	control, err := link.Listen(link.ListenConfig{Addr: "127.0.0.1:0", Certificate: func() *tls.Certificate { return &certificate }, PerAddress: link.DefaultTotal})
	if err != nil {
		return err
	}
	r := relay.New(controls{control}, s, relay.Config{
		Organisation: "Helpers", Site: "https://help.test", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	fmt.Println(control.Addr(), certs.Pin(certificate))
	for i := range waiting {
		a := lobby.Arrival{Portal: "main", Queue: "general", Name: fmt.Sprint("Customer ", i), From: fmt.Sprintf("10.2.%d.%d", i/250, i%250)}
		_, _ = rand.Read(a.Page[:]) // never fails
		p, err := r.Come(ctx, a)
		if err != nil {
			return err
		}
		fmt.Println(p.Code)
	}
	return <-ended
}
