package hands

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/x11"
)

// press remembers what the press of a key did, so that its release undoes
// just that.
type press struct {
	code byte   // the key that is down, or keys.None
	text string // what was typed, to be typed again when the rep's key repeats
	lost bool   // the press was refused: its repeats and its release are too
}

// scene is the keyboard and the focus at one moment of a grabbed server.
type scene struct {
	keyboard keys.XkbState
	down     []byte // the keys that are down, a bit each
	repeats  []byte // the keys that repeat, a bit each
}

// bit says whether a key is in one of the protocol's bit vectors.
func bit(vector []byte, code byte) bool { return vector[code/8]&(1<<(code%8)) != 0 }

// Key presses or releases a key of the rep's. ErrNoKey means that its text
// can't be made here.
func (h *Hands) Key(k wire.Key) error {
	if err := h.enter(); err != nil {
		return err
	}
	p := h.held[k.Usage]
	if !k.Down {
		defer h.mu.Unlock()
		if p == nil {
			return nil
		}
		delete(h.held, k.Usage)
		h.liftLocked(p)
		return h.keepLedgerLocked()
	}
	if p != nil && k.Repeat && p.lost {
		h.mu.Unlock()
		return nil
	}
	var text string
	err := h.grabbedLocked(func() (err error) {
		text, err = h.pressLocked(k, p)
		return err
	})
	if err != nil {
		h.held[k.Usage] = &press{lost: true}
	}
	h.mu.Unlock()
	if err != nil || text == "" {
		return err
	}
	return h.Type(text)
}

// pressLocked presses k. It gives back text that must be typed instead, with
// the server free in between, because a key has to be borrowed for it. p is
// what an earlier press of the same key did, if it isn't released yet.
func (h *Hands) pressLocked(k wire.Key, p *press) (string, error) {
	s, err := h.lookLocked()
	if err != nil {
		return "", err
	}
	if p != nil && p.code != keys.None && k.Repeat {
		// X11 shows a key that repeats as let go and pressed again.
		h.keyLocked(p.code, false)
		h.keyLocked(p.code, true)
		return "", nil
	}
	if p != nil {
		h.liftLocked(p)
	}
	p = &press{}
	h.held[k.Usage] = p
	switch choose(k) {
	case byText:
		p.text = k.Text
		runes := []rune(k.Text)
		if len(runes) > 1 {
			return k.Text, nil
		}
		stroke, ok := h.keymap.Find(runes[0], s.keyboard.State, h.command, keys.ToX11(k.Usage))
		if !ok {
			return k.Text, nil
		}
		p.code = h.strikeLocked(s, stroke)
	case byLetter:
		p.code = h.strikeLocked(s, h.letterLocked(k, s.keyboard.State))
	case byPlace:
		if code := h.placeLocked(k.Usage); code != keys.None {
			p.code = code
			h.downLocked(s, code)
		}
	}
	return "", h.keepLedgerLocked()
}

// letterLocked finds the key of a shortcut and the state it needs: the rep's
// modifiers, should one have got lost, besides those that are held.
func (h *Hands) letterLocked(k wire.Key, state uint16) keys.Stroke {
	for _, m := range []struct {
		mod  wire.Mods
		syms []uint32
	}{
		{wire.ModCtrl, []uint32{keys.SymCtrlLeft, keys.SymCtrlRight}},
		{wire.ModAlt, []uint32{keys.SymAltLeft, keys.SymAltRight}},
		{wire.ModSuper, []uint32{keys.SymSuperLeft, keys.SymSuperRight}},
	} {
		if k.Mods&m.mod == 0 {
			continue
		}
		if code, ok := h.keymap.Code(m.syms...); ok {
			state |= h.keymap.Mask(code)
		}
	}
	if code, ok := h.keymap.Base(k.Base, state); ok {
		return keys.Stroke{Code: code, State: state}
	}
	if s, ok := h.keymap.Find(k.Base, state, h.command, keys.None); ok {
		return keys.Stroke{Code: s.Code, State: s.State | state&h.command}
	}
	return keys.Stroke{Code: keys.ToX11(k.Usage), State: state}
}

// modifierSyms are what the modifier keys mean, by usage from LeftCtrl.
var modifierSyms = [...][]uint32{
	{keys.SymCtrlLeft, keys.SymCtrlRight},
	{keys.SymShiftLeft, keys.SymShiftRight},
	{keys.SymAltLeft, keys.SymAltRight},
	{keys.SymSuperLeft, keys.SymSuperRight},
	{keys.SymCtrlRight, keys.SymCtrlLeft},
	{keys.SymShiftRight, keys.SymShiftLeft},
	{keys.SymAltRight, keys.SymAltLeft},
	{keys.SymSuperRight, keys.SymSuperLeft},
}

