package clip

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/wire"
	"handrail/shared/x11"
)

const (
	// patience is how long another program may take for the next step of
	// handing something over: X11's toolkits give each other about as long.
	patience = 5 * time.Second
	// servings bounds how many programs are served at the same time.
	servings = 16
	// servedMost bounds the sums that are kept of one form.
	servedMost = 8
)

// Board is the clipboard of one X display, over a connection of its own.
type Board struct {
	c      *xgb.Conn
	root   xproto.Window
	w      xproto.Window // owns the selection for us
	atoms  atoms
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	group  sync.WaitGroup
	places chan struct{} // as many as programs may be served at once
	clock  sync.Mutex    // one asks the server for the time

	mu      sync.Mutex // guards the following
	told    Told
	looking context.CancelFunc // ends the newest look
	have    map[wire.ClipFormat]xproto.Atom
	since   xproto.Timestamp // when the other program took the selection
	offer   *owned
	served  map[wire.ClipFormat][][32]byte // sums of what programs had of our offers, until somebody copied something else
	waits   map[place]chan note
	asked   map[xproto.Window]int // how many need to hear of what happens to another program's window
}

// owned is an offer since the time at which we became the selection's owner.
type owned struct {
	*offer
	since xproto.Timestamp
}

// Open connects to a display; "" is $DISPLAY. It returns ErrNotHere where there
// is none, or none that tells about its selections.
func Open(display string) (*Board, error) {
	c, err := x11.Dial(display)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	b := &Board{
		c: c, root: xproto.Setup(c).DefaultScreen(c).Root, places: make(chan struct{}, servings),
		waits: map[place]chan note{}, asked: map[xproto.Window]int{}, looking: func() {},
	}
	if err := b.prepare(); err != nil {
		c.Close()
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.group.Go(b.listen)
	return b, nil
}

func (b *Board) prepare() error {
	if err := x11.Use(b.c, "XFIXES"); err != nil {
		return err
	}
	// The server wants to be told a version before anything else; selections
	// are told about since 1.0.
	if _, err := xfixes.QueryVersion(b.c, 5, 0).Reply(); err != nil {
		return fmt.Errorf("clip: starting XFIXES: %w", err)
	}
	var err error
	if b.atoms, err = nameAtoms(b.c); err != nil {
		return err
	}
	b.w, err = b.window()
	return err
}

// window makes a window that is never shown and hears of its properties.
func (b *Board) window() (xproto.Window, error) {
	id, err := xproto.NewWindowId(b.c)
	if err != nil {
		return 0, fmt.Errorf("clip: making a window: %w", err)
	}
	err = xproto.CreateWindowChecked(b.c, 0, id, b.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
	if err != nil {
		return 0, fmt.Errorf("clip: making a window: %w", err)
	}
	return id, nil
}

// Close gives up what is offered and ends the connection.
func (b *Board) Close() {
	b.Watch(nil)
	b.mu.Lock()
	o := b.offer
	b.mu.Unlock()
	if o != nil {
		b.giveUp(o)
		b.c.Sync() // the display has done what it was told
	}
	b.cancel()
	b.c.Close()
	b.group.Wait()
}

// Watch has told called from now on whenever something is copied, and at once
// if something is on the clipboard. With nil nobody looks any more.
func (b *Board) Watch(told Told) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = told
	b.looking()
	mask := uint32(0)
	if told != nil {
		mask = xfixes.SelectionEventMaskSetSelectionOwner | xfixes.SelectionEventMaskSelectionWindowDestroy |
			xfixes.SelectionEventMaskSelectionClientClose
	}
	xfixes.SelectSelectionInput(b.c, b.w, b.atoms.clipboard, mask)
	if told != nil && b.offer == nil {
		b.lookLocked(xproto.TimeCurrentTime, true)
	}
}

// listen takes what happens on the display until the connection ends.
func (b *Board) listen() {
	defer b.cancel()
	for {
		e, err := b.c.WaitForEvent()
		if e == nil && err == nil {
			return
		}
		switch e := e.(type) {
		case xfixes.SelectionNotifyEvent:
			b.changed(e)
		case xproto.SelectionClearEvent:
			b.lost(e.Time)
		case xproto.SelectionRequestEvent:
			b.requested(e)
		case xproto.SelectionNotifyEvent:
			b.note(place{e.Requestor, b.atoms.transfer}, note{answered: true, refused: e.Property == xproto.AtomNone})
		case xproto.PropertyNotifyEvent:
			b.note(place{e.Window, e.Atom}, note{deleted: e.State == xproto.PropertyDelete, time: e.Time})
		case xproto.DestroyNotifyEvent:
			b.destroyed(e.Window)
		}
	}
}

// changed hears that the selection has another owner, or none.
func (b *Board) changed(e xfixes.SelectionNotifyEvent) {
	b.mu.Lock()
	b.looking()
	b.have = nil
	told := b.told
	if e.Owner != xproto.WindowNone && e.Owner != b.w {
		if told != nil {
			b.since = e.SelectionTimestamp
			b.lookLocked(e.SelectionTimestamp, false)
		}
		told = nil
	}
	b.mu.Unlock()
	if told != nil {
		told(nil, false)
	}
}

// lost hears that another program took the selection at a time.
func (b *Board) lost(at xproto.Timestamp) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.offer != nil && !earlier(at, b.offer.since) { // else it is old news
		b.offer.cancel()
		b.offer = nil
	}
}

