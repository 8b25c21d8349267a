package courier_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/courier"
	"handrail/shared/files"
	"handrail/shared/flow"
	"handrail/shared/link"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// memory is a disk that costs nothing: it sends the same bytes over and over,
// and compares what comes in with them.
type memory struct {
	list []files.Entry
	data []byte

	mu   sync.Mutex
	come int // items that were complete
}

func (m *memory) thing() files.Thing {
	t := files.Thing{Name: m.list[0].Path, Items: uint32(len(m.list)), Folder: m.list[0].Folder}
	for _, e := range m.list {
		t.Size += e.Size
	}
	return t
}

func (m *memory) Look(context.Context, string) (files.Thing, error)     { return m.thing(), nil }
func (m *memory) Open(context.Context, string) (files.Source, error)    { return m, nil }
func (m *memory) Keep(context.Context, files.Thing) (files.Sink, error) { return &into{m: m}, nil }
func (m *memory) Entries() []files.Entry                                { return m.list }
func (m *memory) Close()                                                {}
func (m *memory) Read(_ int, p []byte, _ int64) error                   { copy(p, m.data); return nil }

type into struct {
	m *memory
	n int
}

func (i *into) Kept() ([]files.Entry, bool, []files.Sum) { return nil, false, nil }
func (i *into) Anew() error                              { i.n = 0; return nil }
func (i *into) Begin(e files.Entry, _ string) error {
	if e != i.m.list[i.n] {
		return fmt.Errorf("%w: item %d is %+v", files.ErrWrong, i.n, e)
	}
	i.n++
	return nil
}

func (i *into) Chunk(data []byte, _ files.Sum) error {
	if !bytes.Equal(data, i.m.data[:len(data)]) {
		return files.ErrWrong
	}
	return nil
}
func (i *into) End() error { return nil }
func (i *into) Close(bool) {}
func (i *into) Finish() (string, error) {
	i.m.mu.Lock()
	defer i.m.mu.Unlock()
	i.m.come += i.n
	return "there", nil
}

// pipe is one end of a connection in memory.
type pipe struct {
	other   *pipe
	bulk    chan wire.Bulk
	packets chan wire.Packet
}

func newPipe() (a, b *pipe) {
	end := func() *pipe { return &pipe{bulk: make(chan wire.Bulk, 8), packets: make(chan wire.Packet, 4096)} }
	a, b = end(), end()
	a.other, b.other = b, a
	return a, b
}

func (p *pipe) Send(m wire.Packet) error { p.other.packets <- m; return nil }

