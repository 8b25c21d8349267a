package hands

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"unicode"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

// Hands injects input into the desktop of the process.
type Hands struct {
	shut    atomic.Bool
	refused atomic.Uint64

	mu sync.Mutex
	// guarded by mu
	closed  bool
	own     map[uint32]bool   // protected processes
	held    map[uint16]*press // what the rep's keys did, by usage
	buttons map[uint8]bool    // buttons that are down, as wire.Button counts
}

// press remembers what the press of a key did.
type press struct {
	scan uint16 // the key that is down, or 0
	lost bool   // the press was refused: its repeats and its release are too
}

// Open prepares to inject; display means nothing on Windows. ErrNotHere means
// that this system has no desktop.
func Open(string) (*Hands, error) {
	if err := procSendInput.Find(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotHere, err)
	}
	return &Hands{
		own:  map[uint32]bool{uint32(os.Getpid()): true},
		held: map[uint16]*press{}, buttons: map[uint8]bool{},
	}, nil
}

// Protect keeps the windows of the process that made window out of the rep's
// reach. Those of this process are protected without it.
func (h *Hands) Protect(window uint32) {
	if _, process := owner(uintptr(window)); process != 0 {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.own[process] = true
	}
}

// ShutGate stops all input while a prompt is open. When it returns, everything
// is released and no event is under way.
func (h *Hands) ShutGate(shut bool) {
	h.shut.Store(shut)
	if shut {
		// An error means that the desktop can't be reached, so nothing else is.
		_ = h.ReleaseAll()
	}
}

// Leftovers is 0: Windows lets go of what a dead process pressed by its next
// key, and no keyboard map is changed.
func (h *Hands) Leftovers() int { return 0 }

// Refused is how many events were refused, for whatever reason.
func (h *Hands) Refused() uint64 { return h.refused.Load() }

func (h *Hands) refuse(err error) error {
	h.refused.Add(1)
	return err
}

func (h *Hands) enter() error {
	h.mu.Lock()
	switch {
	case h.closed:
		h.mu.Unlock()
		return ErrClosed
	case h.shut.Load():
		h.mu.Unlock()
		return h.refuse(ErrShut)
	}
	return nil
}

func (h *Hands) ownLocked(w uintptr) bool {
	if w == 0 {
		return false
	}
	_, process := owner(w)
	return h.own[process]
}

// pointerGateLocked refuses what would reach a window of Handrail at a place:
// the one that is there, or one that has caught the pointer.
func (h *Hands) pointerGateLocked(x, y int) error {
	for button, vk := range map[uint8]int{1: vkLButton, 2: vkMButton, 3: vkRButton} {
		if isDown(vk) && !h.buttons[button] {
			return h.refuse(ErrBusy)
		}
	}
	if h.ownLocked(windowAt(x, y)) || h.ownLocked(front().capture) {
		return h.refuse(ErrOwnWindow)
	}
	return nil
}

// keyGateLocked refuses keys that would reach a window of Handrail.
func (h *Hands) keyGateLocked() error {
	f := front()
	for _, w := range []uintptr{foreground(), f.focus, f.active, f.menu} {
		if h.ownLocked(w) {
			return h.refuse(ErrOwnWindow)
		}
	}
	return nil
}

// MoveTo puts the pointer somewhere, in pixels of the virtual desktop.
func (h *Hands) MoveTo(x, y int) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	return send(moveEvent(x, y))
}

// buttonEvents are the flags for down and up, and the data, by wire.Button's
// number.
var buttonEvents = [...]struct{ down, up, data uint32 }{
	1: {mouseLeftDown, mouseLeftUp, 0},
	2: {mouseMiddleDown, mouseMiddleUp, 0},
	3: {mouseRightDown, mouseRightUp, 0},
	4: {mouseXDown, mouseXUp, 1},
	5: {mouseXDown, mouseXUp, 2},
}

