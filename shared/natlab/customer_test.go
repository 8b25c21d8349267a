//go:build linux

package natlab

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"sync"
	"time"

	"handrail/customer-client/chat"
	"handrail/customer-client/visit"
	"handrail/shared/frame"
	"handrail/shared/link"
	"handrail/shared/nets"
	"handrail/shared/room"
	"handrail/shared/wire"
)

// customer is the customer's program with nobody at the window but us.
type customer struct {
	talker
	v     *visit.Visit
	hands hands

	// owned by the visit's goroutine
	began   time.Time
	screen  chat.Screen
	talking bool
}

// playCustomer runs until there are no more orders.
func playCustomer() error {
	c := &customer{talker: talker{teller: newTeller(), asked: map[uint32]bool{}}}
	c.say = func(text string) { c.v.Do(chat.Say{Text: text}) }
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	defer c.hush()
	return orders(func(o order) {
		switch o.Do {
		case doBegin:
		case doKeys:
			c.tell(c.hands.report())
			return
		default:
			c.obey(o.Do)
			return
		}
		c.settle(o)
		c.began = time.Now()
		c.v = visit.New(chat.New(time.Now(), chat.Config{}), c.doors())
		c.v.Do(chat.Submit{Code: o.Code, Name: "Maria"})
		running.Go(func() {
			for range nets.Watch(ctx) {
				c.v.NewNetwork()
			}
		})
		running.Go(func() { _ = c.v.Run(ctx) }) // its error is only that ctx ended
	})
}

func (c *customer) doors() visit.Doors {
	return visit.Doors{
		Dial:        c.dial,
		Meet:        c.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		NotVerified: func(err error) bool { return errors.Is(err, link.ErrNotVerified) },
		Browse:      func(string) {},
		OpenScreen:  func() (visit.Screen, error) { return newFlicker(), nil },
		Hands:       &c.hands,
		Hello:       wire.Hello{Version: wire.Version, Role: wire.RoleCustomer, Program: "natlab", System: "linux"},
		Show:        c.show,
		Mark:        func(visit.Mark) {},
		Nudge:       func() {},
		Notice:      func() {},
		Save:        func(chat.Settings) {},
		Quit:        func() {},
	}
}

func (c *customer) meet(ctx context.Context, m room.Meeting) (visit.Peer, error) {
	p, err := c.join(ctx, m)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// show looks at the window as a customer would who allows everything.
func (c *customer) show(s chat.State) {
	c.read(s.Session)
	if p := s.Prompt; p != nil && p.Armed {
		c.mu.Lock()
		first := !c.asked[p.ID]
		c.asked[p.ID] = true
		c.mu.Unlock()
		if first {
			c.v.Do(chat.Reply{ID: p.ID, Allow: true})
		}
	}
	if s.Screen == chat.KeyForm && c.screen == chat.Connecting {
		c.tell(report{What: toldProblem, Text: fmt.Sprint(s.Problem)})
	}
	if s.Screen == chat.InSession && !c.talking {
		c.talking = true
		c.tell(report{What: toldTalking, Took: time.Since(c.began)})
	}
	if s.Screen == chat.Ended && c.screen != chat.Ended {
		c.tell(report{What: toldOver, Text: fmt.Sprint(s.Session.Why)})
	}
	c.screen = s.Screen
}

// hands remember which keys are down.
type hands struct {
	mu    sync.Mutex // guards the following
	held  map[uint16]bool
	typed int
}

func (h *hands) report() report {
	h.mu.Lock()
	defer h.mu.Unlock()
	return report{What: doKeys, Held: len(h.held), Typed: h.typed}
}

func (h *hands) Key(k wire.Key) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !k.Down {
		delete(h.held, k.Usage)
		return nil
	}
	if h.held == nil {
		h.held = map[uint16]bool{}
	}
	h.held[k.Usage] = true
	h.typed++
	return nil
}

func (h *hands) ReleaseAll() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.held)
	return nil
}

func (*hands) MoveTo(int, int) error              { return nil }
func (*hands) Button(uint8, bool, int, int) error { return nil }
func (*hands) Wheel(int32, int32, int, int) error { return nil }
func (*hands) Type(string) error                  { return nil }
func (*hands) Locks(wire.Locks) error             { return nil }
func (*hands) ShutGate(bool)                      {}

// flicker is a screen on which something always changes.
type flicker struct {
	picture frame.Image
	random  *rand.Rand
	told    bool
	next    time.Time
}

const flickerRate = 40 * time.Millisecond

func newFlicker() *flicker {
	return &flicker{picture: frame.New(640, 480), random: rand.New(rand.NewPCG(1, 2))}
}

// Next draws a small square of noise somewhere, 25 times a second.
func (f *flicker) Next(ctx context.Context) (frame.Update, error) {
	if wait := time.Until(f.next); wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	f.next = time.Now().Add(flickerRate)
	all := f.picture.Bounds()
	at := image.Pt(f.random.IntN(all.Dx()-16), f.random.IntN(all.Dy()-16))
	square := image.Rectangle{Min: at, Max: at.Add(image.Pt(16, 16))}
	for y := square.Min.Y; y < square.Max.Y; y++ {
		for x := square.Min.X; x < square.Max.X; x++ {
			i := y*f.picture.Stride + 4*x
			c := f.random.Uint32()
			f.picture.Pix[i], f.picture.Pix[i+1], f.picture.Pix[i+2] = byte(c), byte(c>>8), byte(c>>16)
		}
	}
	u := frame.Update{Image: f.picture, Damage: []frame.Rect{square}, Area: all, Monitor: 1, At: time.Now()}
	if !f.told {
		f.told = true
		u.Damage = []frame.Rect{all}
		u.Layout = []frame.Monitor{{ID: 1, Name: "noise", Bounds: all, Primary: true}}
	}
	return u, nil
}

func (f *flicker) Pick(uint8) {}
func (f *flicker) Refresh()   {}
func (f *flicker) Close()     {}
