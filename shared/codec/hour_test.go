package codec

import (
	"flag"
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

var hour = flag.Bool("hour", false, "let TestEveryFrameOfASession go on for an hour of the session's time")

// A session as sessions are: bursts of work with pauses between them, 10 to 30
// frames a second while something happens, a film now and then; key frames for
// viewers that join; a link that is behind for a while. After each slice both
// ends are equal, and after each pause the picture is exact.
func TestEveryFrameOfASession(t *testing.T) {
	t.Parallel()
	length, w, h := 12*time.Second, 256, 180
	if *hour {
		length, w, h = time.Hour, 640, 400
	}
	m := newDesk(12, w, h)
	p := newPair(t, Automatic)
	frames := 0
	for p.now.Sub(start()) < length {
		m.mood(p)
		for range 20 + m.rng.IntN(100) {
			p.now = p.now.Add(time.Second / time.Duration(10+m.rng.IntN(21)))
			m.step()
			p.e.Damage(m.damage...)
			if m.rng.IntN(8) == 0 {
				p.e.Urgent(m.some(m.W, m.H))
			}
			p.all(m.Image)
			frames++
		}
		m.film = frame.Rect{}
		p.now = p.now.Add(time.Duration(m.rng.IntN(3000)) * time.Millisecond)
		p.rests(m.Image)
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Fatalf("frame %d: at rest and not exact", frames)
		}
		p.open()
	}
	p.same()
	t.Logf("%v: %d frames, %d slices, %d bytes", p.now.Sub(start()), frames, p.slices, p.bytes)
}

// mood is what changes from one burst of work to the next.
func (m *desk) mood(p *pair) {
	p.limit = 500 + m.rng.IntN(12000)
	p.e.Tune(Automatic, max(m.rng.IntN(2*MaxStrain+1)-MaxStrain, 0))
	if m.rng.IntN(10) == 0 {
		p.e.KeyFrame()
	}
	m.caret = image.Pt(m.rng.IntN(m.W), m.rng.IntN(m.H))
}
