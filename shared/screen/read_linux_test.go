package screen

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// follower puts a picture together from the damaged parts of Updates alone.
type follower struct {
	mu      sync.Mutex
	seen    frame.Image
	area    frame.Rect
	layouts int
}

// follow takes all Updates of s until the test ends.
func follow(t *testing.T, s *Source) *follower {
	t.Helper()
	f := &follower{}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	t.Cleanup(group.Wait)
	t.Cleanup(cancel)
	group.Go(func() {
		for {
			u, err := s.Next(ctx)
			if err != nil {
				if ctx.Err() == nil {
					t.Errorf("following: %v", err)
				}
				return
			}
			f.take(u)
		}
	})
	return f
}

func (f *follower) take(u Update) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if u.Layout != nil {
		f.layouts++
	}
	if f.area = u.Area; f.seen.W != u.Image.W || f.seen.H != u.Image.H {
		f.seen = frame.New(u.Image.W, u.Image.H)
	}
	for _, r := range u.Damage {
		frame.Copy(f.seen, u.Image, r)
	}
}

// is says whether the picture put together is what the server shows there.
func (f *follower) is(p *painter, pix pixels) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.area
	r, err := xproto.GetImage(p.c, xproto.ImageFormatZPixmap, xproto.Drawable(p.root),
		int16(a.Min.X), int16(a.Min.Y), uint16(a.Dx()), uint16(a.Dy()), 0xffffffff).Reply()
	if err != nil {
		return false // nothing was seen yet, or the screen became smaller
	}
	if pix.bgrx() {
		return frame.Equal(f.seen, frame.Image{Pix: r.Data, Stride: 4 * a.Dx(), W: a.Dx(), H: a.Dy()})
	}
	now, stride := frame.New(a.Dx(), a.Dy()), pix.stride(a.Dx())
	for y := range now.H {
		pix.convert(now.Row(y, 0, now.W), r.Data[y*stride:][:stride])
	}
	return frame.Equal(f.seen, now)
}

// scribble draws up to n rectangles of all shapes.
func (p *painter) scribble(rng *rand.Rand, w, h, n int) {
	for range 1 + rng.IntN(n) {
		x, y := rng.IntN(w), rng.IntN(h)
		size := [][2]int{{w, 3}, {3, h}, {9, 14}, {w / 2, h / 2}, {w / 4, 60}}[rng.IntN(5)]
		p.send(image.Rect(x, y, x+1+rng.IntN(size[0]), y+1+rng.IntN(size[1])), rng.Uint32())
	}
}

func TestThePictureIsTheScreenWhateverIsDrawn(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"32 bit", []string{"-screen", "0", "1366x768x24"}},
		{"32 bit, no shared memory", []string{"-screen", "0", "640x480x24", "-extension", "MIT-SHM"}},
		{"16 bit", []string{"-screen", "0", "801x600x16"}},
		{"16 bit, no shared memory", []string{"-screen", "0", "641x480x16", "-extension", "MIT-SHM"}},
		{"no RandR", []string{"-screen", "0", "640x480x24", "-extension", "RANDR"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if xdisplay.Alone(t) {
				return
			}
			display := start(t, c.args...)
			p, s := newPainter(t, display), openHere(t, display)
			f, pix := follow(t, s), s.back.(*xserver).pixels
			screen := xproto.Setup(p.c).DefaultScreen(p.c)
			rng := rand.New(rand.NewPCG(1, uint64(len(c.name))))
			for range 25 {
				p.scribble(rng, int(screen.WidthInPixels), int(screen.HeightInPixels), 60)
				xdisplay.WaitFor(t, "the picture to be the screen", func() bool { return f.is(p, pix) })
			}
		})
	}
}

// Of a keystroke a few hundred pixels are read, and not those between it and
// something else that changed.
func TestDamageIsNoLargerThanWhatWasDrawn(t *testing.T) {
	d := xdisplay.Start(t, "1280x720")
	p, s := newPainter(t, d.Name()), openHere(t, d.Name())
	next(t, s)
	for i := range 20 {
		key, mark := image.Rect(100+10*i, 50, 109+10*i, 64), image.Rect(900, 600, 902, 620)
		p.send(key, orangePixel)
		p.send(mark, uint32(i+1))
		for seen := false; !seen; {
			u := next(t, s)
			for _, r := range u.Damage {
				if r != key && r != mark {
					t.Fatalf("damage %v, drawn %v and %v", r, key, mark)
				}
			}
			seen = shows(u.Image, key, orange) && shows(u.Image, mark, [3]byte{byte(i + 1)})
		}
	}
}

