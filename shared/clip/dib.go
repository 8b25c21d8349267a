package clip

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/bmp"
)

// Windows' programs exchange pictures as device-independent bitmaps: a
// BITMAPINFOHEADER, colours and pixels (Microsoft's wingdi.h), a file of bitmap
// without its first 14 bytes.
const (
	fileHead  = 14
	infoHead  = 40
	maxPixels = 64 << 20
	uncoded   = 0 // BI_RGB
	bitFields = 3 // BI_BITFIELDS: three masks follow, or stand in a longer header
)

// fromDIB makes a PNG of a bitmap. It returns ErrGone for what it doesn't know
// and ErrTooLarge.
func fromDIB(dib []byte) ([]byte, error) {
	file, err := bitmapFile(dib)
	if err != nil {
		return nil, err
	}
	m, err := bmp.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := e.Encode(&b, m); err != nil {
		return nil, fmt.Errorf("clip: packing a picture: %w", err)
	}
	return b.Bytes(), nil
}

// bitmapFile is a bitmap with the simplest heads that say the same. What longer
// ones say of transparency is left out: screenshots say that they are
// transparent throughout.
func bitmapFile(dib []byte) ([]byte, error) {
	le := binary.LittleEndian
	if len(dib) < infoHead {
		return nil, ErrGone
	}
	size, used := le.Uint32(dib), le.Uint32(dib[32:])
	w, h := int64(int32(le.Uint32(dib[4:]))), int64(int32(le.Uint32(dib[8:])))
	bits, coding := le.Uint16(dib[14:]), le.Uint32(dib[16:])
	if size < infoHead || int64(size) > int64(len(dib)) || w <= 0 || h == 0 || used > 256 {
		return nil, ErrGone
	}
	if w*max(h, -h) > maxPixels {
		return nil, ErrTooLarge
	}
	rest := dib[size:]
	switch {
	case coding == uncoded:
	case coding == bitFields && bits == 32 && len(dib) >= infoHead+12 &&
		le.Uint32(dib[40:]) == 0xff0000 && le.Uint32(dib[44:]) == 0xff00 && le.Uint32(dib[48:]) == 0xff:
		if size == infoHead {
			rest = rest[12:]
		}
	default:
		return nil, ErrGone
	}
	colours := int(used) * 4
	if bits <= 8 && used == 0 {
		colours = 4 << bits
	}
	if colours > len(rest) {
		return nil, ErrGone
	}
	palette, pixels := rest[:colours], rest[colours:]
	if bits > 8 {
		palette = nil
	}
	head := make([]byte, fileHead+infoHead, fileHead+infoHead+len(palette)+len(pixels))
	copy(head, "BM")
	le.PutUint32(head[10:], uint32(fileHead+infoHead+len(palette)))
	info := head[fileHead:]
	copy(info, dib[:infoHead])
	le.PutUint32(info, infoHead)
	le.PutUint32(info[16:], uncoded)
	le.PutUint32(info[32:], uint32(len(palette)/4))
	return append(append(head, palette...), pixels...), nil
}

// toDIB makes a bitmap of a PNG, on white where that is transparent: few
// programs look at a bitmap's transparency. It returns ErrGone and ErrTooLarge.
func toDIB(data []byte) ([]byte, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	if int64(c.Width)*int64(c.Height) > maxPixels {
		return nil, ErrTooLarge
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	flat := image.NewRGBA(image.Rect(0, 0, c.Width, c.Height))
	draw.Draw(flat, flat.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, m, m.Bounds().Min, draw.Over)
	var b bytes.Buffer
	if err := bmp.Encode(&b, flat); err != nil {
		return nil, fmt.Errorf("clip: unpacking a picture: %w", err)
	}
	return b.Bytes()[fileHead:], nil
}
