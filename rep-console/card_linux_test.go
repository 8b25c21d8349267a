package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/rep-console/card"
	"handrail/rep-console/remote"
	"handrail/rep-console/remoteview"
	"handrail/shared/frame"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
	"handrail/shared/xdisplay"
)

// showIn makes this program show a picture instead of testing: Fyne wants the
// main goroutine.
const showIn = "HANDRAIL_SHOW_PICTURE"

func TestMain(m *testing.M) {
	if os.Getenv(showIn) != "" {
		newExhibit().run()
		return
	}
	os.Exit(m.Run())
}

// step is something that happens to the picture or to its view, in the process
// that shows and in the one that looks alike.
type step struct {
	to   string // what is done to the view, if anything
	part frame.Rect
}

// steps are changes of scaled, resized, unscaled and panned pictures.
func steps() []step {
	all := []step{{"share", image.Rect(0, 0, 1280, 720)}}
	r := rand.New(rand.NewPCG(4, 4))
	parts := func(n int) {
		for range n {
			x, y := r.IntN(1280), r.IntN(720)
			all = append(all, step{part: image.Rect(x, y, x+1+r.IntN(1280-x), y+1+r.IntN(720-y))})
		}
	}
	parts(5)
	for _, to := range []string{"resize", "actual", "pan"} {
		all = append(all, step{to: to})
		parts(5)
	}
	return all
}

// scribble changes a part of the picture, the same for the same seed.
func scribble(m frame.Image, part frame.Rect, seed int) {
	r := rand.New(rand.NewPCG(uint64(seed), 9))
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := m.Row(y, part.Min.X, part.Max.X)
		for i := range row {
			row[i] = byte(r.Uint32())
		}
	}
}

// news is what the showing process says, a line of JSON each.
type news struct {
	Done    int        // steps
	Place   look.Place // of the picture
	Pan     image.Point
	Size    image.Point // of the picture as it is shown
	Updates int32       // how often the card took parts
}

// counting is a card that counts.
type counting struct {
	*card.Card
	updates atomic.Int32
}

func (c *counting) Update(m *image.RGBA, parts []image.Rectangle) bool {
	ok := c.Card.Update(m, parts)
	if ok {
		c.updates.Add(1)
	}
	return ok
}

// exhibit shows a picture with the card, though there may be none.
type exhibit struct {
	app    fyne.App
	window fyne.Window
	view   *remoteview.View
	card   *counting
	done   atomic.Int32

	mu    sync.Mutex
	model *remote.Model // guarded by mu
}

func newExhibit() *exhibit {
	look.UseUTF8()
	x := &exhibit{app: app.NewWithID("handrail.test"), model: remote.New(), card: &counting{Card: card.New(true)}}
	x.app.Settings().SetTheme(look.Theme{})
	x.window = x.app.NewWindow("picture")
	x.view = remoteview.New(remoteview.Actions{Do: x.do, FullScreen: func(bool) {}, Card: x.card}, words.Speaker{})
	x.window.SetContent(x.view.Object())
	x.window.SetPadded(false)
	x.window.Resize(fyne.NewSize(900, 600))
	return x
}

func (x *exhibit) do(e remote.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.model.Step(time.Now(), e)
	x.view.Show(x.model.State())
}

// run does a step for each line of its standard input until that ends.
func (x *exhibit) run() {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	x.app.Lifecycle().SetOnStarted(func() {
		group.Go(func() { x.view.Run(ctx) })
		group.Go(func() { x.tell(ctx) })
		group.Go(func() { x.obey(os.Stdin) })
	})
	x.window.ShowAndRun()
	cancel()
	group.Wait()
}

func (x *exhibit) obey(orders io.Reader) {
	m := frame.New(1280, 720)
	lines := bufio.NewScanner(orders)
	for i, s := range steps() {
		if !lines.Scan() {
			break
		}
		switch s.to {
		case "share":
			x.do(remote.Session{Granted: wire.View, Monitor: 1})
			x.do(remote.Picture{Size: image.Pt(m.W, m.H)})
		case "resize":
			fyne.DoAndWait(func() { x.window.Resize(fyne.NewSize(1100, 500)) })
		case "actual":
			x.do(remote.SetZoom{Zoom: remote.Actual})
		case "pan":
			x.do(remote.PanBy{By: image.Pt(77, 51)})
		}
		scribble(m, s.part, i)
		x.view.Draw(m, []frame.Rect{s.part})
		x.done.Store(int32(i + 1))
	}
	lines.Scan()
	fyne.Do(x.app.Quit)
}

