package courier_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/courier"
	"handrail/shared/disk"
	"handrail/shared/files"
	"handrail/shared/flow"
	"handrail/shared/link"
	"handrail/shared/session"
	"handrail/shared/sim"
	"handrail/shared/wire"
)

// The world of these tests: two programs with the real rules, couriers and
// disks, joined by real connections over a network of rules. Time is a
// bubble's.

var (
	repAt      = netip.MustParseAddrPort("10.0.0.1:1000")
	customerAt = netip.MustParseAddrPort("10.0.0.2:2000")
)

// shelf is a real disk as a courier wants it, that can be made to fail.
type shelf struct {
	*disk.Disk
	fail func(written int) error // asked before each chunk is written
}

func (s shelf) Keep(ctx context.Context, t files.Thing) (files.Sink, error) {
	sink, err := s.Disk.Keep(ctx, t)
	if err != nil {
		return nil, err
	}
	return &failing{Sink: sink, fail: s.fail}, nil
}

type failing struct {
	files.Sink
	fail    func(int) error
	written int
}

func (f *failing) Chunk(data []byte, sum files.Sum) error {
	if f.fail != nil {
		if err := f.fail(f.written); err != nil {
			return err
		}
	}
	f.written += len(data)
	return f.Sink.Chunk(data, sum)
}

// peer is what both kinds of connection are.
type peer interface {
	courier.Conn
	flow.Meter
	Receive(context.Context) (wire.Packet, error)
	Close(wire.EndWhy)
	Done() <-chan struct{}
}

// side is one program.
type side struct {
	w       *world
	role    wire.Role
	home    string // what it has to send
	taken   string // where downloads go
	courier *courier.Courier
	events  chan any // session.Event, or func() of the owner's
	end     context.CancelFunc
	group   sync.WaitGroup

	// owned by the goroutine of own
	s    *session.Session
	peer peer
	flow *flow.Shared

	mu    sync.Mutex
	state session.State
	clips []wire.ClipPiece
	tells map[uint32][]time.Time // when progress was told
}

type world struct {
	t         *testing.T
	network   *sim.Network
	path      sim.Link
	epochs    uint16
	key       []byte
	rep, cust *side
	fail      func(int) error // of the customer's disk
}

// inWorld runs a test in a bubble, with two programs that have met.
func inWorld(t *testing.T, path sim.Link, test func(w *world)) {
	t.Helper()
	homes := [4]string{t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, network: sim.NewNetwork(5), path: path}
		w.rep = &side{w: w, role: wire.RoleRep, home: homes[0], taken: homes[1]}
		w.cust = &side{w: w, role: wire.RoleCustomer, home: homes[2], taken: homes[3]}
		w.begin()
		defer func() {
			w.part()
			w.rep.close()
			w.cust.close()
		}()
		w.meet()
		test(w)
	})
}

// begin begins a session, with programs that remember nothing but their disks.
func (w *world) begin() {
	for _, s := range []*side{w.rep, w.cust} {
		s.begin()
	}
	w.rep.do(session.Accept{})
}

// restart ends the session and both programs, and begins anew.
func (w *world) restart() {
	w.part()
	w.rep.close()
	w.cust.close()
	w.key = nil
	w.begin()
	w.meet()
}

func (s *side) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	s.end = cancel
	s.s = session.New(time.Now(), session.Config{Role: s.role, Me: "x", CanControl: true})
	s.events = make(chan any, 4096)
	s.tells = map[uint32][]time.Time{}
	d := shelf{Disk: disk.New(s.taken)}
	if s.role == wire.RoleCustomer {
		d.fail = s.w.fail
	}
	s.courier = courier.New(courier.Config{Disk: d, Do: s.did, Clip: func(p wire.ClipPiece) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.clips = append(s.clips, p)
	}})
	s.group.Go(func() { s.courier.Run(ctx) })
	s.group.Go(func() { s.own(ctx) })
}

// did is what the courier tells the session.
func (s *side) did(e session.Event) bool {
	if p, ok := e.(session.Progress); ok {
		s.mu.Lock()
		s.tells[p.ID] = append(s.tells[p.ID], time.Now())
		s.mu.Unlock()
	}
	s.do(e)
	return true
}

func (s *side) do(e any) { s.events <- e }

