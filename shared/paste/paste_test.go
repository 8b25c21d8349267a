package paste

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

const both = wire.View | wire.ClipOut | wire.ClipIn

// board is a clipboard in memory.
type board struct {
	mu    sync.Mutex
	told  func([]wire.ClipForm, bool)
	has   map[wire.ClipFormat][]byte                             // copied here
	offer int                                                    // counts offers
	get   func(context.Context, wire.ClipFormat) ([]byte, error) // of the present offer
	slow  time.Duration                                          // of reading
	reads int
}

func (b *board) Watch(told func([]wire.ClipForm, bool)) {
	b.mu.Lock()
	b.told = told
	forms := b.formsLocked()
	b.mu.Unlock()
	if told != nil && len(forms) > 0 {
		told(forms, true)
	}
}

func (b *board) formsLocked() (forms []wire.ClipForm) {
	for f := wire.ClipText; f <= wire.ClipPNG; f++ {
		if b.has[f] != nil {
			forms = append(forms, wire.ClipForm{Format: f})
		}
	}
	return forms
}

func (b *board) Read(ctx context.Context, f wire.ClipFormat) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	data, slow := b.has[f], b.slow
	if slow > 0 {
		b.mu.Unlock()
		select {
		case <-time.After(slow):
		case <-ctx.Done():
		}
		b.mu.Lock()
	}
	if data == nil || ctx.Err() != nil {
		return nil, errors.New("not there")
	}
	return data, nil
}

func (b *board) Offer(_ []wire.ClipForm, get func(context.Context, wire.ClipFormat) ([]byte, error)) (func(), error) {
	b.mu.Lock()
	b.offer++
	n := b.offer
	b.has, b.get = nil, get
	told := b.told
	b.mu.Unlock()
	if told != nil {
		told(nil, false)
	}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.offer == n {
			b.get = nil
		}
	}, nil
}

// copies is what a program here does.
func (b *board) copies(text string) {
	b.mu.Lock()
	b.has, b.get = map[wire.ClipFormat][]byte{wire.ClipText: []byte(text)}, nil
	b.offer++
	told, forms := b.told, b.formsLocked()
	b.mu.Unlock()
	if told != nil {
		told(forms, false)
	}
	synctest.Wait()
}

// clears is, too: nothing that can be told is on the clipboard any more.
func (b *board) clears() {
	b.mu.Lock()
	b.has, b.get = nil, nil
	told := b.told
	b.mu.Unlock()
	if told != nil {
		told(nil, false)
	}
	synctest.Wait()
}

// pastes is, too; "" is nothing.
func (b *board) pastes() string {
	b.mu.Lock()
	get, has := b.get, b.has[wire.ClipText]
	b.mu.Unlock()
	if get == nil {
		return string(has)
	}
	data, err := get(context.Background(), wire.ClipText)
	if err != nil {
		return ""
	}
	return string(data)
}

func (b *board) watched() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.told != nil
}

// seat is one side of a session.
type seat struct {
	*board
	desk *Desk
	s    *Session
	in   *seat
	cut  bool // nothing arrives
	said []wire.Message
	mu   sync.Mutex
}

// Send is a connection on which messages take a while.
func (x *seat) Send(p wire.Packet) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cut {
		return errors.New("cut")
	}
	x.said = append(x.said, p.Body)
	time.AfterFunc(20*time.Millisecond, func() {
		x.mu.Lock()
		cut := x.cut
		x.mu.Unlock()
		if !cut {
			x.in.s.Heard(p.Body)
		}
	})
	return nil
}

// deliver sends an answer in pieces.
func (x *seat) deliver(id uint32, data []byte, failed bool) {
	for i := 0; ; i++ {
		part := data[:min(len(data), 8<<10)]
		data = data[len(part):]
		p := wire.ClipPiece{ID: id, Last: len(data) == 0, Failed: failed, Data: part}
		time.AfterFunc(20*time.Millisecond+time.Duration(i)*time.Microsecond, func() { x.in.s.Piece(p) })
		if p.Last {
			return
		}
	}
}

func (x *seat) clips() (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, m := range x.said {
		if c, ok := m.(*wire.Clip); ok && len(c.Forms) > 0 {
			n++
		}
	}
	return n
}

// pair is a rep and a customer in a session.
type pair struct{ rep, customer *seat }

// meet brings two boards together; the sessions end with the test.
func meet(t *testing.T, ctx context.Context, rep *Desk, repBoard *board) pair {
	t.Helper()
	theirs := &board{}
	p := pair{&seat{board: repBoard, desk: rep}, &seat{board: theirs, desk: NewDesk(theirs)}}
	p.rep.in, p.customer.in = p.customer, p.rep
	for x, role := range map[*seat]wire.Role{p.rep: wire.RoleRep, p.customer: wire.RoleCustomer} {
		x.s = x.desk.Join(role)
		x.s.By(x.deliver)
		go x.s.Run(ctx)
	}
	p.customer.desk.Front(p.customer.s)
	p.link()
	return p
}

