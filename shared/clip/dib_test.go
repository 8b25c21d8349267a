package clip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

// packed is a picture as PNG.
func packed(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func scene() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 5, 3))
	for i := range m.Pix {
		m.Pix[i] = byte(i * 11)
		if i%4 == 3 {
			m.Pix[i] = 0xff
		}
	}
	return m
}

func TestS09APictureIsTheSameAfterWindowsHadIt(t *testing.T) {
	want := scene()
	dib, err := toDIB(packed(t, want))
	if err != nil {
		t.Fatal(err)
	}
	back, err := fromDIB(dib)
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(back))
	if err != nil || got.Bounds() != want.Bounds() {
		t.Fatalf("%v, %v", got, err)
	}
	for y := range 3 {
		for x := range 5 {
			if a, b := color.NRGBAModel.Convert(got.At(x, y)), want.At(x, y); a != b {
				t.Errorf("at %d,%d: %v, want %v", x, y, a, b)
			}
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	if dib, err = toDIB(packed(t, clear)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(dib[infoHead:infoHead+3], []byte{0xff, 0xff, 0xff}) {
		t.Errorf("what was transparent is % x", dib[infoHead:])
	}
}

// bitmap is one row of two pixels, red and blue.
func bitmap(head int, coding uint32, masks, row []byte) []byte {
	le := binary.LittleEndian
	dib := make([]byte, head)
	le.PutUint32(dib, uint32(head))
	le.PutUint32(dib[4:], 2)
	le.PutUint32(dib[8:], 1)
	le.PutUint16(dib[12:], 1)
	le.PutUint16(dib[14:], 32)
	le.PutUint32(dib[16:], coding)
	if head > infoHead {
		copy(dib[infoHead:], masks)
		masks = nil
	}
	return append(append(dib, masks...), row...)
}

func TestBitmapsOfAllHeadsAreRead(t *testing.T) {
	masks := []byte{0, 0, 0xff, 0, 0, 0xff, 0, 0, 0xff, 0, 0, 0}
	row := []byte{0, 0, 0xff, 0, 0xff, 0, 0, 0}
	for name, dib := range map[string][]byte{
		"plain":          bitmap(infoHead, uncoded, nil, row),
		"with masks":     bitmap(infoHead, bitFields, masks, row),
		"of version 4":   bitmap(108, bitFields, masks, row),
		"of version 5":   bitmap(124, bitFields, masks, row),
		"5 and no masks": bitmap(124, uncoded, nil, row),
	} {
		data, err := fromDIB(dib)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		red, blue := color.NRGBAModel.Convert(m.At(0, 0)), color.NRGBAModel.Convert(m.At(1, 0))
		if red != (color.NRGBA{R: 0xff, A: 0xff}) || blue != (color.NRGBA{B: 0xff, A: 0xff}) {
			t.Errorf("%s: %v %v", name, red, blue)
		}
	}
	huge := bitmap(infoHead, uncoded, nil, row)
	binary.LittleEndian.PutUint32(huge[4:], 1<<30)
	if _, err := fromDIB(huge); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a huge one: %v", err)
	}
	for _, bad := range [][]byte{nil, make([]byte, infoHead), bitmap(infoHead, 1, nil, row), bitmap(infoHead, uncoded, nil, row[:4])} {
		if _, err := fromDIB(bad); err == nil {
			t.Errorf("% x is a picture", bad)
		}
	}
}

func FuzzFromDIB(f *testing.F) {
	f.Add(bitmap(infoHead, uncoded, nil, make([]byte, 8)))
	f.Add(bitmap(124, bitFields, []byte{0, 0, 0xff, 0, 0, 0xff, 0, 0, 0xff, 0, 0, 0}, make([]byte, 8)))
	f.Fuzz(func(t *testing.T, dib []byte) {
		if len(dib) > 1<<16 {
			return
		}
		data, err := fromDIB(dib)
		if err != nil {
			return
		}
		if _, err := toDIB(data); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
	})
}

func TestS09HTMLIsTheSameAfterWindowsHadIt(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{"<b>ä</b>", "<html><body><!--StartFragment--><b>ä</b><!--EndFragment--></body></html>"},
		{"<html><head></head><BODY class=x>y</BODY></html>", "<html><head></head><BODY class=x><!--StartFragment-->y<!--EndFragment--></BODY></html>"},
		{"<!--StartFragment-->z<!--EndFragment-->", "<!--StartFragment-->z<!--EndFragment-->"},
		{"<body>z</body\x00", "<body><!--StartFragment-->z<!--EndFragment--></body"},
	} {
		data := toWindowsHTML([]byte(c.html))
		if got := string(fromWindowsHTML(data)); got != c.want {
			t.Errorf("%q became %q", c.html, got)
		}
		from, _ := offset(data, "StartFragment")
		to, _ := offset(data, "EndFragment")
		if inner := data[from:to]; bytes.Contains(inner, []byte("Fragment")) || len(inner) == 0 {
			t.Errorf("the part of %q is %q", c.html, inner)
		}
	}
}

func TestHTMLOfOthersIsTakenAsItIs(t *testing.T) {
	const word = "Version:1.0\r\nStartHTML:-1\r\nEndHTML:-1\r\nStartFragment:73\r\nEndFragment:76\r\n<b>"
	for _, c := range []struct{ data, want string }{
		{word + "\x00", "<b>"},
		{"<i>plain</i>\x00", "<i>plain</i>"},
		{"Version:0.9\r\nStartHTML:0000\r\nEndHTML:9999\r\n", ""},
		{"Version:0.9\r\n", ""},
	} {
		if got := string(fromWindowsHTML([]byte(c.data))); got != c.want {
			t.Errorf("%q became %q", c.data, got)
		}
	}
}

func FuzzWindowsHTML(f *testing.F) {
	f.Add([]byte("<body>x</body>"))
	f.Add([]byte("Version:0.9\r\nStartHTML:10\r\nEndHTML:20\r\n"))
	f.Add([]byte(htmlTo + htmlFrom))
	f.Fuzz(func(t *testing.T, html []byte) {
		_ = fromWindowsHTML(html) // whatever it is
		data := toWindowsHTML(html)
		bare := strings.NewReplacer(htmlFrom, "", htmlTo, "")
		want := strings.TrimRight(bare.Replace(string(html)), "\x00")
		if got := bare.Replace(string(fromWindowsHTML(data))); !strings.Contains(got, want) {
			t.Fatalf("%q became %q", html, got)
		}
		from, ok := offset(data, "StartFragment")
		to, ok2 := offset(data, "EndFragment")
		if !ok || !ok2 || from > to || to > len(data) {
			t.Fatalf("%q: the part is %d to %d", data, from, to)
		}
	})
}
