//go:build linux

package natlab

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"handrail/rep-console/console"
	"handrail/rep-console/remote"
	"handrail/rep-console/shift"
	"handrail/shared/frame"
	"handrail/shared/link"
	"handrail/shared/nets"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// rep is the rep's console with nobody at the windows but us.
type rep struct {
	talker
	code string // for the enrolment
	s    *shift.Shift
	id   chan wire.SessionID // holds the session, once there is one

	screen atomic.Pointer[shift.Watched]

	// owned by the shift's goroutine
	entered, keyed, told, taken, asked bool
}

// playRep runs until there are no more orders.
func playRep() error {
	r := &rep{talker: talker{teller: newTeller()}, id: make(chan wire.SessionID, 1)}
	r.say = func(text string) {
		id := <-r.id
		r.id <- id
		r.s.Do(console.Say{ID: id, Text: text})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	defer r.hush()
	return orders(func(o order) {
		switch o.Do {
		case doBegin:
		case doHold:
			r.key(shiftKey, true)
			r.tell(report{What: doHold})
			return
		case doLift:
			r.key(aKey, true)
			r.key(aKey, false)
			r.key(shiftKey, false)
			r.tell(report{What: doLift})
			return
		default:
			r.obey(o.Do)
			return
		}
		r.settle(o)
		r.code = o.Code
		r.s = shift.New(console.New(time.Now(), console.Config{Rand: rand.Reader}), r.doors())
		r.s.Do(console.Site{Organisation: r.where.Organisation})
		running.Go(func() {
			for range nets.Watch(ctx) {
				r.s.NewNetwork()
			}
		})
		running.Go(func() { _ = r.s.Run(ctx) }) // its error is only that ctx ended
	})
}

func (r *rep) doors() shift.Doors {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return shift.Doors{
		Dial:        r.dial,
		Meet:        r.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		NotVerified: func(err error) bool { return errors.Is(err, link.ErrNotVerified) },
		Screen: func(wire.SessionID) shift.Screen {
			w := shift.NewWatched(&blind{tell: r.tell})
			w.Do(remote.Focus{On: true})
			r.screen.Store(w)
			return w
		},
		Key:      key,
		Hello:    wire.Hello{Version: wire.Version, Role: wire.RoleRep, Program: "natlab", System: "linux"},
		Show:     r.show,
		Copy:     func(string) {},
		OpenMail: func(string) {},
		Notify:   func(console.Notify) {},
		OpenPage: func(string) {},
		Certified: func([]byte) (console.Certified, bool) {
			return console.Certified{}, false
		},
		Chime:    func() {},
		Remember: func(console.Settings) {},
		Exit:     func() {},
	}
}

// Two keys (USB HID usages, page 7).
const (
	shiftKey = 0xe1
	aKey     = 0x04
)

// key presses a key of the rep's, or lets go of it.
func (r *rep) key(usage uint16, down bool) {
	r.screen.Load().Do(remote.Key{Usage: usage, Down: down})
}

func (r *rep) meet(ctx context.Context, m room.Meeting) (shift.Peer, error) {
	p, err := r.join(ctx, m)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// show does what a rep would: enrol, make a key, accept who comes, ask to see.
func (r *rep) show(s console.State) {
	switch {
	case s.SignIn == console.Unknown && !r.entered:
		r.entered = true
		r.s.Do(console.EnterCode{Code: r.code})
	case s.SignIn == console.In && !r.keyed:
		r.keyed = true
		r.s.Do(console.NewKey{})
	}
	for _, k := range s.Keys {
		if k.Mine && !r.told {
			r.told = true
			r.tell(report{What: toldKey, Text: k.Code.String()})
		}
	}
	for _, x := range s.Sessions {
		r.read(x.State)
		switch {
		case x.State.Stage == session.Waiting && !r.taken:
			r.taken = true
			r.s.Do(console.Accept{ID: x.ID})
		case x.State.Stage == session.Talking && !r.asked:
			r.asked = true
			r.id <- x.ID
			r.s.Do(console.AskFor{ID: x.ID, What: wire.View | wire.Control})
			r.tell(report{What: toldTalking})
		}
	}
}

// blind is a viewer that shows nothing.
type blind struct {
	tell  func(report)
	first sync.Once
}

func (b *blind) Draw(frame.Image, []frame.Rect) {
	b.first.Do(func() { b.tell(report{What: toldPicture}) })
}
func (*blind) Cursor(frame.Cursor)           {}
func (*blind) Show(remote.State)             {}
func (*blind) Hold(bool)                     {}
func (*blind) Painted() (time.Duration, int) { return 0, 0 }
func (*blind) Close()                        {}
