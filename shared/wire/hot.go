package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// The hand-written formats: input, slices, cursor, pointer. A number is a
// uvarint in its shortest form (seven bits a byte, lowest first, as in Go's
// encoding/binary), a signed one in zigzag order; text is its length and its
// bytes. Fields stand in the order of their structs. The Append functions
// trust their caller to keep the limits; the Parse functions trust nobody.

// The first byte of an input event.
const (
	inputKey     = 1
	inputTyped   = 2
	inputButton  = 3
	inputWheel   = 4
	inputLocks   = 5
	inputRelease = 6
	inputMove    = 7
)

// Limits of input events.
const (
	MaxUsage  = 0xE7       // the last key of USB HID usage page 7, right GUI
	MaxButton = 5          // forward
	MaxWheel  = 1000 * 120 // a thousand notches in one event
	allMods   = ModShift | ModCtrl | ModAlt | ModSuper | ModAltGr
)

// AppendInput adds the bytes of one event to b.
func AppendInput(b []byte, in Input) []byte {
	switch v := in.(type) {
	case Key:
		b = binary.AppendUvarint(append(b, inputKey), v.Seq)
		b = binary.AppendUvarint(b, uint64(v.Usage))
		b = append(b, flags(v.Down, v.Repeat), byte(v.Mods))
		b = binary.AppendUvarint(b, uint64(v.Base))
		return appendText(b, v.Text)
	case Typed:
		return appendText(binary.AppendUvarint(append(b, inputTyped), v.Seq), v.Text)
	case Button:
		b = binary.AppendUvarint(append(b, inputButton), v.Seq)
		b = append(b, v.Button, flags(v.Down))
		return appendPlace(b, v.Monitor, v.X, v.Y)
	case Wheel:
		b = binary.AppendUvarint(append(b, inputWheel), v.Seq)
		b = binary.AppendVarint(binary.AppendVarint(b, int64(v.DX)), int64(v.DY))
		return appendPlace(b, v.Monitor, v.X, v.Y)
	case Locks:
		return append(binary.AppendUvarint(append(b, inputLocks), v.Seq), flags(v.Caps, v.Num, v.Scroll))
	case Release:
		return binary.AppendUvarint(append(b, inputRelease), v.Seq)
	case Move:
		return appendPlace(binary.AppendUvarint(append(b, inputMove), v.After), v.Monitor, v.X, v.Y)
	}
	panic(fmt.Sprintf("wire: input of type %T", in)) // the interface is closed: never from the network
}

// ParseInput reads one event that fills b. Its errors are ErrTooLong and
// ErrMalformed.
func ParseInput(b []byte) (Input, error) {
	if len(b) > MaxInput {
		return nil, ErrTooLong
	}
	var in Input
	r := reader{b: b}
	switch kind := r.byte(math.MaxUint8); kind {
	case inputKey:
		k := Key{Seq: r.seq(), Usage: uint16(r.uvarint(MaxUsage))}
		r.flags(&k.Down, &k.Repeat)
		if k.Repeat && !k.Down {
			r.fail(errors.New("a repeated release"))
		}
		k.Mods = Mods(r.byte(byte(allMods)))
		k.Base = rune(r.uvarint(utf8.MaxRune))
		if !utf8.ValidRune(k.Base) {
			r.fail(errors.New("base is no letter"))
		}
		k.Text = r.text(MaxKeyText)
		in = k
	case inputTyped:
		in = Typed{Seq: r.seq(), Text: r.text(MaxTypedText)}
	case inputButton:
		v := Button{Seq: r.seq(), Button: r.byte(MaxButton)}
		if v.Button == 0 {
			r.fail(errors.New("buttons count from 1"))
		}
		r.flags(&v.Down)
		v.Monitor, v.X, v.Y = r.place()
		in = v
	case inputWheel:
		v := Wheel{Seq: r.seq(), DX: r.varint(MaxWheel), DY: r.varint(MaxWheel)}
		v.Monitor, v.X, v.Y = r.place()
		in = v
	case inputLocks:
		v := Locks{Seq: r.seq()}
		r.flags(&v.Caps, &v.Num, &v.Scroll)
		in = v
	case inputRelease:
		in = Release{Seq: r.seq()}
	case inputMove:
		v := Move{After: r.uvarint(math.MaxUint64)}
		v.Monitor, v.X, v.Y = r.place()
		in = v
	default:
		r.fail(fmt.Errorf("input of type %d", kind))
	}
	if err := r.end("input"); err != nil {
		return nil, err
	}
	return in, nil
}

// AppendSlice adds the bytes of s to b.
func AppendSlice(b []byte, s Slice) []byte {
	b = binary.AppendUvarint(append(b, flags(s.Last)), s.Seq)
	b = binary.AppendUvarint(b, s.Frame)
	return append(binary.AppendUvarint(b, s.Input), s.Data...)
}

