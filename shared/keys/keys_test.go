package keys

import (
	"strings"
	"testing"
	"unicode"
)

func TestEveryKeyIsFoundBothWays(t *testing.T) {
	seen := map[uint16]bool{}
	for _, p := range places {
		if seen[p.usage] {
			t.Errorf("usage %#x is there twice", p.usage)
		}
		seen[p.usage] = true
		if code := ToX11(p.usage); FromX11(code) != p.usage {
			t.Errorf("usage %#x is keycode %d, which is usage %#x", p.usage, code, FromX11(code))
		}
		if scan := ToScan(p.usage); scan != None && FromScan(scan) != p.usage {
			t.Errorf("usage %#x is scan code %#x, which is usage %#x", p.usage, scan, FromScan(scan))
		}
	}
	if ToX11(None) != None || FromX11(0) != None || ToScan(0xffff) != None || FromScan(0) != None {
		t.Error("no key is somewhere")
	}
}

func TestKeysAreWhereTheStandardsSay(t *testing.T) {
	for _, row := range []struct {
		usage, scan uint16
		code        uint8
	}{
		{0x04, 0x1e, 38},         // A
		{0x1d, 0x2c, 52},         // Z
		{Enter, 0x1c, 36},        //
		{PadEnter, 0xe01c, 104},  //
		{0x64, 0x56, 94},         // beside the left Shift
		{RightAlt, 0xe038, 108},  //
		{Print, 0xe037, 107},     //
		{Pause, 0xe11d, 127},     //
		{NumLock, 0x45, 77},      //
		{Up, 0xe048, 111},        //
		{0x60, 0x48, 80},         // keypad 8
		{LeftSuper, 0xe05b, 133}, //
		{RightCtrl, 0xe01d, 105}, //
		{0x31, 0x2b, 51},         // backslash
		{0x89, 0x7d, 132},        // Yen
	} {
		if ToX11(row.usage) != row.code || ToScan(row.usage) != row.scan {
			t.Errorf("usage %#x: got keycode %d and scan code %#x", row.usage, ToX11(row.usage), ToScan(row.usage))
		}
	}
}

func TestWindowsExchangesNumLockAndPause(t *testing.T) {
	for code, want := range map[uint16]uint16{
		0x045: Pause, 0x145: NumLock, 0x136: RightShift, 0x054: Print, 0x137: Print,
		0x01e: 0x04, 0x148: Up, 0x048: 0x60, 0x11c: PadEnter, 0x138: RightAlt,
	} {
		if got := FromWindows(code); got != want {
			t.Errorf("%#x: got %#x, want %#x", code, got, want)
		}
	}
}

func TestKeysymsMeanTheirCharacters(t *testing.T) {
	for sym, want := range map[uint32]rune{
		'a': 'a', 0xe4: 'ä', 0x01a1: 'Ą', 0x06c1: 'а', 0x07e1: 'α', 0x0ce0: 'א', 0x0da1: 'ก', 0x04b1: 'ア',
		0x20ac: '€', 0x13be: 'Ÿ', 0x0ad0: '‘', 0x08fb: '←', 0x1001e9e: 'ẞ', 0x101f600: '😀',
		0xffb7: '7', 0xffae: '.', 0xff80: ' ', 0xffbd: '=',
		0xff0d: 0, 0xfe51: 0, 0xffe1: 0, 0: 0, 0x01000041: 0, 0x01110000: 0,
	} {
		if got := Rune(sym); got != want {
			t.Errorf("%#x: got %q, want %q", sym, got, want)
		}
	}
}

func TestEveryCharacterHasAKeysymThatMeansIt(t *testing.T) {
	for r := rune(0x20); r <= unicode.MaxRune; r++ {
		sym := Sym(r)
		control := unicode.IsControl(r) || r >= 0xd800 && r <= 0xdfff
		if control && sym != SymNone || !control && Rune(sym) != r {
			t.Fatalf("%U: keysym %#x means %U", r, sym, Rune(sym))
		}
	}
}

func TestDeadKeysJoinTheNextLetter(t *testing.T) {
	const grave, acute, circumflex, diaeresis, stroke, currency, greek = 0xfe50, 0xfe51, 0xfe52, 0xfe57, 0xfe63, 0xfe6f, 0xfe8c
	for _, row := range []struct {
		syms []uint32
		want string
	}{
		{[]uint32{acute, 'e'}, "é"},
		{[]uint32{circumflex, ' '}, "^"},
		{[]uint32{grave, grave}, "`"},
		{[]uint32{diaeresis, 'q'}, "¨q"},
		{[]uint32{circumflex, acute, 'a'}, "ấ"},
		{[]uint32{acute, circumflex, 'a'}, "ấ"},
		{[]uint32{acute, diaeresis, 0x07e9}, "ΐ"},
		{[]uint32{stroke, 'o'}, "ø"},
		{[]uint32{currency, 'e'}, "€"},
		{[]uint32{greek, 'p'}, "π"},
		{[]uint32{'a', acute, 'b', 'c'}, "a´bc"},
		{[]uint32{acute, 0xff0d, 'a'}, "á"}, // whether Enter forgets it is the caller's choice
		{[]uint32{grave, acute, circumflex, diaeresis, 0xfe53}, "`´^¨"},
	} {
		var c Composer
		var got strings.Builder
		for _, sym := range row.syms {
			text, _ := c.Press(sym)
			got.WriteString(text)
		}
		if got.String() != row.want {
			t.Errorf("%x: got %q, want %q", row.syms, got.String(), row.want)
		}
	}
}
