package remote

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"handrail/shared/frame"
)

// noise is a picture in which no two pixels are alike by design.
func noise(w, h int, seed uint64) frame.Image {
	r := rand.New(rand.NewPCG(seed, 1))
	m := frame.New(w, h)
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	return m
}

// sizes are pairs of picture and place: shrunk, grown, both, odd, tiny.
func sizes() [][2]image.Point {
	return [][2]image.Point{
		{image.Pt(64, 48), image.Pt(64, 48)},
		{image.Pt(192, 108), image.Pt(128, 72)},
		{image.Pt(97, 61), image.Pt(31, 17)},
		{image.Pt(31, 17), image.Pt(97, 61)},
		{image.Pt(50, 20), image.Pt(20, 50)},
		{image.Pt(1, 1), image.Pt(9, 5)},
		{image.Pt(300, 2), image.Pt(1, 1)},
	}
}

func TestScalingKeepsOneColourExactly(t *testing.T) {
	for _, s := range sizes() {
		src := frame.New(s[0].X, s[0].Y)
		for i := range src.Pix {
			src.Pix[i] = []byte{255, 1, 127, 254}[i%4]
		}
		dst := frame.New(s[1].X, s[1].Y)
		NewScaler(s[0], s[1]).Scale(dst, src, dst.Bounds())
		for i, b := range dst.Pix {
			if b != src.Pix[i%4] {
				t.Fatalf("%v: byte %d is %d, want %d", s, i, b, src.Pix[i%4])
			}
		}
	}
}

func TestScalingAgreesWithExactArithmetic(t *testing.T) {
	for _, s := range sizes() {
		src := noise(s[0].X, s[0].Y, 7)
		dst := frame.New(s[1].X, s[1].Y)
		NewScaler(s[0], s[1]).Scale(dst, src, dst.Bounds())
		for y := range dst.H {
			for x := range dst.W {
				for c := range 4 {
					want := exact(src, s[1], x, y, c)
					if got := float64(dst.Pix[y*dst.Stride+4*x+c]); math.Abs(got-want) > 3 {
						t.Fatalf("%v: pixel %d,%d channel %d is %v, want %.2f", s, x, y, c, got, want)
					}
				}
			}
		}
	}
}

// exact is a pixel by the definition: means of areas, or interpolation.
func exact(src frame.Image, to image.Point, x, y, c int) float64 {
	axis := func(i, from, to int) map[int]float64 {
		shares := map[int]float64{}
		if to < from {
			a, b := float64(i)*float64(from)/float64(to), float64(i+1)*float64(from)/float64(to)
			for p := range from {
				if o := min(b, float64(p+1)) - max(a, float64(p)); o > 0 {
					shares[p] = o / (b - a)
				}
			}
			return shares
		}
		m := min(max((float64(i)+0.5)*float64(from)/float64(to)-0.5, 0), float64(from-1))
		p := int(m)
		shares[p] = 1 - (m - float64(p))
		if f := m - float64(p); f > 0 {
			shares[p+1] = f
		}
		return shares
	}
	var sum float64
	for py, wy := range axis(y, src.H, to.Y) {
		for px, wx := range axis(x, src.W, to.X) {
			sum += wy * wx * float64(src.Pix[py*src.Stride+4*px+c])
		}
	}
	return sum
}

func TestScalingOnlyTheDamageGivesTheSamePicture(t *testing.T) {
	for _, sz := range sizes() {
		r := rand.New(rand.NewPCG(3, 4))
		src := noise(sz[0].X, sz[0].Y, 9)
		part, whole := frame.New(sz[1].X, sz[1].Y), frame.New(sz[1].X, sz[1].Y)
		s := NewScaler(sz[0], sz[1])
		s.Scale(part, src, part.Bounds())
		for range 40 {
			x, y := r.IntN(src.W), r.IntN(src.H)
			damage := image.Rect(x, y, x+1+r.IntN(src.W-x), y+1+r.IntN(src.H-y))
			for y := damage.Min.Y; y < damage.Max.Y; y++ {
				row := src.Row(y, damage.Min.X, damage.Max.X)
				for i := range row {
					row[i] = byte(r.Uint32())
				}
			}
			s.Scale(part, src, s.Reach(damage))
			s.Scale(whole, src, whole.Bounds())
			if string(part.Pix) != string(whole.Pix) {
				t.Fatalf("%v: after damage %v the part differs from the whole", sz, damage)
			}
		}
	}
}

func TestReachOfNothingIsNothing(t *testing.T) {
	s := NewScaler(image.Pt(100, 100), image.Pt(50, 50))
	for _, r := range []frame.Rect{{}, image.Rect(100, 0, 120, 50), image.Rect(-9, -9, 0, 0)} {
		if got := s.Reach(r); !got.Empty() {
			t.Errorf("reach of %v is %v", r, got)
		}
	}
	s.Scale(frame.New(50, 50), frame.New(100, 100), image.Rect(50, 50, 60, 60)) // outside: nothing to do
}

func BenchmarkScale(b *testing.B) {
	src := noise(1920, 1080, 1)
	for _, to := range []image.Point{{X: 1280, Y: 720}, {X: 1600, Y: 900}, {X: 1277, Y: 718}, {X: 800, Y: 450}, {X: 2560, Y: 1440}} {
		dst := frame.New(to.X, to.Y)
		s := NewScaler(image.Pt(src.W, src.H), to)
		for _, damage := range []frame.Rect{src.Bounds(), image.Rect(700, 400, 900, 600)} {
			b.Run(fmt.Sprintf("%dx%d/%dx%d", to.X, to.Y, damage.Dx(), damage.Dy()), func(b *testing.B) {
				for b.Loop() {
					s.Scale(dst, src, s.Reach(damage))
				}
			})
		}
	}
}
