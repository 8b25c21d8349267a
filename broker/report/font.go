package report

import "encoding/binary"

// glyphs says for which letters, up to U+FFFF, a font has a picture. It reads
// the table "cmap" in its format 4 (OpenType 1.9). A font without one shows
// nothing.
func glyphs(font []byte) func(rune) bool {
	table := subtable(font)
	if len(table) < 16 {
		return func(rune) bool { return false }
	}
	at := func(offset int) int {
		if offset < 0 || offset+2 > len(table) {
			return 0
		}
		return int(binary.BigEndian.Uint16(table[offset:]))
	}
	twice := at(6) // the number of segments, doubled
	return func(r rune) bool {
		if r < 0 || r > 0xFFFF {
			return false
		}
		c := int(r)
		for i := 0; i < twice; i += 2 {
			if end := at(14 + i); c > end {
				continue
			}
			begin, delta, where := at(16+twice+i), at(16+2*twice+i), 16+3*twice+i
			switch offset := at(where); {
			case c < begin:
				return false
			case offset == 0:
				return (c+delta)&0xFFFF != 0
			default: // counted from where it stands
				return at(where+offset+2*(c-begin)) != 0
			}
		}
		return false
	}
}

// subtable finds the letters' table of Unicode's basic plane in a font.
func subtable(font []byte) []byte {
	const head, entry = 12, 16 // bytes of the list of tables, and of one in it
	if len(font) < head {
		return nil
	}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		at := head + i*entry
		if at+entry > len(font) {
			return nil
		}
		if string(font[at:at+4]) != "cmap" {
			continue
		}
		cmap := from(font, binary.BigEndian.Uint32(font[at+8:]))
		if len(cmap) < 4 {
			return nil
		}
		for n := range int(binary.BigEndian.Uint16(cmap[2:])) {
			one := 4 + n*8
			if one+8 > len(cmap) {
				return nil
			}
			if t := from(cmap, binary.BigEndian.Uint32(cmap[one+4:])); len(t) > 2 && binary.BigEndian.Uint16(t) == 4 {
				return t
			}
		}
	}
	return nil
}

// from is what begins at an offset; nothing if that is outside.
func from(b []byte, offset uint32) []byte {
	if uint64(offset) > uint64(len(b)) {
		return nil
	}
	return b[offset:]
}
