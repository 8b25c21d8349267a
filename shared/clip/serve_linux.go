package clip

import (
	"crypto/sha256"
	"slices"
	"sync"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/wire"
)

const (
	// putAtOnce is what a property may hold; more is handed over in parts. It
	// is well below what every server takes in one request.
	putAtOnce = 128 << 10
	// maxPairs bounds what one program may ask for in one go (MULTIPLE).
	maxPairs = 64
)

// requested hears that a program pastes. It is served on a goroutine of its
// own: what it wants may be far away.
func (b *Board) requested(e xproto.SelectionRequestEvent) {
	b.mu.Lock()
	o := b.offer
	b.mu.Unlock()
	if o == nil || e.Selection != b.atoms.clipboard || e.Time != xproto.TimeCurrentTime && earlier(e.Time, o.since) {
		b.answer(e, false)
		return
	}
	select {
	case b.places <- struct{}{}:
	default:
		b.answer(e, false)
		return
	}
	b.group.Go(func() {
		b.serve(o, e)
		<-b.places
	})
}

// answer tells a program whether it has what it asked for.
func (b *Board) answer(e xproto.SelectionRequestEvent, yes bool) {
	n := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target}
	if yes {
		n.Property = e.Property
	}
	xproto.SendEvent(b.c, false, e.Requestor, 0, string(n.Bytes()))
}

// serve hands over what a program wants, in parts where it is long.
func (b *Board) serve(o *owned, e xproto.SelectionRequestEvent) {
	if e.Property == xproto.AtomNone {
		e.Property = e.Target // a program from before ICCCM (section 2.2)
	}
	var rest []func()
	ok := false
	if e.Target == b.atoms.multiple {
		rest, ok = b.putMany(o, e)
	} else {
		var more func()
		more, ok = b.put(o, e.Requestor, e.Target, e.Property)
		rest = append(rest, more)
	}
	b.answer(e, ok)
	var group sync.WaitGroup
	for _, r := range rest {
		if r != nil {
			group.Go(r)
		}
	}
	group.Wait()
}

// putMany serves a list of targets with a property for each; those that can't
// be had are struck off it (ICCCM section 2.6.2).
func (b *Board) putMany(o *owned, e xproto.SelectionRequestEvent) (rest []func(), ok bool) {
	r, err := xproto.GetProperty(b.c, false, e.Requestor, e.Property, b.atoms.pairs, 0, 2*maxPairs).Reply()
	if err != nil || r.Format != 32 || len(r.Value)%8 != 0 || r.BytesAfter != 0 {
		return nil, false
	}
	for i := 0; i < len(r.Value); i += 8 {
		target, property := xproto.Atom(xgb.Get32(r.Value[i:])), xproto.Atom(xgb.Get32(r.Value[i+4:]))
		more, ok := b.put(o, e.Requestor, target, property)
		if !ok {
			xgb.Put32(r.Value[i+4:], xproto.AtomNone)
		}
		rest = append(rest, more)
	}
	err = xproto.ChangePropertyChecked(b.c, xproto.PropModeReplace, e.Requestor, e.Property, b.atoms.pairs, 32,
		uint32(len(r.Value)/4), r.Value).Check()
	return rest, err == nil
}

// put writes what a target stands for into a program's property. If it is
// long, rest hands it over, after the program has been answered.
func (b *Board) put(o *owned, w xproto.Window, target, property xproto.Atom) (rest func(), ok bool) {
	if property == xproto.AtomNone {
		return nil, false
	}
	switch target {
	case b.atoms.targets:
		return nil, b.write(w, property, xproto.AtomAtom, 32, b.list(o))
	case b.atoms.timestamp:
		at := make([]byte, 4)
		xgb.Put32(at, uint32(o.since))
		return nil, b.write(w, property, xproto.AtomInteger, 32, at)
	case b.atoms.secret:
		return nil, b.write(w, property, target, 8, []byte(isSecret))
	}
	f := b.atoms.formOf(target)
	data, err := o.fetch(f)
	if err != nil {
		return nil, false
	}
	b.remember(o, f, data)
	kind := target
	switch target {
	case b.atoms.text:
		kind = b.atoms.utf8
	case xproto.AtomString:
		data = latin1(data)
	}
	if len(data) <= putAtOnce {
		return nil, b.write(w, property, kind, 8, data)
	}
	return b.putParts(w, property, kind, data)
}

// list is the targets that can be had. SAVE_TARGETS is not among them: what is
// offered is not here to be saved.
func (b *Board) list(o *owned) []byte {
	targets := []xproto.Atom{b.atoms.targets, b.atoms.timestamp, b.atoms.multiple, b.atoms.secret}
	for f := wire.ClipText; f <= wire.ClipPNG; f++ {
		if o.has(f) {
			targets = append(targets, b.atoms.names[f]...)
		}
	}
	if o.has(wire.ClipText) {
		targets = append(targets, b.atoms.text)
	}
	data := make([]byte, 4*len(targets))
	for i, t := range targets {
		xgb.Put32(data[4*i:], uint32(t))
	}
	return data
}

// remember keeps the sum of what was handed over, see echo.
func (b *Board) remember(o *owned, f wire.ClipFormat, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.offer != o {
		return
	}
	if b.served == nil {
		b.served = map[wire.ClipFormat][][32]byte{}
	}
	sums := append(slices.Clone(b.served[f]), sha256.Sum256(data))
	b.served[f] = sums[max(len(sums)-servedMost, 0):]
}

func (b *Board) write(w xproto.Window, property, kind xproto.Atom, bits byte, data []byte) bool {
	n := uint32(len(data)) / uint32(bits/8)
	return xproto.ChangePropertyChecked(b.c, xproto.PropModeReplace, w, property, kind, bits, n, data).Check() == nil
}

// putParts begins to hand over something long (ICCCM section 2.7.2).
func (b *Board) putParts(w xproto.Window, property, kind xproto.Atom, data []byte) (rest func(), ok bool) {
	if !b.hear(w) {
		return nil, false
	}
	here := place{w, property}
	notes := b.await(here)
	end := func() {
		b.forget(here)
		b.unhear(w)
	}
	size := make([]byte, 4)
	xgb.Put32(size, uint32(len(data)))
	if !b.write(w, property, b.atoms.incr, 32, size) {
		end()
		return nil, false
	}
	return func() {
		defer end()
		for over := false; !over; {
			n, err := b.next(b.ctx, notes)
			if err != nil {
				return // the program is gone or has lost interest
			}
			if !n.deleted {
				continue // written by ourselves
			}
			part := data[:min(len(data), putAtOnce)]
			if !b.write(w, property, kind, 8, part) {
				return
			}
			data, over = data[len(part):], len(part) == 0
		}
	}, true
}

// hear has the server tell what happens to another program's window, as long as
// anybody here needs to know.
func (b *Board) hear(w xproto.Window) bool {
	b.mu.Lock()
	b.asked[w]++
	b.mu.Unlock()
	err := xproto.ChangeWindowAttributesChecked(b.c, w, xproto.CwEventMask,
		[]uint32{xproto.EventMaskPropertyChange | xproto.EventMaskStructureNotify}).Check()
	if err != nil {
		b.unhear(w)
	}
	return err == nil
}

func (b *Board) unhear(w xproto.Window) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked[w]--; b.asked[w] <= 0 {
		delete(b.asked, w)
		xproto.ChangeWindowAttributes(b.c, w, xproto.CwEventMask, []uint32{0})
	}
}
