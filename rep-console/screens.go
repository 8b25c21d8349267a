package main

import (
	"context"
	"image"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/card"
	"handrail/rep-console/console"
	"handrail/rep-console/grab"
	"handrail/rep-console/paint"
	"handrail/rep-console/remote"
	"handrail/rep-console/remoteview"
	"handrail/rep-console/shift"
	"handrail/shared/keys"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// screens are the customers' screens that the rep watches.
type screens struct {
	ctx     context.Context // until the program ends
	speaker words.Speaker
	do      func(console.Event)

	mu  sync.Mutex
	all map[wire.SessionID]*screen
}

// screen is one of them, in whichever window it is shown.
type screen struct {
	*shift.Watched
	view *remoteview.View
	used func()       // somebody works in it
	last atomic.Int64 // when that was said, Unix seconds
}

// useEvery is how often, in seconds, the console hears that somebody works in a
// screen: pointers move hundreds of times a second.
const useEvery = 2

// use notes that the rep did something. It may be called from any goroutine.
func (x *screen) use() {
	now, last := time.Now().Unix(), x.last.Load()
	if now-last >= useEvery && x.last.CompareAndSwap(last, now) {
		x.used()
	}
}

func newScreens(ctx context.Context, speaker words.Speaker, do func(console.Event)) *screens {
	return &screens{ctx: ctx, speaker: speaker, do: do, all: map[wire.SessionID]*screen{}}
}

// open makes the screen of a session that begins.
func (s *screens) open(id wire.SessionID) shift.Screen {
	x := &screen{used: func() { s.do(console.Used{}) }}
	act := remoteview.Actions{
		Do: func(e remote.Event) {
			x.use()
			x.Do(e)
		},
		FullScreen: func(on bool) { s.do(console.FullScreen{ID: id, On: on}) },
		Tune:       func(p wire.Profile) { s.do(console.Tune{ID: id, Profile: p}) },
		Clip:       func(p wire.Permission) { s.do(console.Clip{ID: id, What: p}) },
		Card:       card.New(false),
		Painter: func(window uint32, bare bool) (remoteview.Painter, error) {
			open := paint.Open
			if bare {
				open = paint.Bare
			}
			p, err := open(window)
			if err != nil {
				return nil, err
			}
			return p, nil
		},
		Keyboard: func(window uint32) (remoteview.Keyboard, error) {
			g, err := grab.Open(window, func(e grab.Event) { x.grabbed(e) })
			if err != nil {
				return nil, err
			}
			g.WayOut(keys.None) // the model knows the way out, whoever reads the keys
			return g, nil
		},
		Usage: usage,
	}
	made := make(chan *remoteview.View, 1)
	fyne.Do(func() { made <- remoteview.New(act, s.speaker) })
	select {
	case x.view = <-made:
	case <-s.ctx.Done():
		return nowhere{}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	x.Watched = shift.NewWatched(x.view)
	var group sync.WaitGroup
	group.Go(func() { x.view.Run(ctx) })
	s.put(id, x)
	return closing{x, func() {
		cancel()
		group.Wait()
		s.put(id, nil)
	}}
}

// closing adds an end of its own to a screen's. It may come more than once.
type closing struct {
	*screen
	end func()
}

func (c closing) Close() {
	c.screen.Close()
	c.end()
}

// nowhere is the screen of a session that begins while the program ends.
type nowhere struct{}

func (nowhere) Connected(shift.Peer)     {}
func (nowhere) Disconnected()            {}
func (nowhere) Changed(session.State)    {}
func (nowhere) Path(bool, time.Duration) {}
func (nowhere) Pace(wire.Pace)           {}
func (nowhere) Seen() uint64             { return 0 }
func (nowhere) Close()                   {}

func (s *screens) put(id wire.SessionID, x *screen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x == nil {
		delete(s.all, id)
		return
	}
	s.all[id] = x
}

// object is what a window shows of a session's screen.
func (s *screens) object(id wire.SessionID) fyne.CanvasObject {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.all[id]; x != nil {
		return x.view.Anew()
	}
	return widget.NewLabel("")
}

// places tells tests where the tools of the screens are that can be seen.
func (s *screens) places() map[string]look.Place {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]look.Place{}
	for _, x := range s.all {
		if x.view.Object().Visible() {
			maps.Copy(all, x.view.Places())
		}
	}
	return all
}

// grabbed takes what was read from keyboard and pointer natively.
func (x *screen) grabbed(e grab.Event) {
	x.use()
	switch e := e.(type) {
	case grab.Lost:
		x.Do(remote.Lost{})
	case grab.Key:
		x.Do(remote.Key{Usage: e.Usage, Down: e.Down, Repeat: e.Repeat, Mods: e.Mods, Base: e.Base, Text: e.Text})
	case grab.Locks:
		x.Do(remote.Locks{Caps: e.Caps, Num: e.Num, Scroll: e.Scroll})
	case grab.Button:
		x.Do(remote.Press{Button: e.Button, Down: e.Down, At: image.Pt(e.X, e.Y)})
	case grab.Wheel:
		const notch = 120
		x.Do(remote.Turn{DX: float64(e.DX) / notch, DY: float64(e.DY) / notch, At: image.Pt(e.X, e.Y)})
	case grab.Motion:
		x.Do(remote.Hover{At: image.Pt(e.X, e.Y)})
	}
}

// usage is the place of a key that the toolkit read.
func usage(scan int) uint16 {
	if runtime.GOOS == "windows" {
		return keys.FromWindows(uint16(scan))
	}
	return keys.FromX11(uint8(scan))
}
