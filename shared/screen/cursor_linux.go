package screen

import (
	"errors"
	"image"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xfixes"

	"handrail/shared/frame"
)

// cursors reads pointer shapes.
type cursors struct {
	started bool
	serial  uint32
	id      uint64 // of the last one delivered
}

// shape is the pointer's shape now, or nil if it is the one delivered last.
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
	pix := make([]byte, 0, 4*len(r.CursorImage))
	for _, p := range r.CursorImage { // premultiplied ARGB
		pix = append(pix, byte(p>>16), byte(p>>8), byte(p), byte(p>>24))
	}
	cursor := cursorOf(int(r.Width), int(r.Height), image.Pt(int(r.Xhot), int(r.Yhot)), pix)
	same := c.started && cursor.ID == c.id
	c.started, c.serial, c.id = true, r.CursorSerial, cursor.ID
	if same {
		return nil, nil
	}
	return cursor, nil
}
