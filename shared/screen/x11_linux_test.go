package screen

import (
	"bufio"
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

// patience bounds every wait. Nothing waits that long unless it is broken: a
// busy machine takes its time to start an X server.
const patience = time.Minute

// painter draws on a display, to be seen by the Source under test.
type painter struct {
	t    testing.TB
	c    *xgb.Conn
	root xproto.Window
	gc   xproto.Gcontext
}

func newPainter(t testing.TB, display string) *painter {
	t.Helper()
	c, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	p := &painter{t: t, c: c, root: xproto.Setup(c).DefaultScreen(c).Root}
	p.gc, _ = xproto.NewGcontextId(c)
	xproto.CreateGC(c, p.gc, xproto.Drawable(p.root), xproto.GcSubwindowMode, []uint32{xproto.SubwindowModeIncludeInferiors})
	return p
}

func (p *painter) fill(r frame.Rect, pixel uint32) {
	p.t.Helper()
	xproto.ChangeGC(p.c, p.gc, xproto.GcForeground, []uint32{pixel})
	err := xproto.PolyFillRectangleChecked(p.c, xproto.Drawable(p.root), p.gc, []xproto.Rectangle{
		{X: int16(r.Min.X), Y: int16(r.Min.Y), Width: uint16(r.Dx()), Height: uint16(r.Dy())},
	}).Check()
	if err != nil {
		p.t.Fatal(err)
	}
}

// pointer gives the root a glyph of the cursor font.
func (p *painter) pointer(glyph uint16) {
	p.t.Helper()
	font, _ := xproto.NewFontId(p.c)
	cursor, _ := xproto.NewCursorId(p.c)
	xproto.OpenFont(p.c, font, 6, "cursor")
	xproto.CreateGlyphCursor(p.c, cursor, font, font, glyph, glyph+1, 0, 0, 0, 0xffff, 0xffff, 0xffff)
	if err := xproto.ChangeWindowAttributesChecked(p.c, p.root, xproto.CwCursor, []uint32{uint32(cursor)}).Check(); err != nil {
		p.t.Fatal(err)
	}
}

// start runs an Xvfb with arguments of its own.
func start(t *testing.T, args ...string) string {
	t.Helper()
	display, _ := startServer(t, args...)
	return display
}

func startServer(t *testing.T, args ...string) (display string, stop func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", append([]string{"-displayfd", "3", "-nolisten", "tcp", "-noreset"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	if err := r.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return ":" + strings.TrimSpace(number), stop
}

func openHere(t *testing.T, display string) *Source {
	t.Helper()
	s, err := Open(display)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func next(t *testing.T, s *Source) Update {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	u, err := s.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// until takes updates until one is as wanted.
func until(t *testing.T, s *Source, what string, ok func(Update) bool) Update {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		u, err := s.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		if ok(u) {
			return u
		}
	}
}

// shows says whether r is all of this colour.
func shows(m frame.Image, r frame.Rect, bgr [3]byte) bool {
	if !r.In(m.Bounds()) {
		return false
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := m.Row(y, r.Min.X, r.Max.X)
		for i := 0; i < len(row); i += 4 {
			if [3]byte(row[i:i+3]) != bgr {
				return false
			}
		}
	}
	return true
}

var orange = [3]byte{0x10, 0x80, 0xf0}

const orangePixel = 0xf08010

func TestFirstUpdateHoldsEverything(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	s := openHere(t, d.Name())
	u := next(t, s)
	if u.Image.W != 640 || u.Image.H != 480 || u.Area != image.Rect(0, 0, 640, 480) {
		t.Fatalf("picture %v of area %v", u.Image.Bounds(), u.Area)
	}
	if !frame.Covers(u.Damage, u.Image.Bounds()) {
		t.Fatalf("damage %v", u.Damage)
	}
	if len(u.Layout) != 1 || !u.Layout[0].Primary || u.Layout[0].ID != 1 || u.Layout[0].Bounds != u.Area {
		t.Fatalf("layout %+v", u.Layout)
	}
	if u.Cursor == nil || u.Cursor.ID == 0 || len(u.Cursor.Pix) != 4*u.Cursor.W*u.Cursor.H {
		t.Fatalf("cursor %+v", u.Cursor)
	}
	if !u.PointerMoved || u.Pointer != image.Pt(320, 240) {
		t.Fatalf("pointer %v", u.Pointer)
	}
}

func TestDrawingIsSeenExactlyAndWithItsDamage(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	p := newPainter(t, d.Name())
	s := openHere(t, d.Name())
	next(t, s)
	for i := range 30 {
		r := image.Rect(7*i, 5*i, 7*i+50, 5*i+33)
		c := [3]byte{byte(8 * i), byte(255 - i), byte(i)}
		p.fill(r, uint32(c[0])|uint32(c[1])<<8|uint32(c[2])<<16)
		until(t, s, "the rectangle", func(u Update) bool {
			if len(u.Damage) == 0 {
				return false
			}
			return frame.Covers(u.Damage, r) && shows(u.Image, r, c)
		})
	}
}

// Everything that changed must be in some damage: a copy brought up to date by
// damage alone stays equal.
func TestDamageLeavesNothingOut(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	p := newPainter(t, d.Name())
	s := openHere(t, d.Name())
	kept := next(t, s).Image.Clone()
	done := image.Rect(630, 470, 640, 480)
	for i := range 200 {
		x, y := i*37%560, i*53%400
		p.fill(image.Rect(x, y, x+1+i%70, y+1+i%60), uint32(i)*0x3571f)
	}
	p.fill(done, orangePixel)
	u := until(t, s, "the last rectangle", func(u Update) bool {
		for _, r := range u.Damage {
			frame.Copy(kept, u.Image, r)
		}
		return shows(u.Image, done, orange)
	})
	if !frame.Equal(kept, u.Image) {
		t.Fatal("the copy differs")
	}
}

func TestS04LayoutAndSizeMayChangeInTheSession(t *testing.T) {
	d := xdisplay.Start(t, "1280x720")
	p := newPainter(t, d.Name())
	s := openHere(t, d.Name())
	next(t, s)
	// Xvfb knows only its first mode by itself.
	d.Run("xrandr", "--newmode", "800x600", "40", "800", "840", "968", "1056", "600", "601", "605", "628")
	d.Run("xrandr", "--newmode", "640x480", "25", "640", "656", "752", "800", "480", "490", "492", "525")
	d.Run("xrandr", "--addmode", "screen", "800x600")
	d.Run("xrandr", "--addmode", "screen", "640x480")
	for _, size := range []string{"800x600", "1280x720", "640x480"} {
		d.Run("xrandr", "--output", "screen", "--mode", size)
		u := until(t, s, size, func(u Update) bool {
			return u.Layout != nil && u.Area.Size().String() == "("+strings.Replace(size, "x", ",", 1)+")"
		})
		if u.Image.Bounds().Size() != u.Area.Size() || !frame.Covers(u.Damage, u.Image.Bounds()) {
			t.Fatalf("%s: picture %v, damage %v", size, u.Image.Bounds(), u.Damage)
		}
		r := image.Rect(10, 20, 100, 90)
		p.fill(r, orangePixel)
		until(t, s, "orange after the change", func(u Update) bool { return shows(u.Image, r, orange) })
		p.fill(r, 0)
	}
}

func TestS04OneMonitorOrAll(t *testing.T) {
	d := xdisplay.Start(t, "800x600")
	p := newPainter(t, d.Name())
	s := openHere(t, d.Name())
	next(t, s)
	d.Run("xrandr", "--setmonitor", "left", "400/100x600/150+0+0", "screen")
	d.Run("xrandr", "--setmonitor", "right", "400/100x500/150+400+100", "none")
	u := until(t, s, "two monitors", func(u Update) bool { return len(u.Layout) == 2 })
	right := u.Layout[1]
	if right.Name != "right" || right.Bounds != image.Rect(400, 100, 800, 600) || s.Monitors()[1] != right {
		t.Fatalf("layout %+v", u.Layout)
	}
	s.Pick(right.ID)
	u = until(t, s, "the right monitor", func(u Update) bool { return u.Monitor == right.ID })
	if u.Area != right.Bounds || u.Image.W != 400 || u.Image.H != 500 {
		t.Fatalf("area %v, picture %v", u.Area, u.Image.Bounds())
	}
	p.fill(image.Rect(0, 0, 390, 90), 0xffffff)
	p.fill(image.Rect(500, 200, 520, 220), orangePixel)
	until(t, s, "orange on it", func(u Update) bool { return shows(u.Image, image.Rect(100, 100, 120, 120), orange) })

	d.Run("xrandr", "--delmonitor", "right")
	u = until(t, s, "everything again", func(u Update) bool { return u.Layout != nil })
	if u.Monitor != 0 {
		t.Fatalf("still monitor %d after it went away: %+v", u.Monitor, u.Layout)
	}
}

func TestS08PointerShapeAndPlaceAreSeen(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	s := openHere(t, d.Name())
	first := *next(t, s).Cursor
	newPainter(t, d.Name()).pointer(150) // XC_watch
	u := until(t, s, "another shape", func(u Update) bool { return u.Cursor != nil })
	if u.Cursor.ID == first.ID || u.Cursor.ID == 0 {
		t.Fatalf("shape %d after %d", u.Cursor.ID, first.ID)
	}
	d.Run("xdotool", "mousemove", "77", "88")
	until(t, s, "the pointer's place", func(u Update) bool { return u.PointerMoved && u.Pointer == image.Pt(77, 88) })
}

func TestAPointerShapeWhoseProgramLeftIsNoFailure(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	s := openHere(t, d.Name())
	next(t, s)
	d.Run("xsetroot", "-cursor_name", "watch") // ends at once
	d.Run("xdotool", "mousemove", "77", "88")
	until(t, s, "the pointer's place", func(u Update) bool { return u.PointerMoved && u.Pointer == image.Pt(77, 88) })
}

func TestRefreshDeliversEverythingAgain(t *testing.T) {
	d := xdisplay.Start(t, "320x240")
	s := openHere(t, d.Name())
	next(t, s)
	s.Refresh()
	u := next(t, s)
	if u.Layout == nil || u.Cursor == nil || !frame.Covers(u.Damage, u.Image.Bounds()) {
		t.Fatalf("only %+v", u)
	}
}

func TestOtherPixelsAndServersWithoutSharedMemory(t *testing.T) {
	for _, c := range []struct {
		name  string
		args  []string
		pixel uint32
		want  [3]byte
	}{
		{"no shared memory", []string{"-screen", "0", "640x480x24", "-extension", "MIT-SHM"}, orangePixel, orange},
		{"16 bit", []string{"-screen", "0", "641x480x16"}, 31<<11 | 32<<5 | 1, [3]byte{8, 129, 255}},
		{"16 bit, no shared memory", []string{"-screen", "0", "641x480x16", "-extension", "MIT-SHM"}, 31 << 11, [3]byte{0, 0, 255}},
		{"no RandR", []string{"-screen", "0", "640x480x24", "-extension", "RANDR"}, orangePixel, orange},
	} {
		t.Run(c.name, func(t *testing.T) {
			if xdisplay.Alone(t) {
				return
			}
			display := start(t, c.args...)
			p := newPainter(t, display)
			s := openHere(t, display)
			next(t, s)
			r := image.Rect(33, 300, 301, 400)
			p.fill(r, c.pixel)
			until(t, s, "the rectangle", func(u Update) bool { return shows(u.Image, r, c.want) })
		})
	}
}

func TestEightBitIsRefusedClearly(t *testing.T) {
	if _, err := Open(start(t, "-screen", "0", "320x240x8")); !errors.Is(err, ErrPixels) {
		t.Fatalf("got %v", err)
	}
}

func TestServerWithoutDamageIsSeenByTheClock(t *testing.T) {
	if xdisplay.Alone(t) {
		return
	}
	display := start(t, "-screen", "0", "320x240x24", "-extension", "DAMAGE", "-extension", "Composite")
	if _, err := Open(display); !errors.Is(err, ErrNoScreen) {
		t.Fatalf("a display that is not the environment's: %v", err)
	}
	t.Setenv("DISPLAY", display)
	t.Setenv("XDG_SESSION_TYPE", "x11")
	p := newPainter(t, display)
	s := openHere(t, "")
	u := next(t, s)
	if u.Image.W != 320 || len(u.Layout) != 1 {
		t.Fatalf("picture %v, layout %v", u.Image.Bounds(), u.Layout)
	}
	r := image.Rect(33, 100, 301, 200)
	p.fill(r, orangePixel)
	until(t, s, "the rectangle", func(u Update) bool { return frame.Covers(u.Damage, r) && shows(u.Image, r, orange) })
}

func TestNoScreenIsSaid(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if _, err := Open(""); !errors.Is(err, ErrNoScreen) {
		t.Errorf("without DISPLAY: %v", err)
	}
	t.Setenv("WAYLAND_DISPLAY", "wayland-0")
	if _, err := Open(""); !errors.Is(err, ErrWayland) {
		t.Errorf("under Wayland: %v", err)
	}
	if _, err := Open(":64999"); !errors.Is(err, ErrNoScreen) {
		t.Errorf("display that isn't there: %v", err)
	}
}

func TestNextEndsWithItsContextTheSourceAndTheServer(t *testing.T) {
	d := xdisplay.Start(t, "320x240")
	s := openHere(t, d.Name())
	next(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	wait := func() { _, err := s.Next(ctx); got <- err }
	go wait()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("after its context: %v", err)
	}
	ctx = t.Context()
	go wait()
	s.Close()
	if err := <-got; !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}

	display, stop := startServer(t, "-screen", "0", "320x240x24")
	s = openHere(t, display)
	next(t, s)
	go wait()
	stop()
	if err := <-got; !errors.Is(err, ErrLost) {
		t.Errorf("after the server's end: %v", err)
	}
}

func TestAnEndedContextStillDeliversWhatThereIs(t *testing.T) {
	d := xdisplay.Start(t, "320x240")
	s := openHere(t, d.Name())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if u, err := s.Next(ctx); err != nil || u.Image.W != 320 {
		t.Fatalf("%v, %v", u.Image.Bounds(), err)
	}
	// What the server has to say of the beginning, such as the pointer's shape,
	// may come late on a busy machine; nothing else happens on this screen.
	for range 5 {
		if _, err := s.Next(ctx); errors.Is(err, context.Canceled) {
			return
		} else if err != nil {
			t.Fatalf("with nothing new: %v", err)
		}
	}
	t.Fatal("there is something new whenever it is asked")
}
