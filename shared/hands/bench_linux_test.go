package hands

import (
	"testing"

	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

func BenchmarkKey(b *testing.B) {
	d := xdisplay.Start(b, "800x600")
	h, err := Open(d.Name())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	k := wire.Key{Usage: 0x04, Base: 'a', Text: "a"}
	for b.Loop() {
		k.Down = !k.Down
		if err := h.Key(k); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMoveTo(b *testing.B) {
	d := xdisplay.Start(b, "800x600")
	h, err := Open(d.Name())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	for b.Loop() {
		if err := h.MoveTo(b.N%800, 100); err != nil {
			b.Fatal(err)
		}
	}
}
