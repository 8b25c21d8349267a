package paint

import (
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/render"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/x11"
)

// pointers makes X cursors from pictures.
type pointers struct {
	x      *xgb.Conn
	root   xproto.Window
	format render.Pictformat // 32 bits with alpha; 0: the server can't
}

// newPointers asks the server for what it needs. Cursors with alpha came with
// version 0.5 of RENDER, which every server of this century has.
func newPointers(x *xgb.Conn, root xproto.Window) pointers {
	p := pointers{x: x, root: root}
	if x11.Use(x, "RENDER") != nil {
		return p
	}
	v, err := render.QueryVersion(x, 0, 11).Reply()
	if err != nil || v.MajorVersion == 0 && v.MinorVersion < 5 {
		return p
	}
	formats, err := render.QueryPictFormats(x).Reply()
	if err != nil {
		return p
	}
	for _, f := range formats.Formats {
		d := f.Direct
		if f.Type == render.PictTypeDirect && f.Depth == 32 && d.AlphaMask == 255 && d.AlphaShift == 24 &&
			d.RedMask == 255 && d.RedShift == 16 && d.GreenShift == 8 && d.BlueShift == 0 {
			p.format = f.Id
		}
	}
	return p
}

// make turns a picture into an X cursor. The caller frees it.
func (p pointers) make(c frame.Cursor) (xproto.Cursor, error) {
	if p.format == 0 {
		return 0, ErrNotHere
	}
	pixmap, err := xproto.NewPixmapId(p.x)
	if err != nil {
		return 0, fmt.Errorf("naming a pixmap: %w", err)
	}
	gc, err := xproto.NewGcontextId(p.x)
	if err != nil {
		return 0, fmt.Errorf("naming a graphics context: %w", err)
	}
	picture, err := render.NewPictureId(p.x)
	if err != nil {
		return 0, fmt.Errorf("naming a picture: %w", err)
	}
	id, err := xproto.NewCursorId(p.x)
	if err != nil {
		return 0, fmt.Errorf("naming a cursor: %w", err)
	}
	xproto.CreatePixmap(p.x, 32, pixmap, xproto.Drawable(p.root), uint16(c.W), uint16(c.H))
	xproto.CreateGC(p.x, gc, xproto.Drawable(pixmap), 0, nil)
	// Row by row: the largest pointer does not fit one request.
	row := make([]byte, 4*c.W)
	for y := range c.H {
		pix := c.Pix[4*c.W*y:]
		for i := 0; i < len(row); i += 4 {
			row[i], row[i+1], row[i+2], row[i+3] = pix[i+2], pix[i+1], pix[i], pix[i+3]
		}
		xproto.PutImage(p.x, xproto.ImageFormatZPixmap, xproto.Drawable(pixmap), gc, uint16(c.W), 1, 0, int16(y), 0, 32, row)
	}
	render.CreatePicture(p.x, picture, xproto.Drawable(pixmap), p.format, 0, nil)
	err = render.CreateCursorChecked(p.x, id, picture, uint16(c.HotX), uint16(c.HotY)).Check()
	render.FreePicture(p.x, picture)
	xproto.FreeGC(p.x, gc)
	xproto.FreePixmap(p.x, pixmap)
	if err != nil {
		return 0, fmt.Errorf("making a cursor: %w", err)
	}
	return id, nil
}

// dot is shown in place of a pointer that the customer's program hides: the
// rep must not lose the place.
func dot() frame.Cursor {
	const side = 5
	c := frame.Cursor{W: side, H: side, HotX: side / 2, HotY: side / 2, Pix: make([]byte, 4*side*side)}
	for y := range side {
		for x := range side {
			shade := byte(255)
			if x > 0 && x < side-1 && y > 0 && y < side-1 {
				shade = 0
			}
			copy(c.Pix[4*(y*side+x):], []byte{shade, shade, shade, 255})
		}
	}
	return c
}
