package frame

// Join adds r to rs so that the rectangles cover all that they covered before
// and r too, and are at most limit (at least 1). Rectangles that overlap, or
// fit together without covering anything new, become one. It changes rs in
// place where it can.
//
// A region may thus grow over pixels that did not change. Nobody is harmed:
// damage means "may have changed" everywhere.
func Join(rs []Rect, r Rect, limit int) []Rect {
	if r.Empty() {
		return rs
	}
	for i := 0; i < len(rs); {
		u := rs[i].Union(r)
		if area(u) > area(rs[i])+area(r) {
			i++
			continue
		}
		// The grown rectangle may now meet one that it did not meet before.
		r = u
		rs[i] = rs[len(rs)-1]
		rs = rs[:len(rs)-1]
		i = 0
	}
	rs = append(rs, r)
	if len(rs) > max(limit, 1) {
		rs = append(rs[:0], Bounds(rs))
	}
	return rs
}

// Bounds is the smallest rectangle around all of rs.
func Bounds(rs []Rect) Rect {
	var u Rect
	for _, r := range rs {
		u = u.Union(r)
	}
	return u
}

// Covers says, to tests, whether every pixel of r is in one of rs.
func Covers(rs []Rect, r Rect) bool {
	if r.Empty() {
		return true
	}
	for i, c := range rs {
		in := r.Intersect(c)
		if in.Empty() {
			continue
		}
		rest := rs[i+1:]
		top, bottom, left, right := r, r, in, in
		top.Max.Y = in.Min.Y
		bottom.Min.Y = in.Max.Y
		left.Min.X, left.Max.X = r.Min.X, in.Min.X
		right.Min.X, right.Max.X = in.Max.X, r.Max.X
		return Covers(rest, top) && Covers(rest, bottom) && Covers(rest, left) && Covers(rest, right)
	}
	return false
}

func area(r Rect) int { return r.Dx() * r.Dy() }
