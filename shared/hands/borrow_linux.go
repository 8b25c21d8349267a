package hands

import (
	"slices"
	"time"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
)

// Programs learn late that a key means something else. Both times were found by
// trying with busy programs; there is no way to ask.
const (
	settle = 20 * time.Millisecond // from the change of a key to its first press
	reuse  = time.Second           // from the last press of a key to its next change
)

// loan is an unused key that makes one or two characters for a while, without
// and with Shift.
type loan struct {
	syms [2]uint32
	used time.Time
}

// borrowLocked gives the first character of text a key, and others of text
// that have none too, as far as there are keys. It says how long to wait
// before going on. The server must be grabbed.
func (h *Hands) borrowLocked(text []rune) (time.Duration, error) {
	var want []uint32
	for _, r := range text {
		sym := keys.Sym(r)
		if sym == keys.SymNone || keyOf(r) != keys.None || slices.Contains(want, sym) {
			continue
		}
		if _, ok := h.keymap.Find(r, 0, h.command, keys.None); !ok {
			want = append(want, sym)
		}
	}
	now := time.Now()
	codes, wait, ok := h.lendersLocked(now)
	switch {
	case !ok:
		return 0, ErrNoKey
	case len(want) == 0:
		// Found after all: only the present state is in the way of it.
		return 0, ErrNoKey
	case len(codes) == 0:
		return wait, nil
	}
	for _, code := range codes {
		if len(want) == 0 {
			break
		}
		// Pairs save keys, but a single character is the same with Shift.
		n := min(len(want), 2)
		l := &loan{syms: [2]uint32{want[0], want[n-1]}, used: now}
		if len(want) <= len(codes) {
			n, l.syms[1] = 1, want[0]
		}
		want = want[n:]
		h.bindLocked(code, l.syms)
		h.loans[code] = l
	}
	return settle, h.keepLedgerLocked()
}

// lendersLocked are the keys that can be borrowed now, the best first: those
// nobody has used, then the one that was used the longest ago. If all were
// used just now, wait is how long until one is free. Without a single one, ok
// is false.
func (h *Hands) lendersLocked(now time.Time) (codes []byte, wait time.Duration, ok bool) {
	codes = append(codes, h.keymap.Free()...)
	var lent []byte
	for code := range h.loans {
		lent = append(lent, code)
	}
	slices.SortFunc(lent, func(a, b byte) int { return h.loans[a].used.Compare(h.loans[b].used) })
	for i, code := range lent {
		rest := reuse - now.Sub(h.loans[code].used)
		if i == 0 {
			wait = rest
		}
		if rest <= 0 {
			codes = append(codes, code)
		}
	}
	return codes, wait, len(codes)+len(lent) > 0
}

// bindLocked makes a key mean syms, without and with Shift; SymNone empties it.
func (h *Hands) bindLocked(code byte, syms [2]uint32) {
	xproto.ChangeKeyboardMapping(h.c, 1, xproto.Keycode(code), 2,
		[]xproto.Keysym{xproto.Keysym(syms[0]), xproto.Keysym(syms[1])})
}

// bindsLocked says whether a key still means what bindLocked made of it.
func (h *Hands) bindsLocked(code byte, syms [2]uint32) bool {
	groups := h.keymap.Key(code).Groups
	return len(groups) == 1 && slices.Equal(groups[0].Syms, syms[:])
}

// forgetLoansLocked drops loans that a new keyboard map has ended.
func (h *Hands) forgetLoansLocked() {
	for code, l := range h.loans {
		if !h.bindsLocked(code, l.syms) {
			delete(h.loans, code)
		}
	}
}

// returnAllLocked empties the borrowed keys again.
func (h *Hands) returnAllLocked() error {
	if len(h.loans) == 0 {
		return nil
	}
	return h.grabbedLocked(func() error {
		if err := h.refreshLocked(); err != nil {
			return err
		}
		for code := range h.loans {
			h.bindLocked(code, [2]uint32{})
		}
		clear(h.loans)
		return nil
	})
}
