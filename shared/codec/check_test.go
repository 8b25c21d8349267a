package codec

import (
	"errors"
	"image"
	"testing"
	"time"

	"handrail/shared/frame"
)

// A pixel that is wrong anywhere is found before every row of tiles has been
// checked once; and then nothing counts until a key frame.
func TestTheCheckFindsAWrongPixel(t *testing.T) {
	for _, at := range []image.Point{{0, 0}, {299, 0}, {150, 100}, {1, 199}, {298, 199}, {299, 128}} {
		m := newDesk(1, 300, 200)
		p := newPair(t, Exact)
		p.all(m.Image)
		p.d.Image().Row(at.Y, at.X, at.X+1)[1] ^= 4
		m.caret = image.Pt(80, 70)
		err := typed(p, m, p.e.down*checkEvery)
		if !errors.Is(err, ErrMismatch) {
			t.Errorf("wrong at %v: %v", at, err)
			continue
		}
		if err := typed(p, m, 1); !errors.Is(err, ErrNeedKey) {
			t.Errorf("after a mismatch: %v", err)
		}
		p.e.KeyFrame()
		p.all(m.Image)
		if !frame.Equal(m.Image, p.d.Image()) {
			t.Errorf("the key frame did not heal")
		}
	}
}

// typed sends so many slices with a letter each, and stops at a mistake.
func typed(p *pair, m *desk, slices int) error {
	for n := range slices {
		if m.caret.X > 200 {
			m.caret.X = 80
		}
		m.damage = m.damage[:0]
		m.typing()
		m.dot(image.Pt(100, 100), n) // so that something changes in any case
		m.damage = append(m.damage, image.Rect(100, 100, 101, 101))
		p.e.Damage(m.damage...)
		p.now = p.now.Add(time.Second)
		if _, err := p.d.Decode(p.e.Encode(nil, m.Image, p.limit, p.now)); err != nil {
			return err
		}
	}
	return nil
}

func TestTheUndefinedByteIsNotChecked(t *testing.T) {
	m := newDesk(2, 200, 130)
	p := newPair(t, Exact)
	p.all(m.Image)
	for i := 3; i < len(p.d.Image().Pix); i += 4 {
		p.d.Image().Pix[i] ^= byte(i)
	}
	m.caret = image.Pt(80, 70)
	if err := typed(p, m, p.e.down*checkEvery); err != nil {
		t.Fatal(err)
	}
}
