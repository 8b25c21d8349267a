package screen

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/damage"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xfixes"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/frame"
	"handrail/shared/x11"
)

// Times of waiting for an X server until a repaint is complete. What they rest
// on was seen with programs of several kinds. Today's toolkits put a finished
// picture into their window: one rectangle, and nothing follows. Programs that
// draw letter by letter, such as xterm, take up to 5 ms for a window full of
// text, with breaks of up to 1 ms.
//
// So a single rectangle is taken at once, if the server has no more after one
// round trip, and so is what is small, as a keystroke or a blinking mark, but
// not twice within earlyEvery. Everything else waits until the server was quiet
// for settleQuiet, or until settleMost after its first drawing.
const (
	settleQuiet = time.Millisecond
	settleStep  = 200 * time.Microsecond
	settleMost  = 5 * time.Millisecond
	earlyEvery  = 4 * time.Millisecond
	earlyPixels = 1 << 16

	pointerFast  = 16 * time.Millisecond // between looks at a pointer that moves
	pointerSlow  = 50 * time.Millisecond // and at one that has not for pointerCalm
	pointerRare  = time.Second           // the same, if the server tells when it moves,
	pointerAlong = pointerRare / 4       // and when there is something else to see
	pointerCalm  = time.Second
)

// xserver captures an X11 display.
type xserver struct {
	conn   *xgb.Conn
	root   xproto.Window
	pixels pixels
	report damage.Damage
	parts  xfixes.Region // what the server counted as damaged
	randr  bool          // monitors can be asked for
	stirs  byte          // the event that tells of a pointer's stir, or 0

	memory  memory
	area    frame.Rect
	full    bool // everything must be captured
	pic     frame.Image
	damage  []frame.Rect // in pixels of pic
	asOf    time.Time    // what was drawn until then is in damage
	early   time.Time    // when something small was last taken at once
	scratch int          // where it begins in the segment
	used    int          // bytes of it
	asked   []asked
	pointer struct {
		at           image.Point
		known        bool
		looked, last time.Time // the last look; the last move
	}
	cursors cursors

	timer *time.Timer // of next
	news  news
	group sync.WaitGroup
}

// open connects to an X server, and falls back to kbinani/screenshot for one
// that does not report damage.
func open(display string) (backend, error) {
	if display == "" {
		display = os.Getenv("DISPLAY")
	}
	if display == "" {
		if os.Getenv("WAYLAND_DISPLAY") != "" {
			return nil, ErrWayland
		}
		return nil, fmt.Errorf("%w: DISPLAY is not set", ErrNoScreen)
	}
	conn, err := x11.Dial(display)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoScreen, err)
	}
	x := &xserver{conn: conn, timer: time.NewTimer(0), news: news{wake: make(chan struct{}, 1)}}
	if err := x.prepare(); err != nil {
		conn.Close()
		// kbinani/screenshot knows only the display of the environment.
		if errors.Is(err, errBare) && display == os.Getenv("DISPLAY") {
			return openKbinani()
		}
		return nil, err
	}
	x.group.Go(x.listen)
	return x, nil
}

// errBare is the error of prepare for a server without the extensions.
var errBare = fmt.Errorf("%w: the X server does not report damage", ErrNoScreen)

