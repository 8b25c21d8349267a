package codec

// chooseKept lists the tiles that are worth remembering before this slice
// changes them.
func (e *Encoder) chooseKept() {
	if e.key || e.refine {
		return
	}
	for i, dirty := range e.dirty {
		if dirty && !e.state[i].lossy {
			e.chooseIf(i)
		}
	}
}

func (e *Encoder) chooseIf(i int) {
	t := &e.state[i]
	if t.shelved || e.now.Sub(t.changed) < settled {
		return
	}
	r := e.rect(i%e.across, i/e.across)
	box := t.box
	if !t.boxed {
		box = difference(e.pic, e.seen, r)
	}
	if box.Dx()*box.Dy() < bigChange {
		return
	}
	t.shelved = true
	key := keyOf(e.shown, r)
	if e.shelf.find(e.shown, r, key) >= 0 {
		return
	}
	e.shelf.put(e.shown, r, key)
	e.keep = append(e.keep, i)
}
