package remoteview

import (
	"reflect"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"handrail/rep-console/remote"
	"handrail/shared/wire"
)

func key(name fyne.KeyName, scan int) *fyne.KeyEvent {
	return &fyne.KeyEvent{Name: name, Physical: fyne.HardwareKey{ScanCode: scan}}
}

func TestS07KeysAreToldWithTheTextTheyMake(t *testing.T) {
	a, e, up, shift, altGr, ctrl := key("A", 4), key("E", 8), key(fyne.KeyUp, 0x52), key(desktop.KeyShiftLeft, 0xE1), key(desktop.KeyAltRight, 0xE6), key(desktop.KeyControlLeft, 0xE0)
	dead := key("", 0x34)
	for _, tt := range []struct {
		name string
		feed func(*turn)
		want []remote.Event
	}{
		{"a letter", func(u *turn) { u.down(a); u.typed(a); u.rune('a'); u.up(a) }, []remote.Event{
			remote.Key{Usage: 4, Down: true, Base: 'a', Text: "a"}, remote.Key{Usage: 4, Base: 'a'},
		}},
		{"a key without text", func(u *turn) { u.down(up); u.typed(up); u.flush(); u.up(up) }, []remote.Event{
			remote.Key{Usage: 0x52, Down: true}, remote.Key{Usage: 0x52},
		}},
		{"Shift and a letter", func(u *turn) {
			u.down(shift)
			u.typed(shift)
			u.down(a)
			u.typed(a)
			u.rune('A')
			u.up(shift)
			u.up(a)
		}, []remote.Event{
			remote.Key{Usage: 0xE1, Down: true},
			remote.Key{Usage: 4, Down: true, Mods: wire.ModShift, Base: 'a', Text: "A"},
			remote.Key{Usage: 0xE1},
			remote.Key{Usage: 4, Base: 'a'},
		}},
		{"AltGr and a letter", func(u *turn) { u.down(altGr); u.down(e); u.typed(e); u.rune('€'); u.flush() }, []remote.Event{
			remote.Key{Usage: 0xE6, Down: true}, remote.Key{Usage: 8, Down: true, Mods: wire.ModAltGr, Base: 'e', Text: "€"},
		}},
		{"a shortcut, of which no typed key comes", func(u *turn) { u.down(ctrl); u.down(a); u.up(a) }, []remote.Event{
			remote.Key{Usage: 0xE0, Down: true}, remote.Key{Usage: 4, Down: true, Mods: wire.ModCtrl, Base: 'a'}, remote.Key{Usage: 4, Mods: wire.ModCtrl, Base: 'a'},
		}},
		{"a repeat", func(u *turn) {
			u.down(a)
			u.typed(a)
			u.rune('a')
			u.flush()
			u.typed(a)
			u.rune('a')
			u.flush()
		}, []remote.Event{
			remote.Key{Usage: 4, Down: true, Base: 'a', Text: "a"}, remote.Key{Usage: 4, Down: true, Repeat: true, Base: 'a', Text: "a"},
		}},
		{"a dead key, then a letter", func(u *turn) {
			u.down(dead)
			u.typed(dead)
			u.flush()
			u.up(dead)
			u.down(e)
			u.typed(e)
			u.rune('é')
			u.flush()
		}, []remote.Event{
			remote.Key{Usage: 0x34, Down: true}, remote.Key{Usage: 0x34}, remote.Key{Usage: 8, Down: true, Base: 'e', Text: "é"},
		}},
		{"an input method", func(u *turn) { u.rune('世') }, []remote.Event{remote.TypeText{Text: "世"}}},
		{"a key that went down elsewhere", func(u *turn) { u.typed(a); u.flush() }, nil},
		{"the focus goes", func(u *turn) { u.down(a); u.reset(); u.flush(); u.typed(a); u.flush() }, nil},
	} {
		var got []remote.Event
		tt.feed(newTurn(func(e remote.Event) { got = append(got, e) }, func(scan int) uint16 { return uint16(scan) }))
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
		}
	}
}

func TestButtonsThatCameUpUnseenAreFound(t *testing.T) {
	b := buttons{down: desktop.MouseButtonPrimary | desktop.MouseButtonSecondary}
	if got := b.missed(desktop.MouseButtonPrimary); !reflect.DeepEqual(got, []uint8{3}) {
		t.Errorf("missed %v", got)
	}
	if got := b.missed(0); !reflect.DeepEqual(got, []uint8{1}) {
		t.Errorf("missed %v", got)
	}
	if got := b.missed(0); got != nil {
		t.Errorf("missed %v again", got)
	}
}
