package hands

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/keys"
	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// layouts are the rows of the matrix: what setxkbmap gets.
var layouts = [][]string{
	{"us"}, {"de"}, {"fr"}, {"es"}, {"cz"}, {"tr"}, {"ru"}, {"us,ru"}, {"gr"}, {"us", "-variant", "dvorak"}, {"br"}, {"jp"},
}

// texts are its columns.
var texts = []string{
	"The quick brown fox 0123456789",
	" !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
	"test@example.org https://example.org zy {}|",
	"äöüÄÖÜß éèêëç ñ¿¡ ğşıİ ěščřž €",
	"Ελληνικά ΑΒΓ αβγ",
	"Привет, мир ЁЖ ёж",
	"漢字かな中文 한국어",
	"😀 👍 𝄞",
	"one\ttwo\nthree\n",
}

// typist is a display with a terminal whose program writes down what it gets.
type typist struct {
	*xdisplay.Display
	file string
	c    *xgb.Conn
}

func newTypist(t *testing.T) *typist {
	t.Helper()
	d := xdisplay.Start(t, "800x600")
	f := &typist{Display: d, file: filepath.Join(t.TempDir(), "typed")}
	d.Spawn("xterm", "-u8", "-T", "typist",
		"-e", "sh", "-c", "stty -icanon -echo -isig -ixon; printf ready > "+f.file+".ready; exec cat > "+f.file)
	xdisplay.WaitFor(t, "the terminal", func() bool { _, err := os.Stat(f.file + ".ready"); return err == nil })
	c, err := xgb.NewConnDisplay(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	f.c = c
	w := window(t, d, "typist")
	if err := xproto.SetInputFocusChecked(c, xproto.InputFocusPointerRoot, w, 0).Check(); err != nil {
		t.Fatal(err)
	}
	return f
}

// window is the id of the one window with a title.
func window(t *testing.T, d *xdisplay.Display, title string) xproto.Window {
	t.Helper()
	var w xproto.Window
	xdisplay.WaitFor(t, title, func() bool {
		for line := range strings.Lines(d.Run("xwininfo", "-root", "-tree")) {
			if strings.Contains(line, `"`+title+`"`) {
				_, err := fmt.Sscanf(strings.TrimSpace(line), "0x%x", &w)
				return err == nil
			}
		}
		return false
	})
	return w
}

// got waits until want has arrived after what was there before, and says what
// has.
func (f *typist) got(t *testing.T, before int, want string) string {
	t.Helper()
	var got string
	xdisplay.WaitFor(t, "typed text", func() bool {
		b, err := os.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		got = string(b[before:])
		return len(got) >= len(want)
	})
	return got
}

func (f *typist) size(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(f.file)
	if err != nil {
		t.Fatal(err)
	}
	return len(b)
}

// keymap is all that the server says about its keyboard map.
func keymap(t *testing.T, c *xgb.Conn) []xproto.Keysym {
	t.Helper()
	r, err := xproto.GetKeyboardMapping(c, 8, 248).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return r.Keysyms
}

// keysDown are the keys that are down now.
func keysDown(t *testing.T, c *xgb.Conn) []byte {
	t.Helper()
	r, err := xproto.QueryKeymap(c).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(r.Keys, "\x00")
}

func mustOpen(t *testing.T, d *xdisplay.Display) *Hands {
	t.Helper()
	h, err := Open(d.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// byKeys sends text as a rep's keyboard would.
func byKeys(t *testing.T, h *Hands, text string) {
	t.Helper()
	for _, r := range text {
		k := wire.Key{Usage: 0x04 + uint16(r)%26, Text: string(r), Base: r, Down: true}
		if u := keyOf(r); u != keys.None {
			k = wire.Key{Usage: u, Down: true}
		}
		if err := h.Key(k); err != nil {
			t.Fatalf("pressing %q: %v", r, err)
		}
		k.Down = false
		if err := h.Key(k); err != nil {
			t.Fatalf("releasing %q: %v", r, err)
		}
	}
}

func TestS07TextArrivesOnEveryLayout(t *testing.T) {
	f := newTypist(t)
	for _, layout := range layouts {
		t.Run(strings.Join(layout, " "), func(t *testing.T) {
			f.Run("setxkbmap", layout...)
			before := keymap(t, f.c)
			h := mustOpen(t, f.Display)
			for _, way := range []struct {
				name string
				do   func(string)
			}{
				{"typed", func(s string) {
					if err := h.Type(s); err != nil {
						t.Fatal(err)
					}
				}},
				{"by keys", func(s string) { byKeys(t, h, s) }},
			} {
				for _, text := range texts {
					at := f.size(t)
					way.do(text)
					if got := f.got(t, at, text); got != text {
						t.Errorf("%s: got  %q\nwant %q", way.name, got, text)
					}
				}
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(keymap(t, f.c), before) {
				t.Error("the keyboard map isn't as before")
			}
			if down := keysDown(t, f.c); len(down) > 0 {
				t.Errorf("keys are still down: %x", down)
			}
		})
	}
}
