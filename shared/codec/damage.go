package codec

import "handrail/shared/frame"

// compare looks at tiles that may have changed, and counts those that have.
func (e *Encoder) compare() (sure, urgent int) {
	i := 0
	e.spans = e.spans[:0]
	for ty := range e.down {
		var open frame.Rect
		for tx := range e.across {
			if e.dirty[i] && e.state[i].unsure {
				e.settle(i, e.rect(tx, ty))
			}
			if e.dirty[i] {
				sure++
				if e.state[i].urgent {
					urgent++
				}
				open = open.Union(e.rect(tx, ty))
			} else if !open.Empty() {
				e.spans = append(e.spans, open)
				open = frame.Rect{}
			}
			i++
		}
		if !open.Empty() {
			e.spans = append(e.spans, open)
		}
	}
	for _, i := range e.pressing {
		e.state[i].urgent = e.state[i].urgent && e.dirty[i]
	}
	e.pressing = e.pressing[:0]
	return sure, urgent
}

// settle finds out whether a tile has changed that may have.
func (e *Encoder) settle(i int, r frame.Rect) {
	t := &e.state[i]
	t.unsure, t.boxed = false, false
	if differs(e.pic, e.seen, r) {
		e.newly = true
	} else {
		e.wash(i)
	}
}

// measure finds where tiles differ once the moves are done, and how many
// pixels that are.
func (e *Encoder) measure(moves []move) (n amount) {
	e.fresh = e.fresh[:0]
	if len(moves) > 0 {
		e.carry(moves)
	}
	for i, dirty := range e.dirty {
		if !dirty || !e.wanted(i) {
			continue
		}
		t := &e.state[i]
		if !t.boxed {
			e.look(i)
			e.fresh = append(e.fresh, i)
		}
		if t.box.Empty() {
			e.wash(i)
			continue
		}
		if t.photo {
			n.photos += t.box.Dx() * t.box.Dy()
			e.split()
		} else {
			n.drawings += t.box.Dx() * t.box.Dy()
		}
	}
	if 4*area(moves) < n.drawings+n.photos { // else it is scrolled
		for _, i := range e.fresh {
			if t := &e.state[i]; t.box.Dx()*t.box.Dy() > side*side/3 {
				t.heat(e.now)
			}
		}
	}
	return n
}

// look finds where a tile differs, and whether that is a photograph.
func (e *Encoder) look(i int) {
	t := &e.state[i]
	t.box, t.boxed = difference(e.pic, e.seen, e.rect(i%e.across, i/e.across)), true
	t.photo = e.taste.photo > 0 && !t.box.Empty() && e.first().model.isPhoto(e.pic, t.box)
}
