package bench

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"handrail/shared/frame"
)

// Encodings of rectangles (RFC 6143, 7.7 and 7.8; Tight as in the community's
// description of the RFB protocol).
const (
	encRaw      int32 = 0
	encCopyRect int32 = 1
	encTight    int32 = 7
	encZRLE     int32 = 16
	encLastRect int32 = -224 // ends an update whose rectangles were not counted
)

var errRFB = errors.New("rfb: not as the protocol has it")

// viewer is a VNC viewer that shows nothing and keeps every pixel. It asks for
// no lossy encoding.
type viewer struct {
	painter
	conn  net.Conn
	raw   *counter
	asked bool // for an update that has not come
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

// source reads numbers. After an error it gives zeros, so that errors are
// looked at once for a whole message.
type source struct {
	*bufio.Reader
	err error
}

// fill reads exactly len(b) bytes.
func (s *source) fill(b []byte) []byte {
	if s.err == nil {
		_, s.err = io.ReadFull(s.Reader, b)
	}
	if s.err != nil {
		clear(b)
	}
	return b
}

func (s *source) u8() int {
	var b [1]byte
	return int(s.fill(b[:])[0])
}

func (s *source) u16() int {
	var b [2]byte
	return int(binary.BigEndian.Uint16(s.fill(b[:])))
}

func (s *source) u32() uint32 {
	var b [4]byte
	return binary.BigEndian.Uint32(s.fill(b[:]))
}

// skip reads n bytes and forgets them.
func (s *source) skip(n int64) {
	if s.err == nil {
		_, s.err = io.CopyN(io.Discard, s.Reader, n)
	}
}

// dialVNC connects to a server without password and asks for 32-bit BGRX and
// one encoding beside copies.
func dialVNC(conn net.Conn, encoding int32) (*viewer, error) {
	v := &viewer{conn: conn, raw: &counter{Reader: conn}}
	v.in = source{Reader: bufio.NewReaderSize(v.raw, 1<<20)}
	v.skip(12) // its version; all since 3.8 take ours
	v.write([]byte("RFB 003.008\n"))
	types := v.in.fill(make([]byte, v.in.u8()))
	if v.in.err == nil && !bytes.Contains(types, []byte{1}) {
		return nil, fmt.Errorf("%w: security types %v", errRFB, types)
	}
	v.write([]byte{1}) // none
	if result := v.in.u32(); v.in.err == nil && result != 0 {
		return nil, fmt.Errorf("%w: refused", errRFB)
	}
	v.write([]byte{1}) // share it with others
	w, h := v.in.u16(), v.in.u16()
	v.in.skip(16)
	v.in.skip(int64(v.in.u32())) // its name
	if v.in.err != nil {
		return nil, fmt.Errorf("rfb: greeting: %w", v.in.err)
	}
	if w == 0 || h == 0 || w > MaxPixels/h {
		return nil, fmt.Errorf("%w: %d×%d", errRFB, w, h)
	}
	v.pic = frame.New(w, h)
	v.write([]byte{0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0})
	encodings := []int32{encoding, encCopyRect, encLastRect}
	b := binary.BigEndian.AppendUint16([]byte{2, 0}, uint16(len(encodings)))
	for _, e := range encodings {
		b = binary.BigEndian.AppendUint32(b, uint32(e))
	}
	v.write(b)
	return v, v.in.err
}

func (v *viewer) skip(n int64) { v.in.skip(n) }

func (v *viewer) write(b []byte) {
	if v.in.err == nil {
		_, v.in.err = v.conn.Write(b)
	}
}

// ask asks for an update, once: of everything, or of what changed as soon as
// something does.
func (v *viewer) ask(changes bool) {
	if v.asked {
		return
	}
	v.asked = true
	b := []byte{3, 0, 0, 0, 0, 0}
	if changes {
		b[1] = 1
	}
	b = binary.BigEndian.AppendUint16(b, uint16(v.pic.W))
	v.write(binary.BigEndian.AppendUint16(b, uint16(v.pic.H)))
}

// received is the number of bytes that were needed so far.
func (v *viewer) received() int64 { return v.raw.n - int64(v.in.Buffered()) }

// update waits for the update that was asked for, or until the deadline, and
// paints it.
func (v *viewer) update(deadline time.Time) error {
	if err := v.conn.SetReadDeadline(deadline); err != nil {
		return fmt.Errorf("rfb: setting a deadline: %w", err)
	}
	for v.in.err == nil {
		switch kind := v.in.u8(); kind {
		case 0:
			v.asked = false
			return v.paint()
		case 1: // colours of a map
			v.skip(3)
			v.skip(int64(v.in.u16()) * 6)
		case 2: // bell
		case 3: // clipboard
			v.skip(3)
			v.skip(int64(v.in.u32()))
		default:
			return fmt.Errorf("%w: message %d", errRFB, kind)
		}
	}
	return fmt.Errorf("rfb: waiting for an update: %w", v.in.err)
}

// painter paints the rectangles of updates.
type painter struct {
	in    source
	pic   frame.Image
	tight [4]inflater
	zrle  inflater
	buf   []byte
}

// paint reads the rest of an update.
func (p *painter) paint() error {
	p.in.u8()
	for n := p.in.u16(); n > 0 && p.in.err == nil; n-- {
		r := frame.Rect{}
		r.Min.X, r.Min.Y = p.in.u16(), p.in.u16()
		r.Max.X, r.Max.Y = r.Min.X+p.in.u16(), r.Min.Y+p.in.u16()
		encoding := int32(p.in.u32())
		if encoding == encLastRect {
			break
		}
		if err := p.rect(r, encoding); err != nil {
			return err
		}
	}
	if p.in.err != nil {
		return fmt.Errorf("rfb: reading an update: %w", p.in.err)
	}
	return nil
}

func (p *painter) rect(r frame.Rect, encoding int32) error {
	if !r.In(p.pic.Bounds()) {
		return fmt.Errorf("%w: rectangle %v", errRFB, r)
	}
	if r.Empty() {
		return nil
	}
	switch encoding {
	case encRaw:
		for y := r.Min.Y; y < r.Max.Y; y++ {
			p.in.fill(p.pic.Row(y, r.Min.X, r.Max.X))
		}
		return nil
	case encCopyRect:
		return p.copy(r)
	case encTight:
		return p.tightRect(r)
	case encZRLE:
		return p.zrleRect(r)
	}
	return fmt.Errorf("%w: encoding %d", errRFB, encoding)
}

// copy paints r with what is elsewhere in the picture, which may overlap it.
func (p *painter) copy(r frame.Rect) error {
	x, y := p.in.u16(), p.in.u16()
	from := r.Sub(r.Min)
	from.Min.X, from.Min.Y = x, y
	from.Max.X, from.Max.Y = x+r.Dx(), y+r.Dy()
	if !from.In(p.pic.Bounds()) {
		return fmt.Errorf("%w: a copy from %v", errRFB, from)
	}
	for i := range r.Dy() {
		if from.Min.Y < r.Min.Y {
			i = r.Dy() - 1 - i
		}
		copy(p.pic.Row(r.Min.Y+i, r.Min.X, r.Max.X), p.pic.Row(from.Min.Y+i, from.Min.X, from.Max.X))
	}
	return nil
}

// scratch is memory for n bytes, valid until the next call.
func (p *painter) scratch(n int) []byte {
	if cap(p.buf) < n {
		p.buf = make([]byte, n)
	}
	return p.buf[:n]
}
