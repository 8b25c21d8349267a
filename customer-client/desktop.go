package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"handrail/assets"
	"handrail/customer-client/chat"
	"handrail/customer-client/guard"
	"handrail/customer-client/visit"
	"handrail/shared/clip"
	"handrail/shared/disk"
	"handrail/shared/hands"
	"handrail/shared/hotline"
	"handrail/shared/link"
	"handrail/shared/look"
	"handrail/shared/paste"
	"handrail/shared/prefs"
	"handrail/shared/robot"
	"handrail/shared/room"
	"handrail/shared/screen"
	"handrail/shared/session"
	"handrail/shared/site"
	"handrail/shared/sound"
	"handrail/shared/window"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// version is set when a release is built.
var version = "dev"

func now() time.Time { return time.Now() }

// desktop is this machine as the visit meets it: every door in one place.
type desktop struct {
	app     fyne.App
	window  fyne.Window
	site    site.Site
	speaker words.Speaker
	store   prefs.Store
	stopped func()           // the customer pressed Stop on the bar
	handle  atomic.Uint32    // of the window, once it is on screen
	hands   visit.Hands      // nil where input can't be injected
	closers []func()         // what to give back at the end
	guard   *guard.Guard     // nil where the screen can't be marked
	show    func(chat.State) // draws, see draw
}

// errUnseen keeps a screen from being shared while its owner can't see that.
var errUnseen = errors.New("there is no window or mark to show that the screen is shared")

// draw says how states are drawn.
func (d *desktop) draw(show func(chat.State)) { d.show = look.Latest(show) }

// doors opens what can be opened before the window is there.
func (d *desktop) doors() visit.Doors {
	d.openHands()
	broker := link.Dialer{
		Address: link.Address{Host: d.site.Broker, Pin: d.site.Pin}, Memory: d.store.Networks(now),
	}
	return visit.Doors{
		Dial: func(ctx context.Context) (hotline.Conn, error) {
			return broker.Dial(ctx)
		},
		DialAt: func(ctx context.Context, address string) (hotline.Conn, error) {
			return broker.DialAt(ctx, address)
		},
		Meet:        d.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		NotVerified: func(err error) bool { return errors.Is(err, link.ErrNotVerified) },
		Browse:      func(address string) { fyne.Do(func() { d.openLink(address) }) },
		OpenScreen:  d.openScreen,
		Hands:       d.hands,
		Clipboard:   d.openClipboard(),
		Disk:        disk.Mine(),
		Hello:       wire.Hello{Version: wire.Version, Role: wire.RoleCustomer, Program: "customer-client " + version, System: runtime.GOOS},
		Locale:      os.Getenv("LANG"),
		Show:        func(s chat.State) { d.show(s) },
		Mark:        d.mark,
		Nudge:       d.nudge,
		Notice:      func() {},
		Save: func(s chat.Settings) {
			if err := d.store.Save("window", s); err != nil {
				slog.Warn("saving the settings", "err", err)
			}
		},
		Quit: func() { fyne.Do(d.app.Quit) },
	}
}

// openHands finds a way to the pointer and the keyboard, the good one first.
func (d *desktop) openHands() {
	h, err := hands.Open("")
	if err == nil {
		d.hands = h
		d.closers = append(d.closers, func() { _ = h.Close() })
		dog, err := startWatchdog()
		if err != nil {
			slog.Warn("keys may stay down if this program is killed", "err", err)
			return
		}
		d.closers = append(d.closers, func() { _ = dog.Close() })
		return
	}
	slog.Warn("input can't be injected the usual way", "err", err)
	r, err := robot.Open()
	if err != nil {
		slog.Warn("input can't be injected at all", "err", err)
		return
	}
	d.hands = r
	d.closers = append(d.closers, func() { _ = r.Close() })
}

// openClipboard finds the clipboard, nil where it can't be shared. Nobody looks
// at it yet.
func (d *desktop) openClipboard() paste.Board {
	b, err := clip.Open("")
	if err != nil {
		slog.Warn("the clipboard can't be shared", "err", err)
		return nil
	}
	d.closers = append(d.closers, b.Close)
	return b
}

// meet makes a connection to the rep's console.
func (d *desktop) meet(ctx context.Context, m room.Meeting) (visit.Peer, error) {
	p, err := link.Meet(ctx, link.Meeting{
		Role: m.Role, Session: m.Session, Epoch: m.Epoch, Direct: m.Direct, Relays: m.Relays, Resume: m.Resume,
		Proof: m.Proof, Secret: m.Secret, Organisation: d.site.Key(),
		Signal: m.Signal, Signals: m.Signals, Pin: d.site.Pin, Loopback: d.site.Here(),
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// openScreen opens the screen for sharing: only where its owner can see it.
func (d *desktop) openScreen() (visit.Screen, error) {
	if d.handle.Load() == 0 || d.guard == nil && runtime.GOOS == "linux" {
		return nil, errUnseen
	}
	s, err := screen.Open("")
	if err != nil {
		slog.Error("opening the screen", "err", err)
		return nil, err
	}
	return s, nil
}

// shown is called when the window is on screen: now its handle is known.
func (d *desktop) shown() {
	d.handle.Store(look.Handle(d.window))
	d.protect(d.handle.Load())
	g, err := guard.Open("", theme.DefaultTextFont().Content(), theme.DefaultTextBoldFont().Content(), func() { d.stopped() })
	if err != nil {
		slog.Warn("the shared screen can't be marked", "err", err)
		return
	}
	d.guard = g
	d.closers = append(d.closers, g.Close)
	d.protect(g.Windows()...)
}

// protect keeps injected input from windows of ours.
func (d *desktop) protect(ids ...uint32) {
	p, ok := d.hands.(interface{ Protect(uint32) })
	for _, id := range ids {
		if ok && id != 0 {
			p.Protect(id)
		}
	}
}

// mark shows on the screen what is shared with whom.
func (d *desktop) mark(m visit.Mark) {
	if d.guard == nil {
		return
	}
	if !m.On {
		d.guard.Hide()
		return
	}
	d.guard.Show(guard.Showing{
		Monitors: m.Monitors, Title: d.speaker.Peer(session.State{Role: wire.RoleCustomer, Peer: m.Rep}), Detail: d.speaker.Mark(m.What, m.Since.Format("15:04")),
		Stop: d.speaker.Say(words.MarkStop), Control: m.What.Has(wire.Control),
	})
}

// nudge gets the customer's attention (C05).
func (d *desktop) nudge() {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := sound.Chime(ctx, assets.Chime()); err != nil && !errors.Is(err, sound.ErrNoAudio) {
			slog.Warn("playing the chime", "err", err)
		}
	}()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		id := d.handle.Load()
		if err := window.Raise(id); err != nil {
			slog.Warn("bringing the window to the front", "err", err)
			fyne.Do(d.window.RequestFocus)
		}
		if err := window.Shake(ctx, id); err != nil {
			slog.Warn("shaking the window", "err", err)
		}
	}()
}

// openLink opens a web address in the browser, after the customer's click or
// because the organisation has one page for who waits or has been helped. Where
// there is no browser the link stays in the window.
func (d *desktop) openLink(address string) {
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		err = d.app.OpenURL(u)
	}
	if err != nil {
		slog.Warn("opening a link", "err", err)
	}
}

// openFolder shows what was saved, after the customer's click.
func (d *desktop) openFolder(place string) {
	if err := d.app.OpenURL(look.FolderOf(place)); err != nil {
		slog.Warn("opening a folder", "err", err)
	}
}

// close gives everything back.
func (d *desktop) close() {
	for _, f := range d.closers {
		f()
	}
}
