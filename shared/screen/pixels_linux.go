package screen

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/gen2brain/shm"
	"github.com/jezek/xgb"
	xshm "github.com/jezek/xgb/shm"
	"github.com/jezek/xgb/xproto"
)

// pixels describes how the X server writes a pixel.
type pixels struct {
	bytes            int // 2 or 4
	red, green, blue uint32
}

// bgrx says whether nothing has to be changed.
func (p pixels) bgrx() bool {
	return p.bytes == 4 && p.red == 0xff0000 && p.green == 0xff00 && p.blue == 0xff
}

// stride is how many bytes the server uses for a row: it pads to 32 bits.
func (p pixels) stride(w int) int { return (w*p.bytes + 3) &^ 3 }

func pixelsOf(setup *xproto.SetupInfo, screen *xproto.ScreenInfo) (pixels, error) {
	var p pixels
	for _, f := range setup.PixmapFormats {
		if f.Depth == screen.RootDepth {
			p.bytes = int(f.BitsPerPixel) / 8
			if f.ScanlinePad != 32 {
				return p, fmt.Errorf("%w: rows padded to %d bits", ErrPixels, f.ScanlinePad)
			}
		}
	}
	for _, d := range screen.AllowedDepths {
		for _, v := range d.Visuals {
			if v.VisualId == screen.RootVisual && v.Class == xproto.VisualClassTrueColor {
				p.red, p.green, p.blue = v.RedMask, v.GreenMask, v.BlueMask
			}
		}
	}
	if setup.ImageByteOrder != xproto.ImageOrderLSBFirst || p.bytes != 2 && p.bytes != 4 || p.red == 0 || p.green == 0 || p.blue == 0 {
		return p, fmt.Errorf("%w: depth %d, masks %x %x %x", ErrPixels, screen.RootDepth, p.red, p.green, p.blue)
	}
	return p, nil
}

// convert turns a row of the server's pixels into BGRX.
func (p pixels) convert(to, from []byte) {
	for i := 0; i+4 <= len(to); i += 4 {
		var v uint32
		if p.bytes == 2 {
			v = uint32(binary.LittleEndian.Uint16(from))
		} else {
			v = binary.LittleEndian.Uint32(from)
		}
		from = from[p.bytes:]
		to[i], to[i+1], to[i+2], to[i+3] = stretch(v, p.blue), stretch(v, p.green), stretch(v, p.red), 0
	}
}

// stretch makes the part of v under mask fill eight bits.
func stretch(v, mask uint32) byte {
	most := mask >> bits.TrailingZeros32(mask)
	return byte((v & mask >> bits.TrailingZeros32(mask)) * 255 / most)
}

// memory is a shared segment that the X server writes into.
type memory struct {
	can bool // the server has MIT-SHM
	seg xshm.Seg
	b   []byte // nil without segment
}

// get makes a segment of at least n bytes, or none if the server can't reach
// it, being on another machine or another user's. Its mode is 0600: others
// must not read the screen.
func (m *memory) get(conn *xgb.Conn, n int) {
	if !m.can || len(m.b) >= n {
		return
	}
	m.free(conn)
	id, err := shm.Get(shm.IPC_PRIVATE, n, shm.IPC_CREAT|0o600)
	if err != nil {
		return
	}
	// The segment goes when both sides have left it, even after a crash.
	defer func() { _ = shm.Rm(id) }()
	b, err := shm.At(id, 0, 0)
	if err != nil {
		return
	}
	seg, err := xshm.NewSegId(conn)
	if err == nil {
		err = xshm.AttachChecked(conn, seg, uint32(id), false).Check()
	}
	if err != nil {
		m.can = false
		_ = shm.Dt(b)
		return
	}
	m.seg, m.b = seg, b
}

// free gives the segment back; conn is nil if the connection is closed.
func (m *memory) free(conn *xgb.Conn) {
	if m.b == nil {
		return
	}
	if conn != nil {
		xshm.Detach(conn, m.seg)
	}
	_ = shm.Dt(m.b)
	m.b = nil
}
