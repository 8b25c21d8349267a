package codec

import (
	"handrail/shared/film"
	"handrail/shared/frame"
	"handrail/shared/odds"
)

// What is done to a tile.
const (
	opBox    = iota // a box of it, exactly
	opShelf         // all of it, from the shelf
	opPhoto         // a box of it, nearly
	opRefine        // a box of it, exactly, as the difference to what is shown
	ops
)

// opOdds are the probabilities of everything about a tile but its pixels.
type opOdds struct {
	row    [4]odds.Prob // a row has changed tiles; by the row above, and this one last time
	tile   [8]odds.Prob // a tile is changed; by the ones left and above, and this one last time
	box    [ops]odds.Prob
	shelf  [ops]odds.Prob
	refine [ops]odds.Prob
	edge   [2][4]odds.Number // of a box: pixels between it and the edge of the tile; by whether the tile beyond that changes
	again  [1]odds.Prob      // the next on the shelf after the last one
	age    odds.Number
}

func (o *opOdds) reset() {
	for _, ps := range [][]odds.Prob{o.row[:], o.tile[:], o.box[:], o.shelf[:], o.refine[:], o.again[:]} {
		odds.Init(ps)
	}
	for i := range o.edge {
		for j := range o.edge[i] {
			o.edge[i][j].Init()
		}
	}
	o.age.Init()
}

// strand is what both ends keep for one stripe, whatever its place is in a
// slice: a slice of one stripe uses the first alone.
type strand struct {
	model *model
	photo *film.Photo
	ops   opOdds
	last  int // the op of the tile before, in this slice
	age   int // on the shelf, of the last tile taken from there
}

func newStrand() *strand {
	s := &strand{model: newModel(), photo: film.NewPhoto()}
	s.reset()
	return s
}

func (s *strand) reset() {
	s.model.reset()
	s.photo.Reset()
	s.ops.reset()
	s.begin()
}

// begin is called for each slice.
func (s *strand) begin() { s.last, s.age = opBox, cacheSize }

// changes is which tiles changed in the slice before and so far in this one.
// That foretells where the next change is.
type changes struct {
	grid
	tiles []bool
}

func (c *changes) resize(g grid) {
	c.grid, c.tiles = g, make([]bool, g.tiles())
}

// row is the context of whether a row of a stripe has changes.
func (c *changes) row(ty, from, to int, above bool) int {
	ctx := 0
	if above {
		ctx = 1
	}
	for _, was := range c.tiles[ty*c.across+from : ty*c.across+to] {
		if was {
			return ctx | 2
		}
	}
	return ctx
}

// tile is the context of whether a tile of a stripe has changes.
func (c *changes) tile(tx, ty, from int) int {
	ctx, i := 0, ty*c.across+tx
	if tx > from && c.tiles[i-1] {
		ctx |= 1
	}
	if ty > 0 && c.tiles[i-c.across] {
		ctx |= 2
	}
	if c.tiles[i] {
		ctx |= 4
	}
	return ctx
}

// stepBits are the bits of a quantiser less one.
const stepBits = 6

// beyond tells for each side of a tile, in the order of edges, whether the
// tile there changes: in this slice so far, or in the one before.
func (c *changes) beyond(tx, ty, from, to int) (sides [4]int) {
	i := ty*c.across + tx
	if tx > from && c.tiles[i-1] {
		sides[0] = 1
	}
	if ty > 0 && c.tiles[i-c.across] {
		sides[1] = 1
	}
	if tx+1 < to && c.tiles[i+1] {
		sides[2] = 1
	}
	if ty+1 < c.down && c.tiles[i+c.across] {
		sides[3] = 1
	}
	return sides
}

// control is what both ends keep for a slice as a whole.
type control struct {
	moves moveOdds
	any   [3]odds.Prob // there are moves; there is something to remember; step is another
	step  int          // quantiser of photographs
	gap   odds.Number  // tiles between two that are remembered
}

func (c *control) reset() {
	c.moves.reset()
	odds.Init(c.any[:])
	c.gap.Init()
	c.step = photoFine
}

// edges of a box, relative to the tile: left, top, and right and bottom from
// the other side.
func edges(tile, box frame.Rect) [4]int {
	return [4]int{
		box.Min.X - tile.Min.X, box.Min.Y - tile.Min.Y,
		tile.Max.X - box.Max.X, tile.Max.Y - box.Max.Y,
	}
}