// earlier compares times of the server, which begin anew every 49 days.
func earlier(a, b xproto.Timestamp) bool { return int32(a-b) < 0 }

// Offer takes the clipboard over with forms that get fetches when a program
// pastes. giveUp leaves the clipboard empty, unless something else is on it by
// then. An offer ends by itself when another is made or somebody copies.
func (b *Board) Offer(forms []wire.ClipForm, get Get) (giveUp func(), err error) {
	at, err := b.now()
	if err != nil {
		return nil, err
	}
	o := &owned{offer: newOffer(b.ctx, forms, get), since: at}
	b.mu.Lock()
	if b.offer != nil {
		b.offer.cancel()
	}
	b.offer = o
	b.looking()
	b.mu.Unlock()
	xproto.SetSelectionOwner(b.c, b.w, b.atoms.clipboard, at)
	r, err := xproto.GetSelectionOwner(b.c, b.atoms.clipboard).Reply()
	switch {
	case err != nil:
		b.giveUp(o)
		return nil, fmt.Errorf("clip: taking the clipboard: %w", err)
	case r.Owner != b.w: // somebody was faster
		b.giveUp(o)
		return nil, ErrGone
	}
	return func() { b.giveUp(o) }, nil
}

func (b *Board) giveUp(o *owned) {
	o.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.offer == o {
		b.offer = nil
		// The server ignores it if somebody has taken the selection since.
		xproto.SetSelectionOwner(b.c, xproto.WindowNone, b.atoms.clipboard, o.since)
	}
}

// now is the server's time (ICCCM section 2.1: the way is a property that is
// changed by nothing).
func (b *Board) now() (xproto.Timestamp, error) {
	b.clock.Lock()
	defer b.clock.Unlock()
	at := place{b.w, b.atoms.time}
	notes := b.await(at)
	defer b.forget(at)
	xproto.ChangeProperty(b.c, xproto.PropModeAppend, b.w, b.atoms.time, xproto.AtomInteger, 32, 0, nil)
	n, err := b.next(b.ctx, notes)
	return n.time, err
}

// place is where something of a transfer happens.
type place struct {
	w        xproto.Window
	property xproto.Atom
}

// note is what happened: a property was written or deleted, a request for the
// selection was answered, or the window is gone.
type note struct {
	deleted, answered, refused, gone bool
	time                             xproto.Timestamp
}

// noteRoom is how many notes may wait for who awaits them. One or two do; a
// program that does not keep to the rules loses its own.
const noteRoom = 16

func (b *Board) await(p place) <-chan note {
	c := make(chan note, noteRoom)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits[p] = c
	return c
}

func (b *Board) forget(p place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waits, p)
}

func (b *Board) note(p place, n note) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.waits[p]; c != nil {
		select {
		case c <- n:
		default:
		}
	}
}

func (b *Board) destroyed(w xproto.Window) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for p, c := range b.waits {
		if p.w == w {
			select {
			case c <- note{gone: true}:
			default:
			}
		}
	}
}

// next waits for the next note, as long as another program may take.
func (b *Board) next(ctx context.Context, notes <-chan note) (note, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case n := <-notes:
		if n.gone {
			return n, ErrGone
		}
		return n, nil
	case <-late.C:
		return note{}, ErrSlow
	case <-ctx.Done():
		return note{}, context.Cause(ctx)
	case <-b.ctx.Done():
		return note{}, ErrClosed
	}
}
