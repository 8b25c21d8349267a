package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// wireEnd is a control connection without a network: the relay has it as a
// Conn, the test as the client.
type wireEnd struct {
	addr     netip.AddrPort
	exporter []byte
	in       chan any // wire.Message or error, from the client
	over     chan struct{}

	mu     sync.Mutex // guards the following
	told   []wire.Message
	reason string
	closed bool
	full   bool // the client doesn't read
}

var errGone = errors.New("gone")

func (w *wireEnd) Send(m wire.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full {
		w.closeLocked("full")
	}
	if w.closed {
		return errGone
	}
	// Nothing goes out that a real connection would not carry.
	if _, err := wire.Append(nil, wire.Packet{Body: m}); err != nil {
		return err
	}
	w.told = append(w.told, m)
	return nil
}

func (w *wireEnd) Pass(m wire.Message) error {
	w.mu.Lock()
	full := w.full
	w.mu.Unlock()
	if full {
		return errGone
	}
	return w.Send(m)
}

func (w *wireEnd) Receive(ctx context.Context) (wire.Message, error) {
	select {
	case x := <-w.in:
		if err, bad := x.(error); bad {
			return nil, err
		}
		return x.(wire.Message), nil
	case <-w.over:
		return nil, errGone
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (w *wireEnd) Exporter(label string) ([]byte, error) {
	sum := sha256.Sum256(append([]byte(label), w.exporter...))
	return sum[:], nil
}

func (w *wireEnd) RemoteAddr() netip.AddrPort { return w.addr }

func (w *wireEnd) Close(reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closeLocked(reason)
}

func (w *wireEnd) closeLocked(reason string) {
	if !w.closed {
		w.closed, w.reason = true, reason
		close(w.over)
	}
}

// house is a running relay; the test is its network.
type house struct {
	t       *testing.T
	relay   *Relay
	records *records
	door    chan Conn
	stop    func() error
	clients byte
	living  *Living
	over    []wire.SessionID // written by the relay alone
	facts   int              // times that facts were kept, in Run's goroutine
}

func (h *house) Accept(ctx context.Context) (Conn, error) {
	select {
	case c := <-h.door:
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// open starts a relay inside a bubble; its clock stands still until everybody
// waits.
func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, door: make(chan Conn), records: &records{
		keys: map[string]lobby.Key{}, sessions: map[wire.SessionID]lobby.Session{},
		reps: map[string]lobby.Rep{}, codes: map[[32]byte]string{},
		visits: map[wire.SessionID]lobby.Visit{}, settings: settings.Default("Helpers"),
		people: people.Organisation{Reps: map[uint64]people.Rep{}},
	}}
	h.start()
	t.Cleanup(func() {
		if err := h.stop(); err != nil {
			t.Error("relay ended with", err)
		}
	})
	return h
}

func (h *house) start() {
	h.living = &Living{} // a new process knows of nothing
	h.relay = New(h, h.records, Config{
		Living: h.living, Ended: func(id wire.SessionID) { h.over = append(h.over, id) },
		Facts:        func() { h.facts++ },
		Organisation: "Helpers", Site: "https://help.test:4443",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Relays: func(_ time.Time, id wire.SessionID) []wire.Relay {
			return []wire.Relay{{URL: "turn:help.test:3478?transport=udp", User: id.String(), Password: "p"}}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.relay.Run(ctx) }()
	h.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
}

func (h *house) connect() *wireEnd {
	h.t.Helper()
	h.clients++
	w := &wireEnd{
		addr:     netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, h.clients}), 5000),
		exporter: []byte{h.clients}, in: make(chan any, 1000), over: make(chan struct{}),
	}
	h.door <- w
	return w
}

// client connects and says Hello.
func (h *house) client(role wire.Role) *wireEnd {
	h.t.Helper()
	w := h.connect()
	w.in <- &wire.Hello{Version: 1, Role: role, Program: "test 1", System: "linux"}
	if m := last[*wire.Welcome](h, w); m.Organisation != "Helpers" || m.Site != "https://help.test:4443" {
		h.t.Errorf("welcomed with %+v", m)
	}
	return w
}

func keyOf(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func signIn(w *wireEnd, key ed25519.PrivateKey) *wire.SignIn {
	exporter, _ := w.Exporter(wire.SignInExporter) // a wireEnd's never fails
	return &wire.SignIn{
		PublicKey: key.Public().(ed25519.PublicKey),
		Signature: ed25519.Sign(key, append([]byte(wire.SignInContext), exporter...)),
	}
}

// rep enrols when name is new, and signs in.
func (h *house) rep(name string) *wireEnd {
	h.t.Helper()
	w := h.client(wire.RoleRep)
	proof := signIn(w, keyOf(name))
	if _, err := h.records.RepByKey(h.t.Context(), proof.PublicKey); err != nil {
		h.records.change(func() { h.records.codes[people.CodeHash("code-"+name)] = name })
		w.in <- &wire.Enrol{Code: "CODE " + name, PublicKey: proof.PublicKey, Signature: proof.Signature}
	} else {
		w.in <- proof
	}
	if m := last[*wire.SignedIn](h, w); m.Name != name {
		h.t.Errorf("signed in as %+v", m)
	}
	return w
}

// last waits until the relay has nothing more to do and gives what w was told
// last, besides what keeps a rep's lists up to date.
func last[M wire.Message](h *house, w *wireEnd) M {
	h.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, told := range slices.Backward(w.told) {
		if m, ok := told.(M); ok {
			return m
		}
		switch told.(type) {
		case *wire.Queues, *wire.Targets, *wire.Visitor, *wire.VisitorGone, *wire.Portal, *wire.Keeping, *wire.Noticeboard:
		default:
			h.t.Fatalf("told %#v, want %T", told, *new(M))
		}
	}
	h.t.Fatalf("told nothing, want %T", *new(M))
	return *new(M)
}

func (h *house) refused(w *wireEnd, want wire.Code) {
	h.t.Helper()
	if p := last[*wire.Problem](h, w); p.Code != want {
		h.t.Errorf("refused with %d, want %d", p.Code, want)
	}
}

func (h *house) ended(w *wireEnd, reason string) {
	h.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed || w.reason != reason {
		h.t.Errorf("closed %v for %q, want for %q", w.closed, w.reason, reason)
	}
}

func (h *house) lives(w *wireEnd) {
	h.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		h.t.Errorf("connection closed: %s", w.reason)
	}
}

// meet brings a rep and a customer into a session.
func (h *house) meet(rep, customer *wireEnd) (*wire.Start, *wire.Start) {
	h.t.Helper()
	h.clients++
	rep.in <- &wire.NewKey{Request: [16]byte{h.clients}}
	customer.in <- &wire.Join{Number: last[*wire.KeyMade](h, rep).Number, Name: "Maria"}
	return last[*wire.Start](h, rep), last[*wire.Start](h, customer)
}

func TestP03EnrolKeyJoinSignalLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, mine := h.meet(anna, maria)
		if mine.Peer != "anna" || s.Peer != "Maria" || len(s.Relays) != 1 {
			t.Errorf("started with %+v and %+v", s, mine)
		}
		maria.in <- &wire.Signal{Session: s.Session, Epoch: 1, User: "u"}
		if g := last[*wire.Signal](h, anna); g.User != "u" {
			t.Errorf("signal %+v", g)
		}
		anna.in <- &wire.Leave{Session: s.Session, Why: wire.EndByRep}
		last[*wire.Ended](h, maria)
		if c := h.relay.Counts(); c.Connections != 2 || c.Open != 2 || c.Sessions != 1 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestNothingIsSaidBeforeItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna := h.rep("anna")
		h.records.change(func() { h.records.failing = true })
		anna.in <- &wire.NewKey{Request: [16]byte{1}}
		last[*wire.SignedIn](h, anna) // no KeyMade
		time.Sleep(keepPause / 2)     // the bubble's clock
		h.records.change(func() { h.records.failing = false })
		time.Sleep(keepPause)
		last[*wire.KeyMade](h, anna)
	})
}

