package hands

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/x11"
)

// ledger is a note on the root window of what Hands has changed, so that the
// next Hands can put it right if this one dies. The X server lets go of
// nothing by itself: a key that XTEST pressed stays pressed.
type ledger struct {
	owner xproto.Window // of this Hands; it vanishes with it
	name  xproto.Atom   // the note's property, on the root and on owner
	wrote []byte
	found int // entries of dead owners that Open put right
	alive int // notes of living owners that Open left alone
}

// notePrefix begins the property's name; the owner's window id follows.
const notePrefix = "_HANDRAIL_HANDS_"

// What an entry of the note is about. An entry is three words: the kind and the
// code, and two keysyms.
const (
	noteLoan   = 1
	noteMuted  = 2
	noteKey    = 3
	noteButton = 4
)

// noteWords bounds the note that is read, in the protocol's 4-byte units.
const noteWords = 2048

func (h *Hands) openLedger() error {
	if err := h.grabbedLocked(h.clearUpLocked); err != nil {
		return err
	}
	owner, err := xproto.NewWindowId(h.c)
	if err != nil {
		return fmt.Errorf("hands: naming a window: %w", err)
	}
	err = xproto.CreateWindowChecked(h.c, 0, owner, h.root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check()
	if err != nil {
		return fmt.Errorf("hands: creating a window: %w", err)
	}
	name := fmt.Sprintf("%s%x", notePrefix, owner)
	atom, err := x11.Atom(h.c, name)
	if err != nil {
		return err
	}
	h.ledger.owner, h.ledger.name = owner, atom
	return h.writeLocked(owner, []byte{0, 0, 0, 0})
}

func (h *Hands) writeLocked(w xproto.Window, note []byte) error {
	err := xproto.ChangePropertyChecked(h.c, xproto.PropModeReplace, w, h.ledger.name,
		xproto.AtomCardinal, 32, uint32(len(note)/4), note).Check()
	if err != nil {
		return fmt.Errorf("hands: keeping the note: %w", err)
	}
	return nil
}

// keepLedgerLocked writes down what is changed now.
func (h *Hands) keepLedgerLocked() error {
	var note []byte
	entry := func(kind uint32, code byte, syms [2]uint32) {
		note = binary.LittleEndian.AppendUint32(note, kind<<8|uint32(code))
		note = binary.LittleEndian.AppendUint32(note, syms[0])
		note = binary.LittleEndian.AppendUint32(note, syms[1])
	}
	for i := range 256 {
		code := byte(i)
		if l := h.loans[code]; l != nil {
			entry(noteLoan, code, l.syms)
		}
		if h.muted[code] {
			entry(noteMuted, code, [2]uint32{})
		}
		if h.buttons[code] {
			entry(noteButton, code, [2]uint32{})
		}
	}
	for _, p := range h.held {
		if p.code != keys.None {
			entry(noteKey, p.code, [2]uint32{})
		}
	}
	if bytes.Equal(note, h.ledger.wrote) {
		return nil
	}
	h.ledger.wrote = note
	if len(note) == 0 {
		xproto.DeleteProperty(h.c, h.root, h.ledger.name)
		return nil
	}
	xproto.ChangeProperty(h.c, xproto.PropModeReplace, h.root, h.ledger.name,
		xproto.AtomCardinal, 32, uint32(len(note)/4), note)
	return nil
}

func (h *Hands) closeLedgerLocked() error {
	xproto.DeleteProperty(h.c, h.root, h.ledger.name)
	xproto.DestroyWindow(h.c, h.ledger.owner)
	return nil
}

// clearUpLocked puts right what dead owners noted. The server must be grabbed.
func (h *Hands) clearUpLocked() error {
	list, err := xproto.ListProperties(h.c, h.root).Reply()
	if err != nil {
		return fmt.Errorf("hands: listing notes: %w", err)
	}
	for _, atom := range list.Atoms {
		name, err := xproto.GetAtomName(h.c, atom).Reply()
		if err != nil {
			return fmt.Errorf("hands: reading a note's name: %w", err)
		}
		id, ok := strings.CutPrefix(name.Name, notePrefix)
		if !ok {
			continue
		}
		var owner xproto.Window
		if _, err := fmt.Sscanf(id, "%x", &owner); err == nil && h.livesLocked(owner, atom) {
			h.ledger.alive++
			continue
		}
		if err := h.undoNoteLocked(atom); err != nil {
			return err
		}
	}
	return nil
}

// livesLocked says whether the owner of a note is there. Window ids are given
// out again, so the window must carry the note's name too.
func (h *Hands) livesLocked(owner xproto.Window, name xproto.Atom) bool {
	p, err := xproto.GetProperty(h.c, false, owner, name, xproto.AtomCardinal, 0, 1).Reply()
	return err == nil && p.Format == 32
}

func (h *Hands) undoNoteLocked(name xproto.Atom) error {
	p, err := xproto.GetProperty(h.c, true, h.root, name, xproto.AtomCardinal, 0, noteWords).Reply()
	if err != nil {
		return fmt.Errorf("hands: reading a note: %w", err)
	}
	if err := h.refreshLocked(); err != nil {
		return err
	}
	for v := p.Value; len(v) >= 12; v = v[12:] {
		word := binary.LittleEndian.Uint32(v)
		syms := [2]uint32{binary.LittleEndian.Uint32(v[4:]), binary.LittleEndian.Uint32(v[8:])}
		code := byte(word)
		h.ledger.found++
		switch word >> 8 {
		case noteLoan:
			if h.bindsLocked(code, syms) {
				h.bindLocked(code, [2]uint32{})
			}
		case noteMuted:
			h.repeatLocked(code, xproto.AutoRepeatModeOn)
		case noteKey:
			h.keyLocked(code, false)
		case noteButton:
			h.buttonLocked(code, false)
		}
	}
	return nil
}
