// Package shift is a rep at work: it runs the console's model, keeps the
// console signed in at the broker, and runs every session in a room of its
// own. It moves things between the model and doors that main gives it.
package shift

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Peer is a proven connection to a customer's program.
type Peer interface {
	room.Peer
	SendInput(wire.Input) error
	ReceiveSlice(context.Context) (wire.Slice, error)
	ReceiveCursor(context.Context) (wire.Cursor, error)
	ReceivePointer(context.Context) (wire.Pointer, error)
	Travels() (direct bool, rtt time.Duration)
	ResumeKey() []byte
}

// Screen shows one session's screen and takes the rep's hands.
type Screen interface {
	// Connected gives the screen a new connection, Disconnected takes it.
	Connected(Peer)
	Disconnected()
	Changed(session.State)
	Close()
}

// Doors are what the shift needs from the outside. All are called from its
// own goroutines and must not block for long.
type Doors struct {
	Dial    func(context.Context) (hotline.Conn, error)
	Meet    func(context.Context, room.Meeting) (Peer, error)
	Explain func(error) words.Problem
	// WrongSecret says whether an error of Meet counts as a try of the key.
	WrongSecret func(error) bool
	Screen      func(wire.SessionID) Screen
	Key         ed25519.PrivateKey // the console's own
	Hello       wire.Hello

	Show     func(console.State)
	Copy     func(text string)
	OpenMail func(url string)
	Notify   func(title, text string)
	Chime    func()
	Remember func(console.Settings)
	Exit     func()
}

const queue = 1024

// Shift is one run of the console. Make it with New, call Run once.
type Shift struct {
	doors   Doors
	events  chan console.Event
	dropped atomic.Uint64
	again   chan struct{} // the rep wants to connect now
	codes   chan string   // enrolment codes

	line     *hotline.Line
	skew     atomic.Int64 // milliseconds this machine's clock is before the broker's
	visitors visitors

	// owned by Run
	model *console.Model
	group sync.WaitGroup
}

// New makes a shift around a model.
func New(m *console.Model, d Doors) *Shift {
	s := &Shift{
		doors: d, model: m, events: make(chan console.Event, queue),
		again: make(chan struct{}, 1), codes: make(chan string, 1),
	}
	s.line = hotline.New(s.lineConfig())
	return s
}

// Do tells the console what happened. It never blocks.
func (s *Shift) Do(e console.Event) {
	select {
	case s.events <- e:
	default:
		s.dropped.Add(1)
	}
}

// must delivers an event that may not be lost, from a goroutine of the shift.
func (s *Shift) must(ctx context.Context, e console.Event) {
	select {
	case s.events <- e:
	case <-ctx.Done():
	}
}

// Run is the shift, until ctx ends.
func (s *Shift) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer s.group.Wait()
	defer cancel()
	if s.doors.Dial != nil {
		s.group.Go(func() { s.stayConnected(ctx) })
	}
	s.doors.Show(s.model.State())
	for {
		var wake <-chan time.Time
		if at := s.model.Wake(); !at.IsZero() {
			wake = time.After(time.Until(at))
		}
		select {
		case <-ctx.Done():
			s.farewell()
			return context.Cause(ctx)
		case e := <-s.events:
			s.step(ctx, e)
		case <-wake:
			s.step(ctx, console.Tick{})
		}
	}
}

// farewell ends the sessions that are left, so that no customer waits for a
// rep who has gone.
func (s *Shift) farewell() {
	for _, v := range s.visitors.all() {
		v.leave()
	}
}

func (s *Shift) step(ctx context.Context, e console.Event) {
	for _, f := range s.model.Step(time.Now(), e) {
		s.do(ctx, f)
	}
	s.doors.Show(s.model.State())
}

// do carries out one effect.
func (s *Shift) do(ctx context.Context, f console.Effect) {
	switch f := f.(type) {
	case console.Connect:
		poke(s.again)
	case console.Enrol:
		select {
		case <-s.codes: // an older one that nobody took
		default:
		}
		s.codes <- f.Code
		poke(s.again)
	case console.MakeKey:
		if err := s.line.Send(&wire.NewKey{Request: f.Request, Life: uint32(f.Life / time.Second)}); err != nil {
			s.Do(console.KeyFailed{Request: f.Request, Problem: words.BrokerAway})
		}
	case console.TakeKeyBack:
		s.say(&wire.RevokeKey{Number: f.Number, Why: f.Why})
	case console.Meet:
		s.meet(ctx, f)
	case console.TurnAway:
		s.visitors.remove(f.ID)
		s.say(&wire.Leave{Session: f.ID, Why: wire.EndNeverMet})
	case console.Do:
		if v := s.visitors.get(f.ID); v != nil {
			v.do(f.Event)
		}
	case console.Copy:
		s.doors.Copy(f.Text)
	case console.OpenMail:
		s.doors.OpenMail(f.URL)
	case console.Notify:
		s.doors.Notify(f.Title, f.Text)
	case console.Chime:
		s.doors.Chime()
	case console.Remember:
		s.doors.Remember(f.Settings)
	case console.Exit:
		s.doors.Exit()
	}
}

// say tells the broker something that it learns by itself, later, when it
// can't be reached now: keys run out and sessions fall silent.
func (s *Shift) say(m wire.Message) {
	if err := s.line.Send(m); err != nil && !errors.Is(err, hotline.ErrDown) {
		s.dropped.Add(1)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
