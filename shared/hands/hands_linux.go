package hands

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/x11"
)

// Hands injects input into one X display.
type Hands struct {
	c     *xgb.Conn
	root  xproto.Window
	first xproto.Keycode // of the server's keycodes
	codes byte           // how many there are
	xkb   byte           // major opcode of the X Keyboard Extension
	ids   uint32         // the bits of a resource id that count within a client
	stop  chan struct{}  // closed by Close

	shut    atomic.Bool
	refused atomic.Uint64

	mu sync.Mutex
	// guarded by mu
	closed  bool
	own     map[uint32]bool   // protected clients, by resource id base
	core    []byte            // the core keyboard map that keymap was made from
	keymap  *keys.Keymap      //
	command uint16            // the modifiers of Ctrl, Alt and Super on keymap
	held    map[uint16]*press // what the rep's keys did, by usage
	buttons map[byte]bool     // X buttons that are down
	muted   map[byte]bool     // keys whose repeating is switched off
	loans   map[byte]*loan    // borrowed keys
	wheel   wheel             // turns that make no notch yet
	ledger  ledger            // for the next Hands, should this one die
}

// Open connects to an X display; "" is $DISPLAY. ErrNotHere means that there is
// none, or that it lacks XTEST or the X Keyboard Extension. What a Handrail
// that died left behind on the display is put right; Leftovers counts it.
func Open(display string) (*Hands, error) {
	c, err := x11.Dial(display)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	h := &Hands{
		c: c, stop: make(chan struct{}),
		own: map[uint32]bool{}, held: map[uint16]*press{}, buttons: map[byte]bool{},
		muted: map[byte]bool{}, loans: map[byte]*loan{},
	}
	if err := h.open(); err != nil {
		c.Close()
		return nil, err
	}
	return h, nil
}

func (h *Hands) open() error {
	setup := xproto.Setup(h.c)
	h.root = setup.DefaultScreen(h.c).Root
	h.first, h.codes = setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode)+1
	h.ids = setup.ResourceIdMask
	if err := x11.Use(h.c, "XTEST"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	var err error
	if h.xkb, err = x11.UseKeyboard(h.c); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	return h.openLedger()
}

// tell sends a request that xgb has no function for and that has no reply.
func (h *Hands) tell(request []byte) {
	h.c.NewRequest(request, h.c.NewCookie(false, false))
}

// Leftovers is how many keys and buttons Open found as a Handrail had left
// them that died: borrowed, held down, or without repeating.
func (h *Hands) Leftovers() int { return h.ledger.found }

// Others is how many living Hands had something borrowed or held when Open
// looked. A program that has just been killed may still count.
func (h *Hands) Others() int { return h.ledger.alive }

// Refused is how many events were refused, for whatever reason.
func (h *Hands) Refused() uint64 { return h.refused.Load() }

// refuse counts a refusal.
func (h *Hands) refuse(err error) error {
	h.refused.Add(1)
	return err
}

// enter takes the mutex for one event. It fails if there must be none now.
func (h *Hands) enter() error {
	if h.shut.Load() {
		return h.refuse(ErrShut)
	}
	h.mu.Lock()
	if err := h.barredLocked(); err != nil {
		h.mu.Unlock()
		return err
	}
	return nil
}

func (h *Hands) barredLocked() error {
	switch {
	case h.closed:
		return ErrClosed
	case h.shut.Load():
		return h.refuse(ErrShut)
	}
	for { // errors of requests without reply, and news nobody asked for
		event, xerr := h.c.PollForEvent()
		if event == nil && xerr == nil {
			return nil
		}
	}
}

// grabbedLocked runs f while the server listens to nobody else, so that no
// window can appear between a look at the screen and what follows from it.
func (h *Hands) grabbedLocked(f func() error) error {
	xproto.GrabServer(h.c)
	defer xproto.UngrabServer(h.c)
	return f()
}

// MoveTo puts the pointer somewhere, in pixels of the display. It works
// wherever the pointer is, a press that it drags along included, but not while
// a prompt is open.
func (h *Hands) MoveTo(x, y int) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	h.moveLocked(x, y)
	return nil
}

// X11 coordinates have 16 bits.
const farthest = 1<<15 - 1

func (h *Hands) moveLocked(x, y int) {
	x, y = max(min(x, farthest), 0), max(min(y, farthest), 0)
	xtest.FakeInput(h.c, xproto.MotionNotify, 0, 0, h.root, int16(x), int16(y), 0)
}

