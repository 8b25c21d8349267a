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
	settle = 20 * time.Millisecond  // from the change of a key to its first press
	reuse  = 100 * time.Millisecond // from the last press of a key to its next change
)

// loan is an unused key that makes a character for a while.
type loan struct {
	sym  uint32
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
	for i, sym := range want[:min(len(want), len(codes))] {
		h.bindLocked(codes[i], sym)
		h.loans[codes[i]] = &loan{sym: sym, used: now}
	}
	return settle, h.keepLedgerLocked()
}

// lendersLocked are the keys that can be borrowed now, the best first: those
// nobody has used, then the one that was used the longest ago. If all were
// used just now, wait is how long until one is free. Without a single one, ok
// is false.
func (h *Hands) lendersLocked(now time.Time) (codes []byte, wait time.Duration, ok bool) {
	for _, code := range h.keymap.Free() {
		codes = append(codes, code)
	}
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

// bindLocked makes a key mean sym, with and without Shift; SymNone empties it.
func (h *Hands) bindLocked(code byte, sym uint32) {
	s := xproto.Keysym(sym)
	xproto.ChangeKeyboardMapping(h.c, 1, xproto.Keycode(code), 2, []xproto.Keysym{s, s})
}

// forgetLoansLocked drops loans that a new keyboard map has ended.
func (h *Hands) forgetLoansLocked() {
	for code, l := range h.loans {
		if h.keymap.Sym(code, 0) != l.sym {
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
			h.bindLocked(code, keys.SymNone)
		}
		clear(h.loans)
		return nil
	})
}
