package codec

import (
	"bytes"
	"image"
	"sync"
	"testing"
	"time"

	"handrail/shared/frame"
)

// together does all at the same time.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// What is done at the same time gives the bytes and pictures of what is done
// in turn. The race detector watches.
func TestStripesInParallelGiveTheSameBytesAndPicture(t *testing.T) {
	t.Parallel()
	m := &desk{Image: frame.New(2048, 1100)} // more than 4·splitFrom pixels
	p := newPair(t, Automatic)
	other := NewEncoder(together)
	d := NewDecoder(DefaultLimits(), together)
	p.limit = 1 << 20
	most := 0
	send := func() {
		for p.owed() || p.e.w != m.W {
			s := other.Encode(nil, m.Image, p.limit, p.now)
			if !p.slice(m.Image) {
				if len(s) > 0 {
					t.Fatal("one encoder has something to say, the other hasn't")
				}
				return
			}
			if !bytes.Equal(s, p.buf) {
				t.Fatalf("slice %d differs", p.slices)
			}
			most = max(most, p.e.stripes)
			if _, err := d.Decode(s); err != nil {
				t.Fatal(err)
			}
			if !frame.Equal(d.Image(), p.d.Image()) {
				t.Fatalf("after slice %d the pictures differ", p.slices)
			}
		}
	}
	for y := range m.H { // boxes are as large as tiles, at little cost
		if y%side == 0 || y%side == side-1 {
			m.fill(image.Rect(0, y, m.W, y+1), 0x305070)
		}
	}
	m.text(image.Rect(400, 200, 1300, 400), 4)
	m.photo(image.Rect(900, 300, 1200, 600), 5)
	send()
	film := image.Rect(500, 500, 756, 756)
	for range 6 {
		p.now = p.now.Add(33 * time.Millisecond)
		m.shot++
		m.photo(film, m.shot)
		p.e.Damage(film)
		other.Damage(film)
		send()
	}
	if most != maxStripes || len(p.open()) == 0 {
		t.Fatalf("%d stripes and films %v: not everything is tested", most, p.open())
	}
}
