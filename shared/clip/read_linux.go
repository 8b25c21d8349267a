package clip

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/wire"
	"handrail/shared/x11"
)

// atoms are the display's numbers for the names used here.
type atoms struct {
	clipboard, targets, timestamp, multiple, incr, pairs xproto.Atom
	utf8, text                                           xproto.Atom
	transfer, time                                       xproto.Atom                       // properties of our own
	secret                                               xproto.Atom                       // what a password manager marks its contents with
	names                                                map[wire.ClipFormat][]xproto.Atom // of each form, the best first
}

// isSecret is the content of the mark (KDE's Klipper; KeePassXC, Bitwarden and
// others set it).
const isSecret = "secret"

func nameAtoms(c *xgb.Conn) (a atoms, err error) {
	a.names = map[wire.ClipFormat][]xproto.Atom{}
	form := func(f wire.ClipFormat) *xproto.Atom {
		a.names[f] = append(a.names[f], 0)
		return &a.names[f][len(a.names[f])-1]
	}
	for _, n := range []struct {
		at   *xproto.Atom
		name string
	}{
		{&a.clipboard, "CLIPBOARD"},
		{&a.targets, "TARGETS"},
		{&a.timestamp, "TIMESTAMP"},
		{&a.multiple, "MULTIPLE"},
		{&a.incr, "INCR"},
		{&a.pairs, "ATOM_PAIR"},
		{&a.utf8, "UTF8_STRING"},
		{&a.text, "TEXT"},
		{&a.transfer, "HANDRAIL_CLIP"},
		{&a.time, "HANDRAIL_TIME"},
		{&a.secret, "x-kde-passwordManagerHint"},
		{form(wire.ClipHTML), "text/html"},
		{form(wire.ClipPNG), "image/png"},
	} {
		if *n.at, err = x11.Atom(c, n.name); err != nil {
			return a, err
		}
	}
	for f, names := range map[wire.ClipFormat][]string{
		wire.ClipText: {"UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING"},
		wire.ClipRTF:  {"text/rtf", "application/rtf", "text/richtext"},
	} {
		for _, name := range names {
			at := form(f)
			if *at, err = x11.Atom(c, name); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// formOf is the form that a target stands for, 0 for none.
func (a atoms) formOf(target xproto.Atom) wire.ClipFormat {
	if target == a.text {
		return wire.ClipText
	}
	for f, names := range a.names {
		if slices.Contains(names, target) {
			return f
		}
	}
	return 0
}

// lookLocked finds out what another program has copied and tells it.
func (b *Board) lookLocked(at xproto.Timestamp, before bool) {
	if b.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(b.ctx)
	b.looking = cancel
	told := b.told
	b.group.Go(func() {
		defer cancel()
		have := b.look(ctx, at)
		echo := len(have) > 0 && b.echo(ctx, have, at)
		b.mu.Lock()
		if ctx.Err() != nil { // something else is on the clipboard by now
			b.mu.Unlock()
			return
		}
		b.have, b.since = have, at
		if !echo {
			b.served = nil
		}
		b.mu.Unlock()
		if !echo {
			told(list(have), before)
		}
	})
}

// list is how forms are told, in the order of their numbers.
func list(have map[wire.ClipFormat]xproto.Atom) []wire.ClipForm {
	var forms []wire.ClipForm
	for f := wire.ClipText; f <= wire.ClipPNG; f++ {
		if have[f] != 0 {
			forms = append(forms, wire.ClipForm{Format: f})
		}
	}
	return forms
}

// look asks which forms there are, and by which target each is had. Of
// something secret there are none.
func (b *Board) look(ctx context.Context, at xproto.Timestamp) map[wire.ClipFormat]xproto.Atom {
	_, data, err := b.convert(ctx, b.atoms.targets, at)
	if err != nil {
		return nil
	}
	have := map[wire.ClipFormat]xproto.Atom{}
	there := map[xproto.Atom]bool{}
	for ; len(data) >= 4; data = data[4:] {
		there[xproto.Atom(xgb.Get32(data))] = true
	}
	if there[b.atoms.secret] {
		if _, hint, err := b.convert(ctx, b.atoms.secret, at); err != nil || string(bytes.TrimRight(hint, "\x00\n")) == isSecret {
			return nil
		}
	}
	for f, names := range b.atoms.names {
		for _, n := range names {
			if there[n] && have[f] == 0 {
				have[f] = n
			}
		}
	}
	return have
}

// echo says whether what is on the clipboard is what we offered: clipboard
// managers copy what they see and then own it themselves. Telling it would send
// it back to where it came from, where another manager may do the same.
func (b *Board) echo(ctx context.Context, have map[wire.ClipFormat]xproto.Atom, at xproto.Timestamp) bool {
	b.mu.Lock()
	served := maps.Clone(b.served)
	b.mu.Unlock()
	for f, sums := range served {
		if have[f] == 0 {
			continue
		}
		data, err := b.read(ctx, f, have[f], at)
		return err == nil && slices.Contains(sums, sha256.Sum256(data))
	}
	return false
}

// Read reads one form of what another program has copied. It returns ErrGone,
// ErrTooLarge, ErrSlow or ErrClosed.
func (b *Board) Read(ctx context.Context, f wire.ClipFormat) ([]byte, error) {
	b.mu.Lock()
	target, at := b.have[f], b.since
	if b.offer != nil {
		target = 0 // ours, and never read
	}
	b.mu.Unlock()
	if target == 0 {
		return nil, ErrGone
	}
	return b.read(ctx, f, target, at)
}

func (b *Board) read(ctx context.Context, f wire.ClipFormat, target xproto.Atom, at xproto.Timestamp) ([]byte, error) {
	kind, data, err := b.convert(ctx, target, at)
	if err != nil {
		return nil, err
	}
	if kind == xproto.AtomString {
		data = fromLatin1(data)
	}
	return clean(f, data)
}

// convert has the selection's owner hand over one target (ICCCM section 2.4).
// Each time takes a window of its own, so that late answers meet nobody.
func (b *Board) convert(ctx context.Context, target xproto.Atom, at xproto.Timestamp) (kind xproto.Atom, data []byte, err error) {
	w, err := b.window()
	if err != nil {
		return 0, nil, err
	}
	defer xproto.DestroyWindow(b.c, w)
	here := place{w, b.atoms.transfer}
	notes := b.await(here)
	defer b.forget(here)
	xproto.ConvertSelection(b.c, w, b.atoms.clipboard, target, b.atoms.transfer, at)
	for answered := false; !answered; {
		n, err := b.next(ctx, notes)
		if err != nil {
			return 0, nil, err
		}
		if n.refused {
			return 0, nil, ErrGone
		}
		answered = n.answered
	}
	kind, data, err = b.take(w, wire.MaxClip)
	if err == nil && kind == b.atoms.incr {
		return b.takeParts(ctx, w, notes)
	}
	return kind, data, err
}

// takeParts takes what comes in parts: each is there when the one before has
// been deleted, and one without anything ends it (ICCCM section 2.7.2).
func (b *Board) takeParts(ctx context.Context, w xproto.Window, notes <-chan note) (kind xproto.Atom, data []byte, err error) {
	for {
		n, err := b.next(ctx, notes)
		if err != nil {
			return 0, nil, err
		}
		if n.deleted || n.answered {
			continue // by ourselves
		}
		k, part, err := b.take(w, wire.MaxClip-len(data))
		switch {
		case err != nil:
			return 0, nil, err
		case k == xproto.AtomNone: // news of what we have taken already
			continue
		case len(part) == 0:
			return kind, data, nil
		}
		kind, data = k, append(data, part...)
	}
}

// takeAtOnce is how many bytes of a property are read at a time.
const takeAtOnce = 256 << 10

// take reads and deletes the property of a transfer, of at most so many bytes.
// Of one that isn't there the kind is AtomNone.
func (b *Board) take(w xproto.Window, most int) (kind xproto.Atom, data []byte, err error) {
	for {
		r, err := xproto.GetProperty(b.c, true, w, b.atoms.transfer, xproto.GetPropertyTypeAny, uint32(len(data)/4), takeAtOnce/4).Reply()
		if err != nil {
			return 0, nil, fmt.Errorf("clip: reading what was copied: %w", err)
		}
		data = append(data, r.Value...)
		if len(data) > most || r.BytesAfter > uint32(most) {
			return 0, nil, ErrTooLarge
		}
		if r.BytesAfter == 0 {
			return r.Type, data, nil
		}
	}
}