func (p pair) link() {
	for _, x := range []*seat{p.rep, p.customer} {
		x.mu.Lock()
		x.cut = false
		x.mu.Unlock()
		x.s.Connected(x)
	}
}

func (p pair) unlink(granted wire.Permission) {
	for _, x := range []*seat{p.rep, p.customer} {
		x.mu.Lock()
		x.cut = true
		x.mu.Unlock()
		x.s.Disconnected()
		x.s.Changed(session.State{Stage: session.Talking, Granted: granted})
	}
}

// allow makes what the rep may do known on both sides, and lets it take effect.
func (p pair) allow(what wire.Permission) {
	for _, x := range []*seat{p.customer, p.rep} {
		x.s.Changed(session.State{Stage: session.Talking, Linked: true, Granted: what})
	}
	pass()
}

func pass() {
	time.Sleep(100 * time.Millisecond)
	synctest.Wait()
}

// inSession plays a story of a rep and a customer.
func inSession(t *testing.T, story func(t *testing.T, p pair)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := &board{}
		d := NewDesk(b)
		p := meet(t, ctx, d, b)
		d.Front(p.rep.s)
		story(t, p)
		cancel()
		pass()
		for _, x := range []*seat{p.rep, p.customer} {
			if x.get != nil || x.watched() {
				t.Error("something is left of the session")
			}
		}
	})
}

// is checks what a program would paste.
func is(t *testing.T, x *seat, want string) {
	t.Helper()
	if got := x.pastes(); got != want {
		t.Errorf("pasted %q, want %q", got, want)
	}
}

func TestS09WhatIsCopiedOnOneSideIsPastedOnTheOther(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.customer.copies("from the customer")
		pass()
		is(t, p.rep, "from the customer")
		p.rep.copies("from the rep")
		pass()
		is(t, p.customer, "from the rep")
		is(t, p.customer, "from the rep")
		if p.customer.clips() != 1 || p.rep.clips() != 1 {
			t.Errorf("told %d and %d times", p.customer.clips(), p.rep.clips())
		}
		if p.rep.reads != 1 {
			t.Errorf("read %d times for pasting twice", p.rep.reads)
		}
	})
}

func TestS09EachWayNeedsItsPermission(t *testing.T) {
	for _, c := range []struct {
		name    string
		granted wire.Permission
		out, in bool
	}{
		{"nothing", 0, false, false},
		{"the screen", wire.View | wire.Control, false, false},
		{"to the rep", wire.View | wire.ClipOut, true, false},
		{"to the customer", wire.View | wire.ClipIn, false, true},
		{"both", both, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inSession(t, func(t *testing.T, p pair) {
				p.allow(c.granted)
				if p.customer.watched() != c.out || p.rep.watched() != c.in {
					t.Errorf("looks at the clipboards: %v, %v", p.customer.watched(), p.rep.watched())
				}
				p.customer.copies("out")
				pass()
				if got := p.rep.pastes(); (got == "out") != c.out {
					t.Errorf("the rep pastes %q", got)
				}
				p.rep.copies("in")
				pass()
				if got := p.customer.pastes(); (got == "in") != c.in {
					t.Errorf("the customer pastes %q", got)
				}
			})
		})
	}
}

func TestS09AWantWithoutPermissionGetsNoAnswer(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.customer.copies("private")
		p.allow(wire.View | wire.ClipIn)
		for serial := range uint64(5) {
			p.customer.s.Heard(&wire.ClipWant{ID: uint32(serial + 1), Serial: serial, Format: wire.ClipText})
		}
		p.allow(both) // what was copied before is nobody's business
		for serial := range uint64(5) {
			p.customer.s.Heard(&wire.ClipWant{ID: uint32(serial + 1), Serial: serial, Format: wire.ClipText})
		}
		pass()
		if p.customer.reads != 0 || p.customer.clips() != 0 {
			t.Errorf("read %d times, told %d times", p.customer.reads, p.customer.clips())
		}
		p.customer.copies("public")
		pass()
		is(t, p.rep, "public")
	})
}

func TestS09WhatTheRepCopiedBeforeTheGrantCanBePasted(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.rep.copies("apt install handrail")
		p.allow(wire.View | wire.ClipIn)
		is(t, p.customer, "apt install handrail")
	})
}

