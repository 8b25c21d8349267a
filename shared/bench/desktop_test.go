package bench

import (
	"bytes"
	"hash/crc32"
	"slices"
	"testing"

	"handrail/shared/frame"
)

func TestADrawnDesktopIsAlwaysTheSame(t *testing.T) {
	for _, s := range Scenes() {
		t.Run(string(s), func(t *testing.T) {
			var first []uint32
			for f := range Desktop(s, 320, 200, 25) {
				first = append(first, crc32.ChecksumIEEE(f.Image.Pix))
			}
			if d := slices.Compact(slices.Clone(first)); len(first) != 25 || len(d) < 3 {
				t.Fatalf("%d frames, %d different ones", len(first), len(d))
			}
			i := 0
			for f := range Desktop(s, 320, 200, 25) {
				if crc32.ChecksumIEEE(f.Image.Pix) != first[i] {
					t.Fatalf("frame %d is another one the second time", i)
				}
				i++
			}
		})
	}
}

func TestDamageCoversWhatAScenesFramesChange(t *testing.T) {
	for _, s := range Scenes() {
		for _, size := range [][2]int{{400, 300}, {33, 17}, {1, 1}} {
			var before frame.Image
			for f := range Desktop(s, size[0], size[1], 90) {
				if before.Pix == nil {
					before = frame.New(f.Image.W, f.Image.H)
				}
				for _, r := range f.Damage {
					frame.Copy(before, f.Image, r)
				}
				if !bytes.Equal(before.Pix, f.Image.Pix) {
					t.Fatalf("%s at %v: a change that damage does not tell", s, f.At)
				}
			}
		}
	}
}

func TestAScenesChangesAreOfItsKind(t *testing.T) {
	changed := map[Scene]int{}
	for _, s := range Scenes() {
		first := true
		for f := range Desktop(s, 640, 480, 30) {
			for _, r := range f.Damage {
				if !first {
					changed[s] += r.Dx() * r.Dy()
				}
			}
			first = false
		}
	}
	if changed[Typing]*100 > changed[Scrolling] {
		t.Errorf("typing changes %d pixels, scrolling %d", changed[Typing], changed[Scrolling])
	}
	if changed[Photos] == 0 || changed[Photos]*5 > changed[Film] {
		t.Errorf("photographs change %d pixels, a film %d", changed[Photos], changed[Film])
	}
}