func TestStoreThatFailsForGoodStopsTheBroker(t *testing.T) {
	for name, c := range map[string]struct {
		fail func(*records)
		try  time.Duration
	}{
		"that says no":      {func(r *records) { r.failing = true }, 0},
		"that says no word": {func(r *records) { r.silent = true }, keepTime + lookTime},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := open(t)
				anna := h.rep("anna")
				h.records.change(func() { c.fail(h.records) })
				time.Sleep(2 * ticking) // it looks first whether something has changed
				anna.in <- &wire.NewKey{Request: [16]byte{1}}
				time.Sleep(keepTries * (c.try + keepPause))
				h.ended(anna, stopping)
				if err := h.stop(); !errors.Is(err, ErrCantKeep) {
					t.Errorf("ended with %v, want ErrCantKeep", err)
				}
				h.stop = func() error { return nil }
			})
		})
	}
}

func TestRestartKeepsKeysAndSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, mine := h.meet(anna, maria)
		anna.in <- &wire.NewKey{Request: [16]byte{0xee}}
		open := last[*wire.KeyMade](h, anna)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.ended(maria, stopping)
		h.start()
		anna, maria = h.rep("anna"), h.client(wire.RoleCustomer)
		if in := last[*wire.SignedIn](h, anna); len(in.Keys) != 1 || in.Keys[0].Number != open.Number {
			t.Errorf("signed in with keys %+v, want %+v", in.Keys, open)
		}
		anna.in <- &wire.Rejoin{Session: s.Session, Ticket: s.Ticket}
		maria.in <- &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket}
		last[*wire.Rejoined](h, anna)
		last[*wire.Rejoined](h, maria)
		anna.in <- &wire.Signal{Session: s.Session, Epoch: 2}
		last[*wire.Signal](h, maria)
	})
}

func TestRevokedRepIsLetGoWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		anna, bert, maria := h.rep("anna"), h.rep("bert"), h.client(wire.RoleCustomer)
		h.meet(anna, maria)
		h.records.change(func() { h.records.revoked = []uint64{1} }) // who enrolled first
		time.Sleep(ticking)
		h.refused(anna, wire.CodeNotEnrolled)
		h.ended(anna, "rep revoked")
		last[*wire.Ended](h, maria)
		h.lives(bert)
	})
}

func TestRepRevokedWhileSigningInIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.rep("anna").Close("done")
		h.records.change(func() { h.records.revoked = []uint64{1} })
		time.Sleep(ticking)
		// The key was still good when the reader asked; the list no more.
		w := h.client(wire.RoleRep)
		w.in <- signIn(w, keyOf("anna"))
		h.ended(w, "rep revoked")
	})
}

func TestK06SecondConsoleReplacesTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		first := h.rep("anna")
		second := h.rep("anna")
		h.refused(first, wire.CodeSignedInElse)
		h.ended(first, "signed in from another console")
		second.in <- &wire.NewKey{Request: [16]byte{1}}
		last[*wire.KeyMade](h, second)
	})
}

func TestSessionIsRelayedWhileItLives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		lives := func(want bool, when string, id wire.SessionID) {
			t.Helper()
			synctest.Wait()
			if h.living.Has(id) != want {
				t.Errorf("%s: lives is %v, want %v", when, !want, want)
			}
		}
		anna, maria := h.rep("anna"), h.client(wire.RoleCustomer)
		s, mine := h.meet(anna, maria)
		lives(true, "started", s.Session)
		lives(false, "another's", wire.SessionID{1})
		maria.Close("bye")
		lives(true, "a side lost its connection", s.Session)
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		h.start()
		synctest.Wait()
		lives(true, "the broker was restarted", s.Session)
		anna, maria = h.rep("anna"), h.client(wire.RoleCustomer)
		maria.in <- &wire.Rejoin{Session: s.Session, Ticket: mine.Ticket}
		last[*wire.Rejoined](h, maria)
		maria.in <- &wire.Leave{Session: s.Session, Why: wire.EndByCustomer}
		lives(true, "the rep's console has not answered yet", s.Session)
		anna.in <- &wire.Rejoin{Session: s.Session, Ticket: s.Ticket}
		last[*wire.Ended](h, anna)
		anna.in <- &wire.Leave{Session: s.Session, Why: wire.EndByCustomer}
		lives(false, "both left", s.Session)
		if len(h.over) != 1 || h.over[0] != s.Session {
			t.Errorf("told of the end of %v", h.over)
		}

		s, _ = h.meet(anna, h.client(wire.RoleCustomer))
		h.records.change(func() { h.records.revoked = []uint64{1} })
		time.Sleep(ticking)
		lives(false, "the rep was revoked", s.Session)
		if len(h.over) != 2 {
			t.Errorf("told of %d ends", len(h.over))
		}
	})
}

func TestPlaceOfAnAddress(t *testing.T) {
	for _, c := range []struct{ addr, want string }{
		{"198.51.100.7", "198.51.100.7"},
		{"::ffff:198.51.100.7", "198.51.100.7"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"2001:db8:1:2::1", "2001:db8:1:2::/64"},
		{"fe80::1%eth0", "fe80::/64"},
	} {
		if got := place(netip.MustParseAddr(c.addr)); got != c.want {
			t.Errorf("%s is in %s, want %s", c.addr, got, c.want)
		}
	}
}
