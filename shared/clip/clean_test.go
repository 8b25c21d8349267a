package clip

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"handrail/shared/wire"
)

func TestCleanMakesAFormWhatItSaysItIs(t *testing.T) {
	for _, c := range []struct {
		f    wire.ClipFormat
		data string
		want string // empty: nothing
	}{
		{wire.ClipText, "a\r\nb\nc", "a\nb\nc"},
		{wire.ClipText, "a\x00rubbish", "a"},
		{wire.ClipText, "\xff", "\uFFFD"},
		{wire.ClipText, "", ""},
		{wire.ClipText, "\x00", ""},
		{wire.ClipText, "\xef\xbb\xbfa", "a"},
		{wire.ClipHTML, "\xfe\xff\x00<\x00\xe4", "<ä"},
		{wire.ClipHTML, "\xff\xfe<\x00\xe4\x00\x00\x00", "<ä"},
		{wire.ClipHTML, "<\x00b\x00>\x00", "<b>"},
		{wire.ClipHTML, "<b>", "<b>"},
		{wire.ClipRTF, `{\rtf1}` + "\x00", `{\rtf1}`},
		{wire.ClipRTF, `MZ`, ""},
		{wire.ClipPNG, beginPNG + "x", beginPNG + "x"},
		{wire.ClipPNG, "GIF89a", ""},
		{9, "x", ""},
	} {
		got, err := clean(c.f, []byte(c.data))
		if string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("form %d of %q: %q, %v; want %q", c.f, c.data, got, err, c.want)
		}
	}
	if _, err := clean(wire.ClipText, bytes.Repeat([]byte("a"), wire.MaxClip+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too much: %v", err)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"a\r\nb", "\xff\xfea\x00", "\xfe\xff\x00a", beginPNG, beginRTF, "\xef\xbb\xbf\x00"} {
		for form := wire.ClipText; form <= wire.ClipPNG; form++ {
			f.Add(byte(form), []byte(s))
		}
	}
	f.Fuzz(func(t *testing.T, form byte, data []byte) {
		got, err := clean(wire.ClipFormat(form), data)
		if err != nil {
			return
		}
		text := wire.ClipFormat(form) <= wire.ClipHTML
		if len(got) == 0 || text && (!utf8.Valid(got) || bytes.IndexByte(got, 0) >= 0) {
			t.Fatalf("%q became %q", data, got)
		}
		// What is handed over is cleaned at both ends: nothing more may happen to it.
		if again, err := clean(wire.ClipFormat(form), got); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q, cleaned again, is %q, %v", got, again, err)
		}
	})
}

func TestLatin1KeepsWhatItCan(t *testing.T) {
	if got := latin1([]byte("Grüße €")); string(got) != "Gr\xfc\xdfe ?" || string(fromLatin1(got)) != "Grüße ?" {
		t.Errorf("%q", got)
	}
}
