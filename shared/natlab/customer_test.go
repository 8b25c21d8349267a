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
	"handrail/shared/hotline"
	"handrail/shared/link"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/site"
	"handrail/shared/wire"
)

// between is the time between two lines of chat of one side.
const between = 100 * time.Millisecond

// talker is what both ends have: chat that is numbered, and an ear.
type talker struct {
	*teller
	ear ear
	say func(text string)

	mu    sync.Mutex // guards the following
	stop  context.CancelFunc
	quiet sync.WaitGroup // the one who talks
	said  int
	seen  int // lines of the window that were looked at, those that fell off included
	heard []int
	asked map[uint32]bool // requests that were put to the person
}

// talk says numbered lines until hush.
func (t *talker) talk() {
	ctx, cancel := context.WithCancel(context.Background())
	t.stop = cancel
	t.quiet.Go(func() {
		tick := time.NewTicker(between)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				t.mu.Lock()
				t.said++
				n := t.said
				t.mu.Unlock()
				t.say(fmt.Sprint(n))
			case <-ctx.Done():
				return
			}
		}
	})
}

func (t *talker) hush() {
	if t.stop != nil {
		t.stop()
		t.quiet.Wait()
	}
}

// read looks at the lines that are new in the window.
func (t *talker) read(s session.State) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := max(t.seen-s.Dropped, 0); i < len(s.Lines); i++ {
		var n int
		if l := s.Lines[i]; l.Kind == session.LineChat && !l.Mine {
			if _, err := fmt.Sscan(l.Text, &n); err == nil {
				t.heard = append(t.heard, n)
			}
		}
	}
	t.seen = s.Dropped + len(s.Lines)
}

// obey carries out what both ends are told alike.
func (t *talker) obey(what string) {
	switch what {
	case doTalk:
		t.talk()
	case doHush:
		t.hush()
		t.tell(report{What: doHush})
	case doWatch:
		t.ear.watch()
		t.tell(report{What: doWatch})
	case doGaps:
		r := report{What: doGaps}
		r.Gap, r.Picture, r.Still = t.ear.gaps()
		t.tell(r)
	case doLines:
		t.mu.Lock()
		r := report{What: doLines, Said: t.said, Heard: append([]int(nil), t.heard...), Asked: len(t.asked)}
		t.mu.Unlock()
		t.tell(r)
	}
}

// met tells of a new connection.
func (t *talker) met(p *link.Peer, epoch uint32, since time.Time) {
	t.tell(report{What: toldMet, Way: wayOf(p), Epoch: epoch, Took: time.Since(since)})
}

// customer is the customer's program with nobody at the window but us.
type customer struct {
	talker
	where site.Site
	v     *visit.Visit

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
		if o.Do != doBegin {
			c.obey(o.Do)
			return
		}
		c.where, c.began = o.Site, time.Now()
		c.v = visit.New(chat.New(time.Now(), chat.Config{}), c.doors())
		c.v.Do(chat.Submit{Code: o.Code, Name: "Maria"})
		running.Go(func() { _ = c.v.Run(ctx) }) // its error is only that ctx ended
	})
}

func (c *customer) doors() visit.Doors {
	return visit.Doors{
		Dial: func(ctx context.Context) (hotline.Conn, error) {
			return link.Dial(ctx, link.Address{Host: c.where.Broker, Pin: c.where.Pin})
		},
		Meet:        c.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		OpenScreen:  func() (visit.Screen, error) { return newFlicker(), nil },
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
	began := time.Now()
	p, err := link.Meet(ctx, link.Meeting{
		Role: m.Role, Session: m.Session, Epoch: m.Epoch, Relays: m.Relays, Secret: m.Secret, Resume: m.Resume,
		Signal: m.Signal, Signals: m.Signals,
	})
	if err != nil {
		c.tell(report{What: "not met", Text: err.Error(), Epoch: m.Epoch, Took: time.Since(began)})
		return nil, err
	}
	c.met(p, m.Epoch, began)
	return listening{p, &c.ear}, nil
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
