package codec

import "handrail/shared/frame"

// findMoves looks for moves where something is new, and carries them out.
func (e *Encoder) findMoves() []move {
	if !e.newly || e.key || e.left < fewTiles && !e.filming() {
		return nil
	}
	e.newly = false
	for i := range e.films {
		if f := &e.films[i]; f.dirty {
			e.spans = append(e.spans, f.r)
		}
	}
	return e.search.find(e.pic, e.seen, e.spans)
}

// carry does the moves on what the decoder shows.
func (e *Encoder) carry(moves []move) {
	lossy := e.rough > 0
	for i := range moves {
		// Of a picture that is partly lossy, all that moved may be.
		if !lossy {
			break
		}
		e.inside(moves[i].from(), func(_ int, t *tileState) { t.source = t.source || t.lossy })
	}
	e.mover.move(e.shown, moves)
	if &e.seen.Pix[0] != &e.shown.Pix[0] {
		e.mover.move(e.seen, moves)
	}
	for _, m := range moves {
		any := false
		if lossy {
			e.inside(m.from(), func(_ int, t *tileState) { any = any || t.source })
		}
		e.inside(m.to, func(i int, t *tileState) {
			e.soil(i) // what came may reach over the edges of what had changed
			t.shelved, t.boxed = false, false
			e.rough += t.change(e.rect(i%e.across, i/e.across), m.to, e.now, any)
		})
		e.whole(m.to)
	}
	if lossy {
		for i := range e.state {
			e.state[i].source = false
		}
	}
}

// whole notes that the tiles that lie all in r, where a move went, differ
// nowhere: the search has compared them.
func (e *Encoder) whole(r frame.Rect) {
	for ty := (r.Min.Y + side - 1) / side; ty < e.down && e.rect(0, ty).Max.Y <= r.Max.Y; ty++ {
		for tx := (r.Min.X + side - 1) / side; tx < e.across && e.rect(tx, ty).Max.X <= r.Max.X; tx++ {
			t := &e.state[ty*e.across+tx]
			t.box, t.boxed = frame.Rect{}, true
		}
	}
}
