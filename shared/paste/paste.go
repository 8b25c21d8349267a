// Package paste lets the two sides of a session paste what the other copied, as
// far as the customer allows it (S09). What is said at once is only that
// something was copied and in which forms; the bytes cross when a program
// pastes.
//
//	desk := paste.NewDesk(board)       // one for all sessions of a program
//	s := desk.Join(wire.RoleRep)
//	s.By(deliver)                      // who sends what is pasted there
//	go s.Run(ctx)
//	s.Connected(peer)                  // a new connection
//	s.Changed(state)                   // the session's newest state: who may what
//	s.Heard(message); s.Piece(piece)   // what comes from the other side
//	desk.Front(s)                      // the session that is worked in
//
// What was copied at a desk is told to one session alone, the one in front, and
// what comes out of one session is told to no other. Only copies made in the
// session in front come onto this desk's clipboard. At the customer's, what was
// copied before it was allowed to be told stays untold.
package paste

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"handrail/shared/wire"
)

// Errors of fetching; programs that paste see that there is nothing.
var (
	errGone = errors.New("paste: the other side has it no more, or may not be asked")
	errSlow = errors.New("paste: the other side does not answer")
)

const (
	// idle is how long a fetch waits for its next bytes; a program that pastes
	// is frozen meanwhile.
	idle = 10 * time.Second
	// readTime is how long this computer's program may take to hand over what
	// it copied.
	readTime = 20 * time.Second
	// readings bounds how much is read for the other side at the same time.
	readings = 4
	// fetchings bounds how much is fetched from the other side at the same time.
	fetchings = 8
	// keepSize is what is kept of what was fetched, so that pasting it again, or
	// a program that asks twice, needs no second journey.
	keepSize = 1 << 20
)

// Board is this computer's clipboard; package clip has one.
type Board interface {
	Watch(told func(forms []wire.ClipForm, before bool))
	Read(context.Context, wire.ClipFormat) ([]byte, error)
	Offer(forms []wire.ClipForm, get func(context.Context, wire.ClipFormat) ([]byte, error)) (giveUp func(), err error)
}

// Sender is a connection to the other side.
type Sender interface {
	Send(wire.Packet) error
}

// Deliver sends the answer to the other side's ClipWant; package courier does.
// It returns at once.
type Deliver func(id uint32, data []byte, failed bool)

// Desk is the clipboard of one computer and the sessions that may use it. A nil
// Desk is that of a computer whose clipboard can't be shared: its sessions are
// nil, too, and do nothing.
type Desk struct {
	board Board
	turn  sync.Mutex // held while the watch begins or ends; taken before mu

	mu       sync.Mutex // guards the following, and what sessions say it does
	sessions []*Session
	front    *Session
	watching bool
	forms    []wire.ClipForm // what may be told of the last
	before   bool            // it was there before anybody looked
	holder   *Session        // to whom it was told
}

// NewDesk makes a desk around a clipboard.
func NewDesk(b Board) *Desk { return &Desk{board: b} }

// Front says in which session this computer's person works now; nil is none.
func (d *Desk) Front(s *Session) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.front != s {
		d.front = s
		d.offerLocked()
	}
}

// told hears from the board that something else was copied.
func (d *Desk) told(forms []wire.ClipForm, before bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.watching {
		return
	}
	d.forms, d.before = slices.Clone(forms), before
	if h := d.holder; h != nil {
		d.holder = nil
		h.tellLocked(nil)
	}
	d.offerLocked()
}

// offerLocked tells what was copied to the session in front, if nobody has been
// told and that one may be.
func (d *Desk) offerLocked() {
	s := d.front
	if s == nil || d.holder != nil || len(d.forms) == 0 || !s.mayTellLocked() || d.before && s.role == wire.RoleCustomer {
		return
	}
	d.holder = s
	s.tellLocked(d.forms)
}

// watch looks at the clipboard while, and only while, somebody may be told.
func (d *Desk) watch() {
	d.turn.Lock()
	defer d.turn.Unlock()
	d.mu.Lock()
	on := slices.ContainsFunc(d.sessions, (*Session).mayTellLocked)
	was := d.watching
	d.watching = on
	if !on {
		d.forms, d.holder = nil, nil
	}
	d.mu.Unlock()
	switch {
	case on && !was:
		d.board.Watch(d.told)
	case was && !on:
		d.board.Watch(nil)
	}
}

// Join makes a session's part in the desk. Run it until the session is over.
func (d *Desk) Join(role wire.Role) *Session {
	if d == nil {
		return nil
	}
	s := &Session{
		desk: d, role: role, deliver: func(uint32, []byte, bool) {}, tell: wire.ClipIn, take: wire.ClipOut,
		pending: map[uint32]*fetching{}, reading: map[*wire.ClipWant]context.CancelFunc{}, sends: make(chan struct{}, 1), moves: make(chan struct{}, 1),
	}
	if role == wire.RoleCustomer {
		s.tell, s.take = wire.ClipOut, wire.ClipIn
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions = append(d.sessions, s)
	return s
}

// leave is the end of a session. What was told to it is told to nobody else.
func (d *Desk) leave(s *Session) {
	d.mu.Lock()
	s.may = 0
	s.forgetLocked()
	d.sessions = slices.DeleteFunc(d.sessions, func(x *Session) bool { return x == s })
	if d.front == s {
		d.front = nil
	}
	d.mu.Unlock()
	d.watch()
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
