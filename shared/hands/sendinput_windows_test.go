package hands

import (
	"testing"
	"unsafe"
)

func TestAnInputHasTheSizeWindowsExpects(t *testing.T) {
	want := uintptr(40)
	if unsafe.Sizeof(uintptr(0)) == 4 {
		want = 28
	}
	if got := unsafe.Sizeof(input{}); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if a, b := unsafe.Sizeof(keyInput{}), unsafe.Sizeof(mouseInput{}); a > b {
		t.Errorf("a key's %d bytes don't fit into a mouse's %d", a, b)
	}
}

func TestAPlaceComesBackAsThePixelItWas(t *testing.T) {
	for _, size := range []int{1, 800, 1919, 1920, 5760} {
		for _, origin := range []int{0, -1920, 300} {
			for v := origin; v < origin+size; v++ {
				if back := int(absolute(v, origin, size))*size/65536 + origin; back != v {
					t.Fatalf("%d of %d from %d comes back as %d", v, size, origin, back)
				}
			}
		}
	}
}

func TestACharacterBeyond16BitsIsTwoPresses(t *testing.T) {
	if n := len(textEvents('😀')); n != 4 {
		t.Errorf("%d events, want two units down and up", n)
	}
}