func (h *Hands) buttonLocked(b byte, down bool) {
	kind := byte(xproto.ButtonPress)
	if !down {
		kind = xproto.ButtonRelease
	}
	xtest.FakeInput(h.c, kind, b, 0, h.root, 0, 0, 0)
	if down {
		h.buttons[b] = true
	} else {
		delete(h.buttons, b)
	}
}

func (h *Hands) keyLocked(code byte, down bool) {
	kind := byte(xproto.KeyPress)
	if !down {
		kind = xproto.KeyRelease
	}
	xtest.FakeInput(h.c, kind, code, 0, h.root, 0, 0, 0)
}

// xButtons are X11's numbers for wire.Button's: 4 to 7 are the wheels.
var xButtons = [...]byte{0, 1, 2, 3, 8, 9}

// Button presses or releases a mouse button at a place: 1 to 5 are left,
// middle, right, back, forward. A press is refused over windows of Handrail
// and over their frames, and while the customer holds a button. A release may
// happen anywhere; one without its press does nothing.
func (h *Hands) Button(n uint8, down bool, x, y int) error {
	if n == 0 || int(n) >= len(xButtons) {
		return fmt.Errorf("hands: there is no button %d", n)
	}
	b := xButtons[n]
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	if !down {
		if h.buttons[b] {
			h.moveLocked(x, y)
			h.buttonLocked(b, false)
			return h.keepLedgerLocked()
		}
		return nil
	}
	return h.grabbedLocked(func() error {
		h.moveLocked(x, y)
		if err := h.pointerGateLocked(); err != nil {
			return err
		}
		if h.buttons[b] {
			h.buttonLocked(b, false)
		}
		h.buttonLocked(b, true)
		return h.keepLedgerLocked()
	})
}

// Wheel turns the wheels at a place, in 1/120 of a notch; positive is right
// and down. X11 knows whole notches: what is left over counts the next time.
func (h *Hands) Wheel(dx, dy int32, x, y int) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	right, down := h.wheel.turn(dx, dy)
	if right == 0 && down == 0 {
		return nil
	}
	return h.grabbedLocked(func() error {
		h.moveLocked(x, y)
		if err := h.pointerGateLocked(); err != nil {
			return err
		}
		h.clicksLocked(down, 4, 5)
		h.clicksLocked(right, 6, 7)
		return nil
	})
}

func (h *Hands) clicksLocked(n int, back, forth byte) {
	b := forth
	if n < 0 {
		b, n = back, -n
	}
	for range n {
		xtest.FakeInput(h.c, xproto.ButtonPress, b, 0, h.root, 0, 0, 0)
		xtest.FakeInput(h.c, xproto.ButtonRelease, b, 0, h.root, 0, 0, 0)
	}
}

// Locks switches Caps Lock and Num Lock to the rep's state, and Scroll Lock
// where it is a modifier.
func (h *Hands) Locks(l wire.Locks) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	if err := h.refreshLocked(); err != nil {
		return err
	}
	var mask, mods uint16
	for _, lock := range []struct {
		usage uint16
		on    bool
	}{{keys.CapsLock, l.Caps}, {keys.NumLock, l.Num}, {keys.ScrollLock, l.Scroll}} {
		// Japanese keyboards lock with Shift and Caps Lock only, so the
		// modifier map counts where the key alone does something else.
		key := h.keymap.Key(keys.ToX11(lock.usage))
		m := key.Mods & keys.Lock
		if key.Act == keys.ActLock {
			m = key.ActMods
		}
		mask |= m
		if lock.on {
			mods |= m
		}
	}
	if mask != 0 {
		h.tell(keys.XkbLock(h.xkb, mask, mods))
		h.c.Sync()
	}
	return nil
}

// ReleaseAll lets go of every key and button that Hands holds. It is never
// refused.
func (h *Hands) ReleaseAll() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	return h.releaseLocked()
}

func (h *Hands) releaseLocked() error {
	for b := range h.buttons {
		h.buttonLocked(b, false)
	}
	for _, p := range h.held {
		h.liftLocked(p)
	}
	clear(h.held)
	err := h.keepLedgerLocked()
	h.c.Sync() // so that all of it has happened when this returns
	return err
}

// Close lets go of everything, gives the borrowed keys back and disconnects.
// The keyboard map is then byte for byte as it was.
func (h *Hands) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil
	}
	h.closed = true
	close(h.stop)
	err := errors.Join(h.releaseLocked(), h.returnAllLocked(), h.closeLedgerLocked())
	h.c.Sync()
	h.c.Close()
	return err
}