// prepare asks for everything the server shall report.
func (x *xserver) prepare() error {
	setup := xproto.Setup(x.conn)
	screen := setup.DefaultScreen(x.conn)
	x.root = screen.Root
	if x11.Use(x.conn, "XWAYLAND") == nil {
		return ErrWayland
	}
	var err error
	if x.pixels, err = pixelsOf(setup, screen); err != nil {
		return err
	}
	if err := x11.Use(x.conn, "XFIXES", "DAMAGE"); err != nil {
		return fmt.Errorf("%w: %w", errBare, err)
	}
	// XFIXES answers nothing but errors before it was asked for its version.
	if _, err := xfixes.QueryVersion(x.conn, 5, 0).Reply(); err != nil {
		return fmt.Errorf("%w: %w", errBare, err)
	}
	if _, err := damage.QueryVersion(x.conn, 1, 1).Reply(); err != nil {
		return fmt.Errorf("%w: %w", errBare, err)
	}
	if x.report, err = damage.NewDamageId(x.conn); err != nil {
		return fmt.Errorf("screen: getting an id: %w", err)
	}
	if x.parts, err = xfixes.NewRegionId(x.conn); err != nil {
		return fmt.Errorf("screen: getting an id: %w", err)
	}
	// One event when damage begins; what it is, is asked for with Subtract. So
	// a busy screen costs no flood of events.
	err = errors.Join(
		xfixes.CreateRegionChecked(x.conn, x.parts, nil).Check(),
		damage.CreateChecked(x.conn, x.report, xproto.Drawable(x.root), damage.ReportLevelNonEmpty).Check(),
		xfixes.SelectCursorInputChecked(x.conn, x.root, xfixes.CursorNotifyMaskDisplayCursor).Check(),
		// The root's own size, for servers without RandR.
		xproto.ChangeWindowAttributesChecked(x.conn, x.root, xproto.CwEventMask, []uint32{xproto.EventMaskStructureNotify}).Check(),
	)
	if err != nil {
		return fmt.Errorf("screen: asking the X server for reports: %w", err)
	}
	if x11.Use(x.conn, "RANDR") == nil {
		v, err := randr.QueryVersion(x.conn, 1, 5).Reply()
		x.randr = err == nil && (v.MajorVersion > 1 || v.MinorVersion >= 5)
		randr.SelectInput(x.conn, x.root, randr.NotifyMaskScreenChange|randr.NotifyMaskCrtcChange|randr.NotifyMaskOutputChange)
	}
	x.memory.can = x11.Use(x.conn, "MIT-SHM") == nil
	if x.stirs, err = stir(x.conn); err != nil {
		x.stirs = 0 // then it is looked at more often
	}
	return nil
}

// layout reads the monitors from RandR 1.5, or takes the root for one.
func (x *xserver) layout() ([]frame.Monitor, error) {
	x.full, x.area = true, frame.Rect{}
	x.cursors.started, x.pointer.known = false, false
	x.news.take(&x.news.layout)
	g, err := xproto.GetGeometry(x.conn, xproto.Drawable(x.root)).Reply()
	if err != nil {
		return nil, fmt.Errorf("%w: asking for its size: %w", ErrLost, err)
	}
	root := image.Rect(0, 0, int(g.Width), int(g.Height))
	var monitors []frame.Monitor
	if x.randr {
		reply, err := randr.GetMonitors(x.conn, x.root, true).Reply()
		if err != nil {
			return nil, fmt.Errorf("%w: asking for its monitors: %w", ErrLost, err)
		}
		primary := false
		for _, m := range reply.Monitors {
			r := image.Rect(0, 0, int(m.Width), int(m.Height)).Add(image.Pt(int(m.X), int(m.Y))).Intersect(root)
			if r.Empty() || len(monitors) == MaxMonitors {
				continue
			}
			name := x.atom(m.Name)
			if strings.HasPrefix(name, "XWAYLAND") {
				return nil, ErrWayland
			}
			monitors = append(monitors, frame.Monitor{
				ID: uint8(len(monitors) + 1), Name: name, Bounds: r, Primary: m.Primary && !primary,
			})
			primary = primary || m.Primary
		}
		if len(monitors) > 0 && !primary {
			monitors[0].Primary = true
		}
	}
	if len(monitors) == 0 {
		monitors = []frame.Monitor{{ID: 1, Bounds: root, Primary: true}}
	}
	return monitors, nil
}

// atom is the text of an atom, cut to what a message can carry.
func (x *xserver) atom(a xproto.Atom) string {
	r, err := xproto.GetAtomName(x.conn, a).Reply()
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(r.Name[:min(len(r.Name), 64)], "")
}

func (x *xserver) next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error {
	if area != x.area {
		if err := x.point(area); err != nil {
			return err
		}
	}
	for {
		u.At = time.Now()
		if err := x.look(ctx, u); err != nil {
			return err
		}
		if len(u.Damage) > 0 || u.Cursor != nil || u.PointerMoved {
			u.Image = x.pic
			return nil
		}
		if err := x.rest(ctx, poke); err != nil {
			return err
		}
	}
}