// Button presses or releases a mouse button at a place: 1 to 5 are left,
// middle, right, back, forward. A press is refused over windows of Handrail and
// while the customer holds a button; a release may happen anywhere.
func (h *Hands) Button(n uint8, down bool, x, y int) error {
	if n == 0 || int(n) >= len(buttonEvents) {
		return fmt.Errorf("hands: there is no button %d", n)
	}
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	b := buttonEvents[n]
	if !down {
		if !h.buttons[n] {
			return nil
		}
		delete(h.buttons, n)
		return send(moveEvent(x, y), mouseEvent(b.up, b.data))
	}
	if err := h.pointerGateLocked(x, y); err != nil {
		return err
	}
	if err := send(moveEvent(x, y), mouseEvent(b.down, b.data)); err != nil {
		return err
	}
	h.buttons[n] = true
	return nil
}

// Wheel turns the wheels at a place, in 1/120 of a notch; positive is right
// and down.
func (h *Hands) Wheel(dx, dy int32, x, y int) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	if err := h.pointerGateLocked(x, y); err != nil {
		return err
	}
	events := []input{moveEvent(x, y)}
	const most = maxNotches * notch
	if dy = max(min(dy, most), -most); dy != 0 {
		events = append(events, mouseEvent(mouseWheel, uint32(-dy))) // Windows counts away from the user
	}
	if dx = max(min(dx, most), -most); dx != 0 {
		events = append(events, mouseEvent(mouseHWheel, uint32(dx)))
	}
	return send(events...)
}

// Key presses or releases a key of the rep's.
func (h *Hands) Key(k wire.Key) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	p := h.held[k.Usage]
	if !k.Down {
		delete(h.held, k.Usage)
		return h.liftLocked(p)
	}
	if p != nil && p.lost && k.Repeat {
		return nil
	}
	if err := h.keyGateLocked(); err != nil {
		h.held[k.Usage] = &press{lost: true}
		return err
	}
	if p != nil && p.scan != keys.None && k.Repeat {
		return send(scanEvent(p.scan, true)) // Windows shows a repeat as another press
	}
	if err := h.liftLocked(p); err != nil {
		return err
	}
	p = &press{}
	h.held[k.Usage] = p
	switch choose(k) {
	case byText:
		runes := []rune(k.Text)
		if scan, ok := plainKey(runes); ok {
			p.scan = scan
			return send(scanEvent(scan, true))
		}
		return h.typeLocked(runes)
	case byLetter:
		scan, shift, ok := scanOf(unicode.ToLower(k.Base))
		if !ok || shift != 0 {
			scan = keys.ToScan(k.Usage)
		}
		lost := missing(k.Mods)
		if len(lost) > 0 {
			return send(around(lost, []input{scanEvent(scan, true), scanEvent(scan, false)}, true)...)
		}
		p.scan = scan
		return send(scanEvent(scan, true))
	case byPlace:
		if p.scan = keys.ToScan(k.Usage); p.scan != keys.None {
			return send(scanEvent(p.scan, true))
		}
	}
	return nil
}

// plainKey is the key of a letter or digit that the layout makes with just the
// modifiers that are held, so that games and shortcuts see a normal key. What
// dead keys and Caps Lock could change goes as text.
func plainKey(runes []rune) (uint16, bool) {
	if len(runes) != 1 || runes[0] != ' ' && !unicode.IsLetter(runes[0]) && !unicode.IsDigit(runes[0]) ||
		isOn(vkCapital) || len(commandKeys()) > 0 {
		return 0, false
	}
	scan, shift, ok := scanOf(runes[0])
	held := byte(0)
	if isDown(vkShift) {
		held = 1
	}
	return scan, ok && shift == held
}

// The virtual keys of the modifiers, and the places of those that turn text
// into commands.
const vkShift = 0x10

