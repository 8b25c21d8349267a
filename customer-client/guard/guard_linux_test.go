package guard

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"handrail/shared/frame"
	"handrail/shared/xdisplay"
)

var showing = Showing{
	Monitors: []frame.Monitor{
		{ID: 1, Bounds: image.Rect(0, 0, 640, 720), Primary: true},
		{ID: 2, Bounds: image.Rect(640, 0, 1280, 720)},
	},
	Title: "Anna Weber, Example Ltd", Detail: "sees your screen since 09:41", Stop: "Stop",
}

// open starts a display, a window manager and a Guard that counts its stops.
func open(t *testing.T) (*xdisplay.Display, *Guard, chan struct{}) {
	t.Helper()
	d := xdisplay.Start(t, "1280x720")
	d.Openbox()
	stops := make(chan struct{}, 8)
	g, err := Open(d.Name(), goregular.TTF, gobold.TTF, func() { stops <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return d, g, stops
}

func look(t *testing.T, d *xdisplay.Display) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "look.png")
	d.Run("import", "-window", "root", file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func has(m image.Image, x, y int, c color.RGBA) bool {
	return color.RGBAModel.Convert(m.At(x, y)) == c
}

func TestC11AFrameStandsRoundEverySharedMonitor(t *testing.T) {
	d, g, _ := open(t)
	g.Show(showing)
	m := look(t, d)
	for _, p := range []image.Point{{1, 300}, {638, 300}, {300, 718}, {641, 300}, {1278, 300}, {900, 1}} {
		if !has(m, p.X, p.Y, viewColour) {
			t.Errorf("no frame at %v", p)
		}
	}
	if has(m, 320, 400, viewColour) {
		t.Error("the frame covers the screen")
	}
	control := showing
	control.Control = true
	control.Monitors = control.Monitors[1:]
	g.Show(control)
	m = look(t, d)
	if !has(m, 1278, 300, controlColour) || has(m, 1, 300, viewColour) {
		t.Error("the frame does not follow what is shared")
	}
	g.Hide()
	m = look(t, d)
	if has(m, 1278, 300, controlColour) {
		t.Error("the frame stays")
	}
}

func TestC11TheFrameLetsClicksThroughAndTheBarStops(t *testing.T) {
	d, g, stops := open(t)
	file := filepath.Join(t.TempDir(), "clicks")
	d.Spawn("xterm", "-geometry", "200x60+0+0", "-title", "below", "-e", "bash", "-c",
		"printf '\\e[?1000h'; stty raw -echo; cat > "+file)
	xdisplay.WaitFor(t, "xterm", func() bool { return strings.Contains(d.Run("xwininfo", "-root", "-tree"), `"below"`) })
	g.Show(showing)
	xdisplay.WaitFor(t, "a click on the frame to reach the program below", func() bool {
		d.Run("xdotool", "mousemove", "2", "400", "click", "1")
		b, _ := os.ReadFile(file)
		return len(b) > 0
	})
	g.mu.Lock()
	stop := g.pic.stop.Add(g.at)
	g.mu.Unlock()
	centre := stop.Min.Add(stop.Size().Div(2))
	d.Run("xdotool", "mousemove", fmt.Sprint(centre.X), fmt.Sprint(centre.Y), "click", "1")
	<-stops
	// A press that slides off the button is no press.
	d.Run("xdotool", "mousemove", fmt.Sprint(centre.X), fmt.Sprint(centre.Y), "mousedown", "1",
		"mousemove", "300", "600", "mouseup", "1")
	d.Run("xdotool", "mousemove", fmt.Sprint(centre.X), fmt.Sprint(centre.Y), "click", "1")
	<-stops
	select {
	case <-stops:
		t.Error("a press that slid off the button counted")
	default:
	}
}

func TestC11TheBarCanBeDraggedAndReturnsToTheTop(t *testing.T) {
	d, g, _ := open(t)
	g.Show(showing)
	g.mu.Lock()
	from := g.at.Add(image.Pt(6, 20))
	g.mu.Unlock()
	d.Run("xdotool", "mousemove", fmt.Sprint(from.X), fmt.Sprint(from.Y), "mousedown", "1",
		"mousemove", fmt.Sprint(from.X), "300", "mouseup", "1")
	xdisplay.WaitFor(t, "the bar to follow", func() bool { return has(look(t, d), from.X, 300, viewColour) })

	d.Spawn("xterm", "-geometry", "200x60+0+0", "-title", "over", "-e", "sleep", "1000")
	xdisplay.WaitFor(t, "the bar on top again", func() bool {
		tree := d.Run("xwininfo", "-root", "-tree")
		return strings.Contains(tree, `"over"`) && has(look(t, d), from.X, 300, viewColour)
	})
	// It keeps to the shared monitor.
	d.Run("xdotool", "mousemove", fmt.Sprint(from.X), "300", "mousedown", "1", "mousemove", "1270", "715", "mouseup", "1")
	xdisplay.WaitFor(t, "the bar at the edge", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.at.Y > 600 && g.at.X+g.pic.img.Rect.Dx() <= 640
	})
}

func TestALongNameIsCutAndTheButtonStays(t *testing.T) {
	faces, err := parseFonts(goregular.TTF, gobold.TTF)
	if err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{200, 400, 2000} {
		s := showing
		s.Title = strings.Repeat("Wolfeschlegelsteinhausen ", 20)
		b := drawBar(faces, s, false, most)
		if w := b.img.Rect.Dx(); w > min(most, barMost)+barPad+barGap || !b.stop.In(b.img.Rect) || b.stop.Empty() {
			t.Errorf("at most %d: bar of %d, button %v", most, w, b.stop)
		}
	}
}

func TestTheBarIsRoundWhereItHangsFree(t *testing.T) {
	size := image.Pt(400, barHeight)
	for _, c := range []struct {
		hangs bool
		round map[int]bool // by line
	}{
		{true, map[int]bool{0: false, barHeight / 2: false, barHeight - 1: true}},
		{false, map[int]bool{0: true, barHeight / 2: false, barHeight - 1: true}},
	} {
		lines := edges(size, c.hangs)
		for y, round := range c.round {
			if want := image.Rect(0, y, size.X, y+1); (lines[y] != want) != round || !lines[y].In(want) {
				t.Errorf("hangs %v: line %d is %v", c.hangs, y, lines[y])
			}
		}
	}
}

func TestCloseEndsTheGoroutine(t *testing.T) {
	d := xdisplay.Start(t, "640x480")
	g, err := Open(d.Name(), goregular.TTF, gobold.TTF, func() {})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { g.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("Close does not return")
	}
}

func TestNoDisplayIsAnErrorAndNoCrash(t *testing.T) {
	if _, err := Open(":4711", goregular.TTF, gobold.TTF, func() {}); err == nil {
		t.Error("opened a display that is not there")
	}
}
