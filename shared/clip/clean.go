package clip

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"handrail/shared/wire"
)

// How files of these formats begin (PNG: RFC 2083 section 12.12).
const (
	beginPNG = "\x89PNG\r\n\x1a\n"
	beginRTF = `{\rtf`
	markUTF8 = "\uFEFF" // the byte order mark, which UTF-8 has no use for
)

// clean makes a form what it says it is: valid UTF-8 with lines that end in
// LF, RTF, PNG. It returns ErrGone for what is not, and for nothing at all, and
// ErrTooLarge.
func clean(f wire.ClipFormat, data []byte) ([]byte, error) {
	switch f {
	case wire.ClipText:
		data = unfold(unicoded(data))
	case wire.ClipHTML:
		data = unicoded(data)
	case wire.ClipRTF:
		data = bytes.TrimRight(data, "\x00")
		if !bytes.HasPrefix(data, []byte(beginRTF)) {
			return nil, ErrGone
		}
	case wire.ClipPNG:
		if !bytes.HasPrefix(data, []byte(beginPNG)) {
			return nil, ErrGone
		}
	default:
		return nil, ErrGone
	}
	switch {
	case len(data) == 0:
		return nil, ErrGone
	case len(data) > wire.MaxClip:
		return nil, ErrTooLarge
	}
	return data, nil
}

// unicoded is text in UTF-8 without zeros, whatever it came in: some programs
// hand HTML out in UTF-16, with a byte order mark or without.
func unicoded(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		data = fromUTF16(data[2:], binary.BigEndian)
	case len(data) >= 2 && data[0] != 0 && data[1] == 0 && len(data)%2 == 0:
		data = fromUTF16(data, binary.LittleEndian)
	}
	for bytes.HasPrefix(data, []byte(markUTF8)) {
		data = data[len(markUTF8):]
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		data = data[:i] // C's end of text
	}
	if !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\uFFFD"))
	}
	return data
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// unfold ends lines with LF alone.
func unfold(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, c := range text {
		if c == '\n' {
			out = bytes.TrimRight(out, "\r")
		}
		out = append(out, c)
	}
	return out
}

// latin1 is text for programs that know nothing but ISO 8859-1.
func latin1(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		if r > 0xff {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out
}

// fromLatin1 is its opposite.
func fromLatin1(data []byte) []byte {
	out := make([]rune, len(data))
	for i, b := range data {
		out[i] = rune(b)
	}
	return []byte(string(out))
}