// ParseSlice reads a slice that fills b. Data is a part of b, not a copy. Its
// errors are ErrTooLong and ErrMalformed.
func ParseSlice(b []byte) (Slice, error) {
	if len(b) > MaxSlice {
		return Slice{}, ErrTooLong
	}
	var s Slice
	r := reader{b: b}
	r.flags(&s.Last)
	s.Seq, s.Frame, s.Input = r.seq(), r.seq(), r.uvarint(math.MaxUint64)
	s.Data = r.take(len(r.b))
	if err := r.end("slice"); err != nil {
		return Slice{}, err
	}
	return s, nil
}

// AppendCursor adds the bytes of c to b.
func AppendCursor(b []byte, c Cursor) []byte {
	b = binary.AppendUvarint(append(b, flags(len(c.Pix) > 0)), c.ID)
	for _, v := range [...]uint16{c.W, c.H, c.HotX, c.HotY} {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return append(b, c.Pix...)
}

// ParseCursor reads a cursor that fills b. Pix is a part of b, not a copy. Its
// errors are ErrTooLong and ErrMalformed.
func ParseCursor(b []byte) (Cursor, error) {
	if len(b) > MaxCursor {
		return Cursor{}, ErrTooLong
	}
	var c Cursor
	var drawn bool
	r := reader{b: b}
	r.flags(&drawn)
	c.ID = r.uvarint(math.MaxUint64)
	for _, v := range [...]*uint16{&c.W, &c.H, &c.HotX, &c.HotY} {
		*v = uint16(r.uvarint(MaxSide))
	}
	if drawn {
		c.Pix = r.take(int(c.W) * int(c.H) * 4)
	}
	switch {
	case drawn && len(c.Pix) == 0:
		r.fail(errors.New("a picture without pixels"))
	case c.ID == 0 && (drawn || c.W|c.H|c.HotX|c.HotY != 0):
		r.fail(errors.New("a hidden cursor with a shape"))
	}
	if err := r.end("cursor"); err != nil {
		return Cursor{}, err
	}
	return c, nil
}

// AppendPointer adds the bytes of p to b.
func AppendPointer(b []byte, p Pointer) []byte {
	return appendPlace(binary.AppendUvarint(b, p.Seq), p.Monitor, p.X, p.Y)
}

// ParsePointer reads a pointer's place that fills b. Its error is
// ErrMalformed.
func ParsePointer(b []byte) (Pointer, error) {
	r := reader{b: b}
	p := Pointer{Seq: r.uvarint(math.MaxUint64)}
	p.Monitor, p.X, p.Y = r.place()
	if err := r.end("pointer"); err != nil {
		return Pointer{}, err
	}
	return p, nil
}

// flags packs up to eight answers into a byte, the first in the lowest bit.
func flags(bits ...bool) byte {
	var b byte
	for i, on := range bits {
		if on {
			b |= 1 << i
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendPlace(b []byte, monitor uint8, x, y uint16) []byte {
	b = binary.AppendUvarint(append(b, monitor), uint64(x))
	return binary.AppendUvarint(b, uint64(y))
}

// reader takes fields off the front of b. After the first mistake everything
// it gives is zero, and end tells the mistake.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.b, r.err = nil, err
	}
}

// end says what went wrong, bytes left over included.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.b) > 0 {
		r.err = errors.New("bytes left over")
	}
	if r.err != nil {
		return fmt.Errorf("%w: %s: %w", ErrMalformed, what, r.err)
	}
	return nil
}

// take gives the next n bytes without copying them.
func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail(errors.New("cut short"))
		return nil
	}
	part := r.b[:n:n]
	r.b = r.b[n:]
	return part
}

func (r *reader) byte(high byte) byte {
	part := r.take(1)
	if part == nil {
		return 0
	}
	if part[0] > high {
		r.fail(fmt.Errorf("%d where %d is the most", part[0], high))
		return 0
	}
	return part[0]
}

func (r *reader) flags(bits ...*bool) {
	b := r.byte(1<<len(bits) - 1)
	for i, on := range bits {
		*on = b>>i&1 == 1
	}
}

func (r *reader) uvarint(high uint64) uint64 {
	v, rest, err := cutUvarint(r.b)
	if err == nil && v > high {
		err = fmt.Errorf("%d where %d is the most", v, high)
	}
	if err != nil {
		r.fail(err)
		return 0
	}
	r.b = rest
	return v
}

// varint reads a number from -high to high.
func (r *reader) varint(high int64) int32 {
	u := r.uvarint(uint64(2 * high))
	return int32(int64(u>>1) ^ -int64(u&1))
}

// seq reads a count that starts at 1.
func (r *reader) moment() int64 {
	u := r.uvarint(math.MaxUint64)
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) seq() uint64 {
	v := r.uvarint(math.MaxUint64)
	if v == 0 {
		r.fail(errors.New("counts from 1"))
	}
	return v
}

func (r *reader) text(high uint64) string {
	part := r.take(int(r.uvarint(high)))
	if !utf8.Valid(part) {
		r.fail(errors.New("text is not UTF-8"))
		return ""
	}
	return string(part)
}

func (r *reader) place() (monitor uint8, x, y uint16) {
	monitor = r.byte(MaxMonitors)
	return monitor, uint16(r.uvarint(math.MaxUint16)), uint16(r.uvarint(math.MaxUint16))
}