// A screen that changes its size and its monitors, with one of them shown and
// something drawn all the time, is shown as it is whenever it comes to rest.
func TestS04ThePictureStaysTrueWhileMonitorsComeAndGo(t *testing.T) {
	d := xdisplay.Start(t, "1280x720")
	p, s := newPainter(t, d.Name()), openHere(t, d.Name())
	d.Run("xrandr", "--newmode", "800x600", "40", "800", "840", "968", "1056", "600", "601", "605", "628")
	d.Run("xrandr", "--addmode", "screen", "800x600")
	f, pix := follow(t, s), s.back.(*xserver).pixels
	rng := rand.New(rand.NewPCG(3, 4))
	for i, step := range []struct {
		pick uint8
		args []string
		want image.Point // the size of what is shown then
	}{
		{0, []string{"--setmonitor", "left", "400/100x600/150+0+0", "screen"}, image.Pt(400, 600)},
		{0, []string{"--setmonitor", "right", "400/100x500/150+400+100", "none"}, image.Pt(800, 600)},
		{2, []string{"--output", "screen", "--mode", "800x600"}, image.Pt(400, 500)},
		{2, []string{"--delmonitor", "left"}, image.Pt(400, 500)},
		{1, []string{"--delmonitor", "right"}, image.Pt(800, 600)},
		{1, []string{"--setmonitor", "left", "300/100x500/150+100+0", "none"}, image.Pt(800, 600)},
		{0, []string{"--output", "screen", "--mode", "1280x720"}, image.Pt(1280, 720)},
		{2, []string{"--delmonitor", "left"}, image.Pt(1280, 720)},
	} {
		p.scribble(rng, 1280, 720, 100)
		s.Pick(step.pick)
		d.Run("xrandr", step.args...)
		p.scribble(rng, 1280, 720, 100)
		xdisplay.WaitFor(t, fmt.Sprintf("the picture after step %d", i), func() bool {
			f.mu.Lock()
			size := f.area.Size()
			f.mu.Unlock()
			return size == step.want && f.is(p, pix)
		})
	}
}

// segments are the modes of this process's shared memory.
func segments(t *testing.T) (modes []string) {
	t.Helper()
	f, err := os.Open("/proc/sysvipc/shm")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	own := fmt.Sprint(os.Getpid())
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// key, shmid, perms, size, cpid, …
		if c := strings.Fields(lines.Text()); len(c) > 4 && c[4] == own {
			modes = append(modes, c[2])
		}
	}
	return modes
}

func TestOnlyTheUserCanReadTheSegmentAndCloseGivesItBack(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	s := openHere(t, d.Name())
	next(t, s)
	modes := segments(t)
	if len(modes) == 0 {
		t.Fatal("no segment")
	}
	for _, m := range modes {
		// 01000: it is gone when all have left it.
		if m != "1600" {
			t.Errorf("mode %s", m)
		}
	}
	s.Close()
	xdisplay.WaitFor(t, "the segment's end", func() bool { return len(segments(t)) == 0 })
}

func grid(n, side, step int) (rs []frame.Rect) {
	for i := range n {
		x, y := i%16*step, i/16*step
		rs = append(rs, image.Rect(x, y, x+side, y+side))
	}
	return rs
}

// BenchmarkCapture reads parts of a screen, the server's work included in the
// time, not in the allocations.
func BenchmarkCapture(b *testing.B) {
	for _, size := range []struct{ w, h int }{{1920, 1080}, {3840, 2160}} {
		x := benchServer(b, size.w, size.h)
		for _, bm := range []struct {
			name string
			rs   []frame.Rect
		}{
			{"key", []frame.Rect{image.Rect(100, 100, 112, 120)}},
			{"line", []frame.Rect{image.Rect(100, 100, 900, 120)}},
			{"200x200", []frame.Rect{image.Rect(100, 100, 300, 300)}},
			{"16tiles", grid(16, 64, 100)},
			{"half", []frame.Rect{image.Rect(0, 0, size.w/2, size.h)}},
			{"all", []frame.Rect{image.Rect(0, 0, size.w, size.h)}},
		} {
			b.Run(fmt.Sprintf("%dx%d/%s", size.w, size.h, bm.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.damage = append(x.damage[:0], bm.rs...)
					if err := x.capture(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// benchServer is an X server of this size whose whole screen is shown.
func benchServer(b *testing.B, w, h int) *xserver {
	b.Helper()
	d := xdisplay.Start(b, fmt.Sprintf("%dx%d", w, h))
	s, err := Open(d.Name())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	x := s.back.(*xserver)
	if err := x.point(image.Rect(0, 0, w, h)); err != nil {
		b.Fatal(err)
	}
	x.damage = append(x.damage, x.pic.Bounds())
	if err := x.capture(); err != nil {
		b.Fatal(err)
	}
	return x
}
