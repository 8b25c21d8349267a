// Package visit is a customer getting help: it runs the model of the window,
// finds the session of a key, and runs it, from the key to goodbye. It moves
// things between the model and doors that main gives it.
package visit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/frame"
	"handrail/shared/hotline"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/share"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Peer is a proven connection to the rep's console.
type Peer interface {
	room.Peer
	share.Pictures
	ReceiveInput(context.Context) (wire.Input, error)
	ResumeKey() []byte
}

// Screen is an open view of this machine's screen.
type Screen interface {
	share.Screen
	Close()
}

// Hands are the way to this machine's pointer and keyboard.
type Hands interface {
	share.Hands
	ShutGate(shut bool)
}

// Mark is what stands on the shared screen while something is shared (C11).
type Mark struct {
	On       bool
	Rep      string
	Since    time.Time
	What     wire.Permission
	Monitors []frame.Monitor // only the shown ones
}

// Doors are what a visit needs from the outside. All are called from its own
// goroutines and must not block for long.
type Doors struct {
	Dial        func(context.Context) (hotline.Conn, error)
	Meet        func(context.Context, room.Meeting) (Peer, error)
	Explain     func(error) words.Problem
	WrongSecret func(error) bool
	OpenScreen  func() (Screen, error)
	Hands       Hands // nil where nothing can be injected
	Hello       wire.Hello
	Locale      string

	Show   func(chat.State)
	Mark   func(Mark)
	Nudge  func() // window to the front, shake, sound
	Notice func() // something new to see
	Save   func(chat.Settings)
	Quit   func()
}

const queue = 1024

// Visit is one run of the client. Make it with New, call Run once.
type Visit struct {
	doors   Doors
	events  chan chat.Event
	dropped atomic.Uint64

	mu   sync.Mutex
	room *room.Room // of the session that goes on

	// owned by Run
	model *chat.Model
	group sync.WaitGroup
	stop  context.CancelFunc // of the try or session that goes on
}

// New makes a visit around a model.
func New(m *chat.Model, d Doors) *Visit {
	return &Visit{doors: d, model: m, events: make(chan chat.Event, queue), stop: func() {}}
}

// Do tells the window what happened. It never blocks.
func (v *Visit) Do(e chat.Event) {
	select {
	case v.events <- e:
	default:
		v.dropped.Add(1)
	}
}

// Run is the visit, until ctx ends.
func (v *Visit) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer v.group.Wait()
	defer cancel()
	v.doors.Show(v.model.State())
	for {
		var wake <-chan time.Time
		if at := v.model.Wake(); !at.IsZero() {
			wake = time.After(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case e := <-v.events:
			v.step(ctx, e)
		case <-wake:
			v.step(ctx, chat.Tick{})
		}
	}
}

func (v *Visit) step(ctx context.Context, e chat.Event) {
	for _, f := range v.model.Step(time.Now(), e) {
		v.do(ctx, f)
	}
	v.doors.Show(v.model.State())
}

// do carries out one effect.
func (v *Visit) do(ctx context.Context, f chat.Effect) {
	switch f := f.(type) {
	case chat.Connect:
		v.stop()
		ctx, cancel := context.WithCancel(ctx)
		v.stop = cancel
		v.group.Go(func() {
			defer cancel()
			v.visit(ctx, f)
		})
	case chat.GiveUp:
		v.stop()
	case chat.Do:
		v.act(f.Event)
	case chat.Save:
		v.doors.Save(f.Settings)
	case chat.Quit:
		v.doors.Quit()
	}
}

// act hands an event to the session, if there is one.
func (v *Visit) act(e session.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.room != nil {
		v.room.Do(e)
	}
}

func (v *Visit) setRoom(r *room.Room) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.room = r
}