// look collects what there is.
func (x *xserver) look(ctx context.Context, u *Update) error {
	if x.news.isLost() {
		return ErrLost
	}
	if x.news.peek(&x.news.layout) {
		return errLayout
	}
	x.damage = x.damage[:0]
	if x.news.take(&x.news.damage) {
		if err := x.settle(ctx); err != nil {
			return err
		}
		u.At = x.asOf
	}
	if x.full {
		x.damage = append(x.damage[:0], x.pic.Bounds())
	}
	if len(x.damage) > 0 {
		if err := x.capture(); err != nil {
			return err
		}
		x.full = false
		u.Damage = x.damage
	}
	if err := x.lookAtPointer(u); err != nil {
		return err
	}
	if !x.cursors.started || x.news.take(&x.news.cursor) {
		c, err := x.cursors.shape(x.conn)
		if err != nil {
			return fmt.Errorf("%w: asking for its pointer: %w", ErrLost, err)
		}
		u.Cursor = c
	}
	return nil
}

// rest waits for news or the next look at the pointer.
func (x *xserver) rest(ctx context.Context, poke <-chan struct{}) error {
	x.timer.Reset(time.Until(x.pointer.looked.Add(x.pointerEvery())))
	select {
	case <-x.news.wake:
	case <-x.timer.C:
	case <-poke:
		return errPoked
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// pointerEvery is the time between two looks at the pointer.
func (x *xserver) pointerEvery() time.Duration {
	switch {
	case time.Since(x.pointer.last) < pointerCalm:
		return pointerFast
	case x.stirs != 0:
		return pointerRare
	}
	return pointerSlow
}

func (x *xserver) lookAtPointer(u *Update) error {
	p := &x.pointer
	if x.news.take(&x.news.stir) {
		p.last = time.Now()
	}
	if !p.known || time.Since(p.looked) >= min(x.pointerEvery(), pointerAlong) {
		p.looked = time.Now()
		r, err := xproto.QueryPointer(x.conn, x.root).Reply()
		if err != nil {
			return fmt.Errorf("%w: asking for the pointer: %w", ErrLost, err)
		}
		if at := image.Pt(int(r.RootX), int(r.RootY)); at != p.at || !p.known {
			u.PointerMoved = true
			p.at, p.known, p.last = at, true, p.looked
		}
	}
	u.Pointer = p.at
	return nil
}

// settle reads the damage. Unless it looks complete, it goes on as long as the
// server draws, but not for long.
func (x *xserver) settle(ctx context.Context) error {
	if err := x.readDamage(); err != nil {
		return err
	}
	first := x.asOf
	if x.small() && first.Sub(x.early) >= earlyEvery {
		x.early = first
		return nil
	}
	if len(x.damage) == 1 {
		if err := x.readDamage(); err != nil {
			return err
		}
	}
	for len(x.damage) > 1 && ctx.Err() == nil {
		left := min(time.Until(first.Add(settleMost)), settleQuiet)
		if left <= 0 || !x.more(left) {
			return nil
		}
		if err := x.readDamage(); err != nil {
			return err
		}
	}
	return nil
}

// small says whether the damage is so little that showing it twice, first in
// part, costs less than waiting.
func (x *xserver) small() bool {
	n := 0
	for _, r := range x.damage {
		n += pixelsIn(r)
	}
	return n <= earlyPixels
}

// more waits whether more damage comes. It sleeps in the system, as a timer of
// Go's that nothing else wakes is late by up to a millisecond.
func (x *xserver) more(patience time.Duration) bool {
	step := syscall.NsecToTimespec(int64(settleStep))
	for end := time.Now().Add(patience); ; {
		if x.news.take(&x.news.damage) {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		_ = syscall.Nanosleep(&step, nil) // a signal only shortens it
	}
}

// readDamage adds what the server counts as damaged to damage, and lets it
// count from nothing again.
func (x *xserver) readDamage() error {
	x.news.take(&x.news.damage)
	x.asOf = time.Now()
	damage.Subtract(x.conn, x.report, xfixes.RegionNone, x.parts)
	r, err := xfixes.FetchRegion(x.conn, x.parts).Reply()
	if err != nil {
		return fmt.Errorf("%w: reading damage: %w", ErrLost, err)
	}
	for _, q := range r.Rectangles {
		c := image.Rect(0, 0, int(q.Width), int(q.Height)).Add(image.Pt(int(q.X), int(q.Y)))
		if c = c.Intersect(x.area).Sub(x.area.Min); !c.Empty() {
			x.damage = append(x.damage, c)
		}
	}
	return nil
}

func (x *xserver) close() {
	x.timer.Stop()
	x.conn.Close()
	x.group.Wait()
	x.memory.free(nil)
}