// placeLocked finds a key by its place. Modifiers go by what they do: they may
// be exchanged on one of the keyboards, and a right Alt is often AltGr.
func (h *Hands) placeLocked(usage uint16) byte {
	code := keys.ToX11(usage)
	if !keys.IsModifier(usage) {
		return code
	}
	if by, ok := h.keymap.Code(modifierSyms[usage-keys.LeftCtrl]...); ok {
		return by
	}
	return code
}

// lookLocked brings keymap up to date and passes the gate for keys. The server
// must be grabbed.
func (h *Hands) lookLocked() (*scene, error) {
	pointer := xproto.QueryPointer(h.c, h.root)
	focus := xproto.GetInputFocus(h.c)
	down := xproto.QueryKeymap(h.c)
	control := xproto.GetKeyboardControl(h.c)
	state := x11.Ask(h.c, keys.XkbGetState(h.xkb))
	if err := h.refreshLocked(); err != nil {
		return nil, err
	}
	p, err := pointer.Reply()
	if err != nil {
		return nil, fmt.Errorf("hands: asking for the pointer: %w", err)
	}
	f, err := focus.Reply()
	if err != nil {
		return nil, fmt.Errorf("hands: asking for the focus: %w", err)
	}
	d, err := down.Reply()
	if err != nil {
		return nil, fmt.Errorf("hands: asking for the keys: %w", err)
	}
	r, err := control.Reply()
	if err != nil {
		return nil, fmt.Errorf("hands: asking how keys repeat: %w", err)
	}
	b, err := state.Reply()
	if err != nil {
		return nil, fmt.Errorf("hands: asking for the modifiers: %w", err)
	}
	k, err := keys.ParseState(b)
	if err != nil {
		return nil, err
	}
	if err := h.focusGateLocked(f.Focus, p); err != nil {
		return nil, err
	}
	return &scene{keyboard: k, down: d.Keys, repeats: r.AutoRepeats}, nil
}

// refreshLocked reads the keyboard map again if it isn't the known one: the
// customer may change the layout at any time, and notices of that come late.
func (h *Hands) refreshLocked() error {
	syms := xproto.GetKeyboardMapping(h.c, h.first, h.codes)
	mods := xproto.GetModifierMapping(h.c)
	s, err := syms.Reply()
	if err != nil {
		return fmt.Errorf("hands: reading the keyboard map: %w", err)
	}
	m, err := mods.Reply()
	if err != nil {
		return fmt.Errorf("hands: reading the modifiers: %w", err)
	}
	core := make([]byte, 0, 4*len(s.Keysyms)+len(m.Keycodes)+1)
	core = append(core, s.KeysymsPerKeycode)
	for _, sym := range s.Keysyms {
		core = binary.LittleEndian.AppendUint32(core, uint32(sym))
	}
	for _, code := range m.Keycodes {
		core = append(core, byte(code))
	}
	if h.keymap != nil && bytes.Equal(core, h.core) {
		return nil
	}
	b, err := x11.Ask(h.c, keys.XkbGetMap(h.xkb)).Reply()
	if err != nil {
		return fmt.Errorf("hands: reading the extended keyboard map: %w", err)
	}
	layout, err := keys.ParseMap(b)
	if err != nil {
		return err
	}
	h.core, h.keymap = core, keys.NewKeymap(layout)
	h.command = keys.Control
	for _, sym := range []uint32{keys.SymAltLeft, keys.SymMetaLeft, keys.SymSuperLeft} {
		if code, ok := h.keymap.Code(sym); ok {
			h.command |= h.keymap.Mask(code)
		}
	}
	h.forgetLoansLocked()
	return nil
}

// strikeLocked presses a key in the state it needs. If that is the present
// one, the key stays down and is given back; else it is a tap.
func (h *Hands) strikeLocked(s *scene, stroke keys.Stroke) byte {
	if l := h.loans[stroke.Code]; l != nil {
		l.used = time.Now()
	}
	const mods = 0xff
	if (stroke.State^s.keyboard.State)&mods == 0 && keys.GroupOf(stroke.State) == keys.GroupOf(s.keyboard.State) &&
		h.loans[stroke.Code] == nil {
		h.downLocked(s, stroke.Code)
		return stroke.Code
	}
	undo := h.bendLocked(s, stroke.State)
	h.keyLocked(stroke.Code, false) // if it is down, a press would be nothing new
	h.keyLocked(stroke.Code, true)
	h.keyLocked(stroke.Code, false)
	for i := len(undo) - 1; i >= 0; i-- {
		undo[i]()
	}
	return keys.None
}

