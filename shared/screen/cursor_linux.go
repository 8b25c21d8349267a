package screen

import (
	"errors"
	"hash/fnv"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"

	"handrail/shared/frame"
)

// MaxCursor is the side, in pixels, to which larger pointer shapes are shrunk.
const MaxCursor = 256

// cursors reads pointer shapes.
type cursors struct {
	started bool
	serial  uint32
	id      uint64 // of the last one delivered
}

// shape is the pointer's shape now, or nil if it is the one delivered last.
// Its ID comes from its pixels: animated pointers come back with other
// serials, and the viewer shall know them again. 0 is one with nothing to see.
func (c *cursors) shape(conn *xgb.Conn) (*frame.Cursor, error) {
	r, err := xfixes.GetCursorImage(conn).Reply()
	if refusal := xgb.Error(nil); errors.As(err, &refusal) {
		// The program that made the shape has left; the server shows it still,
		// but won't tell. The next shape comes with its own event.
		c.started, c.serial = true, 0
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if c.started && r.CursorSerial == c.serial {
		return nil, nil
	}
	cursor := cursorOf(r)
	same := c.started && cursor.ID == c.id
	c.started, c.serial, c.id = true, r.CursorSerial, cursor.ID
	if same {
		return nil, nil
	}
	return cursor, nil
}

func cursorOf(r *xfixes.GetCursorImageReply) *frame.Cursor {
	w, h := int(r.Width), int(r.Height)
	by := max((max(w, h)+MaxCursor-1)/MaxCursor, 1)
	c := &frame.Cursor{W: w / by, H: h / by, HotX: int(r.Xhot) / by, HotY: int(r.Yhot) / by}
	if w*h > len(r.CursorImage) || c.W == 0 || c.H == 0 {
		return &frame.Cursor{}
	}
	seen := false
	c.Pix = make([]byte, 0, 4*c.W*c.H)
	for y := range c.H {
		for x := range c.W {
			p := r.CursorImage[y*by*w+x*by] // ARGB
			seen = seen || p>>24 != 0
			c.Pix = append(c.Pix, byte(p>>16), byte(p>>8), byte(p), byte(p>>24))
		}
	}
	if !seen {
		return &frame.Cursor{}
	}
	sum := fnv.New64a()
	sum.Write([]byte{byte(c.W), byte(c.W >> 8), byte(c.H), byte(c.H >> 8), byte(c.HotX), byte(c.HotX >> 8), byte(c.HotY), byte(c.HotY >> 8)})
	sum.Write(c.Pix)
	c.ID = max(sum.Sum64(), 1)
	return c
}