var commandPlaces = []struct {
	vk   int
	scan uint16
	mod  wire.Mods
}{
	{0xa2, 0x1d, wire.ModCtrl},
	{0xa3, 0xe01d, wire.ModCtrl},
	{0xa4, 0x38, wire.ModAlt},
	{0xa5, 0xe038, wire.ModAlt},
	{0x5b, 0xe05b, wire.ModSuper},
	{0x5c, 0xe05c, wire.ModSuper},
}

// commandKeys are the Ctrl, Alt and Windows keys that are down.
func commandKeys() (scans []uint16) {
	for _, c := range commandPlaces {
		if isDown(c.vk) {
			scans = append(scans, c.scan)
		}
	}
	return scans
}

// missing are the keys of modifiers that the rep holds and that aren't down
// here, because their press was lost.
func missing(mods wire.Mods) (scans []uint16) {
	for i := 0; i < len(commandPlaces); i += 2 {
		left, right := commandPlaces[i], commandPlaces[i+1]
		if mods&left.mod != 0 && !isDown(left.vk) && !isDown(right.vk) {
			scans = append(scans, left.scan)
		}
	}
	return scans
}

// around puts keys down (or up) before events and back after them.
func around(scans []uint16, events []input, down bool) []input {
	var all []input
	for _, s := range scans {
		all = append(all, scanEvent(s, down))
	}
	all = append(all, events...)
	for i := len(scans) - 1; i >= 0; i-- {
		all = append(all, scanEvent(scans[i], !down))
	}
	return all
}

func (h *Hands) liftLocked(p *press) error {
	if p == nil || p.scan == keys.None {
		return nil
	}
	scan := p.scan
	p.scan = keys.None
	return send(scanEvent(scan, false))
}

// burst is how many characters go into one injection.
const burst = 16

// Type types text. Line ends and tabs are keys; other control characters are
// left out.
func (h *Hands) Type(text string) error {
	rest := []rune(lines(text))
	for len(rest) > 0 {
		n := min(burst, len(rest))
		if err := h.typeSome(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func (h *Hands) typeSome(text []rune) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	if err := h.keyGateLocked(); err != nil {
		return err
	}
	return h.typeLocked(text)
}

func (h *Hands) typeLocked(text []rune) error {
	var events []input
	for _, r := range text {
		switch u := keyOf(r); {
		case u != keys.None:
			scan := keys.ToScan(u)
			events = append(events, scanEvent(scan, true), scanEvent(scan, false))
		case !unicode.IsControl(r):
			events = append(events, textEvents(r)...)
		}
	}
	return send(around(commandKeys(), events, false)...)
}

// Locks switches the lock keys to the rep's state.
func (h *Hands) Locks(l wire.Locks) error {
	if err := h.enter(); err != nil {
		return err
	}
	defer h.mu.Unlock()
	if err := h.keyGateLocked(); err != nil {
		return err
	}
	var events []input
	for _, lock := range []struct {
		vk   uint16
		scan uint16
		on   bool
	}{{vkCapital, 0x3a, l.Caps}, {vkNumLock, 0x45, l.Num}, {vkScroll, 0x46, l.Scroll}} {
		if isOn(int(lock.vk)) != lock.on {
			events = append(events,
				keyEvent(keyInput{vk: lock.vk, scan: lock.scan}),
				keyEvent(keyInput{vk: lock.vk, scan: lock.scan, flags: keyUp}))
		}
	}
	return send(events...)
}

// ReleaseAll lets go of every key and button that Hands holds. It is never
// refused.
func (h *Hands) ReleaseAll() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.releaseLocked()
}

func (h *Hands) releaseLocked() error {
	var errs []error
	for n := range h.buttons {
		errs = append(errs, send(mouseEvent(buttonEvents[n].up, buttonEvents[n].data)))
	}
	for _, p := range h.held {
		errs = append(errs, h.liftLocked(p))
	}
	clear(h.buttons)
	clear(h.held)
	return errors.Join(errs...)
}

// Close lets go of everything.
func (h *Hands) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	return h.releaseLocked()
}
