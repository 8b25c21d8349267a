package hands

import (
	"bytes"
	"flag"
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

// TestMain lets the three long tests, each on a display of its own, run side by
// side however few processors there are: they wait for the terminal, and for
// borrowed keys to rest, and hardly work.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

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
	xdisplay.WaitFor(t, "a window that is shown", func() bool { // before, it takes no focus
		return xproto.SetInputFocusChecked(c, xproto.InputFocusPointerRoot, w, 0).Check() == nil
	})
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

// types does something with a text, part by part, gives each the time to arrive,
// and says what has. Hands count on a program to be no later than a second
// behind what is typed, which the terminal may be on a busy machine: so there is
// never more on its way than keys that can be borrowed.
func (f *typist) types(t *testing.T, text string, do func(string)) (got string) {
	t.Helper()
	before := f.size(t)
	for part := range slices.Chunk([]rune(text), 8) {
		at := f.size(t)
		do(string(part))
		f.got(t, at, string(part))
	}
	return f.got(t, before, "")
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
	t.Parallel()
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
					if got := f.types(t, text, way.do); got != text {
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

func TestS07TextArrivesWithCapsLockOn(t *testing.T) {
	t.Parallel()
	f := newTypist(t)
	for _, layout := range layouts {
		t.Run(strings.Join(layout, " "), func(t *testing.T) {
			f.Run("setxkbmap", layout...)
			h := mustOpen(t, f.Display)
			if err := h.Locks(wire.Locks{Caps: true}); err != nil {
				t.Fatal(err)
			}
			for _, text := range texts {
				got := f.types(t, text, func(s string) {
					if err := h.Type(s); err != nil {
						t.Fatal(err)
					}
				})
				got += f.types(t, text, func(s string) { byKeys(t, h, s) })
				if got != text+text {
					t.Errorf("got  %q\nwant %q", got, text+text)
				}
			}
			if on := f.state(t) & keys.Lock; on == 0 {
				t.Error("Caps Lock isn't on any more")
			}
			if err := h.Locks(wire.Locks{}); err != nil {
				t.Fatal(err)
			}
			if on := f.state(t) & keys.Lock; on != 0 {
				t.Error("Caps Lock isn't off")
			}
		})
	}
}

// state is the modifiers and buttons that are on now.
func (f *typist) state(t *testing.T) uint16 {
	t.Helper()
	p, err := xproto.QueryPointer(f.c, xproto.Setup(f.c).DefaultScreen(f.c).Root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return p.Mask
}

func TestS07TextArrivesWhileTheCustomerHoldsShiftOrAltGr(t *testing.T) {
	t.Parallel()
	f := newTypist(t)
	for _, layout := range layouts {
		held := []string{"50"} // Shift
		if layout[0] == "de" || layout[0] == "us" {
			held = append(held, "108", "37") // AltGr or Alt, Ctrl
		}
		for _, held := range held {
			t.Run(strings.Join(layout, " ")+" "+held, func(t *testing.T) {
				f.Run("setxkbmap", layout...)
				h := mustOpen(t, f.Display)
				f.Run("xdotool", "keydown", held)
				before := f.state(t) & 0xff
				for _, text := range texts {
					got, want := f.types(t, text, func(s string) {
						if err := h.Type(s); err != nil {
							t.Fatal(err)
						}
					}), text
					// Keys without text do combine: Shift+Tab is the customer's
					// Shift and the rep's Tab.
					if !strings.ContainsAny(text, "\t\n") {
						got += f.types(t, text, func(s string) { byKeys(t, h, s) })
						want += text
					}
					if got != want {
						t.Errorf("got  %q\nwant %q", got, want)
					}
				}
				if after := f.state(t) & 0xff; after != before {
					t.Errorf("the customer held %#x and now holds %#x", before, after)
				}
				f.Run("xdotool", "keyup", held)
				if down := keysDown(t, f.c); len(down) > 0 {
					t.Errorf("keys are still down: %x", down)
				}
			})
		}
	}
}

func TestTheLayoutMayChangeWhileTyping(t *testing.T) {
	f := newTypist(t)
	h := mustOpen(t, f.Display)
	const text = "zy@ß漢"
	for _, layout := range []string{"de", "us", "ru", "fr", "us"} {
		f.Run("setxkbmap", layout)
		at := f.size(t)
		if err := h.Type(text); err != nil {
			t.Fatal(err)
		}
		if got := f.got(t, at, text); got != text {
			t.Errorf("%s: got %q", layout, got)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	now := keymap(t, f.c)
	f.Run("setxkbmap", "us")
	if !slices.Equal(now, keymap(t, f.c)) {
		t.Error("the keyboard map isn't the layout's own")
	}
}

func TestS07MoreCharactersThanFreeKeys(t *testing.T) {
	f := newTypist(t)
	h := mustOpen(t, f.Display)
	var text strings.Builder
	for i := range 120 {
		text.WriteRune(0x4e00 + rune(i))
	}
	if err := h.Type(text.String()); err != nil {
		t.Fatal(err)
	}
	if got := f.got(t, 0, text.String()); got != text.String() {
		t.Errorf("got  %q\nwant %q", got, text.String())
	}
}

func TestS07ShortcutsGoByTheirLetter(t *testing.T) {
	f := newTypist(t)
	// In the terminal, Ctrl+A to Ctrl+Z are the bytes 1 to 26.
	for _, row := range []struct {
		layout string
		usage  uint16
		base   rune
		want   string
	}{
		{"us", 0x04, 'a', "\x01"},
		{"fr", 0x04, 'a', "\x01"}, // A is where the rep's Q is
		{"de", 0x1c, 'z', "\x1a"},
		{"us,ru", 0x06, 'c', "\x03"},
		{"ru", 0x06, 'с', "с"}, // no Latin letter anywhere: by place, and the terminal knows no such shortcut
	} {
		t.Run(row.layout, func(t *testing.T) {
			f.Run("setxkbmap", "-layout", row.layout)
			h := mustOpen(t, f.Display)
			at := f.size(t)
			for _, k := range []wire.Key{
				{Usage: keys.LeftCtrl, Down: true, Mods: wire.ModCtrl},
				{Usage: row.usage, Down: true, Mods: wire.ModCtrl, Base: row.base},
				{Usage: row.usage, Mods: wire.ModCtrl, Base: row.base},
				{Usage: keys.LeftCtrl},
			} {
				if err := h.Key(k); err != nil {
					t.Fatal(err)
				}
			}
			if got := f.got(t, at, row.want); got != row.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestS07AHeldKeyRepeatsOnlyWithTheReps(t *testing.T) {
	f := newTypist(t)
	h := mustOpen(t, f.Display)
	k := wire.Key{Usage: 0x04, Base: 'a', Text: "a", Down: true}
	if err := h.Key(k); err != nil {
		t.Fatal(err)
	}
	if f.repeats(t, 38) {
		t.Error("the server repeats a key the rep holds")
	}
	k.Repeat = true
	for range 3 {
		if err := h.Key(k); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.got(t, 0, "aaaa"); got != "aaaa" {
		t.Errorf("got %q", got)
	}
	if err := h.ReleaseAll(); err != nil {
		t.Fatal(err)
	}
	if down := keysDown(t, f.c); len(down) > 0 {
		t.Errorf("keys are still down: %x", down)
	}
	if !f.repeats(t, 38) {
		t.Error("the customer's own key doesn't repeat any more")
	}
}

// repeats says whether the server repeats a key that is held.
func (f *typist) repeats(t *testing.T, code byte) bool {
	t.Helper()
	r, err := xproto.GetKeyboardControl(f.c).Reply()
	if err != nil {
		t.Fatal(err)
	}
	return bit(r.AutoRepeats, code)
}

func TestACrashLeavesNothingForLong(t *testing.T) {
	f := newTypist(t)
	before := keymap(t, f.c)
	dead, err := Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := dead.Type("漢字"); err != nil {
		t.Fatal(err)
	}
	if err := dead.Key(wire.Key{Usage: 0x04, Base: 'a', Text: "a", Down: true}); err != nil {
		t.Fatal(err)
	}
	alive := mustOpen(t, f.Display)
	if n := alive.Leftovers(); n != 0 {
		t.Errorf("%d things of a living one were taken for a dead one's", n)
	}
	dead.c.Close() // without a word
	xdisplay.WaitFor(t, "the connection's end", func() bool {
		_, err := xproto.GetWindowAttributes(f.c, dead.ledger.owner).Reply()
		return err != nil
	})
	next := mustOpen(t, f.Display)
	if n := next.Leftovers(); n != 4 { // two borrowed keys, one held and not repeating
		t.Errorf("found %d things left over, want 4", n)
	}
	if down := keysDown(t, f.c); len(down) > 0 {
		t.Errorf("keys are still down: %x", down)
	}
	if !slices.Equal(keymap(t, f.c), before) {
		t.Error("the keyboard map isn't as before")
	}
	if !f.repeats(t, 38) {
		t.Error("the key doesn't repeat any more")
	}
}
