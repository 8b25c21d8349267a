package codec

import "handrail/shared/frame"

// compare looks at tiles that may have changed, and counts those that have.
func (e *Encoder) compare() (sure, urgent int) {
	i := 0
	e.spans = e.spans[:0]
	for ty := range e.down {
		var open frame.Rect
		for tx := range e.across {
			t := &e.state[i]
			if t.unsure && t.dirty {
				t.unsure, t.boxed = false, false
				if !differs(e.pic, e.seen, e.rect(tx, ty)) {
					e.clean(i)
					e.left--
				} else {
					e.newly = true
				}
			}
			if !t.dirty {
				t.urgent = false
			}
			if t.dirty {
				sure++
				if t.urgent {
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
	return sure, urgent
}

// measure finds where tiles differ once the moves are done, and how many
// pixels that are.
func (e *Encoder) measure(moves []move) (n amount) {
	e.fresh = e.fresh[:0]
	if len(moves) > 0 {
		e.carry(moves)
	}
	for i := range e.state {
		t := &e.state[i]
		if !e.wanted(t) {
			continue
		}
		if !t.boxed {
			e.look(i)
			e.fresh = append(e.fresh, i)
		}
		if t.box.Empty() {
			e.clean(i)
			e.left--
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
