//go:build linux

package natlab

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"handrail/shared/hotline"
	"handrail/shared/link"
	"handrail/shared/prefs"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/site"
)

// between is the time between two lines of chat of one side.
const between = 100 * time.Millisecond

// talker is what both ends have: a way to the broker and to each other, chat
// that is numbered, and an ear.
type talker struct {
	*teller
	ear    ear
	say    func(text string)
	where  site.Site
	broker link.Dialer

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

// settle takes the first order in.
func (t *talker) settle(o order) {
	t.where = o.Site
	store, err := prefs.Open("natlab", o.Data)
	if err != nil {
		fmt.Fprintln(os.Stderr, err) // then nothing is remembered
	}
	t.broker = link.Dialer{
		Address: link.Address{Host: o.Site.Broker, Pin: o.Site.Pin}, Memory: store.Networks(time.Now),
	}
}

func (t *talker) dial(ctx context.Context) (hotline.Conn, error) { return t.broker.Dial(ctx) }

// join makes the connection of an epoch, as both main programs do.
func (t *talker) join(ctx context.Context, m room.Meeting) (listening, error) {
	began := time.Now()
	p, err := link.Meet(ctx, link.Meeting{
		Role: m.Role, Session: m.Session, Epoch: m.Epoch, Direct: m.Direct, Relays: m.Relays, Secret: m.Secret, Resume: m.Resume,
		Signal: m.Signal, Signals: m.Signals, Pin: t.where.Pin,
	})
	r := report{What: toldMet, Epoch: m.Epoch, Took: time.Since(began)}
	if err != nil {
		r.What, r.Text = "not met", err.Error()
		t.tell(r)
		return listening{}, err
	}
	r.Way = wayOf(p)
	t.tell(r)
	return listening{p, &t.ear}, nil
}
