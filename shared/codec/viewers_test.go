package codec

import (
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

// The screen may become another one while slices of the old one are under way.
func TestADecoderFollowsAMonitorThatBecomesAnother(t *testing.T) {
	m := newDesk(1, 500, 300)
	p := newPair(t, Automatic)
	p.strict = true
	p.limit = 3000
	var way [][]byte // slices under way
	for i, size := range [][2]int{{500, 300}, {1, 1}, {64, 400}, {500, 300}, {300, 500}, {300, 500}} {
		m = newDesk(uint64(i), size[0], size[1])
		for n := range 12 {
			m.step()
			p.e.Damage(m.damage...)
			p.now = p.now.Add(33 * time.Millisecond)
			for range 2 { // less than there is: the rest of it never goes
				if s := p.e.Encode(nil, m.Image, p.limit, p.now); len(s) > 0 {
					way = append(way, s)
				}
			}
			if n == 11 && i == 2 {
				m.Image = frame.New(m.W, m.H) // unplugged and plugged in again: black
				p.e.Resize(m.W, m.H)
			}
		}
	}
	for len(way) > 0 {
		if _, err := p.d.Decode(way[0]); err != nil {
			t.Fatal(err)
		}
		way = way[1:]
	}
	p.rests(m.Image)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("the pictures differ")
	}
	p.same()
}

// Slices of a picture that is no more, met after the key frame of the next
// one, are a mistake of the transport. They may be taken for damage, but never
// do harm, and the next key frame heals.
func TestLateSlicesOfAnotherSizeDoNoHarm(t *testing.T) {
	m := newDesk(2, 400, 300)
	p := newPair(t, Automatic)
	p.all(m.Image)
	var late [][]byte
	for range 40 {
		m.step()
		p.e.Damage(m.damage...)
		p.now = p.now.Add(33 * time.Millisecond)
		if s := p.e.Encode(nil, m.Image, p.limit, p.now); len(s) > 0 {
			late = append(late, s)
		}
	}
	small := newDesk(3, 100, 80)
	p.e.Resize(small.W, small.H)
	p.all(small.Image)
	for _, s := range late {
		damage, err := p.d.Decode(s)
		if err != nil && !documented(err) {
			t.Fatalf("%v", err)
		}
		within(t, p.d, damage)
	}
	p.e.KeyFrame()
	p.rests(small.Image)
	if !frame.Equal(small.Image, p.d.Image()) {
		t.Fatal("the key frame did not heal")
	}
}

func TestALateViewerSeesWhatTheFirstOneSees(t *testing.T) {
	t.Parallel()
	m := newDesk(4, 300, 230)
	p := newPair(t, Automatic)
	m.film = image.Rect(50, 40, 270, 220)
	for range 20 {
		m.step()
		p.e.Damage(m.damage...)
		p.now = p.now.Add(33 * time.Millisecond)
		p.all(m.Image)
	}
	p.e.KeyFrame()
	late := NewDecoder(DefaultLimits(), nil)
	for range 20 {
		m.step()
		p.e.Damage(m.damage...)
		p.now = p.now.Add(33 * time.Millisecond)
		for p.owed() && p.slice(m.Image) {
			if _, err := late.Decode(p.buf); err != nil {
				t.Fatal(err)
			}
			if !frame.Equal(late.Image(), p.d.Image()) {
				t.Fatalf("slice %d: two viewers see two pictures", p.slices)
			}
		}
	}
}

// What a decoder saw before a key frame must not matter after it.
func TestAKeyFrameHealsWhateverWentWrong(t *testing.T) {
	m := newDesk(5, 400, 300)
	p := newPair(t, Automatic)
	for n := range 20 {
		m.step()
		p.e.Damage(m.damage...)
		p.now = p.now.Add(33 * time.Millisecond)
		if n%10 == 9 {
			p.e.Encode(nil, m.Image, p.limit, p.now) // and it is lost
			p.e.KeyFrame()
		}
		p.all(m.Image)
	}
	p.rests(m.Image)
	if !frame.Equal(m.Image, p.d.Image()) {
		t.Fatal("the pictures differ")
	}
	p.same()
}