// tell says how things are, again and again.
func (x *exhibit) tell(ctx context.Context) {
	out := json.NewEncoder(os.Stdout)
	beat := time.NewTicker(20 * time.Millisecond)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
		n := news{Done: int(x.done.Load()), Updates: x.card.updates.Load()}
		x.mu.Lock()
		s := x.model.State()
		x.mu.Unlock()
		at := s.Out.Intersect(image.Rectangle{Max: s.View})
		n.Place = look.Place{X: at.Min.X, Y: at.Min.Y, W: at.Dx(), H: at.Dy()}
		n.Pan, n.Size = at.Min.Sub(s.Out.Min), s.Out.Size()
		_ = out.Encode(n) // nobody listens any more: the test is over
	}
}

// TestS05AGraphicsCardGetsTheChangedPartsAlone runs without a card: Mesa does
// the same slowly.
func TestS05AGraphicsCardGetsTheChangedPartsAlone(t *testing.T) {
	d := xdisplay.Start(t, "1280x800")
	me, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := d.Command(t.Context(), me)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".cache"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, showIn+"=1", "HOME="+home, "DBUS_SESSION_BUS_ADDRESS=unix:path="+home+"/no-bus")
	orders, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var newest news
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(said); lines.Scan(); {
			var n news
			if json.Unmarshal(lines.Bytes(), &n) == nil {
				mu.Lock()
				newest = n
				mu.Unlock()
			}
		}
	})
	now := func() news {
		mu.Lock()
		defer mu.Unlock()
		return newest
	}
	t.Setenv("DISPLAY", d.Name())
	x, err := xgb.NewConn()
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()

	m, parts := frame.New(1280, 720), int32(0)
	for i, s := range steps() {
		if _, err := fmt.Fprintln(orders); err != nil {
			t.Fatal(err)
		}
		scribble(m, s.part, i)
		xdisplay.WaitFor(t, fmt.Sprintf("step %d: %+v", i, s), func() bool { n := now(); return n.Done == i+1 && shows(x, n, m) })
		n := now()
		if seen := image.Rect(0, 0, n.Place.W, n.Place.H).Add(n.Pan); s.to == "" && (n.Size != image.Pt(m.W, m.H) || s.part.Overlaps(seen)) {
			parts++ // it can be seen
		}
	}
	xdisplay.WaitFor(t, "parts for the card, not pictures", func() bool { return now().Updates >= parts })
	orders.Close()
	reading.Wait()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, complaints.Bytes())
	}
}

// shows says whether the display shows m as n tells.
func shows(x *xgb.Conn, n news, m frame.Image) bool {
	if n.Size == (image.Point{}) || n.Place.W == 0 {
		return false
	}
	if n.Size != image.Pt(m.W, m.H) {
		small := frame.New(n.Size.X, n.Size.Y)
		remote.NewScaler(image.Pt(m.W, m.H), n.Size).Scale(small, m, small.Bounds())
		m = small
	}
	root := xproto.Setup(x).DefaultScreen(x).Root
	r, err := xproto.GetImage(x, xproto.ImageFormatZPixmap, xproto.Drawable(root), int16(n.Place.X), int16(n.Place.Y),
		uint16(n.Place.W), uint16(n.Place.H), 0xffffff).Reply()
	if err != nil {
		return false
	}
	is := frame.Image{Pix: r.Data, Stride: 4 * n.Place.W, W: n.Place.W, H: n.Place.H}
	want := m.Sub(image.Rectangle{Max: image.Pt(n.Place.W, n.Place.H)}.Add(n.Pan)).Clone()
	for _, p := range [2][]byte{is.Pix, want.Pix} {
		for i := 3; i < len(p); i += 4 {
			p[i] = 0
		}
	}
	return bytes.Equal(is.Pix, want.Pix)
}
