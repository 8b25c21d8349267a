package codec

import "handrail/shared/frame"

// side is the length of a tile's sides in pixels.
const side = 64

// grid is a picture's division into tiles, and into stripes of whole columns
// of tiles.
type grid struct{ w, h, across, down int }

func gridOf(w, h int) grid {
	return grid{w, h, (w + side - 1) / side, (h + side - 1) / side}
}

func (g grid) tiles() int { return g.across * g.down }

// rect is where the tile of that column and row lies; at the right and lower
// edge it may be smaller.
func (g grid) rect(tx, ty int) (r frame.Rect) {
	r.Min.X, r.Min.Y = tx*side, ty*side
	r.Max.X, r.Max.Y = min(tx*side+side, g.w), min(ty*side+side, g.h)
	return r
}

// stripe is part i of n: the columns of tiles from and up to which it goes.
func (g grid) stripe(i, n int) (from, to int) {
	return g.across * i / n, g.across * (i + 1) / n
}

// touched are the tiles that r, inside the picture and not empty, reaches.
func touched(r frame.Rect) (tx0, ty0, tx1, ty1 int) {
	return r.Min.X / side, r.Min.Y / side, (r.Max.X-1)/side + 1, (r.Max.Y-1)/side + 1
}
