package keys

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// layout reads what a real X server answered to XkbGetMap.
func layout(t *testing.T, name string) *Keymap {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".map"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := ParseMap(b)
	if err != nil {
		t.Fatal(err)
	}
	return NewKeymap(l)
}

func TestTextIsWhatTheLayoutYields(t *testing.T) {
	const numLock = Mod2
	group2 := State(0, 1)
	for _, row := range []struct {
		layout string
		code   uint8
		state  uint16
		want   rune
	}{
		{"us", 38, 0, 'a'},
		{"us", 38, Shift, 'A'},
		{"us", 38, Lock, 'A'},
		{"us", 38, Shift | Lock, 'a'},
		{"us", 10, Lock, '1'},
		{"us", 10, Shift | Lock, '!'},
		{"de", 24, Mod5, '@'},
		{"de", 34, Lock, 'Ü'},
		{"de", 20, Shift, '?'},
		{"de", 20, Shift | Mod5, '¿'},
		{"de", 29, 0, 'z'},
		{"fr", 24, 0, 'a'},
		{"fr", 11, 0, 'é'},
		{"fr", 11, Lock, 'É'},
		{"us,ru", 38, 0, 'a'},
		{"us,ru", 38, group2, 'ф'},
		{"us,ru", 38, group2 | Lock, 'Ф'},
		{"us", 87, numLock, '1'},
		{"us", 87, 0, 0},
		{"us", 87, numLock | Shift, 0},
		{"us", 38, group2, 'a'}, // a group it doesn't have
		{"us", 7, 0, 0},
	} {
		if got := layout(t, row.layout).Text(row.code, row.state); got != row.want {
			t.Errorf("%s, key %d in state %#x: got %q, want %q", row.layout, row.code, row.state, got, row.want)
		}
	}
}

// TestFindKeepsItsWord is the property everything else rests on: a stroke that
// Find gives really makes the character, from any state.
func TestFindKeepsItsWord(t *testing.T) {
	for _, name := range []string{"us", "de", "fr", "us,ru"} {
		m := layout(t, name)
		command := Control | Mod1 | Mod4
		for r := range m.by {
			for _, mods := range []uint16{0, Shift, Lock, Shift | Lock, Mod5, Control, Mod1 | Mod2, Mod2 | Lock, 0xff} {
				for group := range 2 {
					s, ok := m.Find(r, State(mods, group), command, None)
					if !ok {
						t.Fatalf("%s: no key for %q in state %#x", name, r, mods)
					}
					if got := m.Text(s.Code, s.State); got != r || s.State&command != 0 {
						t.Errorf("%s: key %d in state %#x makes %q, not %q", name, s.Code, s.State, got, r)
					}
				}
			}
		}
	}
}

func TestFindChangesAsLittleAsItCan(t *testing.T) {
	for _, row := range []struct {
		layout string
		char   rune
		state  uint16
		want   Stroke
	}{
		{"us", 'a', 0, Stroke{38, 0}},
		{"us", 'A', Lock, Stroke{38, Lock}},         // Caps Lock does it already
		{"us", 'a', Lock, Stroke{38, Lock | Shift}}, // Shift is less than switching Caps Lock
		{"us", '1', Lock, Stroke{10, Lock}},         // Caps Lock doesn't matter
		{"us", 'a', Control, Stroke{38, 0}},         // or it were a command
		{"de", '@', 0, Stroke{24, Mod5}},            //
		{"de", '@', Shift, Stroke{24, Mod5}},        //
		{"de", 'ß', Lock, Stroke{20, 0}},            // programs don't agree on ß with Caps Lock
		{"us,ru", 'я', 0, Stroke{52, State(0, 1)}},  //
		{"us,ru", 'z', State(0, 1), Stroke{52, 0}},  //
		{"us,ru", '1', State(0, 1), Stroke{10, State(0, 1)}},
	} {
		got, ok := layout(t, row.layout).Find(row.char, row.state, Control|Mod1|Mod4, None)
		if !ok || got != row.want {
			t.Errorf("%s, %q in state %#x: got %+v, want %+v", row.layout, row.char, row.state, got, row.want)
		}
	}
}

func TestWhatNoKeyMakesIsntFound(t *testing.T) {
	for _, r := range "漢😀я\n" {
		if s, ok := layout(t, "us").Find(r, 0, Control, None); ok {
			t.Errorf("%q: found %+v", r, s)
		}
	}
}

func TestAShortcutsLetterIsFoundInAnyGroup(t *testing.T) {
	for _, row := range []struct {
		layout string
		letter rune
		state  uint16
		want   uint8
	}{
		{"us", 'C', 0, 54},
		{"fr", 'a', 0, 24},
		{"us,ru", 'c', State(0, 1), 54},
	} {
		if got, ok := layout(t, row.layout).Base(row.letter, row.state); !ok || got != row.want {
			t.Errorf("%s, %q: got %d", row.layout, row.letter, got)
		}
	}
}

func TestModifiersHaveKeys(t *testing.T) {
	m := layout(t, "de")
	for mods, want := range map[uint16]uint8{Shift: 50, Control: 37, Mod5: 92} {
		if got, ok := m.Holder(mods); !ok || got != want {
			t.Errorf("%#x: got %d, want %d", mods, got, want)
		}
	}
	if m.Mask(66) != Lock || m.Mask(77) != Mod2 || m.Mask(38) != 0 {
		t.Errorf("Caps Lock is %#x, Num Lock %#x, A %#x", m.Mask(66), m.Mask(77), m.Mask(38))
	}
}

func TestFreeKeysDoNothing(t *testing.T) {
	m := layout(t, "us")
	free := m.Free()
	if len(free) < 8 {
		t.Fatalf("only %d free keys", len(free))
	}
	for _, code := range free {
		if m.Sym(code, 0) != SymNone {
			t.Errorf("key %d makes %#x", code, m.Sym(code, 0))
		}
	}
	if slices.Contains(free, 38) || slices.Contains(free, 50) {
		t.Error("keys that are used are called free")
	}
}

// FuzzParseMap holds that what parses can be asked anything, and that Find
// never promises what Text doesn't keep.
func FuzzParseMap(f *testing.F) {
	for _, name := range []string{"us", "de", "us,ru"} {
		b, err := os.ReadFile(filepath.Join("testdata", name+".map"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint16(Lock), 'a')
		f.Add(b[:len(b)-1], uint16(Shift), '@')
	}
	f.Fuzz(func(t *testing.T, b []byte, state uint16, r rune) {
		l, err := ParseMap(b)
		if err != nil {
			return
		}
		m := NewKeymap(l)
		m.Free()
		m.Base(r, state)
		for code := range 256 {
			m.Text(uint8(code), state)
			m.Mask(uint8(code))
		}
		if s, ok := m.Find(r, state, Control, None); ok && m.Text(s.Code, s.State) != r {
			t.Errorf("%+v makes %q, not %q", s, m.Text(s.Code, s.State), r)
		}
	})
}
