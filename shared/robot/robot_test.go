package robot

import (
	"testing"

	"handrail/shared/keys"
	"handrail/shared/wire"
)

func TestKeysGoByNameAndTextByItself(t *testing.T) {
	for _, row := range []struct {
		key  wire.Key
		want string
	}{
		{wire.Key{Usage: 0x04, Text: "a", Base: 'a'}, ""},
		{wire.Key{Usage: 0x04, Base: 'a', Mods: wire.ModCtrl}, "a"},
		{wire.Key{Usage: 0x14, Text: "@", Base: 'q', Mods: wire.ModAltGr | wire.ModCtrl | wire.ModAlt}, ""},
		{wire.Key{Usage: keys.Tab, Mods: wire.ModAlt}, "tab"},
		{wire.Key{Usage: keys.Enter, Text: "\r"}, "enter"},
		{wire.Key{Usage: keys.RightAlt, Mods: wire.ModAltGr}, ""},
		{wire.Key{Usage: keys.RightAlt, Mods: wire.ModAlt}, "ralt"},
	} {
		if got := nameOf(row.key); got != row.want {
			t.Errorf("%+v: got %q, want %q", row.key, got, row.want)
		}
	}
}

func TestTheWheelKeepsWhatMakesNoNotch(t *testing.T) {
	var sum int64
	var got []int
	for _, turned := range []int32{60, 60, -30, -90, 1 << 30} {
		got = append(got, notches(&sum, turned))
	}
	if want := [5]int{0, 1, 0, -1, maxNotches}; [5]int(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