func (p *pipe) SendBulk(ctx context.Context, b wire.Bulk) error {
	b, err := wire.ParseBulk(wire.AppendBulk(nil, b)) // as it comes out
	if err != nil {
		return err
	}
	select {
	case p.other.bulk <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pipe) ReceiveBulk(ctx context.Context) (wire.Bulk, error) {
	select {
	case b := <-p.bulk:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Receive(ctx context.Context) (wire.Packet, error) {
	select {
	case m := <-p.packets:
		return m, nil
	case <-ctx.Done():
		return wire.Packet{}, ctx.Err()
	}
}

// conn is what carries a benchmark's bytes.
type conn interface {
	courier.Conn
	Receive(context.Context) (wire.Packet, error)
}

// ferry moves one thing from a courier to another, and gives how long it took.
func ferry(tb testing.TB, m *memory, a, b conn, meter flow.Meter) time.Duration {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	done := make(chan session.Event, 16)
	do := func(e session.Event) bool {
		switch e.(type) {
		case session.Delivered, session.Broke:
			done <- e
		}
		return true
	}
	from := courier.New(courier.Config{Disk: m, Do: do})
	to := courier.New(courier.Config{Disk: m, Do: do})
	window := flow.New(meter)
	hear := func(c conn, k *courier.Courier) {
		for {
			p, err := c.Receive(ctx)
			if err != nil {
				return
			}
			if t, ok := p.Body.(*wire.Taken); ok {
				window.Taken(0, t.Bulk)
			}
			k.Heard(p.Body)
		}
	}
	for _, run := range []func(){
		func() { from.Run(ctx) }, func() { to.Run(ctx) }, func() { hear(a, from) }, func() { hear(b, to) },
	} {
		group.Go(run)
	}
	from.Connected(a, window.Bulk())
	to.Connected(b, flow.New(nil).Bulk())
	from.Changed(session.State{Linked: true})
	to.Changed(session.State{Linked: true})
	begin := time.Now()
	thing := m.thing()
	t := session.Transfer{ID: 1, Name: thing.Name, Size: thing.Size, Items: thing.Items, Folder: thing.Folder}
	to.Move(session.Begin{Transfer: t})
	t.Mine = true
	from.Move(session.Begin{Transfer: t})
	if e, ok := (<-done).(session.Delivered); !ok {
		tb.Fatalf("got %+v", e)
	}
	return time.Since(begin)
}

func TestC03TenThousandSmallFiles(t *testing.T) {
	m := &memory{data: noise("small", 100), list: []files.Entry{{Path: "F", Folder: true}}}
	for i := range 10_000 {
		m.list = append(m.list, files.Entry{Path: fmt.Sprintf("F/%d.txt", i), Size: uint64(i % 100), Modified: 1})
	}
	a, b := newPipe()
	ferry(t, m, a, b, nil)
	if m.come != len(m.list) {
		t.Errorf("%d items of %d came", m.come, len(m.list))
	}
}

// BenchmarkFerry moves one large file: through memory, which is what couriers
// and sums cost, and over a real connection on this machine's loopback.
func BenchmarkFerry(b *testing.B) {
	const size = 64 << 20
	m := &memory{data: noise("large", wire.MaxChunk), list: []files.Entry{{Path: "x", Size: size, Modified: 1}}}
	run := func(b *testing.B, connect func(b *testing.B) (conn, conn, flow.Meter)) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			x, y, meter := connect(b)
			ferry(b, m, x, y, meter)
		}
	}
	b.Run("memory", func(b *testing.B) {
		run(b, func(*testing.B) (conn, conn, flow.Meter) { x, y := newPipe(); return x, y, nil })
	})
	b.Run("loopback", func(b *testing.B) {
		rep, cust := loopback(b)
		defer func() {
			rep.Close(0)
			<-rep.Done()
			<-cust.Done()
		}()
		run(b, func(b *testing.B) (conn, conn, flow.Meter) { return rep, cust, rep })
	})
}

// loopback joins two ends by sockets of this machine.
func loopback(b *testing.B) (rep, cust *link.Peer) {
	b.Helper()
	var sockets [2]*net.UDPConn
	for i := range sockets {
		s, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		sockets[i] = s
	}
	at := func(i int) netip.AddrPort { return sockets[i].LocalAddr().(*net.UDPAddr).AddrPort() }
	errs := make(chan error, 1)
	go func() {
		var err error
		cust, err = link.Over(b.Context(), sockets[1], at(0), link.Meeting{Role: wire.RoleCustomer, Secret: "507264"})
		errs <- err
	}()
	rep, err := link.Over(b.Context(), sockets[0], at(1), link.Meeting{Role: wire.RoleRep, Secret: "507264"})
	if err := errors.Join(err, <-errs); err != nil {
		b.Fatal(err)
	}
	return rep, cust
}

// slowDisk waits before it reads, as long as told.
type slowDisk struct {
	*memory
	wait chan struct{}
}

func (d slowDisk) Open(context.Context, string) (files.Source, error) { return d, nil }

func (d slowDisk) Read(item int, p []byte, from int64) error {
	<-d.wait
	return d.memory.Read(item, p, from)
}

// TestC03AReceiverThatAsksAgainAndAgainCostsOneLook: each word of the other
// side could begin work here.
func TestC03AReceiverThatAsksAgainAndAgainCostsOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{data: noise("x", wire.MaxChunk), list: []files.Entry{{Path: "x", Size: 4 * wire.MaxChunk}}}
		d := slowDisk{m, make(chan struct{})}
		c := courier.New(courier.Config{Disk: d, Do: func(session.Event) bool { return true }})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { c.Run(ctx) })
		a, _ := newPipe()
		c.Connected(a, flow.New(nil).Bulk())
		c.Changed(session.State{Linked: true})
		c.Move(session.Begin{Transfer: session.Transfer{ID: 1, Mine: true, Size: m.thing().Size, Items: 1}})
		synctest.Wait()
		before := runtime.NumGoroutine()
		for range 1000 {
			c.Heard(&wire.GoOn{ID: 1, Chunks: 4, Sum: make([]byte, 32)})
			synctest.Wait()
		}
		if more := runtime.NumGoroutine() - before; more > 2 {
			t.Errorf("%d goroutines more", more)
		}
		close(d.wait)
		cancel()
		group.Wait()
	})
}

// slowToTake is a connection that takes no word until it is told to.
type slowToTake struct {
	courier.Conn
	asked, take chan struct{}
}

func (c slowToTake) Send(p wire.Packet) error {
	close(c.asked)
	<-c.take
	return c.Conn.Send(p)
}

// TestC03AReceiverAsksOnTheNewestConnection: another one may come while it asks
// on the last.
func TestC03AReceiverAsksOnTheNewestConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{data: noise("x", wire.MaxChunk), list: []files.Entry{{Path: "x", Size: wire.MaxChunk}}}
		c := courier.New(courier.Config{Disk: m, Do: func(session.Event) bool { return true }})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { c.Run(ctx) })
		connected := func(p courier.Conn) {
			c.Connected(p, flow.New(nil).Bulk())
			c.Changed(session.State{Linked: true})
			synctest.Wait()
		}
		a, _ := newPipe()
		old := slowToTake{a, make(chan struct{}), make(chan struct{})}
		connected(old)
		c.Move(session.Begin{Transfer: session.Transfer{ID: 1, Name: "x", Size: wire.MaxChunk, Items: 1}})
		<-old.asked
		b, other := newPipe()
		connected(b)
		close(old.take)
		synctest.Wait()
		select {
		case p := <-other.packets:
			if g, ok := p.Body.(*wire.GoOn); !ok || g.ID != 1 {
				t.Errorf("said %+v", p.Body)
			}
		default:
			t.Error("the sender is not told where to go on")
		}
		cancel()
		group.Wait()
	})
}