func TestS09APermissionThatEndsTakesEverythingAlong(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.rep.copies("in")
		pass()
		is(t, p.customer, "in")
		p.customer.slow = time.Second
		p.allow(wire.View)
		is(t, p.customer, "")
		if p.rep.watched() || p.customer.watched() {
			t.Error("somebody still looks at a clipboard")
		}

		p.allow(both)
		is(t, p.customer, "in") // allowed anew, told anew
		p.customer.copies("out")
		pass()
		got := make(chan string, 1)
		go func() { got <- p.rep.pastes() }()
		time.Sleep(500 * time.Millisecond) // it is being read
		p.allow(0)
		if text := <-got; text != "" {
			t.Errorf("the rep got %q after the end of the permission", text)
		}
	})
}

func TestS09NothingGoesRoundInCircles(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		for range 3 {
			p.customer.copies("out")
			pass()
			p.rep.copies("in")
			pass()
		}
		before := p.customer.clips() + p.rep.clips()
		time.Sleep(time.Hour)
		synctest.Wait()
		if after := p.customer.clips() + p.rep.clips(); after != before || before != 6 {
			t.Errorf("told %d times, an hour later %d times", before, after)
		}
	})
}

func TestS09TheClipboardGoesOnOverANewConnection(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.rep.copies("in")
		pass()
		p.unlink(both)
		got := make(chan string, 1)
		go func() { got <- p.customer.pastes() }()
		time.Sleep(3 * time.Second)
		p.link()
		p.allow(both)
		if text := <-got; text != "in" {
			t.Errorf("who pasted without a connection got %q", text)
		}

		p.customer.copies("mine") // and is what the customer has now, whatever is told again
		pass()
		p.unlink(both)
		p.link()
		p.allow(both)
		pass()
		if p.customer.get != nil {
			t.Error("an old copy of the rep's took the customer's away")
		}
		is(t, p.rep, "mine")

		p.unlink(both)
		p.customer.copies("while it was cut")
		p.link()
		p.allow(both)
		is(t, p.rep, "while it was cut")
	})
}

func TestS09ThatNothingIsCopiedAnyMoreSurvivesABreak(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.rep.copies("in")
		pass()
		is(t, p.customer, "in")
		p.rep.clears() // is said, and lost on the way
		p.unlink(both)
		pass()
		p.link()
		p.allow(both)
		pass()
		if p.customer.get != nil {
			t.Error("what the rep has no more is still offered")
		}
	})
}

func TestS09WhoPastesIsNotLeftWaiting(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.customer.copies("out")
		pass()
		p.unlink(both)
		start := time.Now()
		is(t, p.rep, "")
		if waited := time.Since(start); waited > idle+time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestS09ALargePictureArrivesWhole(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		want := bytes.Repeat([]byte("pixels"), 1<<20)
		p.customer.copies(string(want))
		pass()
		is(t, p.rep, string(want))
	})
}

func TestS09MoreThanMayCrossIsDropped(t *testing.T) {
	inSession(t, func(t *testing.T, p pair) {
		p.allow(both)
		p.customer.copies("out")
		pass()
		p.customer.slow = time.Minute // this test answers instead
		got := make(chan string, 1)
		go func() { got <- p.rep.pastes() }()
		pass()
		block := make([]byte, 1<<20)
		for range wire.MaxClip/len(block) + 1 {
			p.rep.s.Piece(wire.ClipPiece{ID: 1, Data: block})
		}
		if text := <-got; text != "" {
			t.Errorf("got %d bytes", len(text))
		}
	})
}

// A rep with two customers: what is copied for one, or by one, is not the
// other's.
func TestS09TwoCustomersLearnNothingOfEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := &board{}
		d := NewDesk(b)
		one, two := meet(t, ctx, d, b), meet(t, ctx, d, b)
		one.allow(both)
		two.allow(both)

		d.Front(one.rep.s)
		b.copies("for one")
		pass()
		is(t, one.customer, "for one")
		d.Front(two.rep.s)
		pass()
		is(t, two.customer, "")
		is(t, one.customer, "for one")

		b.copies("for two")
		pass()
		is(t, two.customer, "for two")
		is(t, one.customer, "")

		two.customer.copies("by two")
		pass()
		is(t, one.rep, "by two") // it is the rep's one clipboard
		d.Front(one.rep.s)
		pass()
		is(t, one.customer, "")

		two.customer.copies("by two, who is not in front")
		pass()
		is(t, one.rep, "")
		two.allow(0)
		two.allow(both) // what was told to one stays one's, whatever is allowed again
		b.copies("for one again")
		pass()
		d.Front(two.rep.s)
		one.allow(wire.View)
		one.allow(both)
		is(t, two.customer, "by two, who is not in front")
		is(t, one.customer, "for one again")
		cancel()
		pass()
	})
}
