// Package visit is a customer getting help: it runs the model of the window,
// waits in the queue or finds the session of a key, and runs it, from the key to
// goodbye. It moves
// things between the model and doors that main gives it.
package visit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/courier"
	"handrail/shared/flow"
	"handrail/shared/frame"
	"handrail/shared/hotline"
	"handrail/shared/paste"
	"handrail/shared/room"
	"handrail/shared/share"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Peer is a proven connection to the rep's console.
type Peer interface {
	room.Peer
	share.Pictures
	flow.Meter
	ReceiveInput(context.Context) (wire.Input, error)
	SendBulk(context.Context, wire.Bulk) error
	ReceiveBulk(context.Context) (wire.Bulk, error)
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
	DialAt      func(ctx context.Context, address string) (hotline.Conn, error) // another broker of the organisation's
	Meet        func(context.Context, room.Meeting) (Peer, error)
	Explain     func(error) words.Problem
	WrongSecret func(error) bool
	NotVerified func(error) bool
	OpenScreen  func() (Screen, error)
	Hands       Hands        // nil where nothing can be injected
	Clipboard   paste.Board  // nil where it can't be shared
	Disk        courier.Disk // nil where no files can be sent or taken
	Hello       wire.Hello
	Locale      string

	Show   func(chat.State)
	Browse func(address string) // opens a page outside, if there is a way to
	Mark   func(Mark)
	Nudge  func() // window to the front, shake, sound
	Notice func() // something new to see
	Save   func(chat.Settings)
	Quit   func()
}

// queue is how many events may wait. Nothing the other side does adds to it
// without bound: of a session's states only the newest waits.
const queue = 1024

// event is an event and, if it is not the window's, the way it comes from.
type event struct {
	from *way
	e    chat.Event
}

// Visit is one run of the client. Make it with New, call Run once.
type Visit struct {
	doors   Doors
	desk    *paste.Desk // nil where there is no clipboard to share
	events  chan event
	changed chan struct{} // has a place: some way has news
	network chan struct{} // has a place: this machine's network is another
	dropped atomic.Uint64

	// owned by Run
	model *chat.Model
	group sync.WaitGroup
	way   *way          // whose events count; nil: there is no try or session
	ended chan struct{} // closed when the newest way is over
}

// New makes a visit around a model.
func New(m *chat.Model, d Doors) *Visit {
	ended := make(chan struct{})
	close(ended)
	v := &Visit{
		doors: d, model: m, ended: ended,
		events: make(chan event, queue), changed: make(chan struct{}, 1), network: make(chan struct{}, 1),
	}
	if d.Clipboard != nil {
		v.desk = paste.NewDesk(d.Clipboard)
	}
	return v
}

// Do tells the window what happened. It never blocks; Dropped counts what
// found the queue full.
func (v *Visit) Do(e chat.Event) { v.put(event{e: e}) }

// NewNetwork tells that this machine's network has changed, or that the machine
// slept. It may be called from any goroutine.
func (v *Visit) NewNetwork() {
	poke(v.network)
}

// Dropped counts the events that found the queue full.
func (v *Visit) Dropped() uint64 { return v.dropped.Load() }

func (v *Visit) put(n event) {
	select {
	case v.events <- n:
	default:
		v.dropped.Add(1)
	}
}

// Run is the visit, until ctx ends. When it returns, everything has ended and
// the other side and the broker have been told, or could not be.
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
		case n := <-v.events:
			if n.from == nil || n.from == v.way {
				v.step(ctx, n.e)
			}
		case <-v.changed:
			v.news(ctx, v.way)
		case <-v.network:
			if v.way != nil {
				v.way.newNetwork()
			}
		case <-wake:
			v.step(ctx, chat.Tick{})
		}
	}
}

// hasNews says that some way has something for the model to see.
func (v *Visit) hasNews() { poke(v.changed) }

// news shows the model what it has not seen of a way, as long as it counts.
func (v *Visit) news(ctx context.Context, w *way) {
	if w == nil {
		return
	}
	for _, e := range w.unseen() {
		if v.way == w {
			v.step(ctx, e)
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
		v.giveUp()
		v.connect(ctx, f)
	case chat.GiveUp:
		v.giveUp()
	case chat.Do:
		if v.way != nil {
			v.way.act(f.Event)
		}
	case chat.Offer:
		if v.way != nil {
			v.way.offer(f.Paths)
		}
	case chat.Decide:
		if v.way != nil {
			v.way.decide(f)
		}
	case chat.Depart:
		if v.way != nil {
			v.way.depart(f.Why)
			v.way = nil
		}
	case chat.Answer:
		if v.way != nil {
			v.way.answer(f.Answers)
		}
	case chat.Browse:
		v.doors.Browse(f.URL)
	case chat.Attend:
		v.doors.Nudge()
	case chat.Save:
		v.doors.Save(f.Settings)
	case chat.Quit:
		v.doors.Quit()
	}
}

// connect begins a way. It waits until the one before is over: two at once
// would both have a say in the screen, the hands and the mark.
func (v *Visit) connect(ctx context.Context, ask chat.Connect) {
	ctx, cancel := context.WithCancel(ctx)
	w := newWay(v, ask, cancel)
	before, ended := v.ended, make(chan struct{})
	v.way, v.ended = w, ended
	v.group.Go(func() {
		defer close(ended)
		defer cancel()
		<-before
		w.run(ctx)
	})
}

// giveUp calls the way off. Nothing more is heard of it.
func (v *Visit) giveUp() {
	if v.way != nil {
		v.way.callOff()
		v.way = nil
	}
}
