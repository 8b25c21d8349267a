package screen

import "handrail/shared/frame"

// How the damaged parts of a screen are read. A request costs about as much as
// reading readSlack pixels, so parts that are closer to each other than that
// are read as one.
const (
	readSlack = 8192
	readMost  = 64
)

// near is how many of the last rectangles gather looks back at. Systems report
// damage from top to bottom, so neighbours come close to each other.
const near = 16

// gather makes fewer rectangles of many, in place: two become one where that
// adds at most slack pixels, and more than that until there are at most most.
// They cover all that they covered before.
func gather(rs []frame.Rect, slack, most int) []frame.Rect {
	for {
		out := rs[:0]
		for _, r := range rs {
			if !r.Empty() {
				out = merge(out, r, slack)
			}
		}
		if len(out) <= most {
			return out
		}
		rs, slack = out, 4*slack+1
	}
}

// merge adds r to rs, joined with those of the last that it goes well with.
func merge(rs []frame.Rect, r frame.Rect, slack int) []frame.Rect {
	for i := len(rs) - 1; i >= max(len(rs)-near, 0); i-- {
		u := rs[i].Union(r)
		if pixelsIn(u) > pixelsIn(rs[i])+pixelsIn(r)+slack {
			continue
		}
		// The grown rectangle may now go well with one that it didn't before.
		r = u
		rs[i] = rs[len(rs)-1]
		rs = rs[:len(rs)-1]
		i = len(rs)
	}
	return append(rs, r)
}

func pixelsIn(r frame.Rect) int { return r.Dx() * r.Dy() }
