package bench

import (
	"bytes"
	"errors"
	"image"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"handrail/shared/frame"
)

// record is a scene as a recording.
func record(t testing.TB, s Scene, w, h, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	rec, err := NewWriter(&out, w, h)
	if err != nil {
		t.Fatal(err)
	}
	for f := range Desktop(s, w, h, n) {
		if _, err := rec.Add(f.At, f.Image); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestARecordingGivesBackWhatItWasGiven(t *testing.T) {
	for _, s := range Scenes() {
		r, err := NewReader(bytes.NewReader(record(t, s, 205, 133, 12)), MaxPixels)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		before := frame.New(205, 133)
		for want := range Desktop(s, 205, 133, 12) {
			got, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if got.At.Round(time.Millisecond) != want.At.Round(time.Millisecond) || !bytes.Equal(got.Image.Pix, want.Image.Pix) {
				t.Fatalf("%s at %v: not what was recorded", s, want.At)
			}
			for _, d := range got.Damage {
				frame.Copy(before, got.Image, d)
			}
			if !bytes.Equal(before.Pix, got.Image.Pix) {
				t.Fatalf("%s at %v: a change that damage does not tell", s, want.At)
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("after the end: %v", err)
		}
	}
}

func TestARecordingCutOffIsNoRecording(t *testing.T) {
	whole := record(t, Scrolling, 60, 40, 5)
	for n := 0; n < len(whole); n += 11 { // 16 is left out: a header alone is a recording of nothing
		if err := play(whole[:n], MaxPixels); !errors.Is(err, ErrRecording) {
			t.Fatalf("cut off after %d of %d bytes: %v", n, len(whole), err)
		}
	}
}

func TestTimeInARecordingNeverGoesBack(t *testing.T) {
	rec, err := NewWriter(io.Discard, 10, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Add(time.Second, frame.New(10, 10)); err != nil {
		t.Fatal(err)
	}
	if _, err := rec.Add(time.Millisecond, frame.New(10, 10)); err == nil {
		t.Fatal("a frame before the last one was taken")
	}
}

// play reads all frames.
func play(recording []byte, pixels int) error {
	r, err := NewReader(bytes.NewReader(recording), pixels)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// FuzzRecording: whatever the bytes, no more pixels than allowed are kept, and
// what can be played can be recorded again and plays the same.
func FuzzRecording(f *testing.F) {
	for _, s := range Scenes() {
		f.Add(record(f, s, 70, 50, 4))
	}
	f.Add([]byte(magic + "\xff\xff\xff\xff\xff\xff\xff\xff"))
	const pixels = 128 * 128
	f.Fuzz(func(t *testing.T, recording []byte) {
		r, err := NewReader(bytes.NewReader(recording), pixels)
		if err != nil {
			return
		}
		defer r.Close()
		if cap(r.pic.Pix) > 4*pixels || cap(r.raw) > 4*pixels {
			t.Fatal("more pixels than allowed")
		}
		w, h := r.Size()
		var again bytes.Buffer
		rec, err := NewWriter(&again, w, h)
		if err != nil {
			t.Fatal(err)
		}
		var frames []Frame
		for len(frames) < 20 {
			fr, err := r.Next()
			if err != nil {
				break
			}
			fr.Image = fr.Image.Clone()
			frames = append(frames, fr)
			if _, err := rec.Add(fr.At, fr.Image); err != nil {
				t.Fatal(err)
			}
		}
		if err := rec.Close(); err != nil {
			t.Fatal(err)
		}
		r2, err := NewReader(&again, pixels)
		if err != nil {
			t.Fatal(err)
		}
		defer r2.Close()
		for _, want := range frames {
			if got, err := r2.Next(); err != nil || got.At != want.At || !bytes.Equal(got.Image.Pix, want.Image.Pix) {
				t.Fatalf("at %v it plays differently: %v", want.At, err)
			}
		}
	})
}

func TestTilesAreJoinedToFewRectanglesWithoutCoveringOthers(t *testing.T) {
	g := gridOf(5*tile, 4*tile-3)
	for _, c := range []struct {
		name string
		ids  []uint32
		want []frame.Rect
	}{
		{"none", nil, nil},
		{"a row", []uint32{6, 7, 8}, []frame.Rect{image.Rect(32, 32, 128, 64)}},
		{"a block", []uint32{1, 2, 6, 7, 11, 12}, []frame.Rect{image.Rect(32, 0, 96, 96)}},
		{"not around the corner", []uint32{4, 5}, []frame.Rect{image.Rect(128, 0, 160, 32), image.Rect(0, 32, 32, 64)}},
		{"steps", []uint32{0, 1, 5}, []frame.Rect{image.Rect(0, 0, 64, 32), image.Rect(0, 32, 32, 64)}},
		{"a gap", []uint32{0, 10}, []frame.Rect{image.Rect(0, 0, 32, 32), image.Rect(0, 64, 32, 96)}},
		{"lower edge", []uint32{14, 19}, []frame.Rect{image.Rect(128, 64, 160, 125)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := g.join(nil, c.ids); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var ids []uint32
		for i := range g.tiles() {
			if rng.IntN(3) > 0 {
				ids = append(ids, uint32(i))
			}
		}
		rs := g.join(nil, ids)
		for i := range g.tiles() {
			if got, want := frame.Covers(rs, g.rect(i)), slices.Contains(ids, uint32(i)); got != want {
				t.Fatalf("tile %d of %v: covered %v", i, ids, got)
			}
		}
	}
}
