package codec

import (
	"time"

	"handrail/shared/frame"
)

// A tile may change for ever in one corner and rest in the others, as beside a
// playing film. So for each quarter of it is noted when it changed last, and
// of a lossy tile which quarters are exact all the same.

const quarters = 4

// quarter is part q of a tile: 0 and 1 above, 2 and 3 below. It may be empty
// at the picture's edge.
func quarter(tile frame.Rect, q int) (r frame.Rect) {
	r.Min.X = tile.Min.X + q%2*side/2
	r.Min.Y = tile.Min.Y + q/2*side/2
	r.Max.X, r.Max.Y = r.Min.X+side/2, r.Min.Y+side/2
	return r.Intersect(tile)
}

// change notes that box, part of the tile, has changed, to be shown exactly or
// not. It returns by how many the lossy tiles are more.
func (t *tileState) change(tile, box frame.Rect, now time.Time, lossy bool) (more int) {
	t.changed = now
	if lossy && !t.lossy {
		t.fine = 1<<quarters - 1
		t.lossy, more = true, 1
	}
	for q := range quarters {
		if quarter(tile, q).Overlaps(box) {
			t.moved[q] = now
			if lossy {
				t.fine &^= 1 << q
			}
		}
	}
	return more
}

// exact notes that the tile is shown as it is.
func (t *tileState) exact() (more int) {
	if t.lossy {
		more = -1
	}
	t.lossy = false
	return more
}

// found notes that the tile came from the shelf.
func (t *tileState) found() (more int) {
	t.shelved = true
	return t.exact()
}

// refined notes that box has been made exact.
func (t *tileState) refined() (more int) {
	if t.part == 0 {
		return t.exact()
	}
	t.fine |= t.part
	return 0
}

// rests is when the next part of a lossy tile has been still for quiet.
func (t *tileState) rests() time.Time {
	at := t.changed
	for q, moved := range t.moved {
		if t.fine>>q&1 == 0 && moved.Before(at) {
			at = moved
		}
	}
	return at.Add(quiet)
}

// restless finds a quarter of tile i that has rested though the whole has not,
// and isn't exact, and makes it what there is to send.
func (e *Encoder) restless(i int) bool {
	t, tile := &e.state[i], e.rect(i%e.across, i/e.across)
	for q := range quarters {
		if t.fine>>q&1 != 0 || e.now.Sub(t.moved[q]) < quiet {
			continue
		}
		r := quarter(tile, q)
		if t.filmed && differs(e.pic, e.seen, r) {
			t.moved[q] = e.now // its film will tell
			continue
		}
		if t.box = difference(e.pic, e.shown, r); t.box.Empty() {
			t.fine |= 1 << q
			continue
		}
		t.part = 1 << q
		return true
	}
	return false
}