// bendLocked brings modifiers and group into a state, and returns what undoes
// it, to be run from the last to the first.
func (h *Hands) bendLocked(s *scene, to uint16) (undo []func()) {
	const mods = 0xff
	now := s.keyboard.State
	off, on := now&^to&mods, to&^now&mods
	do := func(f, back func()) {
		f()
		undo = append(undo, back)
	}
	if g := keys.GroupOf(to); g != keys.GroupOf(now) {
		do(func() { h.tell(keys.XkbLockGroup(h.xkb, g-s.keyboard.LooseGroup)) },
			func() { h.tell(keys.XkbLockGroup(h.xkb, s.keyboard.LockedGroup)) })
	}
	if lock := (off & s.keyboard.Locked) | (on & keys.Lock); lock != 0 {
		do(func() { h.tell(keys.XkbLock(h.xkb, lock, on)) },
			func() { h.tell(keys.XkbLock(h.xkb, lock, s.keyboard.Locked)) })
	}
	if latch := off & s.keyboard.Latched; latch != 0 {
		h.tell(keys.XkbUnlatch(h.xkb, latch))
	}
	for i := int(h.first); i < int(h.first)+int(h.codes); i++ {
		code := byte(i)
		if bit(s.down, code) && h.keymap.Key(code).Act == keys.ActHold && h.keymap.Mask(code)&off != 0 {
			do(func() { h.keyLocked(code, false) }, func() { h.keyLocked(code, true) })
		}
	}
	for rest := on &^ keys.Lock; rest != 0; rest &= rest - 1 {
		if code, ok := h.keymap.Holder(rest & -rest); ok {
			do(func() { h.keyLocked(code, true) }, func() { h.keyLocked(code, false) })
		}
	}
	return undo
}

// downLocked presses a key that stays down. The server must not repeat it: its
// repeats would pass the gate unseen once the focus moves to a window of
// Handrail, and would go on and on when the link to the rep is slow.
func (h *Hands) downLocked(s *scene, code byte) {
	if h.keymap.Mask(code) == 0 && bit(s.repeats, code) && !h.muted[code] {
		h.muted[code] = true
		h.repeatLocked(code, xproto.AutoRepeatModeOff)
	}
	h.keyLocked(code, true)
}

func (h *Hands) repeatLocked(code byte, mode uint32) {
	xproto.ChangeKeyboardControl(h.c, xproto.KbKey|xproto.KbAutoRepeatMode, []uint32{uint32(code), mode})
}

// liftLocked lets go of what a press holds.
func (h *Hands) liftLocked(p *press) {
	if p.code == keys.None {
		return
	}
	h.keyLocked(p.code, false)
	if h.muted[p.code] {
		delete(h.muted, p.code)
		h.repeatLocked(p.code, xproto.AutoRepeatModeOn)
	}
	p.code = keys.None
}

// burst is how many characters are typed under one grab of the server: enough
// to make the grab cheap, and over before anybody notices it.
const burst = 16

// Type types text. Line ends and tabs are keys; other control characters are
// left out. If some character can't be made, the rest is typed and the error
// is ErrNoKey.
func (h *Hands) Type(text string) error {
	var missing error
	rest := []rune(lines(text))
	for len(rest) > 0 {
		if err := h.enter(); err != nil {
			return err
		}
		var n int
		var pause time.Duration
		err := h.grabbedLocked(func() (err error) {
			n, err = h.burstLocked(rest)
			if n == 0 && err == nil {
				pause, err = h.borrowLocked(rest)
			}
			return err
		})
		h.mu.Unlock()
		if errors.Is(err, ErrNoKey) {
			missing, n, err = err, 1, nil
		}
		if err != nil {
			return err
		}
		rest = rest[n:]
		if pause > 0 && !h.wait(pause) {
			return ErrClosed
		}
	}
	return missing
}

// wait lets time pass; false means that Hands was closed.
func (h *Hands) wait(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-h.stop:
		return false
	}
}

// burstLocked types what has keys, up to a burst, and says how many characters
// that was.
func (h *Hands) burstLocked(text []rune) (int, error) {
	s, err := h.lookLocked()
	if err != nil {
		return 0, err
	}
	for i, r := range text {
		if i == burst {
			return i, nil
		}
		stroke := keys.Stroke{Code: keys.ToX11(keyOf(r)), State: s.keyboard.State &^ (h.command | keys.Shift)}
		if stroke.Code == keys.None {
			if keys.Sym(r) == keys.SymNone {
				continue
			}
			var ok bool
			stroke, ok = h.keymap.Find(r, s.keyboard.State, h.command, keys.None)
			if !ok {
				return i, nil
			}
		}
		if code := h.strikeLocked(s, stroke); code != keys.None {
			h.liftLocked(&press{code: code})
		}
	}
	return len(text), nil
}