// own is what package room and the hosts do.
func (s *side) own(ctx context.Context) {
	for {
		select {
		case e := <-s.events:
			switch e := e.(type) {
			case func():
				e()
			case session.Event:
				s.step(e)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *side) step(e session.Event) {
	for _, f := range s.s.Step(time.Now(), e) {
		switch f := f.(type) {
		case session.Send:
			if s.peer != nil {
				_ = s.peer.Send(f.Packet)
			}
		case session.Begin, session.Quit:
			s.courier.Move(f)
		case session.Drop:
			s.w.t.Errorf("role %d drops: %s", s.role, f.Reason)
		}
	}
	s.courier.Changed(s.s.State())
	s.mu.Lock()
	s.state = s.s.State()
	s.mu.Unlock()
}

// linked uses a connection, or none.
func (s *side) linked(p peer) {
	done := make(chan struct{})
	s.do(func() {
		defer close(done)
		if p == nil {
			s.peer, s.flow = nil, nil
			s.courier.Disconnected()
			s.step(session.Unlinked{})
			return
		}
		s.peer, s.flow = p, flow.New(p)
		s.courier.Connected(p, s.flow.Bulk())
		s.step(session.Linked{})
		s.group.Go(func() { s.hear(p, s.flow) })
	})
	<-done
}

func (s *side) hear(p peer, f *flow.Shared) {
	for {
		packet, err := p.Receive(context.Background())
		if err != nil {
			return
		}
		switch m := packet.Body.(type) {
		case *wire.Taken:
			f.Taken(m.Pictures, m.Bulk)
			s.do(func() { s.courier.Heard(m) })
		case *wire.GoOn:
			s.do(func() { s.courier.Heard(m) })
		default:
			s.do(session.Heard{Packet: packet})
		}
	}
}

func (s *side) close() {
	s.do(session.Leave{})
	synctest.Wait()
	s.end()
	s.group.Wait()
}

// meet joins the two by a new connection.
func (w *world) meet() {
	w.t.Helper()
	w.part()
	at := func(p netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(p.Addr(), p.Port()+w.epochs) }
	w.epochs++
	a, b := at(repAt), at(customerAt)
	var peers [2]*link.Peer
	var both sync.WaitGroup
	for i, role := range []wire.Role{wire.RoleRep, wire.RoleCustomer} {
		mine, other := a, b
		if i == 1 {
			mine, other = b, a
		}
		socket := w.network.Join(mine, w.path)
		both.Go(func() {
			p, err := link.Over(w.t.Context(), socket, other, link.Meeting{Role: role, Secret: "507264", Resume: w.key})
			if err != nil {
				w.t.Error(err)
			}
			peers[i] = p
		})
	}
	both.Wait()
	if w.t.Failed() {
		w.t.FailNow()
	}
	w.key = peers[0].ResumeKey()
	w.rep.linked(peers[0])
	w.cust.linked(peers[1])
}

// part cuts the connection.
func (w *world) part() {
	for _, s := range []*side{w.rep, w.cust} {
		done := make(chan peer)
		s.do(func() { done <- s.peer })
		if p := <-done; p != nil {
			p.Close(0)
			<-p.Done()
			s.linked(nil)
		}
	}
}

func (s *side) now() session.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *side) transfer(id uint32) session.Transfer {
	for _, t := range s.now().Transfers {
		if t.ID == id {
			return t
		}
	}
	return session.Transfer{}
}

// until waits until something is so, for at most a minute of the bubble's.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	for range 6000 {
		synctest.Wait()
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("never: %s; rep %+v, customer %+v", what, w.rep.now().Transfers, w.cust.now().Transfers)
}

// offer offers what is at a path in home; its ID comes back.
func (s *side) offer(name string) uint32 {
	s.w.t.Helper()
	thing, err := disk.New(s.taken).Look(context.Background(), filepath.Join(s.home, name))
	if err != nil {
		s.w.t.Fatal(err)
	}
	mine := func() (n int, last uint32) {
		for _, t := range s.now().Transfers {
			if t.Mine {
				n, last = n+1, t.ID
			}
		}
		return n, last
	}
	s.w.until("they talk", func() bool { return s.now().Stage == session.Talking })
	n, _ := mine()
	s.do(session.Offer{Place: thing.Place, Name: thing.Name, Size: thing.Size, Items: thing.Items, Folder: thing.Folder})
	s.w.until("an offer", func() bool { now, _ := mine(); return now > n })
	_, id := mine()
	return id
}

// accept is the other person's yes.
func (s *side) accept(id uint32) {
	s.w.t.Helper()
	s.w.until("a question", func() bool {
		st := s.now()
		if s.role == wire.RoleRep {
			return s.transfer(id).ID != 0
		}
		return st.Request != nil && st.Request.Offer == id
	})
	if s.role == wire.RoleRep {
		s.do(session.Take{ID: id, Allow: true})
		return
	}
	s.do(session.Reply{ID: s.now().Request.ID, Allow: true})
}

// arrives waits until both know that a transfer is there.
func (w *world) arrives(id uint32) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d arrives", id), func() bool {
		return w.rep.transfer(id).Stage == session.TransferArrived && w.cust.transfer(id).Stage == session.TransferArrived
	})
}

// ends waits until both know why a transfer has ended.
func (w *world) ends(id uint32, why wire.HaltWhy) {
	w.t.Helper()
	for _, s := range []*side{w.rep, w.cust} {
		w.until(fmt.Sprintf("%d ends", id), func() bool { return s.transfer(id).Stage == session.TransferHalted })
		if got := s.transfer(id).Why; got != why {
			w.t.Errorf("role %d: why %d, not %d", s.role, got, why)
		}
	}
}

// write makes a file of random bytes in home.
func (s *side) write(name string, size int) {
	s.w.t.Helper()
	place := filepath.Join(s.home, name)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		s.w.t.Fatal(err)
	}
	if err := os.WriteFile(place, noise(name, size), 0o644); err != nil {
		s.w.t.Fatal(err)
	}
}

func noise(seed string, size int) []byte {
	var key [32]byte
	copy(key[:], seed)
	b := make([]byte, size)
	_, _ = rand.NewChaCha8(key).Read(b) // never fails
	return b
}

// same compares what is here with what came there.
func (w *world) same(from, to string) {
	w.t.Helper()
	list := func(root string) map[string]string {
		all := map[string]string{}
		err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, p)
			if !e.IsDir() {
				b, err := os.ReadFile(p)
				all[rel] = string(b)
				return err
			}
			all[rel+"/"] = ""
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		return all
	}
	a, b := list(from), list(to)
	if len(a) != len(b) {
		w.t.Errorf("%d items became %d", len(a), len(b))
	}
	for name := range a {
		if got, ok := b[name]; !ok || !bytes.Equal([]byte(got), []byte(a[name])) {
			w.t.Errorf("%q differs", name)
		}
	}
}

// lie says how many parts are left in the attic.
func (s *side) lie() int {
	parts, _ := filepath.Glob(filepath.Join(s.taken, ".handrail-part", "*"))
	return len(parts)
}

// there are the names in the folder of downloads.
func (s *side) there() string {
	entries, err := os.ReadDir(s.taken)
	if err != nil {
		s.w.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
